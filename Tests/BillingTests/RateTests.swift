import Billing
import Metering
import Testing

@Suite("Prices by the hour, and other customers")
struct RateTests {
    static let may = period("2025-05-01..2025-05-31")
    static let june = period("2026-06-01..2026-06-30")

    static let bills: [(String, RatedKWh?, Int64, [String])] = [
        (
            "business_lt6kv", RatedKWh(normal: 2140, offpeak: 655, peak: 820), 3615,
            [
                "2026-06-01..2026-06-30 1279/QĐ-BCT normal: 2140 x 3152 = 6745280",
                "2026-06-01..2026-06-30 1279/QĐ-BCT offpeak: 655 x 1918 = 1256290",
                "2026-06-01..2026-06-30 1279/QĐ-BCT peak: 820 x 5422 = 4446040",
            ]
        ),
        // Without three-price metering.
        ("business_lt6kv", nil, 850, ["2026-06-01..2026-06-30 1279/QĐ-BCT normal: 850 x 3152 = 2679200"]),
        (
            "admin_hospital_school_lt6kv", RatedKWh(normal: 10, offpeak: 5, peak: 5), 20,
            ["2026-06-01..2026-06-30 1279/QĐ-BCT: 20 x 2072 = 41440"]
        ),
        // A three-register meter on a residential contract: the blocks know no hours.
        (
            "residential", RatedKWh(normal: 60, offpeak: 30, peak: 10), 100,
            [
                "2026-06-01..2026-06-30 1279/QĐ-BCT block 1: 50 x 1984 = 99200",
                "2026-06-01..2026-06-30 1279/QĐ-BCT block 2: 50 x 2050 = 102500",
            ]
        ),
        ("wholesale_market", nil, 10, ["2026-06-01..2026-06-30 1279/QĐ-BCT: 10 x 2818 = 28180"]),
    ]

    @Test("each category is priced by its own rule", arguments: bills.indices)
    func priced(position: Int) throws {
        let (category, rated, kwh, lines) = Self.bills[position]
        let request = BillRequest(category: category, period: Self.june, kwh: kwh, rated: rated)
        #expect(try TariffBook.load(folder: nil).bill(request).lines.map(\.drawn) == lines)
    }

