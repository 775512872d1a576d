import Metering

/// For each day or slot of a chunk whether its index is missing, and of which quality it is: as runs of equal states.
///
///     state of the first run      3 bits: 0 missing, 1...4 the quality
///     its length                  see below
///     state of each other run     0 2b: which of the states that neither of the two runs before has; 1: the state
///                                 of the run before the last (second run: 2b, which of the four others)
///
/// What is usual stays, what is not passes: a frozen or measured run says with one bit that it goes on to the end, or
/// else how long it is in as many bits as that needs; the others count in Elias's γ. A last place has no length.
enum StateRuns {
    static let missing: UInt8 = 0
    private static let stateMax = IndexQuality.edited.rawValue

    private static func stays(_ state: UInt8) -> Bool {
        state == IndexQuality.frozen.rawValue || state == IndexQuality.measured.rawValue
    }

    /// Place of a state among those that are not excluded (a bit each), lowest first.
    private static func rank(of state: UInt8, without excluded: UInt8) -> UInt64 {
        UInt64(((1 << state - 1) & ~excluded).nonzeroBitCount)
    }

    private static func state(ranked rank: UInt64, without excluded: UInt8) -> UInt8? {
        (0...stateMax).first { excluded & 1 << $0 == 0 && self.rank(of: $0, without: excluded) == rank }
    }

    static func put(_ states: UnsafeBufferPointer<UInt8>, to writer: inout BitWriter) {
        var (position, last, before): (Int, UInt8?, UInt8?) = (0, nil, nil)
        while position < states.count {
            let state = states[position]
            switch (last, before) {
            case (nil, _): writer.put(UInt64(state), bits: 3)
            case (let last?, nil): writer.put(rank(of: state, without: 1 << last), bits: 2)
            case (let last?, let before?):
                let isBack = state == before
                writer.put(isBack ? 1 : 0, bits: 1)
                if !isBack { writer.put(rank(of: state, without: 1 << last | 1 << before), bits: 2) }
            }
            (before, last) = (last, state)
            let length = states[position...].prefix { $0 == state }.count
            put(length: length, of: states.count - position, stays: stays(state), to: &writer)
            position += length
        }
    }

    private static func put(length: Int, of rest: Int, stays: Bool, to writer: inout BitWriter) {
        guard rest > 1 else { return }
        guard stays else { return writer.put(count: length) }
        writer.put(length == rest ? 1 : 0, bits: 1)
        if length < rest { writer.put(UInt64(length - 1), bits: UInt64(rest - 2).width) }
    }

    /// Fills all of `states`.
    static func take(
        into states: UnsafeMutableBufferPointer<UInt8>, from reader: inout BitReader
    ) throws(UnreadableBody) {
        var (position, last, before): (Int, UInt8?, UInt8?) = (0, nil, nil)
        while position < states.count {
            let state = try state(after: last, before, from: &reader)
            (before, last) = (last, state)
            let rest = states.count - position
            let length = try length(of: rest, stays: stays(state), from: &reader)
            for place in position..<position + length { states[place] = state }
            position += length
        }
    }

    private static func state(
        after last: UInt8?, _ before: UInt8?, from reader: inout BitReader
    ) throws(UnreadableBody) -> UInt8 {
        let found: UInt8? =
            switch (last, before) {
            case (nil, _): state(ranked: try reader.take(3), without: 0)
            case (let last?, nil): state(ranked: try reader.take(2), without: 1 << last)
            case (let last?, let before?):
                try reader.flag() ? before : state(ranked: try reader.take(2), without: 1 << last | 1 << before)
            }
        guard let found else { throw UnreadableBody() }
        return found
    }

    private static func length(
        of rest: Int, stays: Bool, from reader: inout BitReader
    ) throws(UnreadableBody) -> Int {
        guard rest > 1 else { return 1 }
        guard stays else { return try reader.count(most: rest) }
        guard try !reader.flag() else { return rest }
        let length = Int(try reader.take(UInt64(rest - 2).width)) + 1
        guard length < rest else { throw UnreadableBody() }
        return length
    }
}
