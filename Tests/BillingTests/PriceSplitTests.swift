import Billing
import Metering
import Testing

@Suite("Price changes inside a period")
struct PriceSplitTests {
    @Test("rounding falls on the part after the change: 28 days, 7 of them old, give 13 and 37, never 13 and 38")
    func roundingTrap() throws {
        let book = book([decision("A", from: "2025-01-01"), decision("B", from: "2026-02-08")])
        // 50 × 7/28 = 12.5 → 13, after it 50 − 13 = 37; 100 × 7/28 = 25, after it 75.
        let bill = try book.bill(
            BillRequest(
                category: "residential", period: period("2026-02-01..2026-02-28"), kwh: 200, kwhBeforeChange: 60))
        #expect(
            bill.lines.map(\.drawn) == [
                "2026-02-01..2026-02-07 A block 1: 13 x 100 = 1300",
                "2026-02-01..2026-02-07 A block 2: 13 x 200 = 2600",
                "2026-02-01..2026-02-07 A block 3: 25 x 300 = 7500",
                "2026-02-01..2026-02-07 A block 4: 9 x 400 = 3600",
                "2026-02-08..2026-02-28 B block 1: 37 x 100 = 3700",
                "2026-02-08..2026-02-28 B block 2: 37 x 200 = 7400",
                "2026-02-08..2026-02-28 B block 3: 66 x 300 = 19800",
            ])
    }

    /// Changes on 11 and 21 June, 30 days: block 1 is 50 × 10/30 = 16.7 → 17, then 33.3 → 33 − 17 = 16, then 17.
    static let twoChanges = book([
        decision("A", from: "2025-01-01"), decision("B", from: "2026-06-11"), decision("C", from: "2026-06-21"),
    ])

    @Test(
        "several changes: known indices are kept, the others lie on the line between their neighbours",
        arguments: [
            // 100 × 10/30 = 33.3, 100 × 20/30 = 66.7.
            ([:], [33, 34, 33]),
            (["2026-06-11": 60], [60, 20, 20]),
            (["2026-06-21": 60], [30, 30, 40]),
            // 61/2 = 30.5 → 31: half up for what lies before.
            (["2026-06-21": 61], [31, 30, 39]),
            (["2026-06-11": 10, "2026-06-21": 90], [10, 80, 10]),
            (["2026-06-11": 0, "2026-06-21": 0], [0, 0, 100]),
            (["2026-06-11": 100, "2026-06-21": 100], [100, 0, 0]),
        ] as [([String: Int64], [Int64])])
    func severalChanges(known: [String: Int64], parts: [Int64]) throws {
        let request = BillRequest(
            category: "residential_prepaid", period: period("2026-06-01..2026-06-30"), kwh: 100,
            kwhAtChanges: Dictionary(uniqueKeysWithValues: known.map { (day($0.key), $0.value) }))
        let bill = try Self.twoChanges.bill(request)
        let byDecision = Dictionary(uniqueKeysWithValues: bill.lines.map { ($0.decision, $0.kwh) })
        #expect(["A", "B", "C"].map { byDecision[$0] ?? 0 } == parts)
    }

    @Test("several changes: the blocks of all parts add up to a month's")
    func severalChangesBlocks() throws {
        let bill = try Self.twoChanges.bill(
            BillRequest(
                category: "residential", period: period("2026-06-01..2026-06-30"), kwh: 3000))
        #expect(bill.lines.filter { $0.block == 1 }.map(\.kwh) == [17, 16, 17])
        #expect(bill.lines.filter { $0.block == 3 }.map(\.kwh) == [33, 34, 33])
        #expect(bill.lines.map(\.kwh).reduce(0, +) == 3000)
    }

    @Test("a change from six blocks to five gives each part its own decision's widths")
    func structureChange() throws {
        let book = book([
            decision("A", from: "2025-01-01"),
            decision("B", from: "2026-06-16", widths: [100, 100, 200, 300], prices: [1, 2, 3, 4, 5], rentersBlock: 2),
        ])
        // Half of June each: 25, 25, 50 … of A, 50, 50, 100 … of B.
        let bill = try book.bill(
            BillRequest(
                category: "residential", period: period("2026-06-01..2026-06-30"), kwh: 240, kwhBeforeChange: 120))
        #expect(bill.lines.filter { $0.decision == "A" }.map(\.kwh) == [25, 25, 50, 20])
        #expect(bill.lines.filter { $0.decision == "B" }.map(\.kwh) == [50, 50, 20])
        let renters = try book.bill(
            BillRequest(category: "residential_renter_undeclared", period: period("2026-06-01..2026-06-30"), kwh: 60))
        #expect(
            renters.lines.map(\.drawn) == [
                "2026-06-01..2026-06-15 A block 3: 30 x 300 = 9000", "2026-06-16..2026-06-30 B block 2: 30 x 2 = 60",
            ])
    }

    @Test("change days are those after the period's first day, its last day included")
    func changeDays() throws {
        let book = try TariffBook.load(folder: nil)
        func days(_ text: String, _ category: String = "residential") -> [String] {
            book.changeDays(in: period(text), category: category).map(\.description)
        }
        #expect(days("2025-05-01..2025-05-31") == ["2025-05-10"])
        #expect(days("2025-04-11..2025-05-10") == ["2025-05-10"])
        #expect(days("2025-05-10..2025-06-09") == [])
        #expect(days("2025-04-10..2025-05-09") == [])
        #expect(days("2023-01-01..2025-12-31") == ["2023-05-04", "2023-11-09", "2024-10-11", "2025-05-10"])
        #expect(days("2025-05-01..2025-05-31", "no_such_category") == [])
    }

    @Test(
        "Wh become whole kWh once: the period rounded down, the part before a change half up, at most the whole",
        arguments: [
            (200_999, 58_499, 200, 58), (200_999, 58_500, 200, 59), (100_900, 100_500, 100, 100), (999, 999, 0, 0),
            (0, 0, 0, 0),
        ] as [(Int64, Int64, Int64, Int64)])
    func wholeKWh(wh: Int64, whBefore: Int64, kwh: Int64, before: Int64) throws {
        let request = BillRequest(
            category: "residential", period: period("2025-05-01..2025-05-31"), consumption: Energy(wattHours: wh),
            consumptionAtChanges: [day("2025-05-10"): Energy(wattHours: whBefore)])
        #expect(request.kwh == kwh)
        #expect(request.kwhAtChanges == [day("2025-05-10"): before])
        let bill = try TariffBook.load(folder: nil).bill(request)
        #expect(bill.lines.filter { $0.decision == "2699/QĐ-BCT" }.map(\.kwh).reduce(0, +) == before)
        #expect(bill.lines.map(\.kwh).reduce(0, +) == kwh)
    }

    @Test("a part larger than the whole period is refused, not trimmed")
    func partAboveWhole() throws {
        let request = BillRequest(
            category: "residential", period: period("2025-05-01..2025-05-31"), consumption: Energy(wattHours: 100_000),
            consumptionAtChanges: [day("2025-05-10"): Energy(wattHours: 150_000)])
        let book = try TariffBook.load(folder: nil)
        #expect(throws: BillingError.kwhAtChangeOutOfRange(day("2025-05-10"), kwh: 150, allowed: 0...100)) {
            try book.bill(request)
        }
    }
}
