import Metering
import Testing

@testable import Store

@Suite("Compaction")
struct CompactionTests {
    /// Compacts all that is due on a day, some series a step.
    @discardableResult
    static func compact(_ store: Store, today: ServiceDay, seriesMax: Int64 = 8192) throws -> [String] {
        var finished: [String] = []
        while let step = try store.compact(today: today, seriesMax: seriesMax) {
            if step.isFinished { finished.append(step.period) }
        }
        return finished
    }

    @Test("a week is moved two days after its last, a month seven, and nothing before")
    func due() throws {
        let book = try LogBook()
        try book.write(
            (1...31).map { "frozen 05-\($0 < 10 ? "0" : "")\($0) 23:00 05-\($0 < 10 ? "0" : "")\($0) \($0)000" }
                .joined(separator: "\n"))
        let before = try book.indices()
        #expect(try Self.compact(book.store, today: book.day("05-09")) == [])
        #expect(try Self.compact(book.store, today: book.day("05-10")) == ["week 2025-05-01"])
        #expect(try Self.compact(book.store, today: book.day("05-30")) == ["week 2025-05-08", "week 2025-05-15"])
        #expect(try Self.compact(book.store, today: book.day("06-07")) == ["week 2025-05-22", "week 2025-05-29"])
        #expect(try book.indices() == before)
        #expect(try Self.compact(book.store, today: book.day("06-08")) == ["month 2025-05"])
        #expect(try book.indices() == before)
        #expect(try Self.rows(book) == ["chunk": 1])
    }

    @Test("old months go straight into their chunks, without weeks between")
    func straight() throws {
        let book = try LogBook()
        try book.write("frozen 05-02 00:10 05-02 1000\nfrozen 06-03 00:10 06-03 2000\nclose 06-03")
        let before = try book.indices()
        #expect(
            try Self.compact(book.store, today: book.day("07-09"))
                == ["month 2025-05", "month 2025-06"])
        #expect(try book.indices() == before)
        #expect(try Self.rows(book) == ["chunk": 2])
    }

    @Test("what comes late goes where its day is kept, as the next revision, and the old one stays readable")
    func late() throws {
        let book = try LogBook()
        try book.write("frozen 05-02 00:10 05-02 1000\nfrozen 05-05 00:10 05-05 2000\nclose 05-05")
        try Self.compact(book.store, today: book.day("07-01"))
        try book.write("frozen 07-01 10:00 05-04 1900\nfrozen 07-01 10:10 05-08 2500\nclose 05-05")
        #expect(
            try book.indices() == """
                05-02 1000 frozen ±0 r1 +450
                05-03 1450 estimated ±512 r2 +450
                05-04 1900 frozen ±0 r2 +100
                05-05 2000 frozen ±0 r1 +166
                05-06 2166 estimated ±384 r1 +167
                05-07 2333 estimated ±384 r1 +167
                05-08 2500 frozen ±0 r1
                """)
        let lineage = try #require(
            try book.store.lineage(usagePoint: LogBook.usagePoint, register: .activeImport, day: book.day("05-04")))
        #expect(lineage.replaced.map(\.index.index) == [Energy(wattHours: 1666)])
        #expect(try Self.rows(book)["hot"] == nil)
    }

    @Test("a meter that is first heard after a period was compacted still gets its days there")
    func newcomer() throws {
        let book = try LogBook()
        try book.write("frozen 05-02 00:10 05-02 1000\nfrozen 05-20 00:10 05-20 2000\nclose 05-20")
        try Self.compact(book.store, today: book.day("06-08"))
        try book.ingest([book.poll("06-10 00:10", [LogBook.frozen("05-03", 7, .activeExport)])])
        #expect(try book.indices(.activeExport) == "05-03 7 frozen ±0 r1")
    }

    private static func rows(_ book: LogBook) throws -> [String: Int] {
        var rows: [String: Int] = [:]
        try book.store.forEachRow { table, _ in rows[table, default: 0] += 1 }
        return rows.filter { ["hot", "chunk", "weekChunk"].contains($0.key) }
    }

    @Test("a store that compacts at any moment answers every question as one that never does", arguments: 1...6)
    func twins(seed: UInt64) throws {
        var twins = try TwinStores(seed: seed)
        for _ in 0..<120 { try twins.live() }
        try twins.compare()
        try twins.compactAll()
        try twins.compare()
    }
}
