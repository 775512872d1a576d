/// Civil time as meterd and metersim share it: the system's, or a simulated one that runs faster (design §6.6).
/// A pure mapping: the caller brings the real time. Time-outs never come from here; they run on the monotonic clock.
package enum ServiceClock: Hashable, Sendable {
    case system
    /// Civil time is `start` at the real instant `anchor` and advances `speed` seconds each real second.
    case simulated(start: Instant, speed: Int64, anchor: Instant)

    /// Civil time at a real instant.
    package func civil(at real: Instant) -> Instant {
        switch self {
        case .system: return real
        case .simulated(let start, let speed, let anchor):
            let (passed, overflow) = (real.microseconds - anchor.microseconds).multipliedReportingOverflow(by: speed)
            // A clock left running far too fast stands still at the end of time rather than stop the process.
            guard !overflow else { return real < anchor ? Self.first : Self.last }
            let civil = start.microseconds.addingReportingOverflow(passed).partialValue
            return min(max(Instant(microseconds: civil), Self.first), Self.last)
        }
    }

    /// The first real instant at which civil time is `civil` or later.
    package func real(at civil: Instant) -> Instant {
        switch self {
        case .system: return civil
        case .simulated(let start, let speed, let anchor):
            let ahead = civil.microseconds - start.microseconds
            return Instant(microseconds: anchor.microseconds - (-ahead).flooredQuotient(by: speed))
        }
    }

    /// Years 1 and 9999: what a service day can name.
    private static let first = Instant(seconds: -62_135_596_800)
    private static let last = Instant(seconds: 253_402_300_799)

    /// Civil seconds that pass in one real second.
    package var speed: Int64 {
        switch self {
        case .system: 1
        case .simulated(_, let speed, _): speed
        }
    }

    /// Parses `START,SPEED[,ANCHOR]`: RFC 3339, whole civil seconds a real second (1...1,000,000), RFC 3339.
    /// Without an anchor, START holds at `processStart`.
    package init(simulated text: String, processStart: Instant) throws(ServiceClockError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count) else { throw .shape(text) }
        guard let start = Instant(rfc3339: parts[0]) else { throw .instant(parts[0]) }
        guard let speed = Int64(parts[1]), (1...1_000_000).contains(speed) else { throw .speed(parts[1]) }
        var anchor = processStart
        if parts.count == 3 {
            guard let given = Instant(rfc3339: parts[2]) else { throw .instant(parts[2]) }
            anchor = given
        }
        self = .simulated(start: start, speed: speed, anchor: anchor)
        let civil = self.civil(at: processStart)
        guard Self.first < civil, civil < Self.last else { throw .outOfTime(text) }
    }

    /// `START,SPEED` with an anchor at a real instant, cut to its second, so that every process reads the same time
    /// from it; `nil` where `text` has an anchor.
    package static func anchored(_ text: String, at real: Instant) -> String? {
        guard text.split(separator: ",", omittingEmptySubsequences: false).count == 2 else { return nil }
        return "\(text),\(real.rfc3339(offsetSeconds: 0))"
    }
}

/// What is wrong with a `START,SPEED[,ANCHOR]` text.
package enum ServiceClockError: Error, Hashable, CustomStringConvertible {
    case shape(String), instant(String), speed(String)
    /// The clock would now show a year outside 1 to 9999.
    case outOfTime(String)

    package var description: String {
        switch self {
        case .shape(let text): "\"\(text)\" is not START,SPEED[,ANCHOR], e.g. 2025-04-20T00:00:00+07:00,43200"
        case .instant(let text): "\"\(text)\" is no RFC 3339 instant with an offset, e.g. 2025-04-20T00:00:00+07:00"
        case .speed(let text): "speed \"\(text)\" is not a whole number from 1 to 1000000"
        case .outOfTime(let text): "\"\(text)\" would show a year outside 1 to 9999 by now; give a later anchor"
        }
    }
}
