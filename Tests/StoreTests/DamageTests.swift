import Foundation
import GRDB
import Metering
import Testing

@testable import Store

@Suite("A row that cannot be read")
struct DamageTests {
    /// Two meters with a week of records each.
    private static func book() throws -> LogBook {
        var registry = LogBook.registry()
        registry.usagePoints.append(UsagePoint(name: "P2", customer: "C", district: "PA0902"))
        registry.installations.append(
            MeterInstallation(
                serial: "S2", usagePoint: "P2", gateway: "G1", unit: 2, profile: "sdm630", digits: 6,
                installedOn: LogBook.day("05-01")))
        let book = try LogBook(registry)
        for day in 1...9 {
            for meter in [MeterID(1), MeterID(2)] {
                try book.ingest([
                    book.poll("05-0\(day) 00:10", [LogBook.frozen("05-0\(day)", Int64(day) * 1000)], meter: meter)
                ])
            }
        }
        return book
    }

    /// As a failing disk would: the first byte of a row's body is another one.
    private static func damage(_ book: LogBook, _ table: String, _ column: String, _ key: String, _ value: Int64) throws
    {
        let other = try DatabaseQueue(path: book.path)
        try other.write { db in
            let sql =
                "UPDATE \(table) SET \(column) = CAST(x'FF' || substr(\(column), 2) AS BLOB) WHERE \(key) = \(value)"
            try db.execute(sql: sql)
            #expect(db.changesCount == 1)
        }
        try other.close()
    }

    @Test("a meter whose dial cannot be read goes without, and the others of its batch are stored")
    func dial() throws {
        let book = try Self.book()
        try Self.damage(book, "dial", "body", "series", 1)
        let report = try book.ingest([
            book.poll("05-10 00:10", [LogBook.frozen("05-10", 10_000)]),
            book.poll("05-10 00:10", [LogBook.frozen("05-10", 10_000)], meter: MeterID(2)),
        ])
        #expect(report.damagedMeters == [MeterID(1)])
        #expect(report.indices == 1)
        #expect(book.store.damages.count == 1)
        let sentence = try #require(book.store.damages.first)
        #expect(sentence.contains("register import at usage point \(LogBook.usagePoint) (meter S1)"))
        // Neither does it keep a day from being closed.
        let closed = try book.store.closeDay(book.day("05-10"), at: book.instant("05-10 06:00"))
        #expect((closed.known, closed.missing) == (1, 1))
    }

    @Test("a damaged chunk is known as missing, and keeps nothing else from being written or counted")
    func chunk() throws {
        let book = try Self.book()
        try CompactionTests.compact(book.store, today: book.day("06-20"))
        let may = ChunkPeriod(.month, containing: book.day("05-01"))
        try Self.damage(book, "chunk", "body", "key", may.key(of: 1))
        let report = try book.ingest([
            book.poll("06-20 00:10", [LogBook.frozen("05-12", 12_000)]),
            book.poll("06-20 00:10", [LogBook.frozen("05-12", 12_000)], meter: MeterID(2)),
        ])
        #expect(report.damagedMeters == [MeterID(1)])
        #expect(report.indices == 1)
        let count = try book.store.completeness(of: book.day("05-09"))
        #expect((count.frozen, count.missing) == (1, 1))
        let sentence = try #require(book.store.damages.first)
        #expect(sentence.contains("the month 2025-05 of register import at usage point \(LogBook.usagePoint)"))
        let error = #expect(throws: StoreError.self) { try book.indices() }
        #expect(try #require(error).description.contains("restore the latest backup"))
    }

    @Test("a week that cannot be read is put aside, so that the month of all others is compacted")
    func week() throws {
        let book = try Self.book()
        try CompactionTests.compact(book.store, today: book.day("05-20"))
        let week = ChunkPeriod(.week, containing: book.day("05-01"))
        try Self.damage(book, "weekChunk", "body", "key", week.key(of: 1))
        let finished = try CompactionTests.compact(book.store, today: book.day("06-20"))
        #expect(finished.contains("month 2025-05"))
        #expect(book.store.damages.count == 1)
        var aside = 0
        try book.store.forEachRow { table, _ in aside += table == "damagedChunk" ? 1 : 0 }
        #expect(aside == 1)
        // The days of its other week are still there.
        #expect(try book.indices() == "05-08 8000 frozen ±0 r1 +1000\n05-09 9000 frozen ±0 r1")
        #expect(try book.store.completeness(of: book.day("05-09")).known == 2)
    }

    @Test("a row of an open day that cannot be read is its meter's affair, and is put aside when its week is packed")
    func openRow() throws {
        let book = try Self.book()
        let day = book.day("05-09")
        let other = try DatabaseQueue(path: book.path)
        try other.writeWithoutTransaction { db in
            try db.execute(
                sql:
                    "PRAGMA ignore_check_constraints = 1; UPDATE hot SET q = 9 WHERE day = \(day.number) AND series = 1"
            )
        }
        try other.close()
        let report = try book.ingest([
            book.poll("05-10 00:10", [LogBook.frozen("05-10", 10_000)]),
            book.poll("05-10 00:10", [LogBook.frozen("05-10", 10_000)], meter: MeterID(2)),
        ])
        #expect(report.damagedMeters == [MeterID(1)])
        let closed = try book.store.closeDay(day, at: book.instant("05-10 06:00"))
        #expect((closed.known, closed.missing) == (1, 1))
        #expect(try CompactionTests.compact(book.store, today: book.day("06-20")).contains("month 2025-05"))
        var aside: [String] = []
        try book.store.forEachRow { table, row in if table == "damagedChunk" { aside.append(row) } }
        #expect(aside.count == 1 && aside[0].hasPrefix("'hot',"))
        #expect(try book.store.completeness(of: book.day("05-08")).known == 2)
        #expect(try book.indices().hasSuffix("05-08 8000 frozen ±0 r1"))
    }
}
