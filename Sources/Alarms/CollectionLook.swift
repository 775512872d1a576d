import Metering

/// What was known of a day's collection at one look: the objective is a valid index of the day's midnight by 06:00.
package struct CollectionLook: Hashable, Sendable {
    /// The objective's hour, after the day's first instant.
    package static let due = Instant.Span.hours(6)

    /// The day whose first instant is asked for.
    package let day: ServiceDay
    package let at: Instant
    /// Meters that should have an index.
    package let expected: Int
    /// Meters that have one which nobody has estimated.
    package let valid: Int
    /// Meters that do not answer, or whose gateway does not.
    package let silent: Int
    /// Meters that will have one at 06:00, by the pace so far; `valid` from then on.
    package let predicted: Int
    /// When all that was due will have been asked, by the pace so far; `nil` where nothing was due.
    package let finish: Instant?

    package init(
        day: ServiceDay, at: Instant, expected: Int, valid: Int, silent: Int, predicted: Int, finish: Instant?
    ) {
        (self.day, self.at, self.expected, self.valid) = (day, at, expected, valid)
        (self.silent, self.predicted, self.finish) = (silent, predicted, finish)
    }

    package init(_ forecast: CollectionForecast, of day: ServiceDay, at instant: Instant) {
        self.init(
            day: day, at: instant, expected: forecast.expected, valid: forecast.known, silent: forecast.out,
            predicted: forecast.predicted, finish: forecast.sweep > .zero ? instant + forecast.sweep : nil)
    }

    /// Share that the objective asks for, in thousandths, and what is reached or predicted, rounded down.
    package static let target = AlarmThresholds().collectionTarget
    package var predictedThousandths: Int64 { expected > 0 ? Int64(predicted) * 1000 / Int64(expected) : 1000 }
    package var isMet: Bool { predictedThousandths >= Self.target }

    /// The same of 06:00; `nil` where nobody looked until a quarter of an hour after it, and as many as are wanted were
    /// valid then: since when is not known.
    /// - Parameter due: 06:00 of the day.
    package func isMet(by due: Instant) -> Bool? { isMet && at - due >= .minutes(15) ? nil : isMet }
}

/// When a day's collection is looked at: every ten minutes from ten past midnight, and once at 06:00 or as soon after
/// it as somebody looks, which is what the night came to.
package struct CollectionTurns: Sendable {
    private var latest: Instant?

    package init() {}

    /// Whether a look is due: until one of this turn was kept.
    /// - Parameter start: of the day that `instant` lies in.
    package func isDue(at instant: Instant, start: Instant) -> Bool {
        func turn(_ instant: Instant) -> Int64 { min((instant - start).seconds, CollectionLook.due.seconds) / 600 }
        guard turn(instant) > 0 else { return false }
        // One that lies ahead is of a clock that was.
        guard let latest, start <= latest, latest <= instant else { return true }
        return turn(latest) != turn(instant)
    }

    /// Takes a look when one is due. One that throws was not kept: it is due until it is.
    /// - Returns: what was kept; `nil` where none was due.
    package mutating func take<Look>(at instant: Instant, start: Instant, _ look: () throws -> Look) rethrows -> Look? {
        guard isDue(at: instant, start: start) else { return nil }
        let kept = try look()
        latest = instant
        return kept
    }
}
