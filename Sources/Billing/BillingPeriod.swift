import Metering

/// The days one bill covers, both ends inclusive: from the day after the previous reading to the reading day.
package struct BillingPeriod: Hashable, Sendable {
    package let from: ServiceDay
    package let through: ServiceDay

    /// `nil` when the period would end before it begins.
    package init?(from: ServiceDay, through: ServiceDay) {
        guard from <= through else { return nil }
        self.from = from
        self.through = through
    }

    /// 1 or more.
    package var days: Int { through - from + 1 }

    /// The ordinary monthly period that `day` lies in: the meter is read at the end of `readingDay` of each month
    /// (1...27), or at the end of the month's last day (0). Its length is that of the month it starts in. A customer's
    /// own periods are `BillingCalendar`'s.
    package static func containing(_ day: ServiceDay, readingDay: Int) -> BillingPeriod {
        BillingCalendar(ReadingDays(readingDay)).period(containing: day).period
    }

    /// - Parameter through: no earlier than `from`.
    init(knownFrom from: ServiceDay, through: ServiceDay) {
        precondition(from <= through, "a period ends no earlier than it begins")
        self.from = from
        self.through = through
    }
}

extension BillingPeriod: CustomStringConvertible {
    package var description: String { "\(from) to \(through)" }
}
