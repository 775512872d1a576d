import Billing
import Metering
import VEE

/// How near the projection of a bill, made inside its month, comes to the bill at the month's end: over each calendar
/// month of which every day was recorded.
struct ProjectionScore {
    /// Of each month: the bill's amount, and what it was projected to.
    private let cases: [(bill: Int64, low: Int64, expected: Int64, high: Int64)]

    /// - Parameters:
    ///   - known: so many days of the month are, when it is projected.
    ///   - before: days before the month that are looked at for more: 0 for a newcomer.
    ///   - rate: the amount of a month's bill.
    init(
        _ homes: [DayEnergies], known: Int, before: Int, method: Method, rate: (Energy) throws -> Money
    ) rethrows {
        var cases: [(Int64, Int64, Int64, Int64)] = []
        for home in homes {
            for month in Self.months(of: home) {
                let days = month.compactMap { home[$0] }
                let today = month.lowerBound + known
                let latest = home.latest(DaysToCome.daysMax, before: today, within: before + known)
                guard days.count == month.count, let rest = method.tell(days.count - known, after: latest) else {
                    continue
                }
                let used = days.prefix(known).reduce(.zero, +)
                cases.append(
                    (
                        try rate(days.reduce(.zero, +)).dong, try rate(used + rest.low).dong,
                        try rate(used + rest.expected).dong, try rate(used + rest.high).dong
                    ))
            }
        }
        self.cases = cases
    }

    /// Calendar months, as far as a home was recorded from their first day to their last.
    private static func months(of home: DayEnergies) -> [Range<ServiceDay>] {
        var months: [Range<ServiceDay>] = []
        var first = home.first + (home.first.civil.day == 1 ? 0 : home.first.daysInMonth - home.first.civil.day + 1)
        while first + first.daysInMonth <= home.end {
            months.append(first..<first + first.daysInMonth)
            first = first + first.daysInMonth
        }
        return months
    }

    var count: Int { cases.count }

    /// Of the bills that are above 0, which the other months of an empty home are not: the error of the expected amount
    /// over the bill, at so many of 100 of them.
    func error(atPercent percent: Int) -> Double {
        let errors = cases.filter { $0.bill > 0 }.map { Double(abs($0.expected - $0.bill)) / Double($0.bill) }.sorted()
        return errors.isEmpty ? 0 : errors[(errors.count * percent + 99) / 100 - 1]
    }

    /// Of 1.
    var heldShare: Double {
        Double(cases.count { $0.low <= $0.bill && $0.bill <= $0.high }) / Double(max(1, cases.count))
    }

    /// From low to high, over the bill, of those above 0.
    var medianWidth: Double {
        let widths = cases.filter { $0.bill > 0 }.map { Double($0.high - $0.low) / Double($0.bill) }.sorted()
        return widths.isEmpty ? 0 : widths[widths.count / 2]
    }

    /// What one projection of ten days takes, given the days before, over many of them.
    static func nanoseconds(_ homes: [DayEnergies]) -> Int64 {
        let latest = homes.map { $0.latest(DaysToCome.daysMax, before: $0.end, within: $0.end - $0.first) }
        let rounds: Int64 = 10_000
        var sum = Energy.zero
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<rounds {
            for days in latest { sum = sum + (DaysToCome(latest: days)?.energy(of: 10).high ?? .zero) }
        }
        let taken = (clock.now - start).components
        precondition(sum > .zero, "the homes took something")
        return (taken.seconds * 1_000_000_000 + taken.attoseconds / 1_000_000_000)
            / (rounds * Int64(max(1, homes.count)))
    }

    /// What is scored: the production's rule, and one that is only there to be beaten.
    enum Method: CaseIterable {
        case production
        case percentilesOf28Days

        var name: String {
            switch self {
            case .production: "mean of 14 days, deviation of 8 weeks"
            case .percentilesOf28Days: "mean, 10th and 90th percentile of 28 days"
            }
        }

        /// Of so many days together; `nil` where too little is known.
        /// - Parameter latest: newest first.
        func tell(_ days: Int, after latest: [Energy]) -> (low: Energy, expected: Energy, high: Energy)? {
            switch self {
            case .production: return DaysToCome(latest: latest)?.energy(of: days)
            case .percentilesOf28Days:
                let sorted = latest.prefix(28).sorted()
                guard sorted.count >= DaysToCome.daysMin else { return nil }
                func percentile(_ percent: Int) -> Energy { sorted[(sorted.count * percent + 99) / 100 - 1] }
                let mean = Energy(wattHours: sorted.reduce(.zero, +).wattHours / Int64(sorted.count))
                let (low, high) = (min(percentile(10), mean), max(percentile(90), mean))
                return (low * Int64(days), mean * Int64(days), high * Int64(days))
            }
        }
    }
}
