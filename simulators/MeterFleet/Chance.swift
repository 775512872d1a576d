import Metering

/// Chance without state: a hash of a seed and the names of what is asked. The same question always has the same
/// answer, in any order, on any machine; nothing is drawn from a running generator.
package struct Chance: Hashable, Sendable {
    private let key: UInt64

    package init(seed: UInt64) { key = SeededRandom.mixed(seed &+ 0x9E37_79B9_7F4A_7C15) }

    private init(key: UInt64) { self.key = key }

    /// The chance of a part: of a meter, of its year, of that year's week.
    package func of(_ part: Int64) -> Chance {
        Chance(
            key: SeededRandom.mixed(key ^ (UInt64(bitPattern: part) &* 0x9E37_79B9_7F4A_7C15 &+ 0xD1B5_4A32_D192_ED03)))
    }

    /// The chance of something with a name.
    package func of(_ name: String) -> Chance {
        // FNV-1a, 64 bits.
        of(Int64(bitPattern: name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }))
    }

    /// 64 evenly spread bits.
    package var bits: UInt64 { key }

    /// A whole number in `range`, both ends included; the range must hold fewer than 2^63 numbers.
    package func number(in range: ClosedRange<Int64>) -> Int64 {
        let count = UInt64(range.upperBound - range.lowerBound) + 1
        return range.lowerBound + Int64(key.multipliedFullWidth(by: count).high)
    }

    /// True in `share` of 10,000 cases.
    package func happens(inTenThousand share: Int64) -> Bool { number(in: 0...9999) < share }
}
