import Metering
import Testing

@testable import VEE

@Suite("half hours")
struct HalfHourTests {
    private static let calendar = ServiceCalendar.vietnam
    private static let limits = DialLimits(ceilingWatts: 15_180)

    private static func instant(_ text: String) -> Instant {
        guard let instant = Instant(rfc3339: "2025-\(text)+07:00") else { preconditionFailure("no instant: \(text)") }
        return instant
    }

    private static func reading(_ at: String, _ wattHours: Int64, took: Int64 = 2) -> DialReading {
        let answered = instant(at)
        return DialReading(
            requested: answered - .seconds(took), answered: answered, index: Energy(wattHours: wattHours))
    }

    private static func drawn(_ previous: DialReading, _ reading: DialReading) -> [String] {
        DayBoundary(calendar: calendar, window: .minutes(15)).halfHours(from: previous, to: reading, limits: limits)
            .map { "\($0.day) \($0.halfHour) \($0.index.wattHours) \($0.quality.name)" }
    }

    @Test("between two polls half an hour apart lies one, on the straight line")
    func usual() {
        #expect(
            Self.drawn(Self.reading("05-01T09:50:00", 1000), Self.reading("05-01T10:20:00", 1300))
                == ["2025-05-01 20 1100 measured"])
    }

    @Test("over midnight the next day counts from 0")
    func midnight() {
        #expect(
            Self.drawn(Self.reading("05-01T23:20:00", 1000), Self.reading("05-02T00:40:00", 1080))
                == ["2025-05-01 47 1010 measured", "2025-05-02 0 1040 estimated", "2025-05-02 1 1070 measured"])
    }

    @Test("over a silence of up to two hours all are drawn, those far from both readings as estimates")
    func bridged() {
        #expect(
            Self.drawn(Self.reading("05-01T10:05:00", 0), Self.reading("05-01T12:05:00", 240))
                == [
                    "2025-05-01 21 50 estimated", "2025-05-01 22 110 estimated", "2025-05-01 23 170 estimated",
                    "2025-05-01 24 230 measured",
                ])
    }

    @Test("over a longer one only those near a reading are known")
    func silence() {
        #expect(
            Self.drawn(Self.reading("05-01T09:50:00", 0), Self.reading("05-03T10:10:00", 290))
                == ["2025-05-01 20 1 measured", "2025-05-03 20 289 measured"])
    }

    @Test("an instant within a poll belongs to the side that its middle tells, once")
    func withinPoll() {
        let polls = [
            Self.reading("05-01T09:40:00", 0), Self.reading("05-01T10:00:01", 200, took: 4),
            Self.reading("05-01T10:20:00", 400),
        ]
        #expect(Self.drawn(polls[0], polls[1]) == [])
        #expect(Self.drawn(polls[1], polls[2]).map { $0.prefix(13) } == ["2025-05-01 20"])
    }

    @Test(
        "of a dial's polls together each half hour is known once, in order, and never beyond the readings",
        arguments: 0..<50)
    func once(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var polls = [Self.reading("05-01T00:07:00", 5000)]
        while polls.count < 200, let last = polls.last {
            let requested = last.answered + .seconds(Int64.random(in: 0...3000, using: &random))
            polls.append(
                DialReading(
                    requested: requested, answered: requested + .seconds(Int64.random(in: 0...9, using: &random)),
                    index: last.index + Energy(wattHours: Int64.random(in: 0...900, using: &random))))
        }
        let boundary = DayBoundary(calendar: Self.calendar, window: .minutes(15))
        var all: [HalfHourIndex] = []
        for (previous, reading) in zip(polls, polls.dropFirst()) {
            let drawn = boundary.halfHours(from: previous, to: reading, limits: Self.limits)
            for index in drawn { #expect(index.index >= previous.index && index.index <= reading.index) }
            all += drawn
        }
        let starts = all.map { Self.calendar.start(ofHalfHour: $0.halfHour, of: $0.day) }
        let step = Instant.Span.minutes(30)
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 == step }, "a half hour is missing or doubled")
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.index <= $1.index })
    }

    @Test("days on which clocks change have 46 or 50")
    func clockChanges() throws {
        let calendar = try #require(ServiceCalendar(timeZone: "Australia/Sydney"))
        for (day, count) in [("2025-04-06", 50), ("2025-10-05", 46), ("2025-10-06", 48)] {
            #expect(calendar.halfHours(in: try #require(ServiceDay(iso: day))) == count, "\(day)")
        }
    }
}
