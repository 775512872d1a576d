import Metering
import Testing
import VEE

@testable import Store

@Suite("The registers of a meter, judged when a day closes")
struct RegisterCheckTests {
    private static let rules = """
        rules:
          - {rule: prolonged-estimation, severity: warns, days: [3], source: test}
          - {rule: sum, severity: holds, tolerance_wh: 0, source: test}
          - {rule: reverse, severity: warns, above_kwh: 0.5, quiet_days: 3, source: test}
          - {rule: sibling, severity: warns, source: test}
        """

    private static func check(_ day: String, _ book: LogBook) throws {
        let judge = ConsumptionJudge(
            rules: try RuleBook(yaml: rules, file: "test"), resolutions: ["sdm630": Energy(wattHours: 1)])
        _ = try book.store.checkConsumption(of: book.day(day), by: judge, at: book.instant("07-01 06:00"))
    }

    /// `1 sum import 05-02…05-02`
    private static func cases(_ book: LogBook) throws -> [String] {
        try book.store.cases(order: .age, limit: 9).map { one in
            let days = one.days.map { "\($0.lowerBound)…\($0.upperBound)".replacing("2025-", with: "") } ?? ""
            return "\(one.id) \(one.kind.rawValue) \(one.register?.name ?? "") \(days)"
        }
    }

