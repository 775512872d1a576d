/// Says what the next slot of a profile takes: what has run for the last three slots runs on, and what is switched on
/// beside it is far more or far less than anything before. So the forecast is the least of the last three, and the
/// likely miss a fifth of the last.
struct SlotForecast {
    /// Differences of the last slots, from the last one back. At first it is only known how large such numbers are.
    private var (last, second, third): (Int64, Int64, Int64) = (1024, 0, 0)

    /// 2⁵⁰ Wh is more than a dial of fifteen digits shows; kept below it, nothing here comes near 64 bits.
    private static let most: Int64 = 1 << 50

    @inline(__always)
    func expected(steps: Int) -> Int64 {
        let least = max(0, min(last, min(second, third)))
        return steps == 1 ? least : least &* Int64(steps)
    }

    /// The likely size of the folded miss, as a power of two.
    @inline(__always)
    func low(steps: Int) -> Int {
        let width = UInt64((abs(last) &* 3) &>> 4).width
        return min(steps == 1 ? width : width &+ UInt64(steps).width, NumberCode.lowMax)
    }

    /// Takes in a difference; one over several slots as if each had its share.
    @inline(__always)
    mutating func learn(_ difference: Int64, steps: Int) {
        (second, third) = (last, second)
        let limited = min(max(difference, -Self.most), Self.most)
        last = steps == 1 ? limited : limited / Int64(steps)
    }

    /// A difference of 0 or more as a number that is small near the forecast: to both sides in turn as far as zero is
    /// below it, and above that as it is.
    @inline(__always)
    static func fold(_ difference: UInt64, expected: UInt64) -> UInt64 {
        let miss = difference &- expected
        guard difference <= expected &* 2 else { return difference }
        return UInt64(folding: Int64(bitPattern: miss))
    }

    @inline(__always)
    static func unfold(_ number: UInt64, expected: UInt64) -> UInt64 {
        guard number <= expected &* 2 else { return number }
        return expected &+ UInt64(bitPattern: Int64(unfolding: number))
    }
}
