import Metering

/// Fills days without an index between two days that have one.
///
/// The energy over the gap is known exactly; only its split over the days is an estimate. For households the
/// straight line is as good as anything cleverer (measured: vee-and-feeds §1.5). Rounded down, so the days'
/// consumptions add up to the gap's in whole watt-hours.
/// Returns one index for each day strictly between `before.day` and `after.day`; none when the dial went back.
package func bracketedEstimates(from before: DailyIndex, to after: DailyIndex) -> [DailyIndex] {
    let days = after.day - before.day
    guard days > 1, before.index <= after.index else { return [] }
    let (daily, rest) = (after.index - before.index).wattHours.quotientAndRemainder(dividingBy: Int64(days))
    // The brackets themselves are known within their own bounds only.
    let (low, high) = (before.index - before.errorBound, after.index + after.errorBound)
    return (1..<days).map { count in
        let passed = daily * Int64(count) + rest * Int64(count) / Int64(days)
        let index = before.index + Energy(wattHours: passed)
        return DailyIndex(
            day: before.day + count, index: index, quality: .estimated,
            errorBound: BoundCode.roundedUp(max(index - low, high - index)))
    }
}
