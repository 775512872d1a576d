import Billing
import Metering
import Testing

@testable import Store

@Suite("Revisions of an index")
struct IndexRevisionTests {
    /// An estimate, the record that came late, and two edits by two people.
    private static func book() throws -> LogBook {
        let book = try LogBook()
        try book.write(
            """
            frozen 05-02 00:10 05-02 1000
            frozen 05-05 00:10 05-05 2000
            close 05-05
            frozen 05-06 00:10 05-04 1900
            close 05-05
            """)
        for (who, index, reason, at) in [
            ("Lan", 1800, "read by eye", "05-06 09:00"), ("Minh", 1850, "photo of the dial", "05-06 10:00"),
        ] {
            try book.store.edit(
                usagePoint: LogBook.usagePoint, register: .activeImport, day: book.day("05-04"),
                index: Energy(wattHours: Int64(index)), reason: reason, by: who, at: book.instant(at))
        }
        return book
    }

    private static func told(_ book: LogBook, from: String = "05-01", through: String = "05-31") throws -> [String] {
        try book.store.indexRevisions(
            usagePoint: LogBook.usagePoint, register: nil, from: book.day(from), through: book.day(through)
        ).map { revision in
            let index = revision.index
            let why = revision.occasion.map { "\($0.source) \($0.who ?? "-"): \($0.reason)" } ?? "first"
            return "\(index.day.description.dropFirst(5)) r\(index.revision) \(index.index.wattHours) "
                + "\(index.quality.name) \(why)"
        }
    }

    @Test("every value that a day has had is told with what brought it, who answers for it and why")
    func told() throws {
        let book = try Self.book()
        let expected = [
            "05-02 r1 1000 frozen first",
            "05-03 r1 1333 estimated first",
            "05-03 r2 1450 estimated day close -: between the indices of 2025-05-02 and 2025-05-04",
            "05-04 r1 1666 estimated first",
            "05-04 r2 1900 frozen frozen -: the meter's own record",
            "05-04 r3 1800 edited edit Lan: read by eye",
            "05-04 r4 1850 edited edit Minh: photo of the dial",
            "05-05 r1 2000 frozen first",
        ]
        #expect(try Self.told(book) == expected)
        #expect(try Self.told(book, from: "05-04", through: "05-04") == Array(expected[3...6]))
        // Wherever the day is kept by then.
        try CompactionTests.compact(book.store, today: book.day("07-31"))
        #expect(try Self.told(book) == expected)
    }

    @Test("an index that a person entered first says who did")
    func enteredFirst() throws {
        let book = try LogBook()
        try book.write("edit 05-03 700")
        #expect(try Self.told(book) == ["05-03 r1 700 edited edit Lan: read by eye"])
    }

    @Test("a bill made again after its last index was revised names the cause")
    func causeInTheBill() throws {
        let book = try LogBook()
        try book.write("frozen 05-01 00:10 05-01 1000000\nfrozen 05-20 00:10 05-20 1100000\nclose 05-20")
        func lastIndex() throws -> CustomerBill.UsedIndex {
            let bill = try book.store.provisionalBill(
                usagePoint: LogBook.usagePoint, asOf: book.day("05-20"), tariffs: try TariffBook.load(folder: nil))
            return try #require(bill.indices.last)
        }
        #expect(try lastIndex().cause == nil)
        try book.write("edit 05-20 1090000")
        let last = try lastIndex()
        #expect(last.index.revision == 2)
        #expect(last.cause?.who == "Lan" && last.cause?.reason == "read by eye")
    }

    @Test("nobody edits without a name")
    func nameless() throws {
        let book = try LogBook()
        let error = #expect(throws: StoreError.self) {
            try book.store.edit(
                usagePoint: LogBook.usagePoint, register: .activeImport, day: book.day("05-03"),
                index: Energy(wattHours: 5), reason: "why", by: " ", at: book.instant("05-04 00:00"))
        }
        #expect(try #require(error).description.contains("say who"))
    }
}
