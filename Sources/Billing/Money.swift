/// An amount of money or a price per kWh: whole Vietnamese dong. Never floating point (design §4);
/// rounding happens once, half away from zero, where a line or a tax is computed.
package struct Money: Hashable, Comparable, Sendable {
    package let dong: Int64

    package init(dong: Int64) { self.dong = dong }

    package static let zero = Money(dong: 0)

    package static func < (left: Money, right: Money) -> Bool { left.dong < right.dong }
    package static func + (left: Money, right: Money) -> Money { Money(dong: left.dong + right.dong) }
    package static func - (left: Money, right: Money) -> Money { Money(dong: left.dong - right.dong) }
    /// A price times a count of whole kWh. Exact: prices are whole dong.
    package static func * (price: Money, kwh: Int64) -> Money { Money(dong: price.dong * kwh) }

    /// `percent` of this amount, rounded to the dong, half away from zero.
    package func share(percent: Int) -> Money {
        Money(dong: (dong * Int64(percent)).quotientRoundedHalfAway(by: 100))
    }
}

extension Money: CustomStringConvertible {
    package var description: String { "\(dong) VND" }
}

extension Int64 {
    /// Quotient rounded to the nearest whole number, halves away from zero ("làm tròn số học").
    /// `divisor` must be positive.
    func quotientRoundedHalfAway(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        // remainder ≥ divisor/2 without doubling, which could overflow.
        guard remainder.magnitude >= divisor.magnitude - remainder.magnitude else { return quotient }
        return self < 0 ? quotient - 1 : quotient + 1
    }
}
