import Metering
import Testing

@Suite("a service calendar")
struct ServiceCalendarTests {
    /// Clocks that stand still, change in the night, change at midnight in both directions, change by half an hour,
    /// and change without summer time.
    static let zones = [
        "Asia/Ho_Chi_Minh", "Australia/Sydney", "America/Sao_Paulo", "America/Havana", "America/Santiago",
        "Asia/Beirut",
        "Asia/Tehran", "Asia/Kathmandu", "Asia/Pyongyang", "Australia/Lord_Howe", "Europe/London", "Pacific/Honolulu",
    ]

    @Test("of Vietnam is seven hours east of Greenwich all year")
    func vietnam() throws {
        let calendar = ServiceCalendar.vietnam
        let day = try #require(ServiceDay(iso: "2025-05-10"))
        #expect(calendar.identifier == "Asia/Ho_Chi_Minh")
        #expect(calendar.text(calendar.start(of: day)) == "2025-05-10T00:00:00+07:00")
        #expect(calendar.day(at: calendar.start(of: day)) == day)
        #expect(calendar.day(at: calendar.start(of: day) - Instant.Span(microseconds: 1)) == day.previous)
        #expect(calendar.offsetSeconds(at: Instant(seconds: 0)) == 25_200)
    }

    @Test("of Vietnam equals the one that the system's time zones give")
    func vietnamByName() throws {
        let named = try #require(ServiceCalendar(timeZone: "Asia/Ho_Chi_Minh"))
        for number in stride(from: Int32(10_957), to: 25_000, by: 17) {
            let day = ServiceDay(number: number)
            #expect(named.start(of: day) == ServiceCalendar.vietnam.start(of: day))
        }
    }

    @Test("does not exist for an unknown time zone", arguments: ["", "Asia/Hanoi_West", "Hanoi time"])
    func unknownZone(identifier: String) {
        #expect(ServiceCalendar(timeZone: identifier) == nil)
    }

    @Test(
        "gives a day the length its clocks give it",
        arguments: [
            ("Asia/Ho_Chi_Minh", "2025-04-20", 1440),
            ("Australia/Sydney", "2025-10-05", 1380),
            ("Australia/Sydney", "2025-04-06", 1500),
            ("Australia/Sydney", "2025-04-07", 1440),
            ("Australia/Lord_Howe", "2025-10-05", 1410),
            ("Australia/Lord_Howe", "2025-04-06", 1470),
            // Midnight itself is skipped, or comes twice.
            ("America/Sao_Paulo", "2018-11-04", 1380),
            ("America/Sao_Paulo", "2018-11-03", 1440),
            ("America/Sao_Paulo", "2018-02-17", 1500),
            ("America/Sao_Paulo", "2018-02-18", 1440),
            ("America/Havana", "2024-11-03", 1500),
            // The country moved its clocks half an hour for good.
            ("Asia/Pyongyang", "2015-08-14", 1470),
            ("Asia/Pyongyang", "2018-05-04", 1410),
            // The islands crossed the date line: there was no 30 December.
            ("Pacific/Apia", "2011-12-29", 1440),
            ("Pacific/Apia", "2011-12-30", 0),
            ("Pacific/Apia", "2011-12-31", 1440),
        ] as [(String, String, Int64)])
    func dayLength(zone: String, iso: String, minutes: Int64) throws {
        let calendar = try #require(ServiceCalendar(timeZone: zone))
        let day = try #require(ServiceDay(iso: iso))
        #expect(calendar.start(of: day.next) - calendar.start(of: day) == .minutes(minutes))
    }

    @Test(
        "starts a day at the first instant that exists",
        arguments: [
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00"),
            ("America/Sao_Paulo", "2018-02-18", "2018-02-18T00:00:00-03:00"),
            ("America/Havana", "2024-11-03", "2024-11-03T00:00:00-04:00"),
            ("Australia/Sydney", "2025-10-05", "2025-10-05T00:00:00+10:00"),
            ("Australia/Sydney", "2025-10-06", "2025-10-06T00:00:00+11:00"),
            ("Asia/Pyongyang", "2015-08-15", "2015-08-15T00:00:00+08:30"),
        ])
    func firstInstant(zone: String, iso: String, text: String) throws {
        let calendar = try #require(ServiceCalendar(timeZone: zone))
        #expect(calendar.text(calendar.start(of: try #require(ServiceDay(iso: iso)))) == text)
    }

    @Test("puts every day's start into that day and the instant before it into the day before", arguments: zones)
    func startsOfDays(zone: String) throws {
        let calendar = try #require(ServiceCalendar(timeZone: zone))
        var wrong: [String] = []
        for number in Int32(10_958)..<23_742 {
            let day = ServiceDay(number: number)
            let start = calendar.start(of: day)
            let before = start - Instant.Span(microseconds: 1)
            if calendar.day(at: start) != day || calendar.day(at: before) != day.previous {
                wrong.append(calendar.text(start))
            }
        }
        #expect(wrong == [])
    }

    @Test("agrees with itself about the day of every hour of six years", arguments: zones)
    func everyHour(zone: String) throws {
        let calendar = try #require(ServiceCalendar(timeZone: zone))
        let first = try #require(Instant(rfc3339: "2014-01-01T00:30:00Z"))
        var wrong: [String] = []
        var day = calendar.day(at: first)
        var start = calendar.start(of: day)
        var end = calendar.start(of: day.next)
        for hour in 0..<(6 * 8766) {
            let instant = first + .hours(Int64(hour))
            let found = calendar.day(at: instant)
            if found != day {
                day = found
                start = calendar.start(of: day)
                end = calendar.start(of: day.next)
            }
            if instant < start || instant >= end { wrong.append(calendar.text(instant)) }
        }
        #expect(wrong == [])
    }
}
