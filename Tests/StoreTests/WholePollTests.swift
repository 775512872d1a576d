import GRDB
import Metering
import Testing

@testable import Store

@Suite("Polls of many registers")
struct WholePollTests {
    private static let registers: [Register] = [.activeImport, .activeExport, .reactiveImport, .reactiveExport]

    private static func readings(_ index: Int64) -> [Reading] {
        registers.map { LogBook.live(index + Int64($0.rawValue), $0) }
    }

    private func count(_ table: String, _ book: LogBook) throws -> Int {
        try book.dump().count { $0.hasPrefix("\(table): ") }
    }

    private func words(_ register: Register, _ day: String, _ book: LogBook) throws -> [[UInt16]] {
        try #require(
            try book.store.lineage(usagePoint: LogBook.usagePoint, register: register, day: book.day(day))
        ).readings.map(\.words)
    }

    @Test("a night of one meter is one dial, two polls and one lineage, and each register leads to its own words")
    func rows() throws {
        let book = try LogBook()
        try book.ingest([book.poll("05-01 23:50", Self.readings(1000)), book.poll("05-02 00:10", Self.readings(1200))])
        #expect(try count("hot", book) == 4)
        #expect(try ["dial", "poll", "nightLineage"].map { try count($0, book) } == [1, 2, 1])
        #expect(try ["reading", "lineage"].map { try count($0, book) } == [0, 0])
        #expect(try book.store.counts().readings == 8)
        for register in Self.registers {
            let own = UInt16(register.rawValue)
            #expect(try words(register, "05-02", book) == [[0, 1000 + own], [0, 1200 + own]])
        }
    }

    @Test("a poll that is evidence for one register becomes evidence for another, once")
    func merged() throws {
        let book = try LogBook()
        try book.ingest([book.poll("05-01 23:50", Self.readings(1000))])
        try book.ingest([book.poll("05-02 00:05", [LogBook.live(1100)])])
        #expect(try book.store.counts().readings == 2)
        try book.ingest([book.poll("05-02 00:10", [LogBook.live(1200, .reactiveImport)])])
        #expect(try book.store.counts().readings == 4)
        #expect(try count("poll", book) == 3)
        #expect(try words(.activeImport, "05-02", book) == [[0, 1001], [0, 1100]])
        #expect(try words(.reactiveImport, "05-02", book) == [[0, 1007], [0, 1200]])
        let before = try book.dump()
        _ = try book.store.ingest(book.outcomes)
        #expect(try book.dump() == before)
    }

    @Test("two answers of one meter in the same microsecond are two polls")
    func sameInstant() throws {
        let book = try LogBook()
        try book.ingest([
            book.poll("05-01 23:50", [LogBook.live(1000)]),
            book.poll("05-01 23:50", [LogBook.live(50, .reactiveImport)]),
            book.poll("05-02 00:10", [LogBook.live(1200)]),
            book.poll("05-02 00:10", [LogBook.live(70, .reactiveImport)]),
        ])
        #expect(try count("poll", book) == 4)
        #expect(try words(.activeImport, "05-02", book) == [[0, 1000], [0, 1200]])
        #expect(try words(.reactiveImport, "05-02", book) == [[0, 50], [0, 70]])
    }

    @Test("records of two registers read in the same microsecond, stored one after the other, share their lineage")
    func sharedLineage() throws {
        let book = try LogBook()
        try book.ingest([book.poll("05-02 00:10", [LogBook.frozen("05-02", 1000)])])
        try book.ingest([book.poll("05-02 00:10", [LogBook.frozen("05-02", 7, .reactiveImport)])])
        #expect(try count("nightLineage", book) == 1)
        #expect(try words(.activeImport, "05-02", book) == [[0xFFFF]])
        #expect(try words(.reactiveImport, "05-02", book) == [[0xFFFF]])
    }

    @Test("a record that one batch brings twice is kept once")
    func twiceInABatch() throws {
        let book = try LogBook()
        let report = try book.ingest([
            book.poll("05-02 00:10", [LogBook.frozen("05-02", 1000)]),
            book.poll("05-02 00:11", [LogBook.frozen("05-02", 1000)]),
        ])
        #expect((report.accepted, report.duplicates) == (1, 1))
        #expect(try book.store.counts().readings == 1)
    }

    @Test("one register of a poll is suspect, the others are believed")
    func oneSuspect() throws {
        let book = try LogBook()
        try book.ingest([book.poll("05-01 23:50", Self.readings(1000))])
        let report = try book.ingest([
            book.poll("05-02 00:05", [LogBook.live(400), LogBook.live(1100, .activeExport)])
        ])
        #expect((report.accepted, report.suspects) == (1, 1))
        // The import's dial still stands at 23:50, the export's at 00:05.
        try book.ingest([book.poll("05-02 00:10", Self.readings(1200))])
        #expect(try words(.activeImport, "05-02", book) == [[0, 1001], [0, 1201]])
        #expect(try words(.activeExport, "05-02", book) == [[0, 1002], [0, 1100]])
    }

    /// So many meters behind G1, each at a usage point of its own.
    private static func registry(meters: Int) -> Registry {
        var registry = LogBook.registry()
        for number in 2...meters {
            registry.usagePoints.append(UsagePoint(name: "P\(number)", customer: "C"))
            registry.installations.append(
                MeterInstallation(
                    serial: "S\(number)", usagePoint: "P\(number)", gateway: "G1", unit: UInt8(number),
                    profile: "sdm630", installedOn: LogBook.day("05-01")))
        }
        return registry
    }

    @Test("a batch of many meters in any order comes to the same as its polls one by one")
    func batches() throws {
        func night(_ book: LogBook) -> [PollOutcome] {
            // A meter's live readings and its own record of the day, the record before, with and after the reading.
            (1...37).flatMap { number -> [PollOutcome] in
                let meter = MeterID(Int32(number))
                let index = Int64(number) * 1000
                let record = book.poll(
                    number % 3 == 0 ? "05-02 00:02" : "05-02 00:12", [LogBook.frozen("05-02", index + 105)],
                    meter: meter)
                return [
                    book.poll("05-01 23:50", Self.readings(index), meter: meter),
                    book.poll("05-02 00:10", Self.readings(index + 200), meter: meter), record,
                    book.poll("05-03 00:10", Self.readings(index + 900), meter: meter),
                ].sorted { $0.answered < $1.answered }
            }
        }
        func indices(_ book: LogBook) throws -> [String] {
            try book.dump().filter { $0.hasPrefix("hot: ") || $0.hasPrefix("poll: ") || $0.hasPrefix("total: ") }
        }
        let single = try LogBook(Self.registry(meters: 37))
        for outcome in night(single) { _ = try single.store.ingest([outcome]) }
        let whole = try LogBook(Self.registry(meters: 37))
        _ = try whole.store.ingest(night(whole))
        #expect(try indices(whole).count > 37 * 8)
        #expect(try indices(whole) == indices(single))
        let shuffled = try LogBook(Self.registry(meters: 37))
        var random = SeededRandom(seed: 3)
        // Whole meters change places; each one's polls stay in order.
        let outcomes = Dictionary(grouping: night(shuffled), by: \.meter)
        let meters = outcomes.keys.sorted().map { ($0, random.next()) }.sorted { $0.1 < $1.1 }.map(\.0)
        _ = try shuffled.store.ingest(meters.flatMap { outcomes[$0] ?? [] })
        for number in [1, 17, 37] {
            let name = number == 1 ? LogBook.usagePoint : "P\(number)"
            func days(_ book: LogBook) throws -> [IndexedDay] {
                try book.store.dailyIndices(
                    usagePoint: name, register: nil, from: book.day("05-01"), through: book.day("05-31"))
            }
            #expect(try days(shuffled) == days(whole))
        }
    }

    @Test("a batch that fails leaves nothing behind, and handed over again it is stored as if nothing had been")
    func failing() throws {
        let book = try LogBook(Self.registry(meters: 20))
        let evening = (1...20).map { book.poll("05-01 23:50", Self.readings(1000), meter: MeterID(Int32($0))) }
        let night = (1...20).map { book.poll("05-02 00:10", Self.readings(1200), meter: MeterID(Int32($0))) }
        func fail(at table: String) throws {
            try book.store.write("breaking") { db in
                try db.execute(
                    sql: """
                        CREATE TRIGGER broken BEFORE INSERT ON \(table) WHEN NEW.series % 7 = 5
                        BEGIN SELECT RAISE(ABORT, 'broken'); END
                        """)
            }
        }
        func mend() throws { try book.store.write("mending") { try $0.execute(sql: "DROP TRIGGER broken") } }
        // New series and origins are made, then the transaction is rolled back; the next must not rely on them.
        let empty = try book.dump()
        try fail(at: "dial")
        #expect(throws: StoreError.self) { try book.store.ingest(evening) }
        try mend()
        #expect(try book.dump() == empty)
        #expect(try book.store.ingest(evening).accepted == 80)
        let before = try book.dump()
        for table in ["hot", "poll", "nightLineage"] {
            try fail(at: table)
            #expect(throws: StoreError.self, "\(table)") { try book.store.ingest(night) }
            try mend()
            #expect(try book.dump() == before, "\(table)")
        }
        #expect(try book.store.ingest(night).indices == 80)
        #expect(try book.store.integrityCheck() == [])
        let other = try LogBook(Self.registry(meters: 20))
        _ = try other.store.ingest(evening)
        _ = try other.store.ingest(night)
        #expect(try book.dump() == other.dump())
    }

    @Test("a register that a person enters in another process is the daemon's too")
    func editedElsewhere() throws {
        let book = try LogBook()
        // The daemon has looked at the meter, which never showed anything.
        try book.ingest([book.failure("05-01 10:00", .timeout)])
        let tool = try Store(path: book.path, role: .tool, calendar: book.calendar)
        try tool.edit(
            usagePoint: LogBook.usagePoint, register: .activeExport, day: book.day("05-02"),
            index: Energy(wattHours: 7), reason: "read at the meter", by: "Lan", at: book.instant("05-02 12:00"))
        try book.write("live 05-02 23:50 1000\nlive 05-03 00:10 1200")
        #expect(try book.indices() == "05-03 1100 measured ±112 r1")
        #expect(try book.indices(.activeExport) == "05-02 7 edited ±0 r1")
        try tool.edit(
            usagePoint: LogBook.usagePoint, register: .activeImport, day: book.day("05-03"),
            index: Energy(wattHours: 1150), reason: "read at the meter", by: "Lan", at: book.instant("05-03 12:00"))
        try tool.close()
        try book.write("live 05-03 23:50 2000\nlive 05-04 00:10 2200")
        #expect(try book.indices() == "05-03 1150 edited ±0 r2 +950\n05-04 2100 measured ±112 r1")
        #expect(try book.store.integrityCheck() == [])
    }
}
