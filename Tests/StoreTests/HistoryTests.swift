import Metering
import Testing

@testable import Store

@Suite("History of an earlier system")
struct HistoryTests {
    private static func history(
        _ days: ClosedRange<ServiceDay>, from wattHours: Int64 = 1000, register: Register = .activeImport,
        meter: MeterID = MeterID(1)
    ) -> RegisterHistory {
        let indices = days.map { day in
            DailyIndex(
                day: day, index: Energy(wattHours: wattHours + Int64(day.number) * 10), quality: .frozen,
                errorBound: .zero)
        }
        return RegisterHistory(meter: meter, register: register, indices: indices)
    }

    private static func rows(_ book: LogBook) throws -> [String: Int] {
        var rows: [String: Int] = [:]
        try book.store.forEachRow { table, _ in rows[table, default: 0] += 1 }
        return rows.filter { ["hot", "chunk", "weekChunk", "lineage", "nightLineage", "unsettled"].contains($0.key) }
    }

    @Test("an empty store keeps it where it would be by now, and goes on compacting from there")
    func places() throws {
        let book = try LogBook()
        let past = Self.history(book.day("05-01")...book.day("07-18"))
        #expect(try book.store.adoptHistory([past], today: book.day("07-18")) == 79)
        // May and June; the weeks of July 1 and 8; four open days.
        #expect(try Self.rows(book) == ["chunk": 2, "weekChunk": 2, "hot": 4])
        let before = try book.indices()
        #expect(before.split(separator: "\n").count == 79)
        #expect(
            try CompactionTests.compact(book.store, today: book.day("08-08"))
                == ["week 2025-07-15", "week 2025-07-22", "week 2025-07-29", "month 2025-07"])
        #expect(try Self.rows(book) == ["chunk": 3])
        #expect(try book.indices() == before)
        #expect(try book.store.integrityCheck() == [])
    }

    @Test("polls go on where it ends, and what they bring stands beside it")
    func goesOn() throws {
        let book = try LogBook()
        let past = Self.history(book.day("05-01")...book.day("05-03"), from: -200_000)
        try book.store.adoptHistory([past], today: book.day("05-03"))
        try book.write("frozen 05-05 00:10 05-05 2700\nclose 05-05")
        #expect(
            try book.indices() == """
                05-01 2090 frozen ±0 r1 +10
                05-02 2100 frozen ±0 r1 +10
                05-03 2110 frozen ±0 r1 +295
                05-04 2405 estimated ±320 r1 +295
                05-05 2700 frozen ±0 r1
                """)
    }

    @Test("what is known here stays, and a second hand-over changes nothing")
    func again() throws {
        let book = try LogBook()
        try book.write("frozen 05-03 00:10 05-03 2500\nlive 05-06 12:00 4000")
        let past = Self.history(book.day("05-02")...book.day("05-04"), from: -200_000)
        #expect(try book.store.adoptHistory([past], today: book.day("05-06")) == 2)
        #expect(
            try book.indices() == """
                05-02 2100 frozen ±0 r1 +400
                05-03 2500 frozen ±0 r1 +-380
                05-04 2120 frozen ±0 r1
                """)
        let before = try book.dump()
        #expect(try book.store.adoptHistory([past], today: book.day("05-06")) == 0)
        #expect(try book.dump() == before)
    }

    @Test("days that are not the meter's to show, days to come and unknown meters are passed over")
    func passedOver() throws {
        let book = try LogBook(LogBook.registry(installedOn: "05-03", removedOn: "05-06"))
        let days = book.day("05-01")...book.day("05-10")
        let histories = [Self.history(days), Self.history(days, meter: MeterID(7))]
        #expect(try book.store.adoptHistory(histories, today: book.day("05-04")) == 2)
        #expect(try book.store.adoptHistory(histories, today: book.day("05-10")) == 2)
        #expect(try book.indices().split(separator: "\n").map { $0.prefix(5) } == ["05-03", "05-04", "05-05", "05-06"])
    }

    @Test("everybody's indices come register by register, wherever they are kept")
    func stream() throws {
        let book = try LogBook()
        let days = book.day("05-01")...book.day("06-12")
        let histories = [
            Self.history(days), Self.history(days, from: 5, register: .activeImportT1),
            Self.history(book.day("05-20")...book.day("05-21"), register: .reactiveImport),
        ]
        try book.store.adoptHistory(histories, today: book.day("06-12"))
        func all(_ first: String, _ last: String) throws -> [RegisterHistory] {
            var all: [RegisterHistory] = []
            try book.store.forEachRegister(from: book.day(first), through: book.day(last)) {
                all.append(RegisterHistory(meter: $0, register: $1, indices: $2))
            }
            return all
        }
        #expect(try all("05-01", "06-12").map(\.indices) == histories.map(\.indices))
        #expect(try all("05-01", "06-12").map(\.register) == histories.map(\.register))
        let few = try all("05-21", "06-03")
        #expect(few.map(\.indices.count) == [14, 14, 1])
        #expect(few.allSatisfy { $0.meter == MeterID(1) })
        #expect(try all("06-13", "06-30").isEmpty)
    }
}
