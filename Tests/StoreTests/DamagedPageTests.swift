import Foundation
import GRDB
import Metering
import Testing

@testable import Store

/// A disk that rots. SQLite has no checksums in its pages: what is damaged inside a value is a value, and only the
/// rules of the tables and of the bodies can tell; so nothing may be believed that memory or a walk would rest on.
@Suite("Damaged pages")
struct DamagedPageTests {
    /// A store that has lived through everything that `FaultScenario` knows, as the bytes of its file.
    private static let sound = Result { try lived(isPacked: false) }
    /// The same with its days in weeks' chunks.
    private static let packed = Result { try lived(isPacked: true) }

    private static func lived(isPacked: Bool) throws -> Data {
        let disk = try StoreDisk()
        let store = try FaultScenario.open(disk.path)
        _ = try store.importRegistry(FaultScenario.registry(), at: LogBook.instant("05-01 00:00"))
        for batch in FaultScenario.batches[0...3] { _ = try store.ingest(batch) }
        _ = try store.closeDay(LogBook.day("05-05"), at: LogBook.instant("05-05 06:00"))
        _ = try store.ingest(FaultScenario.batches[4])
        if isPacked { try StoreStep.compacting(today: "05-10").perform(store) }
        try store.close()
        return try Data(contentsOf: URL(fileURLWithPath: disk.path))
    }

