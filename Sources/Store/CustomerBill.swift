import Billing
import Metering
import VEE

/// A usage point's provisional bill with all that it rests on.
package struct CustomerBill: Hashable, Sendable {
    /// An index that the bill was made from.
    package struct UsedIndex: Hashable, Sendable {
        package let register: Register
        package let serial: String
        package let index: DailyIndex
        /// Why it is not the one that was known first, and a bill made then was another; `nil` for revision 1.
        package let cause: IndexOccasion?
    }

    /// What a meter counted between two indices of the bill.
    package struct DialStep: Hashable, Sendable {
        package let register: Register
        package let serial: String
        package let multiplier: Int64
        /// As the dial shows them: `end` is less where it began at 0 again in between.
        package let start: DailyIndex
        package let end: DailyIndex
        /// Multiplier applied.
        package let energy: Energy
    }

    package let usagePoint: UsagePoint
    /// The bill counts the days before this one: its index at 00:00 closes the day before.
    package let asOf: ServiceDay
    /// The moment whose knowledge it was made with; `nil` for now.
    package let knownAt: Instant?
    /// The whole billing period that the day before `asOf` lies in, cut to the days of supply.
    package let period: BillingPeriod
    /// The period so far, through the last day whose end is known or that is projected, with the blocks of the whole
    /// period.
    package let bill: ProvisionalBill
    /// From each meter's first index to its last, by way of those at price changes; meter by meter, oldest first. With
    /// `projected` they add up to what is billed, before it is rounded down to whole kWh.
    package let steps: [DialStep]
    package let coverage: BillCoverage
    /// The energy that the bill counts of days of which an index is missing, in their order.
    package let projected: [ProjectedDay]
    /// First, last, and those at meter exchanges and price changes in between; meter by meter, oldest first.
    package let indices: [UsedIndex]
    /// What the whole period may come to; `nil` once it is over, while fewer than seven days' consumption is known, and
    /// where the period's start is not.
    package let projection: BillProjection?
    /// What a reader should know besides the notes of `bill`: where indices are missing. One sentence each.
    package let notes: [String]
    /// `nil` where no earlier period is known, and in a bill that was rated only to be held against another.
    package internal(set) var comparison: BillComparison?

    /// The projected days by method.
    package var projections: [(method: EstimationMethod, days: Int, energy: Energy)] {
        EstimationMethod.allCases.compactMap { method in
            let own = projected.filter { $0.method == method }
            return own.isEmpty ? nil : (method, own.count, own.reduce(.zero) { $0 + $1.energy })
        }
    }
}

/// How the days of a period so far are known. `measured` + `estimated` + `missing` = `days`, the days that had a meter.
package struct BillCoverage: Hashable, Sendable {
    package internal(set) var days = 0
    /// All indices of the day, of both meters where they were exchanged, stand on the dial itself.
    package internal(set) var measured = 0
    /// All are known, at least one is estimated or was entered by a person.
    package internal(set) var estimated = 0
    /// So many of these have no estimate but a person's word: somebody has looked.
    package internal(set) var entered = 0
    package internal(set) var missing = 0
    /// So many of the missing ones count with an energy that is projected: they stay missing.
    package internal(set) var projected = 0
    /// Between two meters: nobody was supplied, so nothing is missing.
    package internal(set) var withoutMeter = 0

    /// Counts a day.
    mutating func add(_ knowledge: UsagePointDays.Knowledge) {
        switch knowledge {
        case .withoutMeter: withoutMeter += 1
        case .missing: missing += 1
        case .estimated: estimated += 1
        case .entered:
            estimated += 1
            entered += 1
        case .measured: measured += 1
        }
    }

    /// Says so where more than so many of 100 days are neither measured nor read by a person.
    func notes(sharePercentMax: Int) -> [String] {
        let told = estimated - entered + projected
        guard told * 100 > days * sharePercentMax else { return [] }
        return [
            "\(told) of \(days) days are estimated or projected, more than the \(sharePercentMax) % that a bill may "
                + "have; the bill is not final until they are read or somebody has looked."
        ]
    }
}

/// What the whole period's total may come to with the days that are left of it, by the customer's latest known days
/// (`DaysToCome`): low ≤ expected ≤ high.
package struct BillProjection: Hashable, Sendable {
    /// The period's last day.
    package let to: ServiceDay
    package let low: Money
    package let expected: Money
    package let high: Money
}
