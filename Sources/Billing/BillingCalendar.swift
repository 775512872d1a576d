import Metering

/// When a customer's billing periods begin and end, across agreed changes of the reading days.
///
/// A period (kỳ) goes from the day after one reading to the day of the next, so every day is in exactly one, whatever
/// changed when. Where the reading days changed, it goes from the day after the last old reading to the first new one:
/// month-end, from 5 May on the 12th → 1-12 May, then 13 May-12 June.
package struct BillingCalendar: Hashable, Sendable {
    /// Reading days that hold no more.
    package struct Former: Hashable, Sendable {
        /// The first day on which they do not.
        package let until: ServiceDay
        package let days: ReadingDays

        package init(until: ServiceDay, days: ReadingDays) { (self.until, self.days) = (until, days) }
    }

    private let days: ReadingDays
    /// Oldest first.
    private let former: [Former]

    /// - Parameters:
    ///   - days: those that hold now.
    ///   - former: those of earlier days, in any order; each held from the end of the one before it.
    package init(_ days: ReadingDays, former: [Former] = []) {
        self.days = days
        self.former = former.sorted { $0.until < $1.until }
    }

    /// The same for whole months: of several periods a month only the end of the last.
    package var ofMonths: BillingCalendar {
        BillingCalendar(days.ofMonths, former: former.map { Former(until: $0.until, days: $0.days.ofMonths) })
    }

    /// The period that `day` lies in, and whether its blocks are scaled by days.
    ///
    /// They are not in an ordinary period, a month long. They are where an agreed change made it another (TT 60/2025
    /// Điều 12.11), and wherever there are several periods a month: blocks are not the large customers', but one who
    /// has them all the same would get a month's in each.
    package func period(containing day: ServiceDay) -> (period: BillingPeriod, isIrregular: Bool) {
        let through = firstReading(onOrAfter: day)
        let from = lastReading(before: day).next
        let own = readingDays(on: through)
        let isShifted = from != own.lastReading(before: through).next
        return (BillingPeriod(knownFrom: from, through: through), own.days.count > 1 || isShifted)
    }

    /// Whether `period` is one of this calendar's that no change made.
    package func hasOrdinary(_ period: BillingPeriod) -> Bool {
        let own = self.period(containing: period.through)
        return own.period == period && !own.isIrregular
    }

    private func readingDays(on day: ServiceDay) -> ReadingDays {
        former.first { day < $0.until }?.days ?? days
    }

    private func firstReading(onOrAfter day: ServiceDay) -> ServiceDay {
        var start = day
        for known in former where start < known.until {
            let reading = known.days.firstReading(onOrAfter: start)
            if reading < known.until { return reading }
            start = known.until
        }
        return days.firstReading(onOrAfter: start)
    }

    private func lastReading(before day: ServiceDay) -> ServiceDay {
        var end = day
        for position in stride(from: former.count, through: 0, by: -1) {
            let start = position > 0 ? former[position - 1].until : nil
            if let start, end <= start { continue }
            let holding = position < former.count ? former[position].days : days
            let reading = holding.lastReading(before: end)
            guard let start, reading < start else { return reading }
            end = start
        }
        preconditionFailure("the oldest reading days have no beginning")
    }
}

extension ReadingDays {
    fileprivate func firstReading(onOrAfter day: ServiceDay) -> ServiceDay {
        let month = day.monthStart
        return readings(inMonthOf: month).first { $0 >= day } ?? readings(inMonthOf: month + month.daysInMonth)[0]
    }

    fileprivate func lastReading(before day: ServiceDay) -> ServiceDay {
        let month = day.monthStart
        let earlier = readings(inMonthOf: month.previous.monthStart)
        return readings(inMonthOf: month).last { $0 < day } ?? earlier[earlier.count - 1]
    }

    /// Rising, never none.
    private func readings(inMonthOf start: ServiceDay) -> [ServiceDay] {
        days.map { start + ($0 == 0 ? start.daysInMonth : $0) - 1 }
    }
}

extension ServiceDay {
    fileprivate var monthStart: ServiceDay { self - (civil.day - 1) }
}
