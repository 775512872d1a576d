import Metering

/// How many kWh of a block a customer has, for the whole period or up to a day inside it (định mức).
///
/// ```
/// ordinary period    whole       round(w × h)
///                    N days of   round(w × h × N / T)            a price change splits the period
/// irregular period   any span    round(m × w × h + w × h × N / T)   m whole months first, then N days
/// ```
/// `w` width, `h` households, `T` days of the calendar month in which the period starts; days are counted with both
/// ends. Rounded once, to a whole kWh, half away from zero. A span later in the period gets the difference of two such
/// numbers, so all rounding falls on the side after a change and the spans add up to the whole.
/// Sources: TT 60/2025 Điều 12.8, 12.11; EVNCPC customer pages for rounding.
struct BlockQuota {
    let period: BillingPeriod
    /// Last day of the whole period; a bill of the days so far has the blocks of all of it.
    let periodEnd: ServiceDay
    let householdHundredths: Int64
    let isIrregular: Bool
    /// T
    let monthDays: Int

    init(period: BillingPeriod, periodEnd: ServiceDay? = nil, householdHundredths: Int, isIrregular: Bool) {
        self.period = period
        self.periodEnd = periodEnd ?? period.through
        self.householdHundredths = Int64(householdHundredths)
        self.isIrregular = isIrregular
        monthDays = period.from.daysInMonth
    }

    /// kWh of a block in the span from the period's first day up to, not including, `end`.
    func kwh(width: Int64, before end: ServiceDay) -> Int64 {
        (width * householdHundredths * scale(before: end)).quotientRoundedHalfAway(by: 100 * Int64(monthDays))
    }

    /// kWh of a block in the whole period.
    func kwh(width: Int64) -> Int64 { kwh(width: width, before: period.through.next) }

    /// Quota days: T is one month's quota. Never falls as `end` moves on, so no span gets a negative quota.
    private func scale(before end: ServiceDay) -> Int64 {
        guard isIrregular else {
            // The factor of an ordinary period is 1, whatever its length.
            return Int64(end == period.through.next ? monthDays : min(end - period.from, monthDays))
        }
        let end = end == period.through.next ? periodEnd.next : end
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
