/// An amount of energy or a dial's index: whole watt-hours (or var-hours for a reactive register).
/// Never floating point (design §4); rounding happens once, where a number enters.
package struct Energy: Hashable, Comparable, Sendable {
    package let wattHours: Int64

    @inlinable package init(wattHours: Int64) { self.wattHours = wattHours }

    package static let zero = Energy(wattHours: 0)

    package static func < (left: Energy, right: Energy) -> Bool { left.wattHours < right.wattHours }
    package static func + (left: Energy, right: Energy) -> Energy {
        Energy(wattHours: left.wattHours + right.wattHours)
    }
    package static func - (left: Energy, right: Energy) -> Energy {
        Energy(wattHours: left.wattHours - right.wattHours)
    }
    package static func * (energy: Energy, factor: Int64) -> Energy { Energy(wattHours: energy.wattHours * factor) }
}

extension Energy: CustomStringConvertible {
    /// Kilowatt-hours with three decimals, as a person reads a dial: `1234.560 kWh`.
    package var description: String { "\(kilowattHours) kWh" }

    /// Kilowatt-hours as exact decimal text with three decimals and a point: `-0.005`.
    package var kilowattHours: String {
        let magnitude = wattHours.magnitude
        let fraction = String(magnitude % 1000)
        let padded = String(repeating: "0", count: 3 - fraction.count) + fraction
        return "\(wattHours < 0 ? "-" : "")\(magnitude / 1000).\(padded)"
    }
}
