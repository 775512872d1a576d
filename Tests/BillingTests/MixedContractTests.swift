import Metering
import Testing

@testable import Billing

@Suite("Mixed contracts")
struct MixedContractTests {
    private static let may = period("2025-05-01..2025-05-31")

    private static func request(_ shares: String, kwh: Int64, rated: RatedKWh? = nil) throws -> BillRequest {
        BillRequest(
            category: "business_lt6kv", period: may, kwh: kwh, rated: rated,
            shares: try #require(PurposeShare.list(shares)))
    }

    /// A factory by the hour and an office, of one decision.
    private static let simple = book([
        decision(
            "A", from: "2020-01-01",
            groups: [
                "business_lt6kv": GroupPrices(rates(90, 50, 180)), "factory": GroupPrices(rates(60, 30, 100)),
                "office": GroupPrices(.single(Money(dong: 70))),
            ])
    ])

    @Test("each purpose has its share of each rate by its own prices, and lines that say so")
    func purposes() throws {
        let bill = try Self.simple.bill(
            Self.request(
                "business_lt6kv:40 factory:60", kwh: 206, rated: RatedKWh(normal: 101, offpeak: 60, peak: 45)))
        // 40 % of 101 are 40.4, of 60 are 24, of 45 are 18.
        #expect(
            bill.lines.map { "\($0.category ?? "") \($0.rate?.rawValue ?? "") \($0.kwh) x \($0.unitPrice.dong)" } == [
                "business_lt6kv normal 40 x 90", "business_lt6kv offpeak 24 x 50", "business_lt6kv peak 18 x 180",
                "factory normal 61 x 60", "factory offpeak 36 x 30", "factory peak 27 x 100",
            ])
        #expect(bill.kwh == 206 && bill.category == "business_lt6kv")
        #expect(bill.preVAT.dong == 3600 + 1200 + 3240 + 3660 + 1080 + 2700)
    }

    @Test(
        "shares are rounded half away from zero, at most to what is left, and the last takes the rest",
        arguments: [
            ("business_lt6kv:50 office:50", 5, [3, 2]), ("business_lt6kv:33 factory:33 office:34", 100, [33, 33, 34]),
            // Half a kWh each of four purposes: three would be one too many.
            ("business_lt6kv:25 factory:25 residential:25 office:25", 2, [1, 1]),
            ("business_lt6kv:1 office:99", 49, [49]), ("business_lt6kv:1 office:99", 50, [1, 49]),
        ] as [(String, Int64, [Int64])])
    func rounding(shares: String, kwh: Int64, expected: [Int64]) throws {
        #expect(try Self.simple.bill(Self.request(shares, kwh: kwh)).lines.map(\.kwh) == expected)
    }

    @Test("a residential share has the blocks of the households")
    func blocks() throws {
        let bill = try Self.simple.bill(Self.request("office:50 residential:50", kwh: 200))
        #expect(bill.lines.map(\.block) == [nil, 1, 2])
        #expect(bill.lines.map(\.kwh) == [100, 50, 50])
        #expect(bill.standing == nil, "nobody knows which purpose the next kWh is for")
    }

    @Test("a reduction is of its own purpose, and the reactive charge of all")
    func reductions() throws {
        let tariffs = TariffBook(
            decisions: Self.simple.decisions, vatRates: Self.simple.vatRates,
            reductions: [
                Reduction(
                    name: "r", instrument: "R", days: Self.may.from...Self.may.through, categories: ["office"],
                    steps: [Reduction.Step(throughKWh: 60, percent: 10)])
            ])
        var request = try Self.request("business_lt6kv:40 office:60", kwh: 100)
        request.kvarh = 100
        let bill = try tariffs.bill(request)
        try #require(bill.lines.map(\.kind) == [.energy, .energy, .reduction, .reactive])
        // 60 kWh × 70 dong, a tenth of them.
        #expect(bill.lines[2].amount == Money(dong: -420) && bill.lines[2].category == "office")
        #expect(bill.lines[3].reactive?.powerFactorHundredths == 71 && bill.lines[3].category == nil)
    }

    @Test("whatever the shares, rates and price changes, the purposes add up", arguments: [5])
    func addUp(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let tariffs = try TariffBook.load(folder: nil, unverifiedPrices: true)
        let categories = ["business_lt6kv", "production_lt6kv", "residential", "admin_other_lt6kv"]
        for number in 1...2000 {
            let count = Int.random(in: 2...4, using: &random)
            var left = 100
            let shares = categories.shuffled(using: &random).prefix(count).enumerated().map { position, category in
                let rest = count - position - 1
                let percent = rest == 0 ? left : Int.random(in: 1...(left - rest), using: &random)
                left -= percent
                return PurposeShare(category: category, percent: percent)
            }
            let rated = RatedKWh(
                normal: Int64.random(in: 0...300, using: &random), offpeak: Int64.random(in: 0...9, using: &random),
                peak: Int64.random(in: 0...100, using: &random))
            let request = BillRequest(
                category: "business_lt6kv", period: Self.may, kwh: rated.sum, rated: rated, shares: shares)
            let bill = try tariffs.bill(request)
            guard bill.lines.reduce(0, { $0 + $1.kwh }) == rated.sum, bill.lines.allSatisfy({ $0.kwh > 0 }),
                bill.lines.reduce(.zero, { $0 + $1.amount }) == bill.preVAT,
                shares.allSatisfy({ share in
                    let own = bill.lines.filter { $0.category == share.category }.reduce(0) { $0 + $1.kwh }
                    // Six roundings: three rates, before the change of 10 May and after, of each other purpose.
                    return abs(own * 100 - rated.sum * Int64(share.percent)) <= 50 * 6 * Int64(count)
                })
            else {
                Issue.record("seed \(seed), \(number): \(request)")
                return
            }
        }
    }

    @Test("shares that are no whole, and categories that nobody knows, are refused by name")
    func refused() throws {
        var request = try Self.request("business_lt6kv:40 factory:60", kwh: 10)
        request.shares[1] = PurposeShare(category: "factory", percent: 59)
        let error = #expect(throws: BillingError.self) { try Self.simple.bill(request) }
        #expect(
            error?.description == "shares \"business_lt6kv:40 factory:59\": give two or more categories with whole per "
                + "cents that add up to 100")
        request.shares[1] = PurposeShare(category: "castle", percent: 60)
        #expect(throws: BillingError.unknownCategory("castle", known: Self.simple.categories)) {
            try Self.simple.bill(request)
        }
    }
}