    private static func write(_ bytes: Data, to path: String) throws {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    /// Opens what is there, asks it everything and tells it everything. Returns the errors that are not the store's,
    /// and whether anything was noticed at all.
    private static func ask(_ path: String) throws -> (strange: [String], isNoticed: Bool) {
        do {
            let store = try FaultScenario.open(path)
            defer { try? store.close() }
            let isWhole = (try? store.integrityCheck()) == []
            let errors = try EveryQuestion.ask(store)
            // A customer in a category without prices is the registry's affair.
            let strange = errors.filter {
                !($0.error is StoreError) && !($0.error is BackupError) && $0.question != "bill"
            }
            return (strange.map { "\($0.question): \(type(of: $0.error)) \($0.error)" }, !isWhole || !errors.isEmpty)
        } catch is StoreError {
            return ([], true)
        }
    }

    /// Two flips a page here, forty where `METERD_EVERY_CALL` is set (`make fault-check`); always the same.
    @Test(
        "a flipped bit in any page is an error of the store or goes unnoticed, and never ends the process",
        arguments: [false, true])
    func flipped(isPacked: Bool) throws {
        let disk = try StoreDisk()
        let sound = [UInt8](try (isPacked ? Self.packed : Self.sound).get())
        let place = disk.folder.appending(path: "flipped.sqlite").path
        let each = ProcessInfo.processInfo.environment["METERD_EVERY_CALL"] == nil ? 2 : 40
        var random = SeededSequence(seed: 4711)
        var (flips, unnoticed) = (0, 0)
        for page in 0..<sound.count / 4096 {
            let filled = (page * 4096..<(page + 1) * 4096).filter { sound[$0] != 0 }
            for _ in 0..<(filled.isEmpty ? 0 : each) {
                let (at, bit) = (filled[Int(random.next() % UInt64(filled.count))], UInt8(1) << (random.next() % 8))
                var bytes = sound
                bytes[at] ^= bit
                try Self.write(Data(bytes), to: place)
                let (strange, isNoticed) = try Self.ask(place)
                #expect(strange == [], "byte \(at), bit \(bit)")
                flips += 1
                unnoticed += isNoticed ? 0 : 1
            }
        }
        // Such as the letters of a customer's name, or the last digits of an index.
        #expect(flips > 60 && unnoticed > 0 && unnoticed * 3 < flips, "\(unnoticed) of \(flips)")
    }

    @Test("a walk over rows that a damaged page has out of order ends")
    func disorder() throws {
        let disk = try StoreDisk()
        try Self.write(try Self.sound.get(), to: disk.path)
        let queue = try DatabaseQueue(path: disk.path)
        let day = LogBook.day("05-04").number
        try queue.write {
            try $0.execute(sql: "DELETE FROM unsettled; INSERT INTO unsettled VALUES(2, \(day)), (3, \(day))")
        }
        try queue.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: disk.path))
        // The row (2, day): six bytes, three of them header, two integers of one and of two bytes.
        let row = Data([6, 3, 1, 2, 2, UInt8(day >> 8), UInt8(day & 0xFF)])
        let found = try #require(bytes.range(of: row))
        bytes[found.lowerBound + 4] = 4
        try Self.write(bytes, to: disk.path)
        let store = try FaultScenario.open(disk.path)
        defer { try? store.close() }
        let error = #expect(throws: StoreError.self) {
            try store.closeDay(LogBook.day("05-06"), at: LogBook.instant("05-06 06:00"))
        }
        let sentence = """
            store \(disk.path): damaged, found while estimating gaps: row 3 of unsettled cannot be read; stop meterd \
            and restore the latest backup
            """
        #expect(error?.description == sentence)
        #expect(try store.integrityCheck() != [])
    }

    @Test(
        "a value that meterd never writes is an error of the store, and never ends the process",
        arguments: [
            "UPDATE usagePoint SET readingDay = 99", "UPDATE usagePoint SET householdHundredths = -5",
            "UPDATE gateway SET depth = 4000000000000", "UPDATE gateway SET port = -1",
            "UPDATE gateway SET id = 9000000000 WHERE id = 1", "UPDATE installation SET gateway = 99",
            "UPDATE installation SET meter = 4000000000 WHERE meter = 1",
            "UPDATE installation SET meter = 9223372036854775807 WHERE meter = 1",
            "UPDATE installation SET meter = -7 WHERE meter = 1", "UPDATE installation SET digits = 4000",
            "UPDATE installation SET multiplier = 0", "UPDATE installation SET unit = 1000",
            "UPDATE installation SET removedOn = installedOn - 3", "UPDATE installation SET removedOn = -1 << 62",
            "UPDATE installation SET startIndex = -1 << 62, endIndex = 1 << 62",
            "UPDATE installation SET installedOn = 1 << 62", "UPDATE series SET meter = 99 WHERE id = 1",
            "UPDATE series SET id = 1 << 40 WHERE id = 2", "UPDATE hot SET idx = 9223372036854775807",
            "UPDATE hot SET idx = -9223372036854775807 - 1", "UPDATE hot SET bound = 9223372036854775807",
            "UPDATE hot SET revision = 9223372036854775807", "UPDATE hot SET day = 2147483647 WHERE day = 20215",
            "UPDATE dial SET body = x'0100'", "UPDATE dial SET body = x'01'", "UPDATE dial SET answered = 1 << 62",
            "UPDATE unsettled SET day = 1 << 62", "UPDATE unsettled SET series = -1 << 62",
            "INSERT INTO unsettled SELECT id, -1 << 40 FROM series", "UPDATE lineage SET first = 1 << 62",
            "UPDATE nightLineage SET first = -1 << 62, second = 1 << 62", "UPDATE poll SET took = 1 << 62",
            "UPDATE poll SET answered = -1 << 62", "UPDATE poll SET readings = x'01FF'",
            "UPDATE reading SET answered = 1 << 62, took = 1 << 62", "UPDATE reading SET idx = -1 << 62",
            "UPDATE reading SET verdict = 77", "UPDATE closedDay SET day = 1 << 62, expected = 1 << 62",
            "UPDATE gatewayState SET countedThrough = 1 << 62, ok = 9223372036854775807",
            "UPDATE failure SET lastSeen = -1 << 62, count = 9223372036854775807",
            "UPDATE generation SET registry = 9223372036854775807", "DELETE FROM total", "DELETE FROM origin",
            "DELETE FROM dial", "DELETE FROM gateway", "DELETE FROM series",
            "UPDATE audit SET series = 1 << 40", "UPDATE audit SET day = 1 << 62", "UPDATE loadDay SET body = x'00'",
            "UPDATE loadDay SET key = 1 << 62 WHERE key = (SELECT MAX(key) FROM loadDay)",
            "UPDATE loadDay SET key = -1 << 62 WHERE key = (SELECT MIN(key) FROM loadDay)",
            "UPDATE loadFolding SET weeksEnd = 1 << 62", "UPDATE compaction SET weeksEnd = 1 << 62",
            "UPDATE audit SET wasClosed = 1, at = -1 << 62", "UPDATE audit SET wasClosed = 1, day = 1 << 62",
            "INSERT INTO firstKnown SELECT 1 << 62, id, 1 << 62, 1, -1 FROM series",
        ])
    func impossible(_ damage: String) throws { try expectNoTrap(damage, in: try Self.sound.get()) }

    @Test(
        "the same where days are packed",
        arguments: [
            "UPDATE weekChunk SET body = x'00'", "DELETE FROM compaction", "DELETE FROM loadFolding",
            "UPDATE weekChunk SET key = 1 << 62 WHERE key = (SELECT MAX(key) FROM weekChunk)",
            "UPDATE weekChunk SET key = -1 << 62 WHERE key = (SELECT MIN(key) FROM weekChunk)",
            "UPDATE loadWeek SET key = 1 << 62 WHERE key = (SELECT MAX(key) FROM loadWeek)",
            "UPDATE loadWeek SET key = -1 << 62 WHERE key = (SELECT MIN(key) FROM loadWeek)",
            "UPDATE compaction SET weeksEnd = 1 << 62", "UPDATE compaction SET monthsEnd = -1 << 62",
            "UPDATE compaction SET underWay = 'month', through = 1 << 40", "UPDATE loadFolding SET through = 1 << 62",
            "UPDATE series SET id = 1 << 40 WHERE id = 2", "UPDATE audit SET series = 1 << 40",
            "INSERT INTO forgotten VALUES('indices', 1 << 62)", "INSERT INTO hot VALUES(20215, 1, -5, 9, -1, 0)",
        ])
    func impossiblePacked(_ damage: String) throws { try expectNoTrap(damage, in: try Self.packed.get()) }

    private func expectNoTrap(_ damage: String, in sound: Data) throws {
        let disk = try StoreDisk()
        try Self.write(sound, to: disk.path)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: disk.path, configuration: configuration)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA ignore_check_constraints = 1; " + damage) }
        try queue.close()
        #expect(try Self.ask(disk.path).strange == [])
    }
}

/// Numbers that look like chance and are always the same (xorshift64*).
struct SeededSequence: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