    /// The meter's own records of a day.
    private static func record(_ day: String, _ indices: [Register: Int64], _ book: LogBook) throws {
        try book.ingest([
            book.poll(
                "\(day) 00:10",
                indices.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                    LogBook.frozen(day, $0.value, $0.key)
                })
        ])
    }

    @Test("two rates that say more than the whole hold the bill, and are over when a record puts them right")
    func sum() throws {
        let book = try LogBook()
        try Self.record("05-02", [.activeImport: 1000, .activeImportT1: 600, .activeImportT2: 400], book)
        try Self.record("05-03", [.activeImport: 2000, .activeImportT1: 1200, .activeImportT2: 900], book)
        try Self.check("05-02", book)
        #expect(try Self.cases(book) == ["1 sum import 05-02…05-02"])
        #expect(try book.store.cases(limit: 1).first?.text == "took 1.000 kWh, but its rates 1.100 kWh together")
        try book.store.edit(
            usagePoint: LogBook.usagePoint, register: .activeImportT2, day: book.day("05-03"),
            index: Energy(wattHours: 800), reason: "read by eye", by: "Lan", at: book.instant("05-03 09:00"))
        try Self.check("05-02", book)
        #expect(try Self.cases(book) == [])
    }

    @Test("what flows back for the first time is told of, on that day only")
    func reverse() throws {
        let book = try LogBook()
        for (number, export) in [0, 0, 0, 0, 0, 700, 1400].enumerated() {
            try Self.record(
                "05-0\(number + 2)", [.activeImport: Int64(number) * 1000, .activeExport: Int64(export)], book)
        }
        for day in 2...7 { try Self.check("05-0\(day)", book) }
        #expect(try Self.cases(book) == ["1 reverse export 05-06…05-06"])
    }

    @Test("a register that falls silent beside its import is told of once")
    func sibling() throws {
        let book = try LogBook()
        try Self.record("05-02", [.activeImport: 1000, .activeExport: 5], book)
        try Self.record("05-03", [.activeImport: 2000], book)
        try Self.record("05-04", [.activeImport: 3000], book)
        for day in 2...3 { try Self.check("05-0\(day)", book) }
        #expect(try Self.cases(book) == ["1 sibling export 05-02…05-02"])
    }

    @Test("a meter that nobody has read for three days waits for a visit, until it is read again")
    func silence() throws {
        let book = try LogBook()
        try Self.record("05-02", [.activeImport: 1000], book)
        for day in 2...5 { try Self.check("05-0\(day)", book) }
        #expect(try Self.cases(book) == ["1 prolonged-estimation import 05-02…05-04"])
        #expect(
            try book.store.cases(limit: 1).first?.text
                == "has had no index that counts since 2025-05-02: 3 days on 2025-05-05")
        // Judged anew, a day before the silence ends nothing.
        try Self.check("05-01", book)
        #expect(try Self.cases(book).count == 1)
        try Self.record("05-07", [.activeImport: 5000], book)
        try Self.check("05-06", book)
        #expect(try Self.cases(book) == [])
    }

    @Test("rates of which one is not known are not added up: its silence is what is told")
    func rateMissing() throws {
        let book = try LogBook()
        let rates: [Register: Int64] = [.activeImportT1: 400, .activeImportT2: 350, .activeImportT3: 250]
        for (number, day) in ["05-02", "05-03", "05-04"].enumerated() {
            var record = rates.mapValues { $0 * Int64(number) }
            record[.activeImport] = 1000 * Int64(number)
            if number > 0 { record[.activeImportT2] = nil }
            try Self.record(day, record, book)
        }
        for day in 2...3 { try Self.check("05-0\(day)", book) }
        #expect(try Self.cases(book) == ["1 sibling import_t2 05-02…05-02"])
    }

    @Test("on the day of an exchange the import is both meters', and no sum of the new one's rates")
    func exchanged() throws {
        let book = try LogBook()
        try Self.record("05-02", [.activeImport: 1000], book)
        try Self.record("05-03", [.activeImport: 2000], book)
        try book.write("exchange 05-03 S1 2500 S2 0")
        let new = try book.standing("S2", on: book.day("05-03"))
        // It had been powered on the shelf.
        for (day, index) in [("05-03", Int64(0)), ("05-04", 900)] {
            let readings: [(Register, Int64)] = [
                (.activeImport, index), (.activeImportT1, index / 2), (.activeImportT2, index / 2),
            ]
            try book.ingest([
                book.poll("\(day) 18:00", readings.map { LogBook.frozen(day, $0.1, $0.0) }, meter: new)
            ])
        }
        try Self.check("05-03", book)
        #expect(try Self.cases(book) == [])
    }

    @Test("a meter that never answered is told of as one that fell silent on the day it came")
    func neverHeard() throws {
        let book = try LogBook()
        for day in 1...6 { try Self.check("05-0\(day)", book) }
        #expect(try Self.cases(book) == ["1 prolonged-estimation import 05-01…05-03"])
    }

    @Test("nobody was silent before the first day that was closed")
    func neverHeardBefore() throws {
        let book = try LogBook()
        try book.write("close 05-20\nclose 05-21\nclose 05-22\nclose 05-23")
        for day in 20...22 { try Self.check("05-\(day)", book) }
        #expect(try Self.cases(book) == ["1 prolonged-estimation import 05-20…05-22"])
    }

    @Test("a day of a silence that is over, judged again, tells nobody of it")
    func silenceThatIsOver() throws {
        let book = try LogBook()
        try Self.record("05-02", [.activeImport: 1000], book)
        for day in 2...8 {
            try book.write("close 05-0\(day)")
            if day > 2 { try Self.check("05-0\(day - 1)", book) }
        }
        #expect(try Self.cases(book) == ["1 prolonged-estimation import 05-02…05-04"])
        for day in 2...6 { try Self.check("05-0\(day)", book) }
        #expect(try Self.cases(book).count == 1, "it stands while it lasts")
        try Self.record("05-09", [.activeImport: 8000], book)
        try book.write("close 05-09")
        try Self.check("05-08", book)
        #expect(try Self.cases(book) == [])
        for day in 2...7 { try Self.check("05-0\(day)", book) }
        #expect(try Self.cases(book) == [])
    }

    @Test("a silence whose case passed on late records is told of again, once")
    func silenceGoesOn() throws {
        let book = try LogBook()
        try Self.record("05-02", [.activeImport: 1000], book)
        for day in 2...8 { try Self.check("05-0\(day)", book) }
        #expect(try Self.cases(book) == ["1 prolonged-estimation import 05-02…05-04"])
        // Two records come through, and nothing after them.
        try book.ingest([
            book.poll("05-09 08:00", [LogBook.frozen("05-03", 1500), LogBook.frozen("05-04", 2000)])
        ])
        for day in ["05-02", "05-03", "05-04"] { try Self.check(day, book) }
        #expect(try Self.cases(book) == [])
        for day in ["05-09", "05-09", "05-10"] { try Self.check(day, book) }
        #expect(try Self.cases(book) == ["2 prolonged-estimation import 05-04…05-09"])
        _ = try book.store.act(
            .released, on: CaseFilter(), by: "Lan", why: "a crew is there", at: book.instant("05-11 09:00"))
        for day in ["05-11", "05-12"] { try Self.check(day, book) }
        #expect(try Self.cases(book) == [], "what a person has ended is not told again")
    }

    @Test("nobody waits for a word of a meter that has left")
    func silenceOfOneThatLeft() throws {
        let book = try LogBook()
        try Self.record("05-02", [.activeImport: 1000], book)
        for day in 2...5 { try Self.check("05-0\(day)", book) }
        try book.write("exchange 05-07 S1 1500 S2 0")
        try Self.check("05-06", book)
        #expect(try Self.cases(book).count == 1)
        try Self.check("05-07", book)
        #expect(try Self.cases(book) == [])
    }
}
