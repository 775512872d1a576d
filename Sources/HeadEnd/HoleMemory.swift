import Metering

/// Which blocks of a model have to be read value by value, and which of their values a meter does not have: learnt
/// from exceptions 2 and 3, kept for a week, and then tried again, for firmware changes (quirks §13, §14).
///
/// Keyed by model and firmware where the meter tells its firmware, else by meter. A value that must be there is never
/// remembered as a hole: its refusal is a failure each time.
struct HoleMemory: Sendable {
    struct Key: Hashable, Sendable {
        let model: String
        let firmware: String?
        /// `nil` where the firmware stands for all meters that have it.
        let meter: MeterID?
    }

    private struct Block: Hashable, Sendable {
        let key: Key
        let block: UInt8
    }

    private struct Split: Sendable {
        /// One bit a value of the block.
        var missing: UInt64
        let until: Instant
    }

    private var splits: [Block: Split] = [:]
    /// Who refuses the import dial as well denies everything: no hole is learnt from it until that dial is read.
    private var denying: Set<Key> = []
    private static let lifetime = Instant.Span.hours(7 * 24)

    var isEmpty: Bool { splits.isEmpty }

    func isSplit(_ key: Key, block: UInt8, at civil: Instant) -> Bool { split(key, block, at: civil) != nil }

    func isMissing(_ key: Key, block: UInt8, value: Int, at civil: Instant) -> Bool {
        guard value < 64, let split = split(key, block, at: civil) else { return false }
        return split.missing & (1 << UInt64(value)) != 0
    }

    mutating func split(_ key: Key, block: UInt8, at civil: Instant) {
        splits[Block(key: key, block: block)] = Split(missing: 0, until: civil + Self.lifetime)
    }

    /// The import dial was refused.
    mutating func deny(_ key: Key) {
        denying.insert(key)
        for place in splits.keys where place.key == key { splits[place]?.missing = 0 }
    }

    /// The import dial was read: what was split during a denial is asked for whole again.
    mutating func affirm(_ key: Key) {
        guard denying.remove(key) != nil else { return }
        splits = splits.filter { $0.key.key != key }
    }

    mutating func remember(_ key: Key, block: UInt8, missing value: Int, at civil: Instant) {
        guard value < 64, !denying.contains(key) else { return }
        let place = Block(key: key, block: block)
        var split = split(key, block, at: civil) ?? Split(missing: 0, until: civil + Self.lifetime)
        split.missing |= 1 << UInt64(value)
        splits[place] = split
    }

    private func split(_ key: Key, _ block: UInt8, at civil: Instant) -> Split? {
        guard !splits.isEmpty, let split = splits[Block(key: key, block: block)], civil < split.until else {
            return nil
        }
        return split
    }
}
