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

/// Rice's code, which ends as Elias's γ: for small numbers as short as a number can be that is mostly near zero, and
/// never long for one that is not. With so many low bits and so many steps, the number stands
///
///     below steps · 2^low     as many ones as 2^low is in it, a zero, the low bits
///     from there              steps ones; for each bit that what is beyond (steps − 1) · 2^low has above its lowest
///                             low + 1 a one, a zero; its bits below the highest
struct RiceCode {
    let steps: UInt64

    /// For what a forecast missed: few numbers are far from where they should be.
    static let misses = RiceCode(steps: 5)
    /// For what is switched on and off: many are.
    static let switching = RiceCode(steps: 0)

    /// The most low bits.
    static let lowMax = 48
}

extension BitWriter {
    /// - Parameters:
    ///   - value: less than 2⁶⁴ − 2^low.
    ///   - low: 0...48.
    @inline(__always)
    mutating func put(_ value: UInt64, low: Int, _ code: RiceCode) {
        let shift = UInt64(truncatingIfNeeded: low)
        let steps = value &>> shift
        if steps < code.steps {
            // The zero that ends the ones is bit `steps`. At most 4 ones, the zero and 48 bits.
            let ones: UInt64 = 1 &<< steps &- 1
            let rest = value & (1 &<< shift &- 1)
            put(ones | rest &<< (steps &+ 1), bits: Int(truncatingIfNeeded: steps) &+ 1 &+ low)
        } else {
            let beyond = value &- (code.steps &- 1) &<< shift
            let more = beyond.width &- 1
            let ones = Int(truncatingIfNeeded: code.steps) &+ more &- low
            guard ones &+ more < 56 else { return put(many: ones, beyond: beyond) }
            let rest = beyond ^ 1 &<< UInt64(truncatingIfNeeded: more)
            let after = UInt64(truncatingIfNeeded: ones)
            put(1 &<< after &- 1 | rest &<< (after &+ 1), bits: ones &+ 1 &+ more)
        }
    }

    private mutating func put(many ones: Int, beyond: UInt64) {
        put(long: ones < 64 ? 1 << UInt64(ones) - 1 : .max, bits: min(ones, 64))
        put(ones < 64 ? 0 : 1 << UInt64(ones - 64) - 1, bits: max(ones - 64, 0) + 1)
        put(belowHighest: beyond)
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
    mutating func number(low: Int, _ code: RiceCode) throws(UnreadableBody) -> UInt64 {
        let ones = try ones()
        guard ones < Int(truncatingIfNeeded: code.steps) else { return try far(ones, low: low, code) }
        let rest = try take(low)
        return UInt64(truncatingIfNeeded: ones) &<< UInt64(truncatingIfNeeded: low) | rest
    }

    private mutating func far(_ ones: Int, low: Int, _ code: RiceCode) throws(UnreadableBody) -> UInt64 {
        let more = ones &- Int(truncatingIfNeeded: code.steps) &+ low
        guard more < 64 else { throw UnreadableBody() }
        let rest = try more <= 56 ? take(more) : takeLong(more)
        let beyond = 1 &<< UInt64(truncatingIfNeeded: more) | rest
        let value = beyond &+ (code.steps &- 1) &<< UInt64(truncatingIfNeeded: low)
        guard code.steps == 0 || value >= beyond else { throw UnreadableBody() }
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
        let ones = try ones()
        guard ones < 32 else { throw UnreadableBody() }
        let value = try belowHighest(width: ones + 1)
        guard value <= UInt64(most) else { throw UnreadableBody() }
        return Int(value)
    }
}
