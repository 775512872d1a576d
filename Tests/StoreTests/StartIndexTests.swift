import Metering
import Testing

@testable import Store

@Suite("The index that a fitter read of a usage point's first meter")
struct StartIndexTests {
    /// One meter, put up on 8 May.
    private static func book(startIndex: Int64) throws -> LogBook {
        let book = try LogBook(LogBook.registry(installedOn: "05-08"))
        try importStart(startIndex, book, at: "05-08 00:00")
        return book
    }

    private static func importStart(_ index: Int64, _ book: LogBook, at time: String) throws {
        _ = try book.store.importRegistry(
            Registry(installations: [
                MeterInstallation(
                    serial: "S1", usagePoint: LogBook.usagePoint, gateway: "G1", unit: 1, profile: "sdm630",
                    digits: 6, installedOn: book.day("05-08"), startIndex: Energy(wattHours: index))
            ]), at: book.instant(time))
    }

    private static func cases(_ book: LogBook) throws -> [String] {
        try book.store.cases(limit: 9).map {
            "\($0.kind.rawValue) \($0.severity.rawValue) \($0.serial) \($0.days.map { "\($0)" } ?? "")"
        }
    }

    private static let held = ["fitter holds S1 2025-05-08...2025-05-08"]

    @Test(
        "is held beside what the meter shows days later, when it shows it, and no day is counted again for that",
        arguments: [(350, false), (351, true), (90_000, true)] as [(Int64, Bool)])
    func daysLater(startIndex: Int64, isWrong: Bool) throws {
        let book = try Self.book(startIndex: startIndex)
        try book.write("close 05-08\nclose 05-09\nclose 05-10\nclose 05-13\nS1 frozen 05-14 00:10 05-14 350")
        #expect(try Self.cases(book) == (isWrong ? Self.held : []))
        #expect(try book.store.reopenedDays() == [])
        // A count of its first day says the same.
        try book.write("close 05-14\nclose 05-08")
        #expect(try Self.cases(book) == (isWrong ? Self.held : []))
        guard isWrong else { return }
        try Self.importStart(350, book, at: "05-15 08:00")
        _ = try book.store.closeReopenedDays(at: book.instant("05-15 09:00"))
        #expect(try Self.cases(book) == [], "put right")
    }

    @Test("that is wrong and was released stays so, also when the first readings are handed over again")
    func released() throws {
        let book = try Self.book(startIndex: 400)
        try book.write("close 05-08\nS1 frozen 05-14 00:10 05-14 350\nS1 frozen 05-15 00:10 05-15 380")
        #expect(try Self.cases(book) == Self.held)
        _ = try book.store.act(
            .released, on: CaseFilter(), by: "Lan", why: "the fitter is asked", at: book.instant("05-15 08:00"))
        try book.reopen()
        _ = try book.store.ingest(book.outcomes)
        try book.write("S1 frozen 05-16 00:10 05-16 390")
        #expect(try Self.cases(book) == [])
    }

    @Test(
        "is held beside no estimate, but beside what the meter shows after it, or in its place",
        arguments: [
            "S1 frozen 05-15 00:10 05-15 350", "S1 frozen 05-14 13:00 05-14 330\nS1 frozen 05-15 00:10 05-15 450",
        ])
    func estimatedFirst(then: String) throws {
        let book = try Self.book(startIndex: 400)
        try book.write("close 05-08\nS1 live 05-13 12:00 300\nS1 live 05-14 12:00 340")
        #expect(try book.days("05-08", "05-14").hasSuffix("estimated"))
        #expect(try Self.cases(book) == [])
        try book.reopen()
        try book.write(then)
        #expect(try Self.cases(book) == Self.held)
    }

    @Test("is held beside an older record of the meter's that comes later", arguments: ["05-14", "08-14"])
    func olderLater(day: String) throws {
        let book = try Self.book(startIndex: 400)
        try book.write("close 05-08\nS1 frozen \(day) 00:10 \(day) 500")
        #expect(try Self.cases(book) == [])
        try book.write("S1 frozen \(day) 00:20 05-12 350")
        #expect(try Self.cases(book) == Self.held)
    }

    @Test("is held beside what it shows within two months: for longer nobody draws anything from it")
    func monthsLater() throws {
        for (day, isSeen) in [("07-09", true), ("07-10", false)] {
            let book = try Self.book(startIndex: 400)
            try book.write("close 05-08\nS1 frozen \(day) 00:10 \(day) 350")
            #expect(try Self.cases(book) == (isSeen ? Self.held : []), "\(day)")
        }
    }
}
