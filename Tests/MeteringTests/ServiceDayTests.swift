import Metering
import Testing

@Suite("a service day")
struct ServiceDayTests {
    @Test("is read from YYYY-MM-DD", arguments: ["2025-04-20", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"])
    func parses(iso: String) throws {
        #expect(try #require(ServiceDay(iso: iso)).description == iso)
    }

    @Test(
        "is not guessed from anything else",
        arguments: [
            "", "2025-4-20", "2025-04-2", "25-04-20", "2025-04-20 ", " 2025-04-20", "2025-04-20T00:00:00Z", "20250420",
            "2025/04/20", "2025-04", "2025-04-20-", "-2025-04-20", "+025-04-20", "2025-+4-20", "2025-04-00",
            "2025-04-31",
            "2025-00-10", "2025-13-10", "2025-02-29", "1900-02-29", "2100-02-29", "0000-12-31", "２０25-04-20",
            "2025-O4-20",
        ])
    func refuses(iso: String) {
        #expect(ServiceDay(iso: iso) == nil)
    }

    @Test(
        "is counted from 1970-01-01",
        arguments: [
            ("1970-01-01", 0), ("1969-12-31", -1), ("2000-03-01", 11_017), ("2025-04-20", 20_198),
            ("1900-01-01", -25_567), ("0001-01-01", -719_162), ("9999-12-31", 2_932_896),
        ] as [(String, Int32)])
    func number(iso: String, number: Int32) throws {
        #expect(try #require(ServiceDay(iso: iso)).number == number)
        #expect(ServiceDay(number: number).description == iso)
    }

    @Test(
        "refuses a date outside the Gregorian calendar's years 1 to 9999",
        arguments: [(0, 1, 1), (10_000, 1, 1), (-4, 2, 29), (2025, 0, 1), (2025, 13, 1), (2025, 1, 0), (2025, 2, 29)])
    func refusesDate(year: Int, month: Int, day: Int) {
        #expect(ServiceDay(year: year, month: month, day: day) == nil)
    }

    /// An independent calendar: one day after the other, by the rule of leap years alone.
    private struct Walk {
        var year = 1900
        var month = 1
        var day = 1
        /// 1900-01-01 was a Monday.
        var weekday = 1

        var lengthOfMonth: Int {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        }

        mutating func goOn() {
            weekday = weekday % 7 + 1
            day += 1
            guard day > lengthOfMonth else { return }
            day = 1
            month += 1
            guard month > 12 else { return }
            month = 1
            year += 1
        }
    }

    @Test("agrees with a plain walk through every day from 1900 to 2100")
    func everyDay() throws {
        var walk = Walk()
        var expected = try #require(ServiceDay(iso: "1900-01-01"))
        var wrong: [String] = []
        var count = 0
        while walk.year <= 2100 {
            let text = "\(walk.year)-\(walk.month < 10 ? "0" : "")\(walk.month)-\(walk.day < 10 ? "0" : "")\(walk.day)"
            let day = ServiceDay(year: walk.year, month: walk.month, day: walk.day)
            let agrees =
                day == expected && expected.civil == (walk.year, walk.month, walk.day)
                && expected.weekday == walk.weekday && expected.daysInMonth == walk.lengthOfMonth
                && expected.description == text && ServiceDay(iso: text) == expected
            if !agrees { wrong.append(text) }
            walk.goOn()
            expected = expected.next
            count += 1
        }
        #expect(wrong == [])
        #expect(count == 73_414)
    }

    @Test(
        "knows the length of a month",
        arguments: [
            (2023, 2, 28), (2024, 2, 29), (1900, 2, 28), (2000, 2, 29), (2100, 2, 28), (2025, 1, 31), (2025, 4, 30),
            (2025, 12, 31),
        ])
    func monthLength(year: Int, month: Int, days: Int) {
        #expect(ServiceDay.daysInMonth(year: year, month: month) == days)
    }

    @Test("moves, compares and strides by whole days")
    func arithmetic() throws {
        let eve = try #require(ServiceDay(iso: "2024-02-28"))
        #expect(eve.next.description == "2024-02-29")
        #expect((eve + 2).description == "2024-03-01")
        #expect((eve + 2).previous == eve + 1)
        #expect(eve + 366 - eve == 366)
        #expect(eve - 59 == ServiceDay(iso: "2023-12-31"))
        #expect(eve < eve.next)
        #expect(Array(eve...(eve + 2)).map(\.description) == ["2024-02-28", "2024-02-29", "2024-03-01"])
        #expect((eve..<eve).isEmpty)
    }

    @Test(
        "has an ISO weekday, Monday 1 to Sunday 7",
        arguments: [("2025-04-20", 7), ("2025-04-21", 1), ("1969-12-29", 1)])
    func weekday(iso: String, weekday: Int) throws {
        #expect(try #require(ServiceDay(iso: iso)).weekday == weekday)
    }
}
