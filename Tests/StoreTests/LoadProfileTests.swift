import Metering
import Testing

@testable import Store

@Suite("Load profiles")
struct LoadProfileTests {
    private static let everybodys = LoadProfileChoice(categories: ["residential"])

    private static func lines(_ book: LogBook, _ from: String = "05-01", _ through: String = "07-31") throws -> String {
        try book.store.loadProfile(
            usagePoint: LogBook.usagePoint, register: .activeImport, from: book.day(from), through: book.day(through)
        ).map { entry in
            let start = book.calendar.text(entry.start).dropFirst(5).prefix(11).replacing("T", with: " ")
            let consumption = entry.consumption.map { " +\($0.wattHours)" } ?? ""
            return "\(start) \(entry.index.wattHours) \(entry.quality.name)\(consumption)"
        }.joined(separator: "\n")
    }

    @discardableResult
    private static func fold(_ book: LogBook, today: String, seriesMax: Int64 = 4096) throws -> [String] {
        var finished: [String] = []
        while let step = try book.store.foldLoadProfiles(today: book.day(today), seriesMax: seriesMax) {
            if step.isFinished { finished.append(step.period) }
        }
        return finished
    }

    private static func rows(_ book: LogBook) throws -> [String: Int] {
        var rows: [String: Int] = [:]
        try book.store.forEachRow { table, _ in rows[table, default: 0] += 1 }
        return rows.filter { ["loadDay", "loadWeek", "damagedChunk"].contains($0.key) }
    }

    private static let morning = """
        live 05-02 08:50 1000
        live 05-02 09:20 1300
        live 05-02 09:50 1330
        live 05-02 10:10 1350
        live 05-02 14:40 1890
        """

