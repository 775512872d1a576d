import Metering

/// What the dial showed at the first instant of a half hour.
package struct HalfHourIndex: Hashable, Sendable {
    package let day: ServiceDay
    /// From 0, as `ServiceCalendar.halfHours(in:)` counts them.
    package let halfHour: Int
    package let index: Energy
    /// `measured` or `estimated`, as of a midnight.
    package let quality: IndexQuality

    package init(day: ServiceDay, halfHour: Int, index: Energy, quality: IndexQuality) {
        self.day = day
        self.halfHour = halfHour
        self.index = index
        self.quality = quality
    }
}

extension DayBoundary {
    /// Over longer silence a straight line says nothing about single half hours. Two hours is what Californian rules
    /// for interval data allow one for.
    private static let straightLine = Instant.Span.hours(2)

    /// One index for each half hour that begins between the middles of two polls, the later one included, oldest first:
    /// of all polls of a dial together, each half hour once. Those further from both readings than the window are left
    /// out where the silence between the readings was longer than two hours.
    package func halfHours(
        from previous: DialReading, to reading: DialReading, limits: DialLimits
    ) -> [HalfHourIndex] {
        let (start, end) = (previous.middle, reading.middle)
        guard start < end, previous.index <= reading.index else { return [] }
        let isBridged = reading.requested - previous.answered <= Self.straightLine
        var found: [HalfHourIndex] = []
        var day = calendar.day(at: start)
        while calendar.start(of: day) <= end {
            for halfHour in calendar.firstHalfHour(of: day, after: start)..<calendar.halfHours(in: day) {
                let instant = calendar.start(ofHalfHour: halfHour, of: day)
                guard instant <= end else { break }
                let drawn = draw(at: instant, from: previous, to: reading, limits: limits)
                guard isBridged || drawn.isNear else { continue }
                found.append(
                    HalfHourIndex(
                        day: day, halfHour: halfHour, index: drawn.index,
                        quality: drawn.isNear ? .measured : .estimated))
            }
            day = day.next
        }
        return found
    }
}
