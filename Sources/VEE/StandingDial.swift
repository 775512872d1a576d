import Metering

/// A dial that has stood still while its meter showed a load: two registers of one meter that contradict each other
/// (vee-and-feeds §1.3, "static"). A home in which nobody is shows no load, and is none.
package struct StandingDial: Hashable, Sendable {
    /// A load below this, in W, may be what no dial counts.
    package static let least: Int64 = 50
    /// One sight more than once in two days: even a dial of whole kWh has moved under `least` by then.
    package static let sightsNeeded = 3
    package static let spanNeeded = Instant.Span.hours(44)

    /// When it was first and last seen under load at this index.
    package private(set) var since: Instant
    package private(set) var seen: Instant
    package private(set) var sights: Int
    /// The least of the loads seen, in W.
    package private(set) var load: Int64
    /// Of active import, as the dial has counted; `nil` where that was not known then.
    package let index: Energy?

    package init(since: Instant, seen: Instant, sights: Int, load: Int64, index: Energy?) {
        (self.since, self.seen, self.sights, self.load, self.index) = (since, seen, sights, load, index)
    }

    package var isFault: Bool { sights >= Self.sightsNeeded && seen - since >= Self.spanNeeded }

    /// A load was seen, and where the dial stood meanwhile is not known: later sights go on from what was known before.
    package func heldBack(at instant: Instant) -> StandingDial {
        var standing = self
        standing.seen = max(seen, instant)
        return standing
    }

    /// What is known once a load was seen: that the dial still stands, or that it stands elsewhere.
    /// - Parameters:
    ///   - before: what was known; `nil` where nothing was.
    ///   - load: of active import, `least` or more, in W.
    ///   - index: what the dial has counted; `nil` where that is not known.
    package static func seen(
        after before: StandingDial?, load: Int64, index: Energy?, at instant: Instant
    ) -> StandingDial {
        guard var standing = before, index != nil, standing.index == index else {
            return StandingDial(since: instant, seen: instant, sights: 1, load: load, index: index)
        }
        guard instant > standing.seen else { return standing }
        standing.seen = instant
        standing.sights += 1
        standing.load = min(standing.load, load)
        return standing
    }
}
