/// An error bound with three significant binary digits, as a small number: 0...7, 8, 10, 12, 14, 16, 20, 24, 28, 32,
/// 40 … are 0, 1, 2 …: four steps an octave. A bound says how far the true dial may be; a quarter more of it says
/// the same, and takes a few bits instead of ten.
package struct BoundCode: Hashable, Sendable {
    /// 0...247.
    package let number: UInt8

    /// The greatest bound with a code, 7 · 2⁶⁰ Wh.
    package static let greatest = Energy(wattHours: 7 << 60)
    package static let numberMax: UInt8 = 247

    /// `nil` beyond 247.
    package init?(number: UInt8) {
        guard number <= Self.numberMax else { return nil }
        self.number = number
    }

    /// `nil` for a bound that is below zero, or that has more digits.
    package init?(exactly bound: Energy) {
        let wattHours = bound.wattHours
        guard wattHours >= 8 else {
            guard wattHours >= 0 else { return nil }
            number = UInt8(wattHours)
            return
        }
        let shift = Int64(61 - wattHours.leadingZeroBitCount)
        guard (wattHours >> shift) << shift == wattHours else { return nil }
        number = UInt8(shift << 2 + wattHours >> shift)
    }

    package var bound: Energy {
        guard number >= 8 else { return Energy(wattHours: Int64(number)) }
        let shift = Int64(number >> 2) - 1
        return Energy(wattHours: (Int64(number & 3) + 4) << shift)
    }

    /// The least bound with a code that is not below `bound`; `bound` itself beyond the greatest one.
    package static func roundedUp(_ bound: Energy) -> Energy {
        let wattHours = bound.wattHours
        guard wattHours >= 8, bound <= greatest else { return bound }
        let shift = Int64(61 - wattHours.leadingZeroBitCount)
        let dropped: Int64 = 1 << shift - 1
        return Energy(wattHours: ((wattHours + dropped) >> shift) << shift)
    }
}
