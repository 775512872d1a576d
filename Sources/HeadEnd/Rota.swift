import Metering

/// The daytime slots of one gateway's meters, in the order in which they come round: a ring with a hand. A poll moves
/// the hand by one, where a heap would sift through memory that has long left the processor's caches.
struct Rota: Sendable {
    /// One a meter, rising: microseconds into the cadence above, position below. Whole cadences since 1970 are time 0.
    private var slots: [UInt64] = []
    private let cadence: Int64
    /// Place of the next slot, and when its round began.
    private var hand = 0
    private var round: Int64 = 0
    /// Slots still to be given of a lap that makes up for missed ones; 0 while none were missed.
    private var missed = 0
    private static let positionBits: UInt64 = 16

    /// `cadence` is 1 µs to 4 years, so that a slot fits one word with its position.
    init(cadence: Instant.Span) {
        self.cadence = cadence.microseconds
        let end = Int64(1) << Int64(63 - Self.positionBits)
        precondition(self.cadence >= 1 && self.cadence < end, "a cadence is 1 µs to 4 years long")
    }

    var count: Int { slots.count }

    /// Sets the slots of these meters, each by its own hash, and the hand to the first that comes after `civil`.
    mutating func set(_ meters: [(position: Int, meter: MeterID)], after civil: Instant) {
        slots = meters.map { position, meter in
            var random = SeededRandom(seed: UInt64(bitPattern: Int64(meter.number)))
            return (random.next() % UInt64(cadence)) << Self.positionBits | UInt64(position)
        }
        slots.sort()
        missed = 0
        setHand(after: civil)
    }

    private mutating func setHand(after civil: Instant) {
        round = civil.microseconds.flooredQuotient(by: cadence) * cadence
        hand = slots.firstIndex { round + Self.offset($0) > civil.microseconds } ?? 0
        if let slot = slots.first, hand == 0, round + Self.offset(slot) <= civil.microseconds { round += cadence }
    }

    /// Whom the hand shows.
    var position: Int? { hand < slots.count ? Self.position(slots[hand]) : nil }

    mutating func prefetch() {
        slots.prefetchHead(bytes: 1)
        slots.prefetch(hand)
    }

    /// When the hand's slot comes, or came; `nil` where no meter has one.
    var due: Instant? { hand < slots.count ? Instant(microseconds: round + Self.offset(slots[hand])) : nil }

    /// The meter whose slot has come, and when; its next one is a round later. Where slots have waited for a round or
    /// more, each meter is given once, the one that has waited longest first; slots that come meanwhile are served by
    /// that.
    mutating func next(at civil: Instant) -> (position: Int, due: Instant)? {
        guard hand < slots.count else { return nil }
        let slot = slots[hand]
        let late = civil.microseconds - round - Self.offset(slot)
        guard late >= 0 else { return nil }
        if late >= cadence, missed == 0 { missed = slots.count }
        let due = Instant(microseconds: round + Self.offset(slot))
        hand += 1
        if hand == slots.count { startRound() }
        if missed > 0 {
            missed -= 1
            if missed == 0 { setHand(after: civil) }
        }
        return (Self.position(slot), due)
    }

    /// The meter left: it has no slot any more.
    mutating func remove(_ position: Int) {
        guard let place = slots.firstIndex(where: { Self.position($0) == position }) else { return }
        let ahead = (place - hand + slots.count) % slots.count
        if ahead < missed { missed -= 1 }
        slots.remove(at: place)
        if place < hand { hand -= 1 }
        if hand == slots.count { startRound() }
    }

    /// The slots that have come and wait, the earliest first.
    func waiting(at civil: Instant) -> [(position: Int, due: Instant)] {
        var ahead = self
        var waiting: [(position: Int, due: Instant)] = []
        while waiting.count < slots.count, let slot = ahead.next(at: civil) { waiting.append(slot) }
        return waiting
    }

    private mutating func startRound() {
        hand = 0
        round += cadence
    }

    private static func offset(_ slot: UInt64) -> Int64 { Int64(slot >> positionBits) }
    private static func position(_ slot: UInt64) -> Int { Int(slot & (1 << positionBits - 1)) }
}
