import Billing
import Metering

/// What came to be known of one usage point's days on one service day although they had been closed: from what brought
/// it, by way of the days, to the bills.
package struct Correction: Hashable, Sendable {
    /// The poll that an index came by.
    package struct Poll: Hashable, Sendable {
        package let gateway: String
        package let unit: UInt8
        package let transaction: UInt16
    }

    /// An index that took another's place, or that a day without one got.
    package struct Index: Hashable, Sendable {
        package let serial: String
        /// What brought it.
        package let occasion: IndexOccasion
        /// `nil` where it was drawn between others or a person entered it, and once the evidence is forgotten.
        package let poll: Poll?
        /// As the dial shows it; `nil` where the day was missing.
        package let before: DailyIndex?
        package let after: DailyIndex
    }

    /// The energy of a day, multipliers applied; `nil` where it was not known, or is not any more.
    package struct Day: Hashable, Sendable {
        package let day: ServiceDay
        package let before: Energy?
        package let after: Energy?
    }

    /// A billing period in which an index has another value, rated with what was known before and after.
    package struct Bill: Hashable, Sendable {
        package let period: BillingPeriod
        /// Both count the days before this one: the period's end, or the day of the correction where it was running.
        package let asOf: ServiceDay
        /// `nil` where none could be made.
        package let before: ProvisionalBill?
        package let after: ProvisionalBill?
    }

    package let usagePoint: UsagePoint
    package let register: Register
    /// The service day on which all this came to be known.
    package let madeOn: ServiceDay
    /// Before is the moment just before the first of these, after that of the last of them. Oldest first.
    package let indices: [Index]
    /// Those that changed, by day.
    package let days: [Day]
    /// Of active energy import only, oldest first.
    package let bills: [Bill]
}

/// Which corrections are meant.
package struct CorrectionFilter: Hashable, Sendable {
    /// What came to be known from then on; `nil` for all that is kept.
    package var since: Instant?
    package var usagePoint: String?
    package var register: Register

    package init(since: Instant? = nil, usagePoint: String? = nil, register: Register = .activeImport) {
        self.since = since
        self.usagePoint = usagePoint
        self.register = register
    }
}
