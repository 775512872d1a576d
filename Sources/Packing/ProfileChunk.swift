import Metering

/// What the dial shows at the first instant of one slot of a load profile.
package struct SlotIndex: Hashable, Sendable {
    /// Counted from the first slot of the chunk's first day, from 0.
    package let slot: Int
    package let index: Energy
    package let quality: IndexQuality

    package init(slot: Int, index: Energy, quality: IndexQuality) {
        self.slot = slot
        self.index = index
        self.quality = quality
    }
}

/// The load profile of one register over a day or a week, as the bytes that a row keeps (docs/CODEC.md draws them): the
/// index at the first instant of every slot, with its quality. Lossless for every index from 0, and any slots missing;
/// equal profiles are equal bytes. A home's half hour takes about a byte.
///
/// A slot has neither bound nor revision of its own: either would cost more than the index. The bound of an index that
/// a bill may rest on stands with the daily index; a chunk is replaced as a whole.
package enum ProfileChunk {
    /// A week of quarter hours, or a month of hours.
    package static let slotsMax = 744
    /// No chunk is longer: in each slot at most 128 bits for the dial and 14 for a state.
    package static let bytesMax = 14_000

    /// The kind in the checksum.
    static let kind = UInt8(ascii: "P")

    /// Appends the chunk of these indices.
    /// - Parameters:
    ///   - indices: in the order of their slots, each once; a slot without one is missing.
    ///   - slots: of all the key's days together: 48 for a day of half hours, 46 or 50 where clocks change.
    package static func append(
        _ indices: [SlotIndex], key: ChunkKey, slots: Int, to bytes: inout [UInt8]
    ) throws(UnpackableIndex) {
        let unpackable = withUnsafeTemporaryAllocation(byteCount: bytesMax, alignment: 8) { body -> UnpackableIndex? in
            do throws(UnpackableIndex) {
                let count = try indices.withUnsafeBufferPointer { indices throws(UnpackableIndex) in
                    try write(indices, key: key, slots: slots, to: body)
                }
                bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: body[..<count]))
                return nil
            } catch {
                return error
            }
        }
        if let unpackable { throw unpackable }
    }

    /// The same into memory of the caller's, `bytesMax` long.
    /// - Returns: the chunk's length.
    package static func write(
        _ indices: UnsafeBufferPointer<SlotIndex>, key: ChunkKey, slots: Int, to body: UnsafeMutableRawBufferPointer
    ) throws(UnpackableIndex) -> Int {
        precondition((1...slotsMax).contains(slots), "1 to \(slotsMax) slots, not \(slots)")
        precondition(body.count >= bytesMax, "room for the longest chunk")
        let hasStates = try hasStates(indices, slots: slots)
        let unit = DialUnit(of: indices)
        var writer = BitWriter(body)
        var last = (indices.first?.index.wattHours ?? 0) / unit.wattHours
        let first = UInt64(last)
        let bits = (hasStates ? Trait.states : 0) | (unit.exponent > 0 ? Trait.unit : 0)
        ChunkHead(isUsual: bits == 0, width: first.width).put(to: &writer)
        if bits != 0 { writer.put(bits, bits: Trait.count) }
        if hasStates { put(states: indices, slots: slots, to: &writer) }
        let hasRemainders = UnitBits.put(unit, of: indices, to: &writer)
        writer.put(belowHighest: first)
        var forecast = SlotForecast()
        for place in 1..<max(1, indices.count) {
            let index = indices[place].index.wattHours
            let dial = unit.exponent == 0 ? index : index / unit.wattHours
            put(dial - last, steps: indices[place].slot &- indices[place &- 1].slot, &forecast, to: &writer)
            last = dial
        }
        if hasRemainders { UnitBits.put(remaindersOf: indices, unit, to: &writer) }
        let count = writer.end()
        let content = UnsafeRawBufferPointer(rebasing: body[..<count])
        let sum = ChunkChecksum.of(content, kind: kind, key: key, slots: slots)
        body.storeBytes(of: sum.bigEndian, toByteOffset: count, as: UInt16.self)
        return count + ChunkChecksum.bytes
    }

    /// Bits that say what an unusual chunk has.
    enum Trait {
        static let states: UInt64 = 1
        static let unit: UInt64 = 2
        static let count = 2
    }

    @inline(__always)
    private static func put(
        _ difference: Int64, steps: Int, _ forecast: inout SlotForecast, to writer: inout BitWriter
    ) {
        let low = forecast.low(steps: steps)
        if difference >= 0 {
            let expected = UInt64(forecast.expected(steps: steps))
            writer.put(wide: SlotForecast.fold(UInt64(difference), expected: expected), low: low)
        } else {
            // A dial that went back: rare, and so no sign need stand for the others.
            writer.putWideMark(low: low)
            writer.put(long: difference.magnitude - 1, bits: 63)
        }
        forecast.learn(difference, steps: steps)
    }

    /// Whether a slot is missing or not frozen.
    private static func hasStates(
        _ indices: UnsafeBufferPointer<SlotIndex>, slots: Int
    ) throws(UnpackableIndex) -> Bool {
        var hasStates = indices.count != slots
        var next = 0
        for (place, index) in indices.enumerated() {
            guard index.slot >= next, index.slot < slots, index.index.wattHours >= 0 else {
                throw UnpackableIndex(place: place)
            }
            next = index.slot &+ 1
            if !index.quality.isFrozen { hasStates = true }
        }
        return hasStates
    }

    private static func put(states indices: UnsafeBufferPointer<SlotIndex>, slots: Int, to writer: inout BitWriter) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: slots) { states in
            states.initialize(repeating: StateRuns.missing)
            for index in indices { states[index.slot] = index.quality.rawValue }
            StateRuns.put(UnsafeBufferPointer(states), to: &writer)
        }
    }
}
