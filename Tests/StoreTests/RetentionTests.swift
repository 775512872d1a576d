import Metering
import Testing

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
}
