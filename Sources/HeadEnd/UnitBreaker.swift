import Metering

/// What is known of one unit behind a gateway: whether it answers. Its state is that unit's alone; the unit number
/// of another gateway is another meter (quirks §22).
package struct UnitBreaker: Sendable {
    /// Requests in a row without a word from the unit itself.
    private var silences: UInt8 = 0
    /// Probes in a row that met silence.
    private var probes: UInt8 = 0

    /// Silences after which the unit is only probed.
    private static let silencesMax: UInt8 = 2

    package init() {}

    package enum Verdict: Sendable, Equatable {
        case stillTrusted
        /// Park it, and probe it after this span of civil time.
        case open(probeAfter: Instant.Span)
    }

    package var isSuspect: Bool { silences > 0 }

    /// A time-out, or the gateway's word that the unit kept silent (0x0B). `isFinal`: the gateway knows no way to it
    /// (0x0A), which no second try changes.
    package mutating func silent(isFinal: Bool, cadence: Instant.Span, jitter: UInt64) -> Verdict {
        silences = silences < .max ? silences + 1 : .max
        guard isFinal || silences >= Self.silencesMax else { return .stillTrusted }
        let longest = max(cadence.microseconds, 60_000_000)
        let wait = isFinal ? longest : min(longest, 60_000_000 << Int64(min(probes, 20)))
        probes = probes < .max ? probes + 1 : .max
        // 75...100 %, so that units which died together are not all probed together.
        let share = wait - Int64(jitter % UInt64(wait / 4))
        return .open(probeAfter: Instant.Span(microseconds: share))
    }

    /// The silence was the line's, not the unit's.
    package mutating func forgive() { silences = silences > 0 ? silences - 1 : 0 }

    /// The unit said something, whatever it was.
    package mutating func heard() {
        silences = 0
        probes = 0
    }
}
