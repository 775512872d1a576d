import Metering
import Testing

@testable import Store

@Suite("A clock that is set back")
struct ClockSetBackTests {
    /// Nights as they were, then the clock stands a day earlier while the dial goes on.
    private static func setBack() throws -> LogBook {
        let book = try LogBook()
        try book.write(
            """
            live 05-01 23:50 1000
            live 05-02 00:10 1200
            live 05-02 23:50 5000
            live 05-03 00:10 5200
            frozen 05-03 00:11 05-03 5090
            close 05-03
            """)
        return book
    }

    private static let nights = """
        05-02 1100 measured ±112 r1 +3990
        05-03 5090 frozen ±0 r2
        """

    @Test("what is read at moments that were lived through before moves no index and doubles none")
    func livedAgain() throws {
        let book = try Self.setBack()
        #expect(try book.indices() == Self.nights)
        // A day and ten minutes back: the midnight of 2 May comes a second time.
        let again = try book.ingest([
            book.poll("05-01 23:55", [LogBook.live(5300)]), book.poll("05-02 00:01", [LogBook.live(5310)]),
            book.poll("05-02 12:00", [LogBook.live(6000)]),
        ])
        #expect(again.indices == 0 && again.revisions == 0)
        // Higher, yet earlier than what was accepted: kept as evidence that something was wrong.
        #expect(again.late == 3)
        #expect(try book.indices() == Self.nights)
        #expect(try book.store.closeReopenedDays(at: book.instant("05-02 13:00")).isEmpty)
        try book.write("close 05-02")
        #expect(try book.indices() == Self.nights)
        #expect(try Holdings(of: book.store).doubled == [])
    }

    @Test("the meter's own records keep their days, whatever our clock shows, and a day to come is not believed")
    func records() throws {
        let book = try Self.setBack()
        let again = try book.ingest([
            book.poll("05-02 00:12", [LogBook.frozen("05-02", 1150)]),
            book.poll("05-02 00:13", [LogBook.frozen("05-03", 5090)]),
            // By our clock this day has not begun; the record comes again once it has.
            book.poll("05-02 09:00", [LogBook.frozen("05-04", 9000)]),
        ])
        #expect((again.revisions, again.duplicates, again.suspects) == (1, 1, 1))
        #expect(
            try book.indices() == """
                05-02 1150 frozen ±0 r2 +3940
                05-03 5090 frozen ±0 r2
                """)
        _ = try book.ingest([book.poll("05-04 00:20", [LogBook.frozen("05-04", 9000)])])
        #expect(try book.indices().hasSuffix("05-04 9000 frozen ±0 r1"))
    }

    @Test("once the clock is past where it was, the dial goes on from its last accepted reading")
    func goesOn() throws {
        let book = try Self.setBack()
        _ = try book.ingest([book.poll("05-02 12:00", [LogBook.live(6000)])])
        let before = try book.indices()
        try book.write("live 05-03 23:50 9000\nlive 05-04 00:10 9200\nclose 05-04")
        #expect(try book.indices().hasSuffix("05-04 9100 measured ±112 r1"))
        #expect(try book.indices().split(separator: "\n").count == 3)
        #expect(before == Self.nights)
        let rows = try EveryRow(of: book.store)
        _ = try book.store.ingest(book.outcomes)
        #expect(try EveryRow(of: book.store).difference(from: rows) == [])
        #expect(try book.store.integrityCheck() == [])
    }

    @Test("an edit and a close under a clock that was set back keep the order of revisions")
    func editedBack() throws {
        let book = try Self.setBack()
        try book.store.edit(
            usagePoint: LogBook.usagePoint, register: .activeImport, day: book.day("05-02"),
            index: Energy(wattHours: 1111), reason: "read by eye", by: "Lan", at: book.instant("05-02 10:00"))
        let lineage = try #require(
            try book.store.lineage(usagePoint: LogBook.usagePoint, register: .activeImport, day: book.day("05-02")))
        #expect(lineage.index.revision == 2 && lineage.index.index == Energy(wattHours: 1111))
        #expect(lineage.replaced.map(\.index.revision) == [1])
        #expect(try book.store.closeReopenedDays(at: book.instant("05-02 11:00")) == [])
        _ = try book.store.closeDay(book.day("05-02"), at: book.instant("05-02 11:00"))
        #expect(try Holdings(of: book.store).doubled == [])
    }
}
