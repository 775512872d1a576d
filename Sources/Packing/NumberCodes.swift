// How single numbers stand in a chunk. Each has one form, the others are refused: equal values are equal bytes.

extension UInt64 {
    /// Bits from the highest one down; 0 for zero.
    @inline(__always)
    var width: Int { 64 &- leadingZeroBitCount }

    /// A difference folded so that small ones stay small: 0, −1, 1, −2 …
    @inline(__always)
    init(folding difference: Int64) { self.init(bitPattern: difference &<< 1 ^ difference &>> 63) }
}

extension Int64 {
    @inline(__always)
    init(unfolding folded: UInt64) { self.init(bitPattern: folded &>> 1 ^ (0 &- (folded & 1))) }
}

/// How long numbers are whose likely size is known: about 2^low, where `low` is 0...48.
///
///     near     for what is seldom far off: Rice's code, which ends as Elias's γ
///                below 5 · 2^low    as many ones as 2^low is in it, a zero, its low bits
///                from there         five ones; then 4 · 2^low less, as γ
///     wide     for what often is: Elias's γ of the number and 2^low: a one for each bit that the sum has above its
///              lowest low + 1, a zero, the sum's bits below its highest
enum NumberCode {
    static let nearSteps = 5
    static let lowMax = 48
}

extension BitWriter {
    @inline(__always)
    mutating func put(near value: UInt64, low: Int) {
        let shift = UInt64(truncatingIfNeeded: low)
        let steps = value &>> shift
        if steps < UInt64(NumberCode.nearSteps) {
            // The zero that ends the ones is bit `steps`. Four ones, the zero and 48 bits at the most.
            let ones: UInt64 = 1 &<< steps &- 1
            let rest = value & (1 &<< shift &- 1)
            put(ones | rest &<< (steps &+ 1), bits: Int(truncatingIfNeeded: steps) &+ 1 &+ low)
        } else {
            put(ones: NumberCode.nearSteps, thenGamma: value &- 4 &<< shift, low: low)
        }
    }

    /// - Parameter value: below 2⁶³.
    @inline(__always)
    mutating func put(wide value: UInt64, low: Int) {
        put(ones: 0, thenGamma: value &+ 1 &<< UInt64(truncatingIfNeeded: low), low: low)
    }

    /// What no number has in its place, and what stands for a number that has none there.
    mutating func putWideMark(low: Int) { put(ones: 64 - low) }

    /// - Parameter value: 2^low or more.
    @inline(__always)
    private mutating func put(ones: Int, thenGamma value: UInt64, low: Int) {
        let below = value.width &- 1
        let ones = ones &+ below &- low
        guard ones &+ below < 56 else {
            put(ones: ones)
            return put(belowHighest: value)
        }
        let after = UInt64(truncatingIfNeeded: ones)
        let rest = value ^ 1 &<< UInt64(truncatingIfNeeded: below)
        put(1 &<< after &- 1 | rest &<< (after &+ 1), bits: ones &+ 1 &+ below)
    }

    /// So many ones (68 at the most) and a zero.
    private mutating func put(ones: Int) {
        let first = min(ones, 32)
        put(1 << UInt64(first) - 1, bits: first)
        put(1 << UInt64(ones - first) - 1, bits: ones - first + 1)
    }

    /// A number whose width is told elsewhere: its bits below the highest, which is one.
    mutating func put(belowHighest value: UInt64) {
        guard value > 1 else { return }
        put(long: value ^ 1 << UInt64(value.width - 1), bits: value.width - 1)
    }

    /// A number of 0...2⁶³−1 of which nothing is known: its width in six bits, then its bits below the highest.
    mutating func put(plain value: UInt64) {
        put(UInt64(value.width), bits: 6)
        put(belowHighest: value)
    }

    /// A count from 1 on, mostly small.
    mutating func put(count: Int) { put(wide: UInt64(count - 1), low: 0) }
}

extension BitReader {
    @inline(__always)
    mutating func near(low: Int) throws(UnreadableBody) -> UInt64 {
        let ones = try ones()
        guard ones < NumberCode.nearSteps else { return try far(ones, low: low) }
        let rest = try take(low)
        return UInt64(truncatingIfNeeded: ones) &<< UInt64(truncatingIfNeeded: low) | rest
    }

    private mutating func far(_ ones: Int, low: Int) throws(UnreadableBody) -> UInt64 {
        let below = ones - NumberCode.nearSteps + low
        guard below < 64 else { throw UnreadableBody() }
        let (value, isOver) = try belowHighest(width: below + 1).addingReportingOverflow(4 << UInt64(low))
        guard !isOver else { throw UnreadableBody() }
        return value
    }

    /// `nil` for the mark.
    @inline(__always)
    mutating func wide(low: Int) throws(UnreadableBody) -> UInt64? {
        let below = try ones() &+ low
        if below <= 56 {
            let rest = try take(below)
            return rest &+ (1 &<< UInt64(truncatingIfNeeded: below) &- 1 &<< UInt64(truncatingIfNeeded: low))
        }
        guard below < 64 else {
            guard below == 64 else { throw UnreadableBody() }
            return nil
        }
        let value = try belowHighest(width: below + 1) - 1 << UInt64(low)
        guard value >> 63 == 0 else { throw UnreadableBody() }
        return value
    }

    /// - Parameter width: 0...64.
    mutating func belowHighest(width: Int) throws(UnreadableBody) -> UInt64 {
        guard width > 0 else { return 0 }
        return try takeLong(width - 1) | 1 << UInt64(width - 1)
    }

    mutating func plain() throws(UnreadableBody) -> UInt64 { try belowHighest(width: Int(try take(6))) }

    /// - Parameter most: a count beyond it is refused.
    mutating func count(most: Int) throws(UnreadableBody) -> Int {
        guard let value = try wide(low: 0), value < UInt64(most) else { throw UnreadableBody() }
        return Int(value) + 1
    }
}
