import Metering

/// How many kWh of a block a customer has, for the whole period or up to a day inside it (định mức).
///
/// ```
/// ordinary period    whole       round(w × h)
///                    N days of   round(w × h × N / T)            a price change splits the period
/// irregular period   any span    round(m × w × h + w × h × N / T)   m whole months first, then N days
/// ```
/// `w` width, `h` households, `T` days of the calendar month in which the period starts; days are counted with both
/// ends. A day without a meter is no such day: it is taken out wherever it would have counted, in an ordinary period
/// out of `T`. Rounded once, to a whole kWh, half away from zero. A span later in the period gets the difference of two
/// such numbers, so all rounding falls on the side after a change and the spans add up to the whole. Sources: TT
/// 60/2025 Điều 12.8, 12.11; EVNCPC customer pages for rounding; the EVN billing engine for days without a meter.
struct BlockQuota {
    let period: BillingPeriod
    /// Last day of the whole period; a bill of the days so far has the blocks of all of it.
    let periodEnd: ServiceDay
    let householdHundredths: Int64
    let isIrregular: Bool
    let daysWithoutMeter: DaysWithoutMeter
    /// T
    let monthDays: Int

    init(
        period: BillingPeriod, periodEnd: ServiceDay? = nil, householdHundredths: Int, isIrregular: Bool,
        daysWithoutMeter: DaysWithoutMeter = .none
    ) {
        self.period = period
        self.periodEnd = periodEnd ?? period.through
        self.householdHundredths = Int64(householdHundredths)
        self.isIrregular = isIrregular
        self.daysWithoutMeter = daysWithoutMeter
        monthDays = period.from.daysInMonth
    }

    /// kWh of a block in the span from the period's first day up to, not including, `end`.
    func kwh(width: Int64, before end: ServiceDay) -> Int64 {
        // A bill of the days so far has the blocks of the whole period.
        let end = end == period.through.next ? periodEnd.next : end
        return (width * householdHundredths * suppliedQuotaDays(before: end))
            .quotientRoundedHalfAway(by: 100 * Int64(monthDays))
    }

    /// kWh of a block in the whole period.
    func kwh(width: Int64) -> Int64 { kwh(width: width, before: period.through.next) }

    /// Quota days without those that had no meter. Never falls as `end` moves on, so no span gets a negative quota: a
    /// day that brings nothing, because a month's T days are counted already, takes nothing away either.
    private func suppliedQuotaDays(before end: ServiceDay) -> Int64 {
        let idle = daysWithoutMeter.days(from: period.from, before: end)
        return quotaDays(before: end) - Int64(idle.count { quotaDays(before: $0.next) > quotaDays(before: $0) })
    }

    /// T is one month's quota. Never falls as `end` moves on.
    private func quotaDays(before end: ServiceDay) -> Int64 {
        guard isIrregular else {
            // The factor of an ordinary period is 1, whatever its length.
            return Int64(end == periodEnd.next ? monthDays : min(end - period.from, monthDays))
        }
        let dayOfMonth = period.from.civil.day
        var months = 0
        var reached = period.from
        var monthStart = period.from - (dayOfMonth - 1)
        while true {
            monthStart = monthStart + monthStart.daysInMonth
            // A month is over on the same day of the next, or, where that month is too short for it, on the first
            // of the one after.
            let anniversary = monthStart + (min(dayOfMonth, monthStart.daysInMonth + 1) - 1)
            guard anniversary <= end else { break }
            months += 1
            reached = anniversary
        }
        // The days left over may outnumber T (28 days of February, then 30 of March); they are still no whole month.
        return Int64(months * monthDays + min(end - reached, monthDays))
    }
}
