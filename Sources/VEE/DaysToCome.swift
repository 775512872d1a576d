import Metering

/// What a usage point may take over days that have not begun yet, by its own latest known days (decision 020). Never
/// below 0, and low ≤ expected ≤ high.
///
/// A day of the mean of the latest 14 days is expected. Low and high are meant to hold what comes in 80 to 95 of 100
/// cases, from a day to four weeks ahead; `make score` holds them to it.
package struct DaysToCome: Hashable, Sendable {
    /// Fewer known days say nothing of a household.
    package static let daysMin = 7
    /// So many of the latest known days are looked at: eight weeks.
    package static let daysMax = 7 * weeks
    private static let weeks = 8
    private static let daysOfMean = 14
    /// A TWh, as much as a bill may have: nothing below leaves 64 bits.
    private static let wattHoursMax: Int64 = 1_000_000_000_000

    /// Of the latest days, `daysOfMean` at the most, in Wh.
    private let sum: Int64
    private let days: Int64
    /// How far a coming day's mean may lie from that of these days, in Wh.
    private let spread: Int64

    /// - Parameter latest: the latest known days, newest first; no more than `daysMax` of them count. A day on which a
    ///   dial went back counts as one that took nothing.
    /// - Returns: `nil` with fewer than `daysMin` of them.
    package init?(latest: [Energy]) {
        let known = min(latest.count, Self.daysMax)
        guard known >= Self.daysMin else { return nil }
        func sum(_ positions: Range<Int>) -> Int64 {
            positions.reduce(0) { $0 + min(max(0, latest[$1].wattHours), Self.wattHoursMax) }
        }
        let days = min(known, Self.daysOfMean)
        self.sum = sum(0..<days)
        self.days = Int64(days)
        let mean = self.sum / self.days
        // How far the mean of a week lies from it tells more than how far a day does: days even out, weeks drift.
        var deviations: Int64 = 0
        let weeks = known / 7
        for week in 0..<weeks { deviations += abs(sum(7 * week..<7 * week + 7) / 7 - mean) }
        // A week that nobody knows counts as one that lies a fifth off: of a newcomer the least is known.
        deviations += Int64(Self.weeks - weeks) * mean / 5
        // Five quarters of the mean deviation, and a tenth of the mean where all weeks were alike.
        spread = mean / 10 + deviations * 5 / (4 * Int64(Self.weeks))
    }

    /// - Parameter count: 0 or more; of no days it is nothing.
    /// - Returns: of all the days together.
    package func energy(of count: Int) -> (low: Energy, expected: Energy, high: Energy) {
        precondition(0 <= count && count <= 366, "a year of days at the most, not \(count)")
        guard count > 0 else { return (.zero, .zero, .zero) }
        let expected = sum * Int64(count) / days
        // As if it were a day more: of a few days each single one is felt.
        let off = spread * Int64(count + 1)
        return (
            Energy(wattHours: max(0, expected - off)), Energy(wattHours: expected), Energy(wattHours: expected + off)
        )
    }
}
