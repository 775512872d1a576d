import Metering

/// Fills days without an index between two days that have one.
///
/// The energy over the gap is known exactly; only its split over the days is an estimate. For households the
/// straight line is as good as anything cleverer (measured: vee-and-feeds §1.5). Rounded down, so the days'
/// consumptions add up to the gap's in whole watt-hours.
/// - Parameter weights: of each day from `before.day` to the one before `after.day`, 0 or more; without them all days
///   weigh the same.
/// - Returns: one index for each day strictly between `before.day` and `after.day`; none when the dial went back.
package func bracketedEstimates(
    from before: DailyIndex, to after: DailyIndex, weights: [Int64]? = nil
) -> [DailyIndex] {
    let days = after.day - before.day
    guard days > 1, before.index <= after.index else { return [] }
    precondition(weights.map { $0.count == days } ?? true, "a weight for each of \(days) days")
    let energies = split(after.index - before.index, by: weights ?? Array(repeating: 1, count: days))
    // The brackets themselves are known within their own bounds only.
    let (low, high) = (before.index - before.errorBound, after.index + after.errorBound)
    var index = before.index
    return (1..<days).map { count in
        index = index + energies[count - 1]
        return DailyIndex(
            day: before.day + count, index: index, quality: .estimated,
            errorBound: BoundCode.roundedUp(max(index - low, high - index)))
    }
}

/// Splits a gap's energy over its days in proportion to their weights: the sums up to each day are rounded down, so
/// that all together are the gap's to the watt-hour.
/// - Parameter weights: one a day; all the same where none is above 0. A day whose dial went back, by a person's word,
///   weighs nothing.
package func split(_ total: Energy, by weights: [Int64]) -> [Energy] {
    let sum = weights.reduce(0) { $0 + max(0, $1) }
    guard sum > 0 else { return weights.isEmpty ? [] : split(total, by: Array(repeating: 1, count: weights.count)) }
    var (passed, weight) = (Energy.zero, Int64(0))
    return weights.map { own in
        weight += max(0, own)
        let (high, low) = total.wattHours.multipliedFullWidth(by: weight)
        let through = Energy(wattHours: sum.dividingFullWidth((high, low)).quotient)
        defer { passed = through }
        return through - passed
    }
}

/// The weights of a gap's days for `bracketedEstimates`, by what days like each took in the four weeks before.
/// - Parameters:
///   - days: from the day of the index before the gap to the one before that of the index after it.
///   - indices: known ones of the days before, by day; estimates among them say nothing.
/// - Returns: `nil` where fewer than 14 days before are known: then all days weigh the same.
package func likeDayWeights(of days: Range<ServiceDay>, after indices: [DailyIndex], kinds: DayKinds) -> [Int64]? {
    let first = days.lowerBound - RecentDays.within
    var energies = [Energy?](repeating: nil, count: RecentDays.within)
    for (start, end) in zip(indices, indices.dropFirst())
    where first <= start.day && start.day.next == end.day && end.day <= days.lowerBound
        && start.quality != .estimated && end.quality != .estimated && start.index <= end.index
    {
        energies[start.day - first] = end.index - start.index
    }
    let history = DayEnergies(first: first, energies: energies)
    guard RecentDays(of: history, before: days.lowerBound).days >= ConsumptionRule.daysMin else { return nil }
    return Projection(history: history, before: days.lowerBound, kinds: kinds).weights(of: days)
}

/// What days would have taken by what is known of the days before them.
package struct Projection {
    private static let weeks = 4

    private let history: DayEnergies
    private let kinds: DayKinds
    /// The first day without an index after the history.
    private let end: ServiceDay

    /// - Parameter end: days from here on are unknown, whatever `history` says.
    package init(history: DayEnergies, before end: ServiceDay, kinds: DayKinds = DayKinds()) {
        (self.history, self.kinds, self.end) = (history, kinds, end)
    }

    /// The weights of some days for `bracketedEstimates`: what the days like each took, in Wh.
    package func weights(of days: Range<ServiceDay>) -> [Int64] {
        let mean = meanOfLatest
        return days.map { (likeDays($0) ?? mean)?.wattHours ?? 1 }
    }

    /// - Returns: one energy a day, of the mean exact over all of them, of like days each rounded down; `nil` where the
    ///   method has nothing to stand on.
    package func energies(of days: Range<ServiceDay>, by method: EstimationMethod) -> [Energy]? {
        switch method {
        case .meanOf28Days:
            let known = history.latest(RecentDays.count, before: end, within: RecentDays.within)
            guard !known.isEmpty else { return nil }
            // Each by itself rounded down would lose a watt-hour a day.
            let parts = split(known.reduce(.zero, +), by: Array(repeating: 1, count: known.count))
            return (0..<days.count).map { parts[$0 % parts.count] }
        case .likeDays:
            let mean = meanOfLatest
            let energies = days.compactMap { likeDays($0) ?? mean }
            return energies.count == days.count ? energies : nil
        case .straightLine, .likeDayWeights, .classMean:
            return nil
        }
    }

    private var meanOfLatest: Energy? { mean(history.latest(RecentDays.count, before: end, within: RecentDays.within)) }

    private func likeDays(_ day: ServiceDay) -> Energy? {
        let like = kinds.like(day, weeks: Self.weeks, before: end)
        return mean(like.own.compactMap { history[$0] }) ?? mean(like.others.compactMap { history[$0] })
    }

    private func mean(_ energies: [Energy]) -> Energy? {
        guard !energies.isEmpty else { return nil }
        return Energy(wattHours: energies.reduce(0) { $0 + $1.wattHours } / Int64(energies.count))
    }
}
