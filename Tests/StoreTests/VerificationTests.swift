import Foundation
import GRDB
import Metering
import Packing
import Synchronization
import Testing

@testable import Store

@Suite("Verification")
struct VerificationTests {
    /// Frozen days from 2 May to 20 June with a gap, an edit, a suspect and two registers; May is in chunks of the
    /// month, the first half of June in those of its weeks.
    static func book() throws -> LogBook {
        let book = try LogBook()
        var entries: [String] = []
        for number in 1..<50 where number != 9 && number != 35 {
            let day = String((LogBook.day("05-01") + number).description.dropFirst(5))
            entries.append("frozen \(day) 00:10 \(day) \(1000 + number * 7000)")
        }
        try book.write(entries.joined(separator: "\n"))
        try book.ingest([
            book.poll("05-03 00:20", [LogBook.frozen("05-03", 77, .activeExport)]),
            book.poll("06-18 12:00", [LogBook.live(400_000)]),
            book.poll("06-18 13:00", [LogBook.live(5)]),
        ])
        // An estimate that the meter's own record replaces, and a person's word.
        try book.write("close 05-10\nfrozen 06-19 10:00 05-10 64500\nedit 05-20 134001")
        for day in ["05-09", "05-10", "05-19", "05-20", "05-21", "06-10", "06-18"] { try book.write("close \(day)") }
        _ = try book.store.closeReopenedDays(at: book.instant("06-20 06:00"))
        try CompactionTests.compact(book.store, today: book.day("06-18"))
        return book
    }

    static func verify(
        _ store: Store, _ change: (inout VerificationScope) -> Void = { _ in }
    ) throws -> (findings: [VerificationFinding], report: VerificationReport) {
        var findings: [VerificationFinding] = []
        var scope = VerificationScope()
        scope.days = nil
        change(&scope)
        let report = try store.verify(scope, found: { findings.append($0) })
        #expect(report.findings == findings.count)
        return (findings, report)
    }

