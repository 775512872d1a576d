import Foundation

/// Turns instants into service days and back, in one time zone (design §6.6 `time_zone`).
package struct ServiceCalendar: Sendable {
    package let identifier: String
    private let zone: TimeZone
    /// Set where the zone has had one offset since 2000 and announces no change: no look-up then.
    private let fixedOffset: Int?

    /// `nil` for a time zone the system does not know.
    package init?(timeZone identifier: String) {
        guard let zone = TimeZone(identifier: identifier) else { return nil }
        self.identifier = identifier
        self.zone = zone
        let since2000 = Date(timeIntervalSince1970: 946_684_800)
        fixedOffset =
            zone.nextDaylightSavingTimeTransition(after: since2000) == nil ? zone.secondsFromGMT(for: since2000) : nil
    }

    /// Asia/Ho_Chi_Minh: UTC+7 all year. Built from the offset so that it needs no time zone database.
    package static let vietnam = ServiceCalendar(identifier: "Asia/Ho_Chi_Minh", fixedOffset: 7 * 3600)

    private init(identifier: String, fixedOffset: Int) {
        self.identifier = identifier
        self.fixedOffset = fixedOffset
        zone = TimeZone(secondsFromGMT: fixedOffset) ?? .gmt
    }

    /// Seconds east of Greenwich at `instant`.
    package func offsetSeconds(at instant: Instant) -> Int {
        // float: Foundation's Date counts seconds so, whole ones exactly up to 2⁵³; only a zone is looked up with it.
        fixedOffset ?? zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds)))
    }

    /// The civil date at `instant`.
    package func day(at instant: Instant) -> ServiceDay {
        ServiceDay(number: Int32((instant.seconds + Int64(offsetSeconds(at: instant))).flooredQuotient(by: 86_400)))
    }

    /// The first instant of `day` (00:00 local; where clocks skip midnight, the first instant that exists).
    package func start(of day: ServiceDay) -> Instant {
        let asIfUTC = Int64(day.number) * 86_400
        if let fixedOffset { return Instant(seconds: asIfUTC - Int64(fixedOffset)) }
        // The offset before midnight is right unless the clock changes at midnight itself; then the one after is.
        let before = Instant(seconds: asIfUTC - Int64(offsetSeconds(at: Instant(seconds: asIfUTC - 86_400))))
        let guess = Instant(seconds: asIfUTC - Int64(offsetSeconds(at: before)))
        return self.day(at: guess) == day ? guess : before
    }

    /// The instant at which this calendar's clocks show `second` seconds after midnight of `day` (0 ..< 86,400). Of the
    /// two that a clock set back shows, one; a time that a clock set forward skips counts as if it had not been.
    package func instant(on day: ServiceDay, second: Int) -> Instant {
        let local = Int64(day.number) * 86_400 + Int64(second)
        let guess = Instant(seconds: local - Int64(offsetSeconds(at: Instant(seconds: local))))
        return Instant(seconds: local - Int64(offsetSeconds(at: guess)))
    }

    /// `2025-05-10T00:00:00+07:00`: the instant as this calendar's clocks show it.
    package func text(_ instant: Instant) -> String { instant.rfc3339(offsetSeconds: offsetSeconds(at: instant)) }
}