    @Test("each half hour shows what the polls around it show, with its energy and quality; a long silence leaves gaps")
    func morning() throws {
        let book = try LogBook(LogBook.registry(multiplier: 40), loadProfiles: Self.everybodys)
        try book.write(Self.morning)
        #expect(
            try Self.lines(book) == """
                05-02 09:00 1100 measured +8400
                05-02 09:30 1310 measured +1200
                05-02 10:00 1340 measured
                05-02 14:30 1870 measured
                """)
    }

    @Test("on the day of an exchange the half hours are the old meter's, and the new one's from its first on")
    func exchanged() throws {
        let book = try LogBook(loadProfiles: Self.everybodys)
        try book.write(
            """
            S1 live 05-09 23:50 1000
            S1 live 05-10 00:10 1020
            S1 live 05-10 00:40 1080
            S1 live 05-10 01:10 1140
            exchange 05-10 S1 1200 S2 0
            S2 live 05-10 02:20 10
            S2 live 05-10 02:40 30
            S2 live 05-10 03:10 60
            """)
        #expect(
            try Self.lines(book) == """
                05-10 00:00 1010 measured +50
                05-10 00:30 1060 measured +60
                05-10 01:00 1120 measured
                05-10 02:30 20 measured +30
                05-10 03:00 50 measured
                """)
    }

    @Test("nobody's are kept who was not chosen, by category or by name")
    func chosen() throws {
        let choices: [(LoadProfileChoice, Bool)] = [
            (.nobodys, false), (LoadProfileChoice(categories: ["residential"]), true),
            (LoadProfileChoice(usagePoints: [LogBook.usagePoint]), true),
            (LoadProfileChoice(categories: ["business"], usagePoints: ["PA0"]), false),
        ]
        for (choice, isKept) in choices {
            let book = try LogBook(loadProfiles: choice)
            try book.write(Self.morning)
            #expect(try Self.lines(book).isEmpty != isKept, "\(choice)")
        }
    }

    @Test("batches that are handed over again, late and suspect readings change nothing")
    func again() throws {
        let book = try LogBook(limits: ["sdm630": 15_180], loadProfiles: Self.everybodys)
        try book.write(Self.morning)
        let before = try Self.lines(book)
        _ = try book.store.ingest(book.outcomes)
        try book.write("live 05-02 09:25 1301\nlive 05-02 14:50 900000\nfrozen 05-03 00:10 05-02 990\nedit 05-02 900")
        #expect(try Self.lines(book) == before)
    }

    @Test("a week is folded two days after its last, and reads the same; what comes later goes to the week")
    func folding() throws {
        let book = try LogBook(loadProfiles: Self.everybodys)
        try book.write(Self.morning)
        try book.write("live 05-05 06:25 2000\nlive 05-05 06:55 2030")
        let before = try Self.lines(book)
        #expect(try Self.fold(book, today: "05-09") == [])
        #expect(try Self.rows(book) == ["loadDay": 2])
        #expect(try Self.fold(book, today: "05-10") == ["load profiles of week 2025-05-01"])
        #expect(try Self.rows(book) == ["loadWeek": 1])
        #expect(try Self.lines(book) == before)
        // The next poll comes after a month: near the last reading before, and near itself, something is known.
        try book.write("live 06-05 06:28 4030")
        #expect(try Self.lines(book, "05-05", "05-05") == "05-05 06:30 2005 measured +25\n05-05 07:00 2030 measured")
        #expect(try Self.rows(book) == ["loadWeek": 1])
        try book.write("live 06-05 06:58 4060\nlive 06-20 12:05 5000\nlive 06-20 12:35 5030")
        #expect(
            try Self.fold(book, today: "07-09")
                == ["load profiles of week 2025-06-01", "load profiles of week 2025-06-15"])
        #expect(try Self.rows(book) == ["loadWeek": 3])
    }

    @Test("while a folding is under way each series is found in one place")
    func underWay() throws {
        let book = try LogBook(loadProfiles: Self.everybodys)
        for (at, index) in [("05-02 08:50", 1000), ("05-02 09:20", 1300), ("05-03 08:50", 1900), ("05-03 09:20", 2000)]
        {
            let value = Int64(index)
            try book.ingest([book.poll(at, [LogBook.live(value), LogBook.live(value / 7, .activeExport)])])
        }
        func all() throws -> [LoadProfileEntry] {
            try book.store.loadProfile(
                usagePoint: LogBook.usagePoint, register: nil, from: book.day("05-01"), through: book.day("05-31"))
        }
        let before = try all()
        #expect(
            before.map(\.register) == Array(repeating: .activeImport, count: 3)
                + Array(repeating: .activeExport, count: 3))
        let step = try #require(try book.store.foldLoadProfiles(today: book.day("06-01"), seriesMax: 1))
        #expect(!step.isFinished && step.indices == 3)
        #expect(try Self.rows(book) == ["loadDay": 2, "loadWeek": 1])
        #expect(try all() == before)
        var findings: [VerificationFinding] = []
        let report = try book.store.verify(VerificationScope(), found: { findings.append($0) })
        #expect(findings.map(\.description) == [])
        #expect(report.halfHours == 6)
        try Self.fold(book, today: "06-01")
        #expect(try all() == before)
    }

    @Test("a damaged day is told of, put aside when it is folded or written to, and costs no reading")
    func damaged() throws {
        let book = try LogBook(loadProfiles: Self.everybodys)
        try book.write(Self.morning)
        try book.write("live 05-03 06:05 2000\nlive 05-03 06:35 2030")
        try book.store.write("planting") { db in
            try db.execute(sql: "UPDATE loadDay SET body = zeroblob(length(body))")
        }
        var findings: [String] = []
        _ = try book.store.verify(VerificationScope(), found: { findings.append("\($0)") })
        #expect(
            findings.map { $0.prefix(84) } == [
                "usage point PA09010000001, import, 2025-05-02: its load profile in loadDay cannot be",
                "usage point PA09010000001, import, 2025-05-03: its load profile in loadDay cannot be",
            ])
        #expect(throws: StoreError.self) { try Self.lines(book) }
        let report = try book.ingest([book.poll("05-03 07:05", [LogBook.live(2060)])])
        #expect(report.accepted == 1 && report.damagedMeters.isEmpty)
        #expect(try Self.lines(book, "05-03") == "05-03 07:00 2055 measured")
        try Self.fold(book, today: "05-11")
        #expect(try Self.lines(book) == "05-03 07:00 2055 measured")
        #expect(try Self.rows(book) == ["loadWeek": 1, "damagedChunk": 2])
        #expect(book.store.damages.count == 2)
    }

    @Test("half hours of months that are forgotten go with them")
    func forgotten() throws {
        let book = try LogBook(loadProfiles: Self.everybodys)
        try book.write(Self.morning)
        try book.write("live 06-20 12:20 5000\nlive 06-20 12:50 5030")
        try CompactionTests.compact(book.store, today: book.day("07-31"))
        try Self.fold(book, today: "07-31")
        while try book.store.forgetIndices(before: book.day("06-15")) {}
        #expect(try Self.lines(book) == "06-20 12:30 5010 measured")
    }
}
