import Foundation
import GRDB
import Metering
import Testing

@testable import Store

@Suite("Stores of earlier versions")
struct MigrationTests {
    /// A night as step 4 kept it: a row a register in `dial`, in `reading` and in `lineage`. Meter 1 has two registers,
    /// meter 2 was read once, meter 3 has an edited index only.
    static func earlier(_ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try Schema.migrator.migrate(queue, upTo: "4 registry version")
        let book = LogBook.day("05-02").number
        let evening: Int64 = 1_746_118_200_000_000
        let night: Int64 = 1_746_119_400_000_000
        try queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO gateway VALUES(1, 'G1', 'h', 502, '', '', 1, 2000, 0, 'tcp');
                    INSERT INTO usagePoint VALUES(1, '\(LogBook.usagePoint)', 'C', '', '', 'residential', 100, 0, ''),
                      (2, 'P2', 'C', '', '', 'residential', 100, 0, ''),
                      (3, 'P3', 'C', '', '', 'residential', 100, 0, '');
                    INSERT INTO installation VALUES
                      (1, 'S1', 1, 1, 1, 'sdm630', 1, 6, \(book - 1), NULL, NULL, NULL),
                      (2, 'S2', 2, 1, 2, 'sdm630', 1, 6, \(book - 1), NULL, NULL, NULL),
                      (3, 'S3', 3, 1, 3, 'sdm630', 1, 6, \(book - 1), NULL, NULL, NULL);
                    INSERT INTO origin VALUES(4, 'G1', 'sdm630/1');
                    INSERT INTO series VALUES(1, 1, 1, \(book), \(book)), (2, 2, 1, NULL, NULL),
                      (3, 1, 2, \(book), \(book)), (4, 3, 1, \(book), \(book));
                    INSERT INTO hot VALUES(\(book), 1, 1100, 2, 100, 1), (\(book), 3, 5, 2, 0, 1),
                      (\(book), 4, 77, 4, 0, 1);
                    INSERT INTO dial VALUES
                      (1, \(night - 900), \(night), 1200, 4, 1, 12, x'000004B0'),
                      (2, \(evening - 900), \(evening), 500, 4, 2, 9, x'000001F4'),
                      (3, \(night - 900), \(night), 5, 4, 1, 12, x'00000005');
                    INSERT INTO reading VALUES
                      (\(evening), 1, 0, 900, 1000, 1, 4, 1, 11, x'000003E8'),
                      (\(evening), 3, 0, 900, 5, 1, 4, 1, 11, x'00000005'),
                      (\(night), 1, 0, 900, 1200, 1, 4, 1, 12, x'000004B0'),
                      (\(night), 3, 0, 900, 5, 1, 4, 1, 12, x'00000005');
                    INSERT INTO lineage VALUES(\(book), 1, 1, 2, \(evening), \(night)),
                      (\(book), 3, 1, 2, \(evening), \(night)), (\(book), 4, 1, 5, \(night), NULL);
                    UPDATE total SET count = 3 WHERE name = 'hot';
                    UPDATE total SET count = 4 WHERE name = 'reading';
                    """)
        }
        try queue.close()
    }

    private static func store(_ body: (Store) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "meterd-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "meterd.sqlite").path
        try earlier(path)
        let store = try Store(path: path, role: .daemon, calendar: .vietnam)
        defer { try? store.close() }
        try body(store)
    }

    private static func poll(
        _ meter: Int32, _ at: String, _ readings: [Reading], transaction: UInt16
    ) throws -> PollOutcome {
        let answered = try #require(Instant(rfc3339: "2025-\(at):00+07:00"))
        return PollOutcome(
            meter: MeterID(meter), gateway: "G1", unit: UInt8(meter), transaction: transaction, profile: "sdm630/1",
            requested: answered - Instant.Span(microseconds: 900), answered: answered, result: .success(readings))
    }

    @Test("nothing is lost, every index leads to the same words, and dials go on from where they stood")
    func migrated() throws {
        try Self.store { store in
            #expect(try store.integrityCheck() == [])
            func indices(_ name: String, _ register: Register) throws -> [String] {
                try store.dailyIndices(
                    usagePoint: name, register: register, from: LogBook.day("05-01"), through: LogBook.day("05-31")
                ).map { line in
                    let index = line.index
                    return "\(index.day.description.dropFirst(5)) \(index.index.wattHours) \(index.quality.name) "
                        + "r\(index.revision)"
                }
            }
            #expect(try indices(LogBook.usagePoint, .activeImport) == ["05-02 1100 measured r1"])
            #expect(try indices(LogBook.usagePoint, .activeExport) == ["05-02 5 measured r1"])
            #expect(try indices("P2", .activeImport) == [])
            #expect(try indices("P3", .activeImport) == ["05-02 77 edited r1"])
            let lineage = try #require(
                try store.lineage(
                    usagePoint: LogBook.usagePoint, register: .activeImport, day: LogBook.day("05-02")))
            #expect(lineage.readings.map(\.words) == [[0, 1000], [0, 1200]])
            #expect(lineage.readings.map(\.transaction) == [11, 12])

            // The next night is drawn from the dials as they stood.
            let readings = [LogBook.live(1300), LogBook.live(6, .activeExport)]
            let report = try store.ingest([
                try Self.poll(1, "05-02T23:50", [LogBook.live(1250)], transaction: 20),
                try Self.poll(1, "05-03T00:10", readings, transaction: 21),
                try Self.poll(2, "05-02T00:10", [LogBook.live(600)], transaction: 22),
                try Self.poll(3, "05-02T00:10", [LogBook.live(78)], transaction: 23),
            ])
            #expect((report.accepted, report.indices) == (5, 3))
            #expect(
                try indices(LogBook.usagePoint, .activeImport) == ["05-02 1100 measured r1", "05-03 1275 measured r1"])
            #expect(try indices(LogBook.usagePoint, .activeExport).count == 2)
            #expect(try indices("P2", .activeImport) == ["05-02 550 measured r1"])
            let before = try store.counts()
            #expect(before.indices == 6)
            // The evening's poll is in `reading`; it is not believed a second time.
            let again = try store.ingest([
                try Self.poll(1, "05-01T23:50", [LogBook.live(1000)], transaction: 11)
            ])
            #expect((again.late, again.indices) == (1, 0))
            #expect(try store.counts() == before)
            #expect(try store.integrityCheck() == [])
        }
    }
}
