import Metering

extension ProfileChunk {
    /// The indices of a chunk, slot by slot.
    /// - Throws: `UnreadableBody` for a chunk that was altered, cut, put under another key or written by a later version.
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
        var count = slots
        if !head.isUsual { count = try states(slots: slots, from: &reader, into: indices) }
        guard count > 0 || head.width == 0 else { throw UnreadableBody() }
        if count > 0 {
            let places = UnsafeMutableBufferPointer(rebasing: indices[..<count])
            try dials(head, from: &reader, into: places)
        }
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
        _ head: ChunkHead, from reader: inout BitReader, into indices: UnsafeMutableBufferPointer<SlotIndex>
    ) throws(UnreadableBody) {
        var dial = Int64(try reader.belowHighest(width: head.width))
        var forecast = SlotForecast()
        var (place, slot) = (0, 0)
        var quality = IndexQuality.frozen
        while true {
            if !head.isUsual { (slot, quality) = (indices[place].slot, indices[place].quality) }
            indices[place] = SlotIndex(slot: slot, index: Energy(wattHours: dial), quality: quality)
            place &+= 1
            guard place < indices.count else { return }
            let steps = head.isUsual ? 1 : indices[place].slot &- slot
            let difference = try difference(forecast, steps: steps, from: &reader)
            let (sum, isOver) = dial.addingReportingOverflow(difference)
            guard !isOver, sum >= 0 else { throw UnreadableBody() }
            (dial, slot) = (sum, slot &+ 1)
            forecast.learn(difference, steps: steps)
        }
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
