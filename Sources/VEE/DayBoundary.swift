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
        let midnight = calendar.start(of: day)
        // What the dial can have shown: monotone between the readings, no faster than its ceiling.
        let low = max(previous.index, reading.index - limits.most(in: reading.answered - midnight) - DialLimits.step)
        let high = min(reading.index, previous.index + limits.most(in: midnight - previous.requested) + DialLimits.step)
        let drawn = Self.interpolate(at: midnight, from: previous, to: reading)
        // Readings that were not judged by this ceiling can contradict it; then they alone bound the index.
        let (floor, ceiling) = low <= high ? (low, high) : (previous.index, reading.index)
        let index = min(max(drawn, floor), ceiling)
        let bound = BoundCode.roundedUp(max(index - floor, ceiling - index))
        let isNear = midnight - previous.requested <= window || reading.answered - midnight <= window
        return DailyIndex(day: day, index: index, quality: isNear ? .measured : .estimated, errorBound: bound)
    }

    /// The straight line through the middles of the two polls, rounded down to whole watt-hours.
    private static func interpolate(at instant: Instant, from previous: DialReading, to reading: DialReading) -> Energy
    {
        let start = previous.requested.microseconds + (previous.answered - previous.requested).microseconds / 2
        let end = reading.requested.microseconds + (reading.answered - reading.requested).microseconds / 2
        let length = end - start
        let elapsed = min(max(instant.microseconds - start, 0), length)
        guard length > 0 else { return previous.index }
        let product = (reading.index - previous.index).wattHours.multipliedFullWidth(by: elapsed)
        return previous.index + Energy(wattHours: length.dividingFullWidth(product).quotient)
    }
}
