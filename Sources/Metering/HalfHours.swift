/// Load profiles count in half hours of service days (decision 013): of each day from 0, the half hour that begins at
/// its first instant.
extension ServiceCalendar {
    private static let halfHour = Instant.Span.minutes(30)

    /// 48; 46 or 50 on days on which clocks change by an hour.
    package func halfHours(in day: ServiceDay) -> Int {
        Int((start(of: day.next) - start(of: day)).microseconds / Self.halfHour.microseconds)
    }

    /// Together, of `first` and the days after it, `end` not included.
    package func halfHours(from first: ServiceDay, to end: ServiceDay) -> Int {
        var count = 0
        var day = first
        while day < end {
            count += halfHours(in: day)
            day = day.next
        }
        return count
    }

    /// The first half hour of a day that begins after an instant; as many as the day has where none does.
    package func firstHalfHour(of day: ServiceDay, after instant: Instant) -> Int {
        let elapsed = (instant - start(of: day)).microseconds
        return elapsed < 0 ? 0 : min(Int(elapsed / Self.halfHour.microseconds) + 1, halfHours(in: day))
    }

    /// The first instant of a half hour.
    package func start(ofHalfHour number: Int, of day: ServiceDay) -> Instant {
        start(of: day) + Instant.Span(microseconds: Int64(number) * Self.halfHour.microseconds)
    }
}