    /// Does with a store what meterd never does.
    static func plant(_ sql: String, in book: LogBook) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: book.path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
            try db.execute(sql: sql)
        }
        try queue.close()
    }

    @Test("a store that only meterd wrote has nothing to be found, and all of it was looked at")
    func clean() throws {
        let book = try Self.book()
        let (findings, report) = try Self.verify(book.store)
        #expect(findings.map(\.description) == [])
        #expect(report.notes == [])
        #expect(report.indices == 50)
        #expect(report.chunks == 4)
        #expect(report.dials == 1)
        #expect(report.days == 7)
        #expect(report.revisions == 2)
        #expect(report.readings == (try book.store.counts().readings))
        #expect(try Self.verify(book.store) { $0.days = 2 }.report.days == 2)
        #expect(try Self.verify(book.store) { $0.isQuick = true }.report.indices == 0)
    }

    @Test("a bit that is flipped in any chunk is found, and named by usage point, register and month or week")
    func everyBit() throws {
        let book = try Self.book()
        for kind in [ChunkPeriod.Kind.month, .week] {
            let table = ChunkTable.name(kind)
            let chunks = try book.store.read("looking at chunks") { db in
                try Row.fetchAll(db, sql: "SELECT key, body FROM \(table) ORDER BY key")
                    .map { ($0["key"] as Int64, $0["body"] as Data) }
            }
            try #require(chunks.count == 2)
            for (key, body) in chunks {
                let period = try #require(ChunkPeriod(kind, ofKey: key)).description
                let register: Register = ChunkPeriod.series(ofKey: key) == 1 ? .activeImport : .activeExport
                for bit in 0..<body.count * 8 {
                    var flipped = body
                    flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                    try book.store.write("flipping a bit") { db in
                        try db.execute(sql: "UPDATE \(table) SET body = ? WHERE key = ?", arguments: [flipped, key])
                    }
                    var found: [VerificationFinding] = []
                    let verification = Verification(
                        book.store.pool, path: book.path, calendar: .vietnam, scope: VerificationScope(),
                        isStill: false, progress: { _ in }, found: { found.append($0) })
                    try verification.indices()
                    #expect(
                        found.map { [$0.kind.rawValue, $0.usagePoint, $0.register?.name, $0.period] }
                            == [["chunk", LogBook.usagePoint, register.name, period]], "bit \(bit) of \(period)")
                    // The whole of it goes on past such a chunk.
                    if bit == 100 {
                        let all = try Self.verify(book.store).findings
                        #expect(all.contains { $0.kind == .chunk && $0.period == period })
                        #expect(!all.contains { $0.kind == .pages || $0.kind == .total }, "\(all)")
                    }
                }
                try book.store.write("mending it") { db in
                    try db.execute(sql: "UPDATE \(table) SET body = ? WHERE key = ?", arguments: [body, key])
                }
            }
        }
        #expect(try Self.verify(book.store).findings.isEmpty)
    }

    private static let may10 = LogBook.day("05-10").number
    private static let may20 = LogBook.day("05-20").number
    private static let mayOfSeries1 = ChunkPeriod(.month, containing: LogBook.day("05-10")).key(of: 1)

    /// What was done, and what must be told of it.
    private static let damages: [(sql: String, kind: VerificationFinding.Kind, text: String)] = [
        (
            "INSERT INTO hot VALUES(\(may10), 2, 1, 1, 0, 1)", .place,
            "export, 2025-05-10: it stands in hot, and is looked for in chunk (month 2025-05)"
        ),
        (
            "INSERT INTO weekChunk SELECT (key >> 24) * 5 << 24 | 1, body FROM chunk WHERE key = \(mayOfSeries1)",
            .place,
            "import, week 2025-05-01: it stands in weekChunk, and is looked for in chunk (month 2025-05)"
        ),
        (
            "UPDATE compaction SET monthsEnd = \(may10 - 9), weeksEnd = \(may10 - 9)",
            .place,
            "import, month 2025-05: it stands in chunk, and is looked for in hot"
        ),
        (
            "UPDATE chunk SET key = key + 1 WHERE key & 16777215 = 2", .reference,
            "of series 3, which is no meter's"
        ),
        (
            "DELETE FROM chunk WHERE key = \(mayOfSeries1)", .span,
            "2025-05-02 to 2025-06-19, but 2025-05-02 has none"
        ),
        (
            "DELETE FROM hot WHERE day = \(LogBook.day("06-16").number)", .total,
            "there are 49 indices, but 50 were"
        ),
        (
            "UPDATE hot SET q = 9 WHERE day = \(LogBook.day("06-16").number)", .row,
            "2025-06-16: its row in hot has quality 9"
        ),
        ("UPDATE series SET register = 9 WHERE id = 2", .pages, "CHECK constraint failed in series"),
        (
            "UPDATE hot SET revision = 2 WHERE day = \(LogBook.day("06-16").number)", .revision,
            "of revision 2, and nothing says"
        ),
        (
            "INSERT INTO unsettled VALUES(99, 1)", .reference,
            "1 rows of unsettled refer to a row of series that is not there"
        ),
        ("UPDATE dial SET body = X'0200'", .row, "import: its meter's row in dial (1) cannot be read"),
        ("DELETE FROM dial", .row, "its meter has no row in dial (1)"),
        ("UPDATE series SET register = 3 WHERE id = 2", .row, "has other registers than series has"),
        (
            "UPDATE poll SET readings = X'010105' WHERE answered = (SELECT MIN(answered) FROM poll)", .row,
            "import: its meter's poll answered at 2025-05-"
        ),
        (
            "UPDATE reading SET verdict = 77", .row,
            "its reading answered at 2025-06-18T13:00:00+07:00 has verdict 77"
        ),
        (
            "DELETE FROM audit WHERE newQ = 4", .revision,
            "2025-05-20: its index is of revision 2, and nothing says"
        ),
        (
            "UPDATE audit SET newIdx = 5 WHERE newQ = 4", .revision,
            "2025-05-20: its index is 134001 Wh edited ±0 r2, but it became 5 Wh"
        ),
        (
            "UPDATE audit SET oldRevision = 2, newRevision = 3 WHERE newQ = 4", .revision,
            "what led to 134000 Wh frozen ±0 r2 is not there"
        ),
        (
            "UPDATE audit SET newRevision = 4 WHERE newQ = 4", .revision,
            "134001 Wh edited ±0 r4 should be of revision 2"
        ),
        (
            "INSERT INTO audit SELECT 99, at, source, reason, series, day, newIdx + 1, newQ, newBound, newRevision, "
                + "newIdx, newQ, newBound, newRevision + 1, who, wasClosed FROM audit WHERE newQ = 4", .revision,
            "134002 Wh edited ±0 r2 was replaced, but 134001 Wh edited ±0 r2 stood there"
        ),
        (
            "INSERT INTO audit SELECT 99, at, source, reason, series, day, NULL, NULL, NULL, NULL, "
                + "newIdx, newQ, newBound, newRevision, who, wasClosed FROM audit WHERE newQ = 4", .revision,
            "is noted as its first value, but it had one"
        ),
        (
            "UPDATE closedDay SET frozen = 0, measured = 1 WHERE day = \(may20)", .dayCount,
            "2025-05-20: closed with 1 of 1 indices (0 frozen, 1 measured"
        ),
        ("UPDATE closedDay SET energy = 1 WHERE day = \(may20)", .dayCount, "and 1 Wh, but has"),
        ("UPDATE total SET count = count + 1 WHERE name = 'reading'", .total, "kept readings, but"),
        (
            "UPDATE total SET count = 0 WHERE name = 'suspect'", .total,
            "there are 1 suspect readings, but 0 were written"
        ),
        ("UPDATE total SET count = 9 WHERE name = 'revision'", .total, "replaced indices, but 9 were written"),
        ("DELETE FROM total WHERE name = 'hot'", .total, "the size \"hot\" is not kept"),
        ("DELETE FROM compaction", .pages, "indices cannot be gone through"),
        (
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master "
                + "WHERE name = 'poll') WHERE name = 'nightLineage'", .pages, "2nd reference to page"
        ),
    ]

    @Test(
        "each damage is found and told in a sentence, and the rest is looked at all the same",
        arguments: damages.indices)
    func damage(number: Int) throws {
        let damage = Self.damages[number]
        let book = try Self.book()
        try Self.plant(damage.sql, in: book)
        let (findings, _) = try Self.verify(book.store)
        let told = findings.map { "\($0.kind) \($0)" }.joined(separator: "\n")
        #expect(
            findings.contains { $0.kind == damage.kind && $0.description.contains(damage.text) },
            "\(damage.sql) told as\n\(told)")
        #expect(findings.count < 14, "\(told)")
    }

    @Test("a store larger than what is checked in one go is checked table by table, and says what that leaves out")
    func large() throws {
        let book = try Self.book()
        let clean = try Self.verify(book.store) { $0.checkedWholeBytes = 0 }
        #expect(clean.findings.map(\.description) == [])
        #expect(clean.report.notes.first?.contains("table by table") == true)
        try Self.plant("UPDATE series SET register = 9 WHERE id = 2", in: book)
        let found = try Self.verify(book.store) { $0.checkedWholeBytes = 0 }.findings
        #expect(found.contains { $0.description.contains("CHECK constraint failed in series") })
    }

    @Test("dials that say other days than there are, are found")
    func spans() throws {
        let book = try Self.book()
        func find(_ change: (inout MeterDial.Entry) -> Void) throws -> [String] {
            try book.store.write("planting") { db in
                let dials = try DialTable(db)
                var dial = try dials.dial(1)
                change(&dial.entries[0])
                try dials.save(dial)
                try dials.flush()
            }
            return try Self.verify(book.store).findings.map { "\($0.kind) \($0)" }
        }
        let start = "span usage point PA09010000001, import: its dial says that "
        #expect(try find { $0.lastDay = LogBook.day("06-25") }.first?.hasPrefix(start) == true)
        #expect(try find { $0.lastDay = LogBook.day("06-01") }.first?.hasPrefix(start) == true)
        #expect(
            try find { ($0.firstDay, $0.lastDay) = (nil, nil) }.first?.hasPrefix(start + "it has no index, but it has")
                == true)
        #expect(try find { ($0.firstDay, $0.lastDay) = (LogBook.day("05-02"), LogBook.day("06-19")) } == [])
    }

    @Test("a store that is written, compacted and counted meanwhile has nothing to be found")
    func busy() throws {
        let book = try LogBook()
        let store = book.store
        let isOver = Mutex(false)
        let ended = DispatchSemaphore(value: 0)
        let began = DispatchSemaphore(value: 0)
        let calendar = book.calendar
        Thread.detachNewThread {
            defer { ended.signal() }
            var day = LogBook.day("05-02")
            while !isOver.withLock({ $0 }), day < LogBook.day("12-30") {
                let at = calendar.start(of: day) + .minutes(10)
                let index = Energy(wattHours: 1000 + Int64(day.number) % 20_000 * 10)
                let poll = PollOutcome(
                    meter: MeterID(1), gateway: "G1", unit: 1, transaction: 1, profile: "sdm630/1",
                    requested: at - .seconds(1), answered: at,
                    result: .success([
                        Reading(register: .activeImport, moment: .frozen(day), index: index, words: [1]),
                        Reading(register: .activeExport, moment: .live, index: index, words: [2]),
                    ]))
                guard (try? store.ingest([poll])) != nil, (try? store.closeDay(day, at: at)) != nil,
                    (try? store.compact(today: day)) != nil
                else { break }
                day = day.next
                if day == LogBook.day("05-20") { began.signal() }
            }
            began.signal()
        }
        began.wait()
        defer {
            isOver.withLock { $0 = true }
            ended.wait()
        }
        for _ in 0..<10 {
            #expect(try Self.verify(store).findings.map(\.description) == [])
        }
    }

    @Test("what is being forgotten is no finding, half forgotten or whole")
    func forgotten() throws {
        let book = try Self.book()
        try CompactionTests.compact(book.store, today: book.day("09-01"))
        let june = book.day("06-10")
        func findings() throws -> [String] {
            try Self.verify(book.store).findings.map(\.description)
        }
        #expect(try findings() == [])
        var steps = 0
        while try book.store.forgetIndices(before: june, rowsMax: 1) {
            steps += 1
            #expect(try findings() == [])
        }
        #expect(steps >= 1)
        while try book.store.forgetLineage(before: june, rowsMax: 5) { #expect(try findings() == []) }
        #expect(try findings() == [])
    }

    @Test("a changed registry counts a closed day otherwise, which is noted and no finding")
    func registryChanged() throws {
        let book = try Self.book()
        // A station's own meter is nobody's consumption.
        _ = try book.store.importRegistry(
            LogBook.registry(category: UsagePoint.stationCategory), at: book.instant("06-21 08:00"))
        let (findings, report) = try Self.verify(book.store)
        #expect(findings.map(\.description) == [])
        #expect(report.notes.contains { $0.contains("the registry was changed since") })
    }

    // MARK: - Of a backup

    @Test("a backup is verified by itself: nothing is found in a sound one, and nothing is written beside it")
    func soundBackup() throws {
        let vault = try BackupTests.Vault()
        try vault.back()
        let names = vault.names
        let (manifest, report) = try Store.verifyBackup(vault.file, VerificationScope()) { Issue.record("\($0)") }
        #expect(report.findings == 0 && report.indices == 3 && report.notes == [])
        #expect(manifest.meters == 1)
        #expect(vault.names == names)
    }

    @Test("a backup that was changed is told by its checksum, and what is damaged in it is named")
    func changedBackup() throws {
        let book = try Self.book()
        let file = book.folder.appending(path: "backup.sqlite").path
        _ = try book.store.backup(
            to: file, replace: false, version: "1", civil: book.instant("06-20 03:00"),
            utc: book.instant("06-20 03:00"))
        let body = try book.store.read("looking") { db in
            try #require(try Data.fetchOne(db, sql: "SELECT body FROM chunk WHERE key = \(Self.mayOfSeries1)"))
        }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let place = try #require(bytes.firstRange(of: body))
        bytes[place.lowerBound + 20] ^= 0x10
        try bytes.write(to: URL(fileURLWithPath: file))
        var findings: [VerificationFinding] = []
        let report = try Store.verifyBackup(file, VerificationScope()) { findings.append($0) }.report
        #expect(findings.map(\.kind).prefix(2) == [.file, .chunk])
        #expect(report.findings == findings.count)
        #expect(findings.contains { $0.period == "month 2025-05" && $0.usagePoint == LogBook.usagePoint })
    }

    @Test("an older meterd's backup has its pages looked at, with a note")
    func olderBackup() throws {
        let vault = try BackupTests.Vault()
        try VerificationTests.plant(
            "ALTER TABLE audit DROP COLUMN who; DELETE FROM grdb_migrations WHERE identifier = '9 who'", in: vault.book)
        let report = try Self.verify(vault.book.store).report
        #expect(report.notes.first?.contains("older schema") == true && report.indices == 0)
    }
}
