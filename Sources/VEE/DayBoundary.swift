import Metering

/// Moves accepted readings to the first instant of the days that begin between them.
package struct DayBoundary: Sendable {
    package let calendar: ServiceCalendar
    /// How far from midnight a reading may lie and still count as measured there (design §6.6 `midnight_window`).
    package let window: Instant.Span

    package init(calendar: ServiceCalendar, window: Instant.Span) {
        self.calendar = calendar
        self.window = window
    }

    /// One index for each midnight from previous.answered to reading.requested, both included, oldest first.
    /// A midnight inside a poll is left to the polls around it: the dial may have been read on either side.
    ///
    /// Each index is the straight line between the two readings, rounded down, so that consumptions over a gap add up
    /// exactly to what the dial shows. Its error bound is certain, not statistical: a dial does not go back and
    /// passes at most its ceiling; it is stated rounded up to three binary digits. It is `measured` where a reading
    /// lies within the window around that midnight, else `estimated`.
    package func indices(from previous: DialReading, to reading: DialReading, limits: DialLimits) -> [DailyIndex] {
        // Polls whose spans overlap say nothing about an instant between them.
        guard previous.answered <= reading.requested, previous.index <= reading.index else { return [] }
        var found: [DailyIndex] = []
        var day = calendar.day(at: previous.answered)
        if calendar.start(of: day) < previous.answered { day = day.next }
        while calendar.start(of: day) <= reading.requested {
            found.append(index(on: day, from: previous, to: reading, limits: limits))
            day = day.next
        }
        return found
    }

    private func index(
        on day: ServiceDay, from previous: DialReading, to reading: DialReading, limits: DialLimits
    ) -> DailyIndex {
        let drawn = draw(at: calendar.start(of: day), from: previous, to: reading, limits: limits)
        let bound = BoundCode.roundedUp(max(drawn.index - drawn.floor, drawn.ceiling - drawn.index))
        return DailyIndex(
            day: day, index: drawn.index, quality: drawn.isNear ? .measured : .estimated, errorBound: bound)
    }

    typealias Drawn = (index: Energy, floor: Energy, ceiling: Energy, isNear: Bool)

    /// What the dial showed at an instant between two readings, what it showed at least and at most, and whether one of
    /// the readings lies within the window around the instant.
    func draw(
        at instant: Instant, from previous: DialReading, to reading: DialReading, limits: DialLimits
    ) -> Drawn {
        // What the dial can have shown: monotone between the readings, no faster than its ceiling.
        let low = max(previous.index, reading.index - limits.most(in: reading.answered - instant) - DialLimits.step)
        let high = min(reading.index, previous.index + limits.most(in: instant - previous.requested) + DialLimits.step)
        let drawn = Self.interpolate(at: instant, from: previous, to: reading)
        // Readings that were not judged by this ceiling can contradict it; then they alone bound the index.
        let (floor, ceiling) = low <= high ? (low, high) : (previous.index, reading.index)
        let isNear = instant - previous.requested <= window || reading.answered - instant <= window
        return (min(max(drawn, floor), ceiling), floor, ceiling, isNear)
    }

    /// The straight line through the middles of the two polls, rounded down to whole watt-hours.
    private static func interpolate(at instant: Instant, from previous: DialReading, to reading: DialReading) -> Energy
    {
        let start = previous.middle.microseconds
        let end = reading.middle.microseconds
        let length = end - start
        let elapsed = min(max(instant.microseconds - start, 0), length)
        guard length > 0 else { return previous.index }
        let product = (reading.index - previous.index).wattHours.multipliedFullWidth(by: elapsed)
        return previous.index + Energy(wattHours: length.dividingFullWidth(product).quotient)
    }
}
