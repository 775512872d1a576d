import Metering

/// How much a household uses a day, from its latest known days. Never negative, and low ≤ mean ≤ high.
struct DailySpread {
    let low: Energy
    let mean: Energy
    let high: Energy

    /// `nil` with fewer than seven days.
    init?(_ days: [Energy]) {
        guard days.count >= 7 else { return nil }
        let sorted = days.map { max(.zero, $0) }.sorted()
        // Nearest rank. A few very heavy days can lift the mean above the 90th percentile.
        func percentile(_ percent: Int) -> Energy { sorted[(sorted.count * percent + 99) / 100 - 1] }
        let sum = sorted.reduce(.zero, +)
        mean = Energy(wattHours: sum.wattHours / Int64(sorted.count))
        low = min(percentile(10), mean)
        high = max(percentile(90), mean)
    }
}
