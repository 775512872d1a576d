import Billing
import GRDB
import Metering
import Testing
import VEE

@testable import Store

@Suite("Contracts")
struct ContractTests {
    private static let whole = Contract(
        readingDays: ReadingDays([10, 20, 0]), threePrice: .peak, isChargedForReactive: true,
        programmedOn: LogBook.day("04-01"),
        shares: [
            PurposeShare(category: "business_lt6kv", percent: 40),
            PurposeShare(category: "production_lt6kv", percent: 60),
        ])

    private static func registry(_ contract: Contract = .standard, readingDay: Int = 0) -> Registry {
        var registry = LogBook.registry(installedOn: "04-01", readingDay: readingDay)
        registry.usagePoints[0].contract = contract
        return registry
    }

    private static func contract(_ days: String) throws -> Contract {
        let known = try #require(ReadingDays(text: days))
        return Contract(readingDays: known)
    }

    private static func former(_ book: LogBook) throws -> [String] {
        try book.dump().filter { $0.contains("formerReadingDays") }
    }

    private static func bill(_ book: LogBook, asOf: String) throws -> CustomerBill {
        try book.store.provisionalBill(
            usagePoint: LogBook.usagePoint, asOf: book.day(asOf), tariffs: try TariffBook.load(folder: nil))
    }

    @Test("a contract comes back as it was given, with its usage point, however that is looked for")
    func roundTrip() throws {
        let registry = Self.registry(Self.whole)
        let book = try LogBook(registry)
        #expect(try book.store.registry() == registry)
        #expect(try book.store.usagePoint(LogBook.usagePoint) == registry.usagePoints[0])
        for text in ["pa09", "Trần", "S1"] {
            #expect(try book.store.searchUsagePoints(text, limit: 9) == registry.usagePoints)
        }
        #expect(try !book.store.importRegistry(registry, at: book.instant("05-02 09:00")).isAny)
    }

    @Test("a contract that the files say nothing of any more is the default one again, and no other's is")
    func removed() throws {
        let book = try LogBook(Self.registry(Self.whole))
        // Files that say nothing of the usage point.
        var other = Self.registry()
        other.usagePoints = [UsagePoint(name: "P2", customer: "C")]
        _ = try book.store.importRegistry(other, at: book.instant("05-02 09:00"))
        #expect(try book.store.usagePoint(LogBook.usagePoint)?.contract == Self.whole)
        let change = try book.store.importRegistry(Self.registry(), at: book.instant("05-03 09:00"))
        #expect(change.usagePoints.changed == 1)
        #expect(try book.store.usagePoint(LogBook.usagePoint)?.contract == .standard)
        #expect(try !book.dump().contains { $0.hasPrefix("contract:") })
    }

