import Billing
import Metering
import Testing

/// Bills worked out by hand, under the built-in tariff files. The arithmetic stands beside the numbers.
@Suite("Worked bills")
struct WorkedBillTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var category = "residential"
        var period: String
        var kwh: Int64
        var before: Int64?
        var households = 100
        var isIrregular = false
        var lines: [String]
        var preVAT: Int64
        var vat: Int64
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        // 9 days old of 31: 200 × 9/31 = 58.06 → 58 kWh; blocks 50 × 9/31 = 14.5 → 15, 100 × 9/31 = 29.03 → 29.
        // 22 days new: 142 kWh; blocks 50 − 15 = 35, 100 − 29 = 71. 8 % of 434,491 = 34,759.28.
        Case(
            name: "200 kWh over the price change of May 2025, by days", period: "2025-05-01..2025-05-31", kwh: 200,
            lines: [
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 1: 15 x 1893 = 28395",
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 2: 15 x 1956 = 29340",
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 3: 28 x 2271 = 63588",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 1: 35 x 1984 = 69440",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 2: 35 x 2050 = 71750",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 3: 71 x 2380 = 168980",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 4: 1 x 2998 = 2998",
            ], preVAT: 434_491, vat: 34_759),
        // The same blocks, but 100 kWh were measured before the change: 15 + 15 + 29 + 29 + 12; then 35 + 35 + 30.
        Case(
            name: "the same month with the index of the change day", period: "2025-05-01..2025-05-31", kwh: 200,
            before: 100,
            lines: [
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 1: 15 x 1893 = 28395",
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 2: 15 x 1956 = 29340",
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 3: 29 x 2271 = 65859",
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 4: 29 x 2860 = 82940",
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 5: 12 x 3197 = 38364",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 1: 35 x 1984 = 69440",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 2: 35 x 2050 = 71750",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 3: 30 x 2380 = 71400",
            ], preVAT: 457_488, vat: 36_599),  // 36,599.04
        // 40 ≤ 50: all of it in block 1, though 40 × 9/31 = 11.6 → 12 and the old share of block 1 is 15.
        Case(
            name: "a whole period within block 1 splits no block, by days", period: "2025-05-01..2025-05-31", kwh: 40,
            lines: [
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 1: 12 x 1893 = 22716",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 1: 28 x 1984 = 55552",
            ], preVAT: 78_268, vat: 6_261),  // 6,261.44
        // 30 kWh before the change are twice the old share of block 1 (15), yet 50 ≤ 50.
        Case(
            name: "a whole period within block 1 splits no block, by the index", period: "2025-05-01..2025-05-31",
            kwh: 50, before: 30,
            lines: [
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 1: 30 x 1893 = 56790",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 1: 20 x 1984 = 39680",
            ], preVAT: 96_470, vat: 7_718),  // 7,717.6
        // One kWh more and the rule is over: 15 + 15 of 30, then 21 ≤ 35.
        Case(
            name: "one kWh above block 1 and the blocks are split", period: "2025-05-01..2025-05-31", kwh: 51,
            before: 30,
            lines: [
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 1: 15 x 1893 = 28395",
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 2: 15 x 1956 = 29340",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 1: 21 x 1984 = 41664",
            ], preVAT: 99_399, vat: 7_952),  // 7,951.92
        // The meter was read on the change day, 10 May, and no index of its 00:00 is known.
        Case(
            name: "a change on the period's last day without an index moves nothing",
            period: "2025-04-11..2025-05-10", kwh: 120,
            lines: [
                "2025-04-11..2025-05-10 2699/QĐ-BCT block 1: 50 x 1893 = 94650",
                "2025-04-11..2025-05-10 2699/QĐ-BCT block 2: 50 x 1956 = 97800",
                "2025-04-11..2025-05-10 2699/QĐ-BCT block 3: 20 x 2271 = 45420",
            ], preVAT: 237_870, vat: 19_030),  // 19,029.6
        // 29 days of April's 30: 50 × 29/30 = 48.33 → 48, 100 × 29/30 = 96.67 → 97; the last day has 2, 2, 3, 3.
        Case(
            name: "a change on the period's last day with its index is split",
            period: "2025-04-11..2025-05-10", kwh: 120, before: 112,
            lines: [
                "2025-04-11..2025-05-09 2699/QĐ-BCT block 1: 48 x 1893 = 90864",
                "2025-04-11..2025-05-09 2699/QĐ-BCT block 2: 48 x 1956 = 93888",
                "2025-04-11..2025-05-09 2699/QĐ-BCT block 3: 16 x 2271 = 36336",
                "2025-05-10..2025-05-10 1279/QĐ-BCT block 1: 2 x 1984 = 3968",
                "2025-05-10..2025-05-10 1279/QĐ-BCT block 2: 2 x 2050 = 4100",
                "2025-05-10..2025-05-10 1279/QĐ-BCT block 3: 3 x 2380 = 7140",
                "2025-05-10..2025-05-10 1279/QĐ-BCT block 4: 1 x 2998 = 2998",
            ], preVAT: 239_294, vat: 19_144),  // 19,143.52
        Case(
            name: "a change on the period's first day is no split", period: "2025-05-10..2025-06-09", kwh: 60,
            lines: [
                "2025-05-10..2025-06-09 1279/QĐ-BCT block 1: 50 x 1984 = 99200",
                "2025-05-10..2025-06-09 1279/QĐ-BCT block 2: 10 x 2050 = 20500",
            ], preVAT: 119_700, vat: 9_576),
        // The old price has the whole consumption; the days after the change have none and no line.
        Case(
            name: "a part without consumption has no line", period: "2023-11-01..2023-11-30", kwh: 30, before: 30,
            lines: ["2023-11-01..2023-11-08 1062/QĐ-BCT block 1: 30 x 1728 = 51840"], preVAT: 51_840, vat: 4_147),
        // October has 31 days: 27 old days, 310 × 27/31 = 270 kWh; 50 × 27/31 = 43.5 → 44, 100 × 27/31 = 87.1 → 87.
        Case(
            name: "reading day 12 over the price change of November 2023", period: "2023-10-13..2023-11-12", kwh: 310,
            lines: [
                "2023-10-13..2023-11-08 1062/QĐ-BCT block 1: 44 x 1728 = 76032",
                "2023-10-13..2023-11-08 1062/QĐ-BCT block 2: 44 x 1786 = 78584",
                "2023-10-13..2023-11-08 1062/QĐ-BCT block 3: 87 x 2074 = 180438",
                "2023-10-13..2023-11-08 1062/QĐ-BCT block 4: 87 x 2612 = 227244",
                "2023-10-13..2023-11-08 1062/QĐ-BCT block 5: 8 x 2919 = 23352",
                "2023-11-09..2023-11-12 2941/QĐ-BCT block 1: 6 x 1806 = 10836",
                "2023-11-09..2023-11-12 2941/QĐ-BCT block 2: 6 x 1866 = 11196",
                "2023-11-09..2023-11-12 2941/QĐ-BCT block 3: 13 x 2167 = 28171",
                "2023-11-09..2023-11-12 2941/QĐ-BCT block 4: 13 x 2729 = 35477",
                "2023-11-09..2023-11-12 2941/QĐ-BCT block 5: 2 x 3050 = 6100",
            ], preVAT: 677_430, vat: 54_194),  // 54,194.4
        // 50 × 1.75 = 87.5 → 88; 100 × 1.75 = 175.
        Case(
            name: "one and three quarter households", category: "residential_renter",
            period: "2026-04-01..2026-04-30", kwh: 400, households: 175,
            lines: [
                "2026-04-01..2026-04-30 1279/QĐ-BCT block 1: 88 x 1984 = 174592",
                "2026-04-01..2026-04-30 1279/QĐ-BCT block 2: 88 x 2050 = 180400",
                "2026-04-01..2026-04-30 1279/QĐ-BCT block 3: 175 x 2380 = 416500",
                "2026-04-01..2026-04-30 1279/QĐ-BCT block 4: 49 x 2998 = 146902",
            ], preVAT: 918_394, vat: 73_472),  // 73,471.52
        // 50 × 0.25 = 12.5 → 13; 100 × 0.25 = 25.
        Case(
            name: "one renter is a quarter household", category: "residential_renter",
            period: "2026-04-01..2026-04-30", kwh: 60, households: 25,
            lines: [
                "2026-04-01..2026-04-30 1279/QĐ-BCT block 1: 13 x 1984 = 25792",
                "2026-04-01..2026-04-30 1279/QĐ-BCT block 2: 13 x 2050 = 26650",
                "2026-04-01..2026-04-30 1279/QĐ-BCT block 3: 25 x 2380 = 59500",
                "2026-04-01..2026-04-30 1279/QĐ-BCT block 4: 9 x 2998 = 26982",
            ], preVAT: 138_924, vat: 11_114),  // 11,113.92
        // 3 × 50 × 9/31 = 43.5 → 44 and 150 − 44 = 106; 300 × 9/31 = 87.1 → 87 and 213. 640 × 9/31 = 185.8 → 186.
        Case(
            name: "three households over the price change of May 2025", category: "residential_shared",
            period: "2025-05-01..2025-05-31", kwh: 640, households: 300,
            lines: [
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 1: 44 x 1893 = 83292",
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 2: 44 x 1956 = 86064",
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 3: 87 x 2271 = 197577",
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 4: 11 x 2860 = 31460",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 1: 106 x 1984 = 210304",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 2: 106 x 2050 = 217300",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 3: 213 x 2380 = 506940",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 4: 29 x 2998 = 86942",
            ], preVAT: 1_419_879, vat: 113_590),  // 113,590.32
        // 11 days of August's 31: 50 × 11/31 = 17.7 → 18, 100 × 11/31 = 35.5 → 35 (35.48).
        Case(
            name: "a new connection's first 11 days", category: "residential_irregular",
            period: "2025-08-21..2025-08-31", kwh: 90,
            lines: [
                "2025-08-21..2025-08-31 1279/QĐ-BCT block 1: 18 x 1984 = 35712",
                "2025-08-21..2025-08-31 1279/QĐ-BCT block 2: 18 x 2050 = 36900",
                "2025-08-21..2025-08-31 1279/QĐ-BCT block 3: 35 x 2380 = 83300",
                "2025-08-21..2025-08-31 1279/QĐ-BCT block 4: 19 x 2998 = 56962",
            ], preVAT: 212_874, vat: 17_030),  // 17,029.92
        // 13 Nov – 12 Dec is a month, 13 – 31 Dec are 19 days more: 50 + 50 × 19/30 = 81.67 → 82,
        // 100 + 100 × 19/30 = 163.3 → 163; T is November's 30 though the days lie in December.
        Case(
            name: "an agreed change of reading day: a month and 19 days", period: "2024-11-13..2024-12-31", kwh: 400,
            isIrregular: true,
            lines: [
                "2024-11-13..2024-12-31 2699/QĐ-BCT block 1: 82 x 1893 = 155226",
                "2024-11-13..2024-12-31 2699/QĐ-BCT block 2: 82 x 1956 = 160392",
                "2024-11-13..2024-12-31 2699/QĐ-BCT block 3: 163 x 2271 = 370173",
                "2024-11-13..2024-12-31 2699/QĐ-BCT block 4: 73 x 2860 = 208780",
            ], preVAT: 894_571, vat: 71_566),  // 71,565.68
        // 215 × 9/31 = 62.4 → 62; block 3 of each decision and no other.
        Case(
            name: "renters not declared, over the price change of May 2025", category: "residential_renter_undeclared",
            period: "2025-05-01..2025-05-31", kwh: 215,
            lines: [
                "2025-05-01..2025-05-09 2699/QĐ-BCT block 3: 62 x 2271 = 140802",
                "2025-05-10..2025-05-31 1279/QĐ-BCT block 3: 153 x 2380 = 364140",
            ], preVAT: 504_942, vat: 40_395),  // 40,395.36
        Case(
            name: "prepaid has one price and no blocks", category: "residential_prepaid",
            period: "2026-01-01..2026-01-31", kwh: 120,
            lines: ["2026-01-01..2026-01-31 1279/QĐ-BCT: 120 x 2909 = 349080"], preVAT: 349_080, vat: 27_926),
        // 113 kWh on the old meter and 100 on the new: one sum, one set of blocks.
        Case(
            name: "an exchanged meter splits no blocks", category: "residential_meter_change",
            period: "2026-05-01..2026-05-31", kwh: 213,
            lines: [
                "2026-05-01..2026-05-31 1279/QĐ-BCT block 1: 50 x 1984 = 99200",
                "2026-05-01..2026-05-31 1279/QĐ-BCT block 2: 50 x 2050 = 102500",
                "2026-05-01..2026-05-31 1279/QĐ-BCT block 3: 100 x 2380 = 238000",
                "2026-05-01..2026-05-31 1279/QĐ-BCT block 4: 13 x 2998 = 38974",
            ], preVAT: 478_674, vat: 38_294),  // 38,293.92
        Case(
            name: "no consumption, no lines", period: "2025-05-01..2025-05-31", kwh: 0, lines: [], preVAT: 0, vat: 0),
        // 10 % of 524,160 before the first reduction of VAT.
        Case(
            name: "260 kWh in December 2021", period: "2021-12-01..2021-12-31", kwh: 260,
            lines: [
                "2021-12-01..2021-12-31 648/QĐ-BCT block 1: 50 x 1678 = 83900",
                "2021-12-01..2021-12-31 648/QĐ-BCT block 2: 50 x 1734 = 86700",
                "2021-12-01..2021-12-31 648/QĐ-BCT block 3: 100 x 2014 = 201400",
                "2021-12-01..2021-12-31 648/QĐ-BCT block 4: 60 x 2536 = 152160",
            ], preVAT: 524_160, vat: 52_416),
    ]

    @Test("each line stands as worked out, their kWh and amounts add up, and VAT is rounded once", arguments: cases)
    func worked(_ worked: Case) throws {
        let bill = try TariffBook.load(folder: nil).bill(
            BillRequest(
                category: worked.category, period: period(worked.period), kwh: worked.kwh,
                kwhBeforeChange: worked.before, householdHundredths: worked.households,
                isIrregular: worked.isIrregular))
        #expect(bill.lines.map(\.drawn) == worked.lines)
        #expect(bill.lines.map(\.kwh).reduce(0, +) == worked.kwh)
        #expect(bill.kwh == worked.kwh)
        #expect(bill.preVAT.dong == worked.preVAT)
        #expect(bill.vat.dong == worked.vat)
        #expect(bill.total.dong == worked.preVAT + worked.vat)
        #expect(bill.lines.map(\.amount.dong).reduce(0, +) == worked.preVAT)
    }

    @Test(
        "a block holds up to and including its ceiling",
        arguments: [
            (1, [1]), (50, [50]), (51, [50, 1]), (100, [50, 50]), (101, [50, 50, 1]), (200, [50, 50, 100]),
            (201, [50, 50, 100, 1]), (300, [50, 50, 100, 100]), (301, [50, 50, 100, 100, 1]),
            (400, [50, 50, 100, 100, 100]), (401, [50, 50, 100, 100, 100, 1]), (999, [50, 50, 100, 100, 100, 599]),
        ] as [(Int64, [Int64])])
    func ceilings(kwh: Int64, blocks: [Int64]) throws {
        let bill = try TariffBook.load(folder: nil).bill(
            BillRequest(category: "residential", period: period("2026-02-01..2026-02-28"), kwh: kwh))
        #expect(bill.lines.map(\.kwh) == blocks)
        #expect(bill.lines.map(\.block) == (1...blocks.count).map(Optional.some))
    }

    @Test(
        "the step from 2699 to 1279 costs a household what the ministry said in May 2025, before VAT",
        arguments: [(50, 4550), (100, 9250), (200, 20_150), (300, 33_950), (400, 49_250), (500, 65_050)]
            as [(Int64, Int64)])
    func ministry(kwh: Int64, dong: Int64) throws {
        let book = try TariffBook.load(folder: nil)
        let old = try book.bill(
            BillRequest(category: "residential", period: period("2025-03-01..2025-03-31"), kwh: kwh))
        let new = try book.bill(
            BillRequest(category: "residential", period: period("2025-07-01..2025-07-31"), kwh: kwh))
        #expect(new.preVAT.dong - old.preVAT.dong == dong)
    }

    @Test(
        "one VAT rate for the whole bill: that of the period's last day",
        arguments: [
            ("2022-01-01..2022-01-31", 10), ("2022-01-02..2022-02-01", 8), ("2022-12-01..2022-12-31", 8),
            ("2023-06-01..2023-06-30", 10), ("2023-06-02..2023-07-01", 8), ("2024-06-01..2024-06-30", 8),
            ("2025-07-01..2025-07-31", 8), ("2026-12-01..2026-12-31", 8), ("2026-12-02..2027-01-01", 10),
        ])
    func vat(days: String, percent: Int) throws {
        let bill = try TariffBook.load(folder: nil).bill(
            BillRequest(category: "residential", period: period(days), kwh: 100))
        #expect(bill.vatPercent == percent)
    }

    @Test("a bill of the days so far has the VAT of the last day and, if irregular, the blocks of all days")
    func daysSoFar() throws {
        let book = try TariffBook.load(folder: nil)
        let soFar = try #require(BillingPeriod(from: day("2023-06-02"), through: day("2023-06-30")))
        let request = BillRequest(category: "residential", period: soFar, kwh: 290, periodEnd: day("2023-07-01"))
        // The rate fell to 8 % on 1 July 2023, the reading day.
        #expect(try book.bill(request).vatPercent == 8)
        let first = try #require(BillingPeriod(from: day("2025-08-21"), through: day("2025-08-25")))
        let cut = BillRequest(
            category: "residential", period: first, kwh: 60, isIrregular: true, periodEnd: day("2025-08-31"))
        // 11 of 31 days: quotas 18/18/35, though 5 days are billed.
        #expect(try book.bill(cut).lines.map(\.kwh) == [18, 18, 24])
    }
}
