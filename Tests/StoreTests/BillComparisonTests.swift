import Billing
import Metering
import Testing

@testable import Store

@Suite("A bill beside earlier ones")
struct BillComparisonTests {
    /// A line is a midnight and what the meter's own record of it shows, in Wh: `2025-05-01 1000000`.
    private static func book(_ records: String, installedOn: String = "2025-01-01") throws -> LogBook {
        var registry = LogBook.registry()
        registry.installations = [
            MeterInstallation(
                serial: "S1", usagePoint: LogBook.usagePoint, gateway: "G1", unit: 1, profile: "sdm630", digits: 6,
                installedOn: try #require(ServiceDay(iso: installedOn)))
        ]
        let book = try LogBook(registry)
        for record in records.split(separator: "\n") {
            let words = record.split(separator: " ")
            let day = try #require(ServiceDay(iso: words[0]))
            let asked = book.calendar.start(of: day) + .minutes(10)
            let reading = Reading(
                register: .activeImport, moment: .frozen(day), index: Energy(wattHours: try #require(Int64(words[1]))),
                words: [0xFFFF])
            try book.ingest([
                PollOutcome(
                    meter: MeterID(1), gateway: "G1", unit: 1, transaction: 1, profile: "sdm630/1", requested: asked,
                    answered: asked + .seconds(2), result: .success([reading]))
            ])
        }
        return book
    }

    private static func comparison(_ book: LogBook, asOf: String) throws -> BillComparison? {
        try book.store.provisionalBill(
            usagePoint: LogBook.usagePoint, asOf: try #require(ServiceDay(iso: asOf)),
            tariffs: try TariffBook.load(folder: nil)
        ).comparison
    }

    private static let twoYears = """
        2025-05-01 1000000
        2025-05-10 1058000
        2025-05-21 1130500
        2025-06-01 1200000
        2026-04-01 3000000
        2026-04-21 3099900
        2026-05-01 3150000
        2026-05-21 3230000
        """

    @Test("a running bill stands beside the period before and the one of a year before, whole and for as many days")
    func bothKnown() throws {
        let comparison = try #require(try Self.comparison(try Self.book(Self.twoYears), asOf: "2026-05-21"))
        #expect(comparison.sameDays == 20)
        let previous = try #require(comparison.previous)
        #expect(previous.period.description == "2026-04-01 to 2026-04-30")
        #expect(previous.kwh == 150 && previous.kwhOfSameDays == 99, "rounded down, as on a bill")
        #expect(previous.total == Money(dong: 346_356))
        let yearBefore = try #require(comparison.yearBefore)
        #expect(yearBefore.period.description == "2025-05-01 to 2025-05-31")
        #expect(yearBefore.kwh == 200 && yearBefore.kwhOfSameDays == 130)
        // With the prices of then, which changed on the 10th.
        #expect(yearBefore.total == Money(dong: 469_250))
    }

    @Test(
        "what is not known of an earlier period is not told",
        arguments: [
            // Removed records; kWh of the period before, of its 20 days; of a year before, of its 20 days.
            ([], 150, 99, 200, 130),
            (["2026-04-21"], 150, nil, 200, 130),
            (["2026-04-01"], nil, nil, 200, 130),
            (["2025-06-01"], 150, 99, nil, 130),
            (["2025-05-01"], 150, 99, nil, nil),
            (["2025-05-01", "2026-04-01"], nil, nil, nil, nil),
        ] as [([String], Int64?, Int64?, Int64?, Int64?)])
    func partlyKnown(removed: [String], kwh: Int64?, same: Int64?, kwhThen: Int64?, sameThen: Int64?) throws {
        let records = Self.twoYears.split(separator: "\n").filter { !removed.contains(String($0.prefix(10))) }
        let comparison = try Self.comparison(try Self.book(records.joined(separator: "\n")), asOf: "2026-05-21")
        #expect(comparison?.previous?.kwh == kwh && comparison?.previous?.kwhOfSameDays == same)
        #expect(comparison?.yearBefore?.kwh == kwhThen && comparison?.yearBefore?.kwhOfSameDays == sameThen)
        #expect((comparison == nil) == (same == nil && sameThen == nil))
        #expect((comparison?.yearBefore?.total == nil) == (kwhThen == nil))
    }

    @Test("a customer's first period is compared by its days of supply, priced with their blocks")
    func firstPeriod() throws {
        let book = try Self.book(
            "2026-04-16 0\n2026-05-01 100000\n2026-05-06 130000\n2026-05-21 200000", installedOn: "2026-04-16")
        let comparison = try #require(try Self.comparison(book, asOf: "2026-05-21"))
        let previous = try #require(comparison.previous)
        #expect(previous.period.description == "2026-04-16 to 2026-04-30")
        #expect(previous.kwh == 100 && previous.kwhOfSameDays == nil, "it has no 20 days")
        let quote = try TariffBook.load(folder: nil).bill(
            BillRequest(category: "residential", period: previous.period, kwh: 100, isIrregular: true))
        #expect(previous.total == quote.total)
        #expect(comparison.yearBefore == nil)
    }

    @Test("of days before all prices only the kWh are told")
    func beforeAllPrices() throws {
        let tariffs = try TariffBook(
            decisions: TariffBook.load(folder: nil).decisions.filter { $0.number == "1279/QĐ-BCT" },
            vatRates: TariffBook.load(folder: nil).vatRates)
        let book = try Self.book(Self.twoYears)
        let customer = try book.store.provisionalBill(
            usagePoint: LogBook.usagePoint, asOf: try #require(ServiceDay(iso: "2026-05-21")), tariffs: tariffs)
        #expect(customer.comparison?.yearBefore?.kwh == 200 && customer.comparison?.yearBefore?.total == nil)
        #expect(customer.comparison?.previous?.total == Money(dong: 346_356))
    }

    @Test("a dial that went back in an earlier period tells nothing of it")
    func wentBack() throws {
        let book = try Self.book(Self.twoYears)
        try book.store.edit(
            usagePoint: LogBook.usagePoint, register: .activeImport, day: try #require(ServiceDay(iso: "2026-04-01")),
            index: Energy(wattHours: 3_160_000), reason: "read by eye", by: "Lan",
            at: book.calendar.start(of: try #require(ServiceDay(iso: "2026-05-21"))))
        let comparison = try Self.comparison(book, asOf: "2026-05-21")
        #expect(comparison?.previous == nil && comparison?.yearBefore?.kwh == 200)
    }

    @Test("a bill's steps go from index to index by way of the price change, and add up to what is billed")
    func steps() throws {
        let book = try Self.book(Self.twoYears)
        let customer = try book.store.provisionalBill(
            usagePoint: LogBook.usagePoint, asOf: try #require(ServiceDay(iso: "2025-06-01")),
            tariffs: try TariffBook.load(folder: nil))
        #expect(
            customer.steps.map { "\($0.start.day) \($0.end.day) \($0.energy.wattHours)" } == [
                "2025-05-01 2025-05-10 58000", "2025-05-10 2025-06-01 142000",
            ])
        #expect(customer.bill.kwh == 200)
    }
}
