import Metering
import Testing
import VEE

@testable import Store

@Suite("Half hours, judged when a day closes")
struct HalfHourCheckTests {
    /// A meter read at each half hour of 2 May, and after its end; `took` are the half hours that took something else
    /// than 100 Wh on the dial.
    private static func book(
        took: [Int: Int64], without: Set<Int> = [], multiplier: Int64 = 40, profile: Bool = true
    ) throws -> LogBook {
        let book = try LogBook(
            LogBook.registry(multiplier: multiplier, category: "production"),
            loadProfiles: profile ? LoadProfileChoice(categories: ["production"]) : .nobodys)
        var index: Int64 = 1000
        try book.write("live 05-01 23:59:59 1000")
        for halfHour in 0..<48 {
            index += took[halfHour] ?? 100
            let end = halfHour + 1
            guard !without.contains(end) else { continue }
            let time =
                end == 48 ? "05-03 00:00" : "05-02 \(end / 2 < 10 ? "0" : "")\(end / 2):\(end % 2 == 0 ? "00" : "30")"
            try book.write("live \(time):01 \(index)")
        }
        return book
    }

    private static func check(_ book: LogBook, times: String = "2.8") throws -> [String] {
        let rule = "{rule: spike, severity: warns, times: \(times), above_kwh: 10, source: test}"
        let judge = ConsumptionJudge(
            rules: try RuleBook(yaml: "rules: [\(rule)]", file: "test"), resolutions: ["sdm630": Energy(wattHours: 1)])
        _ = try book.store.checkConsumption(of: book.day("05-02"), by: judge, at: book.instant("07-01 06:00"))
        return try book.store.cases(limit: 9).map { "\($0.kind.rawValue) \($0.severity.rawValue): \($0.text)" }
    }

    @Test("a works' half hour far above the others is told with its multiplier, and passes with the rule")
    func told() throws {
        let book = try Self.book(took: [20: 1000])
        #expect(
            try Self.check(book) == [
                "spike warns: took 40.000 kWh in its highest half hour, and 4.000 kWh in its third highest"
            ])
        #expect(try Self.check(book, times: "11") == [])
    }

    @Test("of those whose load profile is not kept nothing is known")
    func unknown() throws {
        #expect(try Self.check(Self.book(took: [20: 1000], profile: false)) == [])
    }

    @Test("what was drawn over a silence is the mean of several half hours, and not judged")
    func drawn() throws {
        // An hour of silence holds one half hour of 2.5 kWh on the dial: each of the two is drawn with 1.3 kWh.
        let silent = try Self.book(took: [20: 2500], without: [21])
        #expect(try Self.check(silent) == [])
    }

    @Test("a week that is folded is judged like a day that is not")
    func folded() throws {
        let book = try Self.book(took: [20: 1000])
        while try book.store.foldLoadProfiles(today: book.day("06-15"), seriesMax: 4096) != nil {}
        #expect(try Self.check(book).count == 1)
    }
}
