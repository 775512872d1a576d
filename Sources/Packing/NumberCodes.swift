// How single numbers stand in a chunk. Each has one form only: the other ones are refused, so that equal values are
// equal bytes.

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

/// Rice's code: the value's lowest bits as they are, the rest as so many ones and a zero. From 15 ones on no zero
/// follows, but the value's width less one in six bits and its bits below the highest.
enum Rice {
    static let onesMax = 15
    /// The most bits that stand as they are.
    static let lowBitsMax = 48
}

extension BitWriter {
    /// - Parameter low: 0...48, how many bits stand as they are.
    @inline(__always)
    mutating func put(rice value: UInt64, low: Int) {
        let ones = value &>> UInt64(truncatingIfNeeded: low)
        if ones < UInt64(Rice.onesMax) {
            // The zero that ends the ones is bit `ones`.
            let count = Int(truncatingIfNeeded: ones)
            let unary: UInt64 = 1 &<< ones &- 1
            let rest = value & (1 &<< UInt64(truncatingIfNeeded: low) &- 1)
            if low <= 40 {
                put(unary | rest &<< (ones &+ 1), bits: count &+ 1 &+ low)
            } else {
                put(unary, bits: count &+ 1)
                put(rest, bits: low)
            }
        } else {
            let width = value.width
            put(1 << UInt64(Rice.onesMax) - 1, bits: Rice.onesMax)
            put(UInt64(width - 1), bits: 6)
            put(belowHighest: value)
        }
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

    /// A count from 1 on, mostly small (Elias γ): as many ones as its width less one, a zero, its bits below the
    /// highest.
    mutating func put(count: Int) {
        let value = UInt64(count)
        put(1 << UInt64(value.width - 1) - 1, bits: value.width)
        put(belowHighest: value)
    }
}

extension BitReader {
    @inline(__always)
    mutating func rice(low: Int) throws(UnreadableBody) -> UInt64 {
        let ones = try ones(most: Rice.onesMax)
        guard ones < Rice.onesMax else { return try riceEscape(low: low) }
        let rest = try take(low)
        return UInt64(truncatingIfNeeded: ones) &<< UInt64(truncatingIfNeeded: low) | rest
    }

    private mutating func riceEscape(low: Int) throws(UnreadableBody) -> UInt64 {
        let width = Int(try take(6)) + 1
        let value = try belowHighest(width: width)
        guard value >> UInt64(low) >= UInt64(Rice.onesMax) else { throw UnreadableBody() }
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
        let ones = try ones(most: 32)
        guard ones < 32 else { throw UnreadableBody() }
        let value = try belowHighest(width: ones + 1)
        guard value <= UInt64(most) else { throw UnreadableBody() }
        return Int(value)
    }
}
