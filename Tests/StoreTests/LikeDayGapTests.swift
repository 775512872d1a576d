import Metering
import Testing
import VEE

@testable import Store

@Suite("A gap drawn by the days like its own")
struct LikeDayGapTests {
    /// 6 kWh a day from 4 April, 12 on Sundays, read each midnight through 2 May; then nothing until 6 May, 40 kWh
    /// later.
    private static func book(from first: String = "04-04", _ rules: EstimationRules) throws -> LogBook {
        let book = try LogBook(LogBook.registry(installedOn: "04-01"), estimation: rules)
        var index: Int64 = 100_000
        for day in LogBook.day(first)...LogBook.day("05-02") {
            let text = day.description.dropFirst(5)
            try book.write("frozen \(text) 00:10 \(text) \(index)")
            index += day.weekday == 7 ? 12_000 : 6000
        }
        let last = try #require(
            try book.store.dailyIndices(
                usagePoint: LogBook.usagePoint, register: .activeImport, from: LogBook.day("05-02"),
                through: LogBook.day("05-02")
            ).first)
        try book.write("frozen 05-06 00:10 05-06 \(last.index.index.wattHours + 40_000)\nclose 05-06")
        return book
    }

    /// A line a day of the gap: its energy, how its index was drawn, with the code.
    private static func told(_ book: LogBook) throws -> [String] {
        let days = try book.store.dailyIndices(
            usagePoint: LogBook.usagePoint, register: .activeImport, from: LogBook.day("05-02"),
            through: LogBook.day("05-05"))
        return try days.map { line in
            let lineage = try book.store.lineage(
                usagePoint: LogBook.usagePoint, register: .activeImport, day: line.day)
            let method = lineage?.method.map { " \($0.rawValue) \($0.espiCode)" } ?? ""
            return "\(line.day.description.dropFirst(5)) \(line.consumption?.wattHours ?? -1)\(method)"
        }
    }

    private static let weights = EstimationRules(bracketed: .likeDayWeights)

    @Test("has a heavy Sunday, and its sum to the watt-hour; the lineage says how it was drawn")
    func weighed() throws {
        // Friday to Monday weigh 6, 6, 12 and 6: a fifth of 40 kWh each, but for Sunday 4 May.
        let book = try Self.book(Self.weights)
        #expect(
            try Self.told(book)
                == [
                    "05-02 8000", "05-03 8000 like-day weights 8", "05-04 16000 like-day weights 8",
                    "05-05 8000 like-day weights 8",
                ])
        let rows = try book.dump()
        try book.write("close 05-06\nclose 05-06")
        #expect(try book.dump() == rows)
    }

    @Test("takes a holiday for a Sunday")
    func holiday() throws {
        let rules = EstimationRules(
            bracketed: .likeDayWeights, kinds: DayKinds(holidays: [LogBook.day("05-02"), LogBook.day("05-03")]))
        // 12, 12, 12 and 6 of 42.
        #expect(
            try Self.told(Self.book(rules)).map { $0.prefix(11) }
                == ["05-02 11428", "05-03 11429", "05-04 11428", "05-05 5715 "])
    }

    @Test("is a straight line where nobody chose otherwise, and where fewer than 14 days before are known")
    func straight() throws {
        let line = [
            "05-02 10000", "05-03 10000 straight line 9", "05-04 10000 straight line 9", "05-05 10000 straight line 9",
        ]
        #expect(try Self.told(Self.book(.standard)) == line)
        #expect(try Self.told(Self.book(from: "04-19", Self.weights)) == line)
        #expect(try Self.told(Self.book(from: "04-18", Self.weights)) != line)
    }

    @Test("gives way to the real index of a day; the rest is drawn anew, as it was and as a revision")
    func lateTruth() throws {
        let book = try Self.book(Self.weights)
        try book.write("frozen 05-07 00:10 05-04 310000\nclose 05-06")
        #expect(
            try Self.told(book)
                == ["05-02 9000", "05-03 9000 like-day weights 8", "05-04 14666", "05-05 7334 like-day weights 8"])
        let revisions = try book.store.indexRevisions(
            usagePoint: LogBook.usagePoint, register: .activeImport, from: LogBook.day("05-05"),
            through: LogBook.day("05-05"))
        #expect(revisions.map(\.index.index.wattHours) == [324_000, 324_666])
        #expect(revisions.last?.occasion?.reason.hasSuffix("2025-05-06, like-day weights") ?? false)
    }

    @Test("is forgotten with its lineage")
    func forgotten() throws {
        let book = try Self.book(Self.weights)
        while try book.store.forgetLineage(before: LogBook.day("05-10")) {}
        #expect(try book.dump().allSatisfy { !$0.hasPrefix("estimationMethod") })
        #expect(try Self.told(book).map { $0.count } == [10, 10, 11, 10])
    }
}
