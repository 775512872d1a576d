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
    /// (1...27), or at the end of the month's last day (0). Its length is that of the month it starts in.
    package static func containing(_ day: ServiceDay, readingDay: Int) -> BillingPeriod {
        precondition((0...27).contains(readingDay), "a reading day is 1...27, or 0 for the month's last day")
        let monthStart = day - (day.civil.day - 1)
        guard readingDay > 0 else {
            return BillingPeriod(knownFrom: monthStart, through: monthStart + (monthStart.daysInMonth - 1))
        }
        let reading = monthStart + (readingDay - 1)
        guard day > reading else {
            let previousMonth = monthStart.previous
            return BillingPeriod(knownFrom: reading.next - previousMonth.daysInMonth, through: reading)
        }
        return BillingPeriod(knownFrom: reading.next, through: reading + monthStart.daysInMonth)
    }

    private init(knownFrom from: ServiceDay, through: ServiceDay) {
        self.from = from
        self.through = through
    }
}

extension BillingPeriod: CustomStringConvertible {
    package var description: String { "\(from) to \(through)" }
}
