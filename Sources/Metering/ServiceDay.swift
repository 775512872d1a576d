/// A civil date in the utility's time zone, counted in days since 1970-01-01.
/// It has no length of its own: where clocks change a day has 23 or 25 hours (see `ServiceCalendar`).
package struct ServiceDay: Hashable, Comparable, Sendable {
    package let number: Int32

    @inlinable package init(number: Int32) { self.number = number }

    /// `nil` unless the date exists in the Gregorian calendar (years 1 to 9999).
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.daysInMonth(year: year, month: month)
        else { return nil }
        number = Self.number(year: year, month: month, day: day)
    }

    /// Parses `YYYY-MM-DD` and nothing else.
    package init?(iso text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    // Written out: else Strideable's own, which measures a distance, would serve.
    @inlinable package static func == (left: ServiceDay, right: ServiceDay) -> Bool { left.number == right.number }
    @inlinable package static func < (left: ServiceDay, right: ServiceDay) -> Bool { left.number < right.number }
    package static func + (day: ServiceDay, count: Int) -> ServiceDay {
        ServiceDay(number: day.number + Int32(count))
    }
    package static func - (day: ServiceDay, count: Int) -> ServiceDay { day + -count }
    /// Days from `earlier` to `later`; 0 when equal.
    package static func - (later: ServiceDay, earlier: ServiceDay) -> Int { Int(later.number) - Int(earlier.number) }

    package var next: ServiceDay { self + 1 }
    package var previous: ServiceDay { self - 1 }

    /// Monday is 1, Sunday 7 (ISO 8601).
    package var weekday: Int { Int(((number + 3) % 7 + 7) % 7) + 1 }

    /// Year, month (1...12) and day of month (1...31), by Hinnant's era arithmetic.
    package var civil: (year: Int, month: Int, day: Int) {
        let shifted = Int(number) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// Days of the calendar month this day lies in.
    package var daysInMonth: Int {
        let (year, month, _) = civil
        return Self.daysInMonth(year: year, month: month)
    }

    package static func daysInMonth(year: Int, month: Int) -> Int {
        let nextYear = month == 12 ? year + 1 : year
        let nextMonth = month == 12 ? 1 : month + 1
        return Int(number(year: nextYear, month: nextMonth, day: 1) - number(year: year, month: month, day: 1))
    }

    private static func number(year: Int, month: Int, day: Int) -> Int32 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int32(era * 146_097 + dayOfEra - 719_468)
    }
}

extension ServiceDay: CustomStringConvertible {
    /// `YYYY-MM-DD`.
    package var description: String {
        let (year, month, day) = civil
        func padded(_ value: Int, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}

extension ServiceDay: Strideable {
    package func distance(to other: ServiceDay) -> Int { other - self }
    package func advanced(by count: Int) -> ServiceDay { self + count }
}
