import Metering

/// The daily indices of one register over up to 31 consecutive days, as the bytes that a row keeps (docs/CODEC.md draws
/// them). Lossless for every index from 0, every quality, bound and revision, and any days missing; equal indices are
/// equal bytes. A home's month takes about 52 bytes, of which the differences between its days are 45.
package enum IndexChunk {
    /// No chunk is longer: in each of 31 days at most 132 bits for the dial, 69 for a bound, 143 for a revision, 11 for
    /// a state.
    package static let bytesMax = 1500

    /// The kind in the checksum.
    static let kind = UInt8(ascii: "I")
    /// The forecast of bounds' codes: in the middle of what they may be, and soon better.
    static let boundForecast = Forecast(level: 32, spread: 12)

    /// Appends the chunk of these indices.
    /// - Parameter indices: of the key's days, in their order, each once; a day without one is missing.
    package static func append(
        _ indices: [DailyIndex], key: ChunkKey, to bytes: inout [UInt8]
    ) throws(UnpackableIndex) {
        let unpackable = withUnsafeTemporaryAllocation(byteCount: bytesMax, alignment: 8) { body -> UnpackableIndex? in
            do throws(UnpackableIndex) {
                let count = try indices.withUnsafeBufferPointer { indices throws(UnpackableIndex) in
                    try write(indices, key: key, to: body)
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
        _ indices: UnsafeBufferPointer<DailyIndex>, key: ChunkKey, to body: UnsafeMutableRawBufferPointer
    ) throws(UnpackableIndex) -> Int {
        precondition(body.count >= bytesMax, "room for the longest chunk")
        let traits = try Traits(of: indices, key: key)
        let unit = DialUnit(of: indices)
        var writer = BitWriter(body)
        let first = UInt64((indices.first?.index.wattHours ?? 0) / unit.wattHours)
        let bits = traits.bits | (unit.exponent > 0 ? Trait.unit : 0)
        ChunkHead(isUsual: bits == 0, width: first.width).put(to: &writer)
        if bits != 0 { writer.put(bits, bits: Trait.count) }
        if traits.hasStates { put(states: indices, key: key, to: &writer) }
        let hasRemainders = UnitBits.put(unit, of: indices, to: &writer)
        var dial = DialWriter()
        var last = key.firstDay.number
        for index in indices {
            let steps = Int(index.day.number &- last)
            dial.put(
                unit.exponent == 0 ? index.index.wattHours : index.index.wattHours / unit.wattHours, steps: steps,
                to: &writer)
            last = index.day.number
        }
        if traits.hasBounds { put(bounds: indices, traits, to: &writer) }
        if traits.hasRevisions { put(revisions: indices, to: &writer) }
        if hasRemainders { UnitBits.put(remaindersOf: indices, unit, to: &writer) }
        let count = writer.end()
        let sum = ChunkChecksum.of(UnsafeRawBufferPointer(rebasing: body[..<count]), kind: kind, key: key)
        body.storeBytes(of: sum.bigEndian, toByteOffset: count, as: UInt16.self)
        return count + ChunkChecksum.bytes
    }

    /// Bits that say what an unusual chunk has.
    enum Trait {
        static let states: UInt64 = 1
        static let bounds: UInt64 = 2
        static let revisions: UInt64 = 4
        static let unit: UInt64 = 8
        static let count = 4
    }

    /// What a chunk has beside the usual: all days there, frozen, without a bound, of revision 1.
    private struct Traits {
        var hasStates = false
        var hasBounds = false
        /// A frozen or edited index has a bound, which it should not.
        var hasOddBounds = false
        /// A bound has more than three significant digits.
        var hasExactBounds = false
        var hasRevisions = false

        var bits: UInt64 {
            (hasStates ? Trait.states : 0) | (hasBounds ? Trait.bounds : 0) | (hasRevisions ? Trait.revisions : 0)
        }

        init(of indices: UnsafeBufferPointer<DailyIndex>, key: ChunkKey) throws(UnpackableIndex) {
            hasStates = indices.count != key.days
            let end = key.firstDay.number &+ Int32(truncatingIfNeeded: key.days)
            var next = key.firstDay.number
            for (place, index) in indices.enumerated() {
                let bound = index.errorBound.wattHours
                guard index.day.number >= next, index.day.number < end, index.revision >= 1,
                    index.index.wattHours | bound >= 0
                else { throw UnpackableIndex(place: place) }
                next = index.day.number &+ 1
                if index.revision != 1 { hasRevisions = true }
                if case .frozen = index.quality {} else { hasStates = true }
                guard bound != 0 else { continue }
                hasBounds = true
                if !index.quality.hasBound { hasOddBounds = true }
                if BoundCode(exactly: index.errorBound) == nil { hasExactBounds = true }
            }
        }
    }

    private static func put(states indices: UnsafeBufferPointer<DailyIndex>, key: ChunkKey, to writer: inout BitWriter)
    {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: key.days) { states in
            states.initialize(repeating: StateRuns.missing)
            for index in indices { states[index.day - key.firstDay] = index.quality.rawValue }
            StateRuns.put(UnsafeBufferPointer(states), to: &writer)
        }
    }

    private static func put(
        bounds indices: UnsafeBufferPointer<DailyIndex>, _ traits: Traits, to writer: inout BitWriter
    ) {
        writer.put(traits.hasOddBounds ? 1 : 0, bits: 1)
        writer.put(traits.hasExactBounds ? 1 : 0, bits: 1)
        var forecast = boundForecast
        for index in indices where traits.hasOddBounds || index.quality.hasBound {
            let code = BoundCode(exactly: index.errorBound)
            if traits.hasExactBounds { writer.put(code == nil ? 1 : 0, bits: 1) }
            guard let code else {
                writer.put(plain: UInt64(index.errorBound.wattHours))
                continue
            }
            let number = Int64(code.number)
            let miss = number - forecast.expected(steps: 1)
            writer.put(near: UInt64(folding: miss), low: forecast.low(steps: 1))
            forecast.learn(number, miss: miss)
        }
    }

    private static func put(revisions indices: UnsafeBufferPointer<DailyIndex>, to writer: inout BitWriter) {
        writer.put(count: indices.count { $0.revision != 1 })
        var skipped = 0
        for index in indices {
            guard index.revision != 1 else {
                skipped += 1
                continue
            }
            writer.put(count: skipped + 1)
            writer.put(near: UInt64(index.revision - 2), low: 0)
            skipped = 0
        }
    }
}

/// An index that no chunk under this key can hold: below zero, of another day, out of order, or of revision 0.
package struct UnpackableIndex: Error, Hashable {
    /// Where it stands among those given, from 0.
    package let place: Int
}
