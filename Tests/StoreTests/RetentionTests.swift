import Alarms
import Metering
import Testing
import VEE

@testable import Store

@Suite("What is kept, and for how long")
struct RetentionTests {
    private static func book() throws -> LogBook {
        let book = try LogBook()
        for day in 2...9 {
            try book.write("live 05-0\(day - 1) 23:55 \(day)000\nlive 05-0\(day) 00:05 \(day)100")
        }
        try book.write("edit 05-03 3001\nclose 05-09")
        return book
    }

    private static func lineage(_ book: LogBook, _ day: String) throws -> IndexLineage {
        try #require(
            try book.store.lineage(
                usagePoint: LogBook.usagePoint, register: .activeImport, day: book.day(day)))
    }

    @Test("old evidence goes some rows at a time; the indices and their revisions stay", arguments: [1, 3, 1000])
    func evidence(rowsMax: Int) throws {
        let book = try Self.book()
        let before = try book.indices()
        let revisions = try book.store.indexRevisions(
            usagePoint: LogBook.usagePoint, register: nil, from: book.day("05-01"), through: book.day("05-31"))
        #expect(try Self.lineage(book, "05-02").readings.count == 2)
        while try book.store.forgetLineage(before: book.day("05-06"), rowsMax: rowsMax) {}
        #expect(try Self.lineage(book, "05-02").readings == [])
        #expect(try Self.lineage(book, "05-07").readings.count == 2)
        #expect(try book.indices() == before)
        #expect(
            try book.store.indexRevisions(
                usagePoint: LogBook.usagePoint, register: nil, from: book.day("05-01"), through: book.day("05-31"))
                == revisions)
        #expect(try !book.store.forgetLineage(before: book.day("05-06")))
        // Handed over again, what is forgotten stays forgotten and is not believed a second time.
        let again = try book.store.ingest(Array(book.outcomes.prefix(4)))
        #expect(again.indices == 0 && again.accepted == 0)
        #expect(try book.indices() == before)
    }

    @Test("old months go whole, once they are compacted, and not before")
    func months() throws {
        let book = try Self.book()
        try book.write("live 06-01 23:55 20000\nlive 06-02 00:05 20100\nclose 06-02")
        #expect(try !book.store.forgetIndices(before: book.day("06-15")))
        #expect(try book.indices().contains("05-03"))
        try CompactionTests.compact(book.store, today: book.day("06-15"))
        #expect(try !book.store.forgetIndices(before: book.day("05-31")))
        #expect(try book.indices().contains("05-03"))
        while try book.store.forgetIndices(before: book.day("06-15"), rowsMax: 1) {}
        #expect(try !book.indices().contains("05-"))
        #expect(try book.indices().contains("06-02"))
        #expect(try book.store.completenessHistory(from: book.day("05-01"), through: book.day("05-31")) == [])
    }

    @Test("the shortest time that may be chosen leaves what rules look at: what is forgotten makes nobody seem silent")
    func shortest() throws {
        let book = try LogBook(LogBook.registry(installedOn: "01-01"))
        // Of export something is known, import was never heard.
        for day in ["01-02", "03-02"] {
            try book.ingest([book.poll("\(day) 00:10", [LogBook.frozen(day, 1000, .activeExport)])])
        }
        let months = Store.indexMonths.lowerBound
        let (first, march) = (book.day("01-01"), book.day("03-01"))
        let today = march + 3 + months * 31
        for day in [first, march, today.previous, today] {
            _ = try book.store.closeDay(day, at: book.calendar.start(of: day) + .hours(6))
        }
        try CompactionTests.compact(book.store, today: today)
        while try book.store.forgetIndices(before: Store.firstKept(months, today: today)) {}
        #expect(try book.store.completenessHistory(from: first, through: today).first?.day == march)
        let rules = try RuleBook(
            yaml: "rules: [{rule: prolonged-estimation, severity: warns, days: [3], source: test}]", file: "test")
        _ = try book.store.checkConsumption(
            of: today.previous, by: ConsumptionJudge(rules: rules), at: book.calendar.start(of: today) + .hours(6))
        #expect(try book.store.cases(limit: 9).map(\.kind) == [])
    }

    @Test("cases go with their days, and what people did about them; what is of now stays however old it is")
    func cases() throws {
        let book = try Self.book()
        // A dial that goes back and on again; the same in June, and goes on no more; a record that cannot be true.
        try book.write("live 05-12 12:00 5000\nlive 05-12 13:00 9200\nfrozen 05-13 00:10 05-13 99999999999")
        try book.write("live 05-31 23:55 20000\nlive 06-01 00:05 20100\nlive 06-01 12:00 7\nclose 06-01")
        func cases() throws -> [String] {
            try book.store.cases(CaseFilter(states: Set(MeterCase.State.allCases)), order: .age, limit: 9)
                .map { "\($0.kind.rawValue) \($0.days == nil ? "" : "of days ")\($0.state.rawValue)" }
        }
        #expect(try cases() == ["decreased passed", "overflow of days open", "decreased open"])
        let record = CaseFilter(kinds: ["overflow"])
        _ = try book.store.act(.acknowledged, on: record, by: "Lan", why: "seen", at: book.instant("05-14 09:00"))
        _ = try book.store.look([.closing(daysBehind: 3, AlarmThresholds())], at: book.instant("05-14 09:00"))
        try CompactionTests.compact(book.store, today: book.day("07-15"))
        #expect(try !book.store.forgetIndices(before: book.day("05-31")))
        while try book.store.forgetIndices(before: book.day("06-15"), rowsMax: 1) {}
        #expect(try cases() == ["decreased open"])
        #expect(try !book.dump().contains { $0.hasPrefix("caseAct") || $0.hasPrefix("alarmEvent") })
        #expect(try book.store.alarmBoard().shown.count == 1)
    }
}