    @Test("at a price change each rate's own index splits it; without one, the days do, each rate to a whole kWh")
    func changed() throws {
        let book = try TariffBook.load(folder: nil)
        var request = BillRequest(
            category: "production_lt6kv", period: Self.may, kwh: 310,
            rated: RatedKWh(normal: 200, offpeak: 60, peak: 50))
        // 9 of 31 days: 58.06, 17.42 and 14.52.
        #expect(try book.bill(request).lines.map(\.kwh) == [58, 17, 15, 142, 43, 35])
        request.ratedAtChanges = [day("2025-05-10"): RatedKWh(normal: 90, offpeak: 0, peak: 20)]
        let bill = try book.bill(request)
        #expect(
            bill.lines.map(\.drawn) == [
                "2025-05-01..2025-05-09 2699/QĐ-BCT normal: 90 x 1896 = 170640",
                "2025-05-01..2025-05-09 2699/QĐ-BCT peak: 20 x 3474 = 69480",
                "2025-05-10..2025-05-31 1279/QĐ-BCT normal: 110 x 1987 = 218570",
                "2025-05-10..2025-05-31 1279/QĐ-BCT offpeak: 60 x 1300 = 78000",
                "2025-05-10..2025-05-31 1279/QĐ-BCT peak: 30 x 3640 = 109200",
            ])
        #expect(bill.notes.contains("Prices changed on 2025-05-10: 110 kWh before it."))
        // 2699's prices of production are not read, but in line with those that are.
        #expect(bill.notes.contains("The price of 2699/QĐ-BCT is not verified against the decision's text."))
    }

    @Test("kWh by rate that do not add up, or are not known at a change, are refused")
    func refused() throws {
        let book = try TariffBook.load(folder: nil)
        let rated = RatedKWh(normal: 1, offpeak: 2, peak: 3)
        #expect(throws: BillingError.ratesDoNotAddUp(kwh: 7, rated: rated)) {
            try book.bill(BillRequest(category: "business_lt6kv", period: Self.june, kwh: 7, rated: rated))
        }
        #expect(throws: BillingError.changeWithoutRates(day("2025-05-10"))) {
            try book.bill(
                BillRequest(
                    category: "business_lt6kv", period: Self.may, kwh: 6, kwhBeforeChange: 2, rated: rated))
        }
        #expect(throws: BillingError.kwhOutOfRange(-1)) {
            try book.bill(
                BillRequest(
                    category: "business_lt6kv", period: Self.june, kwh: 0, rated: RatedKWh(normal: 1, peak: -1)))
        }
    }

    @Test("a price from memory is used only where the book allows it, and the bill says so")
    func unverified() throws {
        let request = BillRequest(category: "production_lt6kv", period: period("2023-08-01..2023-08-31"), kwh: 10)
        var book = try TariffBook.load(folder: nil)
        #expect(throws: BillingError.priceNotVerified(category: "production_lt6kv", decision: "1062/QĐ-BCT")) {
            try book.bill(request)
        }
        book.usesUnverifiedPrices = true
        let bill = try book.bill(request)
        #expect(bill.lines.map(\.drawn) == ["2023-08-01..2023-08-31 1062/QĐ-BCT normal: 10 x 1738 = 17380"])
        #expect(bill.notes == ["The price of 1062/QĐ-BCT is not verified against the decision's text."])
    }

    // The circular's table, every row of it.
    static let powerFactors: [(Int, Int)] = [
        (100, 0), (90, 0), (89, 112), (88, 227), (87, 345), (86, 465), (85, 588), (84, 714), (83, 843), (82, 976),
        (81, 1111), (80, 1250), (79, 1392), (78, 1538), (77, 1688), (76, 1842), (75, 2000), (74, 2162), (73, 2329),
        (72, 2500), (71, 2676), (70, 2857), (69, 3043), (68, 3235), (67, 3433), (66, 3636), (65, 3846), (64, 4063),
        (63, 4286), (62, 4516), (61, 4754), (60, 5000), (59, 5254), (30, 5254), (0, 5254),
    ]

    @Test("the charge for a low power factor is the circular's", arguments: powerFactors)
    func powerFactor(hundredths: Int, percent: Int) throws {
        // Reactive energy with which 1,000,000 kWh have this power factor, from the other side: tan φ.
        let (active, cosine) = (1_000_000.0, Double(max(1, hundredths)) / 100)
        let reactive = Int64((active * (1 / (cosine * cosine) - 1).squareRoot()).rounded())
        let book = try TariffBook.load(folder: nil)
        let bill = try book.bill(
            BillRequest(
                category: "production_lt6kv", period: Self.june, kwh: 1_000_000,
                kvarh: hundredths == 0 ? BillRequest.kwhMax : reactive))
        let charge = bill.lines.last { $0.kind == .reactive }?.reactive
        #expect((charge?.percentHundredths ?? 0) == percent)
        if let charge {
            #expect(charge.powerFactorHundredths == hundredths)
            #expect(charge.amount.dong == (1_987_000_000 * Int64(percent) + 5000) / 10_000)
        }
    }

    @Test("the reactive charge is an invoice of its own: its VAT is rounded by itself")
    func ownInvoice() throws {
        let bill = try TariffBook.load(folder: nil).bill(
            BillRequest(
                category: "production_6_22kv", period: Self.june, kwh: 29_000,
                rated: RatedKWh(normal: 18_500, offpeak: 6200, peak: 4300), kvarh: 17_973))
        #expect(bill.lines.last?.drawn == "2026-06-01..2026-06-30 TT 15/2014/TT-BCT: 17973 kvarh at 85 = 3402562")
        #expect(bill.preVAT.dong == 57_866_700 + 3_402_562)
        // 4,629,336 of the energy and 272,204.96.
        #expect(bill.vat.dong == 4_629_336 + 272_205)
    }

    static let reduction = Reduction(
        name: "support", instrument: "NQ 1", days: day("2025-01-01")...day("2025-12-31"), categories: ["residential"],
        steps: [.init(throughKWh: 200, percent: 15), .init(throughKWh: nil, percent: 10)])

    static let reduced: [(Int64, [Int64])] = [
        // 99,900 in all; 14,985, of which 15 % of the last line take the rest.
        (3, [-45]), (101, [-750, -1500, -45]), (200, [-750, -1500, -4500]),
        (201, [-500, -1000, -3000, -40]), (0, []),
    ]

    @Test("a reduction is chosen by the period's kWh, and the last line takes the rest", arguments: reduced)
    func reduction(kwh: Int64, amounts: [Int64]) throws {
        let book = TariffBook(
            decisions: [decision("A", from: "2020-01-01")],
            vatRates: [VATRate(from: day("2000-01-01"), percent: 10, instrument: "test")],
            reductions: [Self.reduction])
        let request = BillRequest(category: "residential", period: period("2025-06-01..2025-06-30"), kwh: kwh)
        let bill = try book.bill(request)
        #expect(bill.lines.filter { $0.kind == .reduction }.map(\.amount.dong) == amounts)
        #expect(bill.lines.reduce(0) { $0 + $1.kwh } == kwh)
        #expect(bill.vat == bill.preVAT.share(percent: 10))
        // Neither a year later nor for others.
        for other in [
            BillRequest(category: "residential", period: period("2026-01-01..2026-01-31"), kwh: kwh),
            BillRequest(category: "residential_shared", period: request.period, kwh: kwh),
        ] { #expect(try book.bill(other).lines.allSatisfy { $0.kind == .energy }) }
    }
}
