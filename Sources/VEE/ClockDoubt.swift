import Metering

/// What was seen of a meter's clock.
package enum ClockSight: Hashable, Sendable {
    /// The clock itself, less ours.
    case offset(Instant.Span)
    /// The day of the newest of its own records.
    case newestDay(ServiceDay)

    /// How far the clock is off at the least, later than ours being positive; `nil` where the sight says nothing: a
    /// newest record of an earlier day may only not be written yet.
    package func offset(at instant: Instant, in calendar: ServiceCalendar) -> Instant.Span? {
        switch self {
        case .offset(let offset): return offset
        case .newestDay(let day):
            let today = calendar.day(at: instant)
            if day < today { return nil }
            return day == today ? .zero : calendar.start(of: day) - instant
        }
    }
}

/// Which of a meter's own records of days are not believed, for its clock was seen wrong: it takes its midnights from
/// that clock, so a record of a day is the dial at another instant, and by a day's error the dial of another day.
///
/// No record is ever shifted to where it might belong (vee-and-feeds §1.3, "never shift a reading silently"); readings
/// around the true midnights go on giving indices.
package struct ClockDoubt: Hashable, Sendable {
    /// A clock that is further off, either way, is wrong (vee-and-feeds §1.3: "fail above 15 min").
    package static let tolerance = Instant.Span.minutes(15)
    /// How long a doubt is remembered after the clock was right again: no record is asked for later.
    static let memory = Instant.Span.hours(62 * 24)

    /// The clock was last seen right then; the first instant of all where it never was.
    package private(set) var since: Instant
    /// The last instant that the wrong clock can have shown.
    package private(set) var until: Instant
    /// Whether it was right when it was last seen.
    package private(set) var isOver: Bool

    package init(since: Instant, until: Instant, isOver: Bool) {
        (self.since, self.until, self.isOver) = (since, until, isOver)
    }

    package static func isWrong(_ offset: Instant.Span) -> Bool { offset > tolerance || offset < .zero - tolerance }

    /// The clock was seen right at `instant`: records of later midnights are believed again.
    package mutating func end(at instant: Instant) {
        until = max(until, instant)
        isOver = true
    }

    /// The doubt once the clock was seen wrong.
    /// - Parameters:
    ///   - offset: the meter's clock less ours, beyond `tolerance`.
    ///   - lastRight: when it was last seen right; `nil` where it never was.
    ///   - before: the doubt there was.
    package static func wrong(
        by offset: Instant.Span, at instant: Instant, lastRight: Instant?, before: ClockDoubt?
    ) -> ClockDoubt {
        let shown = instant + max(offset, .zero)
        guard let before, !before.isOver || instant - before.until < memory else {
            return ClockDoubt(since: lastRight ?? Instant(microseconds: 0), until: shown, isOver: false)
        }
        return ClockDoubt(since: before.since, until: max(before.until, shown), isOver: false)
    }

    /// Whether the record of the day that begins at `midnight` is not believed.
    package func covers(midnight: Instant) -> Bool { midnight > since && (!isOver || midnight <= until) }
}
