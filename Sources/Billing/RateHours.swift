import Metering

/// The hours of the rates by one regulation.
package struct RateSchedule: Hashable, Sendable {
    package let name: String
    package let inForceFrom: ServiceDay
    /// Half hours of a day, from 0 at 00:00; Monday to Saturday.
    private let peak: UInt64
    /// Of every day.
    private let offpeak: UInt64
    package let isVerified: Bool

    /// Times of the day in half hours from 00:00, 0...48: `17 ..< 20` is 34 ..< 40. None is both.
    package init(
        name: String, inForceFrom: ServiceDay, peak: [Range<Int>], offpeak: [Range<Int>], isVerified: Bool = true
    ) {
        func mask(_ ranges: [Range<Int>]) -> UInt64 { ranges.joined().reduce(0) { $0 | 1 << UInt64($1) } }
        self.name = name
        self.inForceFrom = inForceFrom
        (self.peak, self.offpeak) = (mask(peak), mask(offpeak))
        self.isVerified = isVerified
        precondition(self.peak & self.offpeak == 0, "an hour is peak or off-peak, not both")
    }

    /// - Parameter halfHour: 0 ..< 48. (Time zones whose days have others bring none of their own.)
    package func rate(ofHalfHour halfHour: Int, on day: ServiceDay) -> Rate {
        let bit: UInt64 = 1 << UInt64(min(halfHour, 63))
        if offpeak & bit != 0 { return .offpeak }
        // Sundays know no peak; holidays are as other days (nothing found that says otherwise).
        return peak & bit != 0 && day.weekday != 7 ? .peak : .normal
    }

    func inForce(from day: ServiceDay) -> RateSchedule { RateSchedule(self, from: day) }

    private init(_ other: RateSchedule, from day: ServiceDay) {
        (name, inForceFrom, peak, offpeak, isVerified) = (
            other.name, day, other.peak, other.offpeak, other.isVerified
        )
    }
}

/// Which hours are which rate's: dated, and for each meter.
package struct RateHours: Hashable, Sendable {
    /// Oldest first.
    package let schedules: [RateSchedule]

    package init(_ schedules: [RateSchedule]) { self.schedules = schedules.sorted { $0.inForceFrom < $1.inForceFrom } }

    /// The hours that a meter counts by on a day; `nil` before the first schedule. After a change a meter is programmed
    /// anew within 90 days; until it is, its old hours are billed (TT 60/2025 Điều 5.2).
    /// - Parameter programmedOn: first day on which the meter kept the latest hours; `nil` for one that needed no
    ///   programming, because its rates are told by its load profile.
    package func schedule(on day: ServiceDay, programmedOn: ServiceDay? = nil) -> RateSchedule? {
        guard let position = schedules.lastIndex(where: { $0.inForceFrom <= day }) else { return nil }
        guard let programmedOn, day < programmedOn, position > 0, schedules[position].inForceFrom < programmedOn,
            // What it was programmed to is the newest of that day; an older one it has kept long since.
            position == schedules.lastIndex(where: { $0.inForceFrom <= programmedOn })
        else { return schedules[position] }
        return schedules[position - 1]
    }
}
