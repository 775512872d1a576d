import Metering

extension ProfileChunk {
    /// The indices of a chunk, slot by slot.
    /// - Throws: `UnreadableBody` for a chunk that was altered, cut, put under another key, or of a later version.
    package static func indices(
        in body: UnsafeRawBufferPointer, key: ChunkKey, slots: Int
    ) throws(UnreadableBody) -> [SlotIndex] {
        var indices: [SlotIndex] = []
        try read(body, key: key, slots: slots) { indices.append(contentsOf: $0) }
        return indices
    }

    /// Hands out the indices of a chunk, slot by slot, in memory that is good until the closure returns.
    /// It is not called for a chunk that throws.
    package static func read(
        _ body: UnsafeRawBufferPointer, key: ChunkKey, slots: Int, take: (UnsafeBufferPointer<SlotIndex>) -> Void
    ) throws(UnreadableBody) {
        let isRead = withUnsafeTemporaryAllocation(of: SlotIndex.self, capacity: slots) { indices in
            guard let count = try? read(body, key: key, slots: slots, into: indices) else { return false }
            take(UnsafeBufferPointer(rebasing: indices[..<count]))
            return true
        }
        guard isRead else { throw UnreadableBody() }
    }

    /// The same into memory of the caller's, with room for all slots; what it holds after an error says nothing.
    /// - Returns: how many there are.
    package static func read(
        _ body: UnsafeRawBufferPointer, key: ChunkKey, slots: Int, into indices: UnsafeMutableBufferPointer<SlotIndex>
    ) throws(UnreadableBody) -> Int {
        precondition((1...slotsMax).contains(slots), "1 to \(slotsMax) slots, not \(slots)")
        precondition(indices.count >= slots, "room for \(slots) indices")
        var reader = try ChunkChecksum.checked(body, kind: kind, key: key, slots: slots)
        let head = try ChunkHead(from: &reader)
        let traits = head.isUsual ? 0 : try reader.take(Trait.count)
        guard head.isUsual || traits != 0 else { throw UnreadableBody() }
        let hasStates = traits & Trait.states != 0
        let count = hasStates ? try states(slots: slots, from: &reader, into: indices) : slots
        let places = UnsafeMutableBufferPointer(rebasing: indices[..<count])
        var (unit, hasRemainders) = (DialUnit(exponent: 0), false)
        if traits & Trait.unit != 0 {
            unit = try UnitBits.take(from: &reader)
            hasRemainders = hasStates ? try UnitBits.takeFlag(of: places, from: &reader) : false
        }
        guard count > 0 || head.width == 0 else { throw UnreadableBody() }
        if count > 0 { try dials(head, unit, hasStates: hasStates, from: &reader, into: places) }
        if hasRemainders { try remainders(unit, from: &reader, into: places) }
        guard unit.isRight(for: places) else { throw UnreadableBody() }
        try reader.end()
        return count
    }

    /// Slots and qualities.
    private static func states(
        slots: Int, from reader: inout BitReader, into indices: UnsafeMutableBufferPointer<SlotIndex>
    ) throws(UnreadableBody) -> Int {
        let count = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: slots) { states -> Int? in
            guard (try? StateRuns.take(into: states, from: &reader)) != nil else { return nil }
            var (count, isUsual) = (0, true)
            for (slot, state) in states.enumerated() {
                isUsual = isUsual && state == IndexQuality.frozen.rawValue
                guard let quality = IndexQuality(rawValue: state) else { continue }
                indices[count] = SlotIndex(slot: slot, index: .zero, quality: quality)
                count += 1
            }
            return isUsual ? nil : count
        }
        guard let count else { throw UnreadableBody() }
        return count
    }

    private static func dials(
        _ head: ChunkHead, _ unit: DialUnit, hasStates: Bool, from reader: inout BitReader,
        into indices: UnsafeMutableBufferPointer<SlotIndex>
    ) throws(UnreadableBody) {
        var dial = Int64(try reader.belowHighest(width: head.width))
        var forecast = SlotForecast()
        var (place, slot) = (0, 0)
        var quality = IndexQuality.frozen
        while true {
            let (wattHours, isOver) = dial.multipliedReportingOverflow(by: unit.wattHours)
            guard !isOver else { throw UnreadableBody() }
            if hasStates { (slot, quality) = (indices[place].slot, indices[place].quality) }
            indices[place] = SlotIndex(slot: slot, index: Energy(wattHours: wattHours), quality: quality)
            place &+= 1
            guard place < indices.count else { return }
            let steps = hasStates ? indices[place].slot &- slot : 1
            let difference = try difference(forecast, steps: steps, from: &reader)
            let (sum, isTooMuch) = dial.addingReportingOverflow(difference)
            guard !isTooMuch, sum >= 0 else { throw UnreadableBody() }
            (dial, slot) = (sum, slot &+ 1)
            forecast.learn(difference, steps: steps)
        }
    }

    private static func remainders(
        _ unit: DialUnit, from reader: inout BitReader, into indices: UnsafeMutableBufferPointer<SlotIndex>
    ) throws(UnreadableBody) {
        var isAny = false
        for place in indices.indices where !indices[place].quality.isFrozen {
            let index = indices[place]
            let remainder = try UnitBits.remainder(of: unit, from: &reader)
            isAny = isAny || remainder != 0
            let (sum, isOver) = index.index.wattHours.addingReportingOverflow(remainder)
            guard !isOver else { throw UnreadableBody() }
            indices[place] = SlotIndex(slot: index.slot, index: Energy(wattHours: sum), quality: index.quality)
        }
        guard isAny else { throw UnreadableBody() }
    }

    @inline(__always)
    private static func difference(
        _ forecast: SlotForecast, steps: Int, from reader: inout BitReader
    ) throws(UnreadableBody) -> Int64 {
        guard let number = try reader.wide(low: forecast.low(steps: steps)) else {
            // −2⁶³ is no difference of two dials.
            guard let magnitude = Int64(exactly: try reader.takeLong(63) + 1) else { throw UnreadableBody() }
            return -magnitude
        }
        let expected = UInt64(truncatingIfNeeded: forecast.expected(steps: steps))
        return Int64(truncatingIfNeeded: SlotForecast.unfold(number, expected: expected))
    }
}