    @Test("an import that is refused takes no contract and keeps no reading days")
    func allOrNothing() throws {
        let book = try LogBook(Self.registry())
        let before = try book.dump()
        var registry = Self.registry(Self.whole)
        registry.installations.append(
            MeterInstallation(
                serial: "S2", usagePoint: LogBook.usagePoint, gateway: "G1", unit: 2, profile: "sdm630",
                installedOn: book.day("05-10")))
        #expect(throws: StoreError.self) {
            try book.store.importRegistry(registry, at: book.instant("05-10 09:00"))
        }
        #expect(try book.dump() == before)
    }

    @Test("reading days that are changed are kept with the day, once a day, and not where they are changed back")
    func former() throws {
        let book = try LogBook(Self.registry())
        func change(to days: Int, at: String) throws {
            _ = try book.store.importRegistry(Self.registry(readingDay: days), at: book.instant(at))
        }
        #expect(try Self.former(book).isEmpty)
        try change(to: 12, at: "05-05 09:00")
        #expect(try Self.former(book).count == 1)
        try change(to: 15, at: "05-05 10:00")
        #expect(try Self.former(book).count == 1)
        // The contract names the same day: nothing is changed.
        _ = try book.store.importRegistry(Self.registry(try Self.contract("15")), at: book.instant("05-06 09:00"))
        #expect(try Self.former(book).count == 1)
        _ = try book.store.importRegistry(
            Self.registry(try Self.contract("10 20")), at: book.instant("05-07 09:00"))
        #expect(try Self.former(book).count == 2)
        try change(to: 15, at: "05-07 10:00")
        #expect(try Self.former(book).count == 1)
        try change(to: 0, at: "05-05 11:00")
        #expect(try Self.former(book).isEmpty)
    }

    @Test("a usage point without a meter has no periods that a change could cut")
    func withoutMeter() throws {
        var registry = Self.registry()
        registry.installations = []
        let book = try LogBook(registry)
        registry.usagePoints[0].contract = try Self.contract("12")
        _ = try book.store.importRegistry(registry, at: book.instant("05-05 09:00"))
        #expect(try Self.former(book).isEmpty)
    }

    /// 10 kWh a day from 1 April, known to 1 July.
    private static func steady(_ registry: Registry) throws -> LogBook {
        let book = try LogBook(registry)
        for number in 0...91 {
            let day = String((LogBook.day("04-01") + number).description.dropFirst(5))
            try book.write("frozen \(day) 00:10 \(day) \(1_000_000 + number * 10_000)")
        }
        return book
    }

    @Test("bills across a changed reading day count every day once, and the one between has blocks by days")
    func changedReadingDay() throws {
        let book = try Self.steady(Self.registry())
        let before = try Self.bill(book, asOf: "05-01")
        #expect(before.period == BillingPeriod(from: book.day("04-01"), through: book.day("04-30")))
        _ = try book.store.importRegistry(Self.registry(readingDay: 12), at: book.instant("05-05 09:00"))
        let again = try Self.bill(book, asOf: "05-01")
        #expect(again.bill == before.bill && again.period == before.period, "what was billed stays as it was")
        let between = try Self.bill(book, asOf: "05-13")
        #expect(between.period == BillingPeriod(from: book.day("05-01"), through: book.day("05-12")))
        #expect(between.bill.kwh == 120)
        let days = try #require(BillingPeriod(from: book.day("05-01"), through: book.day("05-12")))
        let quote = try TariffBook.load(folder: nil).bill(
            BillRequest(category: "residential", period: days, kwh: 120, kwhBeforeChange: 90, isIrregular: true))
        #expect(between.bill.lines == quote.lines)
        // Nine of 31 days: 50 kWh become 15.
        #expect(between.bill.lines.first?.kwh == 15)
        let after = try Self.bill(book, asOf: "06-13")
        #expect(after.period == BillingPeriod(from: book.day("05-13"), through: book.day("06-12")))
        #expect(after.bill.kwh == 310 && after.bill.lines.first?.kwh == 50)
    }

    @Test("a large customer has a bill for each reading day")
    func several() throws {
        let book = try Self.steady(Self.registry(try Self.contract("10 20 0")))
        let bills = try ["06-11", "06-21", "07-01"].map { try Self.bill(book, asOf: $0) }
        #expect(bills.map(\.period.from) == ["06-01", "06-11", "06-21"].map(book.day))
        #expect(bills.map(\.period.through) == ["06-10", "06-20", "06-30"].map(book.day))
        #expect(bills.map(\.bill.kwh) == [100, 100, 100])
        // A third of June each: of 50 kWh 17.
        #expect(bills.map { $0.bill.lines.first?.kwh } == [17, 17, 17])
    }

    @Test("a mixed contract's bill has lines of each purpose")
    func purposes() throws {
        var contract = Self.whole
        contract.readingDays = nil
        let book = try Self.steady(Self.registry(contract))
        let lines = try Self.bill(book, asOf: "07-01").bill.lines
        #expect(lines.map(\.category) == ["business_lt6kv", "production_lt6kv"])
        #expect(lines.map(\.kwh) == [120, 180])
    }

    private static let months = """
        rules:
          - {rule: month-on-month, severity: holds, times: 1.3, source: test}
        """

    /// How many months of `day` are judged.
    private static func judged(_ day: String, _ book: LogBook) throws -> (months: Int, found: Int) {
        let judge = ConsumptionJudge(rules: try RuleBook(yaml: months, file: "test"))
        let report = try book.store.checkConsumption(
            of: book.day(day), by: judge, at: book.instant("07-02 06:00"))
        return (report.months, report.found.reduce(0) { $0 + $1.count })
    }

    @Test("several periods a month are judged as one month, where the last of them ends")
    func judgedMonths() throws {
        let book = try Self.steady(Self.registry(try Self.contract("10 20 0")))
        #expect(try Self.judged("06-10", book).months == 0)
        #expect(try Self.judged("06-20", book).months == 0)
        #expect(try Self.judged("06-30", book).months == 1)
    }

    @Test("a period that an agreed change made is not judged, nor are those after it beside those before")
    func judgedAcrossChange() throws {
        let book = try LogBook(Self.registry())
        // Ten kWh a day, from 13 May twenty: a month of twice as much after what was never a month.
        for number in 0...103 {
            let day = String((LogBook.day("04-01") + number).description.dropFirst(5))
            try book.write("frozen \(day) 00:10 \(day) \(number * 10_000 + max(0, number - 42) * 10_000)")
        }
        #expect(try Self.judged("06-12", book).months == 0, "the period ends with the month")
        #expect(try Self.judged("04-30", book).months == 1)
        _ = try book.store.importRegistry(Self.registry(readingDay: 12), at: book.instant("05-05 09:00"))
        #expect(try Self.judged("04-30", book).months == 1, "it was ordinary, and is")
        #expect(try Self.judged("05-12", book).months == 0)
        #expect(try Self.judged("05-31", book).months == 0)
        #expect(try Self.judged("06-12", book) == (1, 0))
        #expect(try Self.judged("07-12", book) == (1, 0))
    }

    @Test(
        "a contract that meterd never writes is an error of the store",
        arguments: [
            "UPDATE contract SET readingDays = '40'", "UPDATE contract SET purposes = 'x:7'",
            "UPDATE formerReadingDays SET days = 'often'",
        ])
    func unreadable(sql: String) throws {
        let book = try LogBook(Self.registry(Self.whole))
        _ = try book.store.importRegistry(Self.registry(try Self.contract("5 20")), at: book.instant("05-05 09:00"))
        let queue = try DatabaseQueue(path: book.path)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
        #expect(throws: StoreError.self) { try Self.bill(book, asOf: "05-20") }
    }
}
