import Metering

/// An instant as a meter's own clock shows it: a civil day and the time since its first instant.
package struct CivilMoment: Hashable, Comparable, Sendable {
    package static let microsecondsADay: Int64 = 86_400_000_000

    package let day: ServiceDay
    /// 0 ..< 24 h. Where clocks are set back the day's last hour stands still; where they are set forward it is short.
    package let microseconds: Int64

    package init(day: ServiceDay, microseconds: Int64 = 0) {
        self.day = day
        self.microseconds = microseconds
    }

    package init(_ instant: Instant, in calendar: ServiceCalendar) {
        day = calendar.day(at: instant)
        let since = (instant - calendar.start(of: day)).microseconds
        microseconds = min(max(since, 0), Self.microsecondsADay - 1)
    }

    package static func < (left: CivilMoment, right: CivilMoment) -> Bool {
        (left.day, left.microseconds) < (right.day, right.microseconds)
    }
}
