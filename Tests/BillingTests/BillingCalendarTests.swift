import Billing
import Metering
import Testing

@Suite("Billing calendar")
struct BillingCalendarTests {
    /// `0` or `10 20 0`
    private static func days(_ text: String) -> ReadingDays {
        guard let days = ReadingDays(text: text) else { preconditionFailure("\(text) are no reading days") }
        return days
    }

    private static func drawn(_ told: (period: BillingPeriod, isIrregular: Bool)) -> String {
        "\(told.period.from)..\(told.period.through)\(told.isIrregular ? " scaled" : "")"
    }

    @Test(
        "a large customer's month has a period for each reading day, and none of them a month's blocks",
        arguments: [
            ("10 20 0", "2025-05-10", "2025-05-01..2025-05-10 scaled"),
            ("10 20 0", "2025-05-11", "2025-05-11..2025-05-20 scaled"),
            ("0 20 10", "2025-02-21", "2025-02-21..2025-02-28 scaled"),
            ("15 0", "2024-02-29", "2024-02-16..2024-02-29 scaled"),
            ("5 15", "2025-12-20", "2025-12-16..2026-01-05 scaled"),
            ("27", "2025-05-27", "2025-04-28..2025-05-27"),
        ])
    func several(days text: String, on iso: String, expected: String) {
        #expect(Self.drawn(BillingCalendar(Self.days(text)).period(containing: day(iso))) == expected)
    }

    /// Old reading days, the new ones, the first day on which these hold, a day, its period.
    private static let changes: [(String, String, String, String, String)] = [
        ("0", "12", "2025-05-05", "2025-04-30", "2025-04-01..2025-04-30"),
        ("0", "12", "2025-05-05", "2025-05-04", "2025-05-01..2025-05-12 scaled"),
        ("0", "12", "2025-05-05", "2025-05-12", "2025-05-01..2025-05-12 scaled"),
        ("0", "12", "2025-05-05", "2025-05-13", "2025-05-13..2025-06-12"),
        // The 12th is over: the next is in June.
        ("0", "12", "2025-05-20", "2025-05-19", "2025-05-01..2025-06-12 scaled"),
        ("0", "12", "2025-05-20", "2025-05-31", "2025-05-01..2025-06-12 scaled"),
        // On the day itself the new ones hold: nobody reads on an old one any more.
        ("20", "0", "2025-05-20", "2025-05-20", "2025-04-21..2025-05-31 scaled"),
        ("20", "0", "2025-05-21", "2025-05-20", "2025-04-21..2025-05-20"),
        ("20", "0", "2025-05-21", "2025-05-21", "2025-05-21..2025-05-31 scaled"),
        ("0", "10 20 0", "2025-05-05", "2025-05-03", "2025-05-01..2025-05-10 scaled"),
        ("10 20 0", "0", "2025-05-15", "2025-05-31", "2025-05-11..2025-05-31 scaled"),
        // Nothing of May was read on an old day: an ordinary month.
        ("10 20 0", "0", "2025-05-05", "2025-05-03", "2025-05-01..2025-05-31"),
    ]

    @Test("an agreed change goes from the last old reading to the first new one, scaled", arguments: changes.indices)
    func change(_ position: Int) {
        let (old, new, until, iso, expected) = Self.changes[position]
        let calendar = BillingCalendar(
            Self.days(new), former: [.init(until: day(until), days: Self.days(old))])
        #expect(Self.drawn(calendar.period(containing: day(iso))) == expected)
    }

    @Test("a change that was taken back before anybody was read by it changed nothing")
    func takenBack() {
        let calendar = BillingCalendar(
            Self.days("0"),
            former: [
                .init(until: day("2025-05-08"), days: Self.days("12")),
                .init(until: day("2025-05-05"), days: Self.days("0")),
            ])
        #expect(Self.drawn(calendar.period(containing: day("2025-05-06"))) == "2025-05-01..2025-05-31")
        #expect(calendar.hasOrdinary(period("2025-05-01..2025-05-31")))
        #expect(!calendar.hasOrdinary(period("2025-05-01..2025-05-12")))
    }

    @Test("the months of several periods end with the last of them")
    func months() {
        let calendar = BillingCalendar(
            Self.days("10 20 0"), former: [.init(until: day("2025-05-05"), days: Self.days("5 15"))]
        ).ofMonths
        #expect(Self.drawn(calendar.period(containing: day("2025-06-12"))) == "2025-06-01..2025-06-30")
        #expect(Self.drawn(calendar.period(containing: day("2025-05-04"))) == "2025-04-16..2025-05-31 scaled")
    }

    /// Told day by day: on which days somebody is read.
    private struct Diary {
        let first: ServiceDay
        let readings: [ServiceDay]
        let days: (ServiceDay) -> ReadingDays

        init(_ span: ClosedRange<ServiceDay>, _ days: @escaping (ServiceDay) -> ReadingDays) {
            first = span.lowerBound
            self.days = days
            readings = span.filter { Self.isReading($0, days($0)) }
        }

        static func isReading(_ day: ServiceDay, _ days: ReadingDays) -> Bool {
            days.days.contains(day.next.civil.day == 1 ? 0 : day.civil.day)
                || days.days.contains(day.civil.day)
        }

        /// Without a change the reading before would have been on this day.
        func reading(before end: ServiceDay) -> ServiceDay {
            var day = end.previous
            while !Self.isReading(day, days(end)) { day = day.previous }
            return day
        }
    }

    @Test("whatever changed when, no day is in two periods and none in none", arguments: 1...40 as ClosedRange<UInt64>)
    func everyDayOnce(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        func some() -> ReadingDays {
            while true {
                let count = Int.random(in: 0..<3, using: &random) == 0 ? Int.random(in: 2...3, using: &random) : 1
                let days = (0..<count).map { _ in Int.random(in: 0...27, using: &random) }
                if let days = ReadingDays(days) { return days }
            }
        }
        let start = day("2023-11-01")
        var until = start + 90
        let former = (0..<Int.random(in: 0...6, using: &random)).map { _ in
            until = until + Int.random(in: 1...80, using: &random)
            return BillingCalendar.Former(until: until, days: some())
        }
        let now = some()
        let calendar = BillingCalendar(now, former: former.shuffled(using: &random))
        let diary = Diary(start...start + 900) { day in former.first { day < $0.until }?.days ?? now }
        for (before, reading) in zip(diary.readings, diary.readings.dropFirst()) {
            let expected = (from: before.next, through: reading)
            let isOrdinary =
                diary.days(reading).days.count == 1 && before == diary.reading(before: reading)
            for day in expected.from...expected.through {
                let told = calendar.period(containing: day)
                guard told.period.from == expected.from, told.period.through == expected.through,
                    told.isIrregular == !isOrdinary
                else {
                    Issue.record("seed \(seed), \(day): \(Self.drawn(told)), not \(expected) of \(former), \(now)")
                    return
                }
            }
        }
    }

    @Test("three periods a month have one month's blocks between them")
    func blocks() throws {
        let calendar = BillingCalendar(Self.days("10 20 0"))
        let tariffs = book([decision("A", from: "2020-01-01")])
        let first = try ["2025-05-01", "2025-05-11", "2025-05-21"].map { iso -> Int64 in
            let (period, isIrregular) = calendar.period(containing: day(iso))
            let bill = try tariffs.bill(
                BillRequest(category: "residential", period: period, kwh: 1000, isIrregular: isIrregular))
            return try #require(bill.lines.first).kwh
        }
        // 50 kWh × 10, 10 and 11 of 31 days.
        #expect(first == [16, 16, 18])
    }
}
