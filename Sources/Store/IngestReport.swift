import Metering

/// What one batch of outcomes came to. Everything it counts is durable.
package struct IngestReport: Hashable, Sendable {
    /// Readings that count: they moved a dial or gave an index.
    package internal(set) var accepted = 0
    /// Readings that say nothing new.
    package internal(set) var duplicates = 0
    /// Readings taken before the one already accepted. Stored only where they contradict it.
    package internal(set) var late = 0
    /// Readings kept with their words but not believed.
    package internal(set) var suspects = 0
    /// The meters of those, with the gateways they were asked through.
    package internal(set) var suspectMeters: [MeterID: String] = [:]
    /// Dials that began at 0 again; their readings are among the accepted ones.
    package internal(set) var rollovers = 0
    /// Readings of meters that showed a foreign identity; kept with their words, nobody's index.
    package internal(set) var quarantined = 0
    /// Frozen records of meters whose clocks are wrong; kept with their words, nobody's index.
    package internal(set) var wrongClock = 0
    /// Frozen records of days whose index is not the meter's to show; not stored.
    package internal(set) var outsideService = 0
    /// Daily indices written for days that had none.
    package internal(set) var indices = 0
    /// Daily indices whose value was replaced; the old one is in the audit.
    package internal(set) var revisions = 0
    /// Daily indices whose value stayed and now stands on a better source.
    package internal(set) var confirmations = 0
    /// Polls that brought no reading.
    package internal(set) var failures = 0
    /// Meters that the registry does not know; nothing of theirs was stored.
    package internal(set) var unknownMeters: Set<MeterID> = []
    /// Meters whose answer came from a gateway or unit where the registry does not have them any more: not stored.
    package internal(set) var misdirected: Set<MeterID> = []
    /// Meters of which something stored cannot be read: nothing of theirs was stored. `Store.damages` says what.
    package internal(set) var damagedMeters: Set<MeterID> = []

    package init() {}
}
