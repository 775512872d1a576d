import Metering
import Modbus

/// A profile made ready for answering: every declared word can be found by its address. One for all meters of a
/// model.
package final class MeterModel: Sendable {
    package let profile: MeterProfile
    /// What the meters' own civil time follows.
    package let calendar: ServiceCalendar
    /// Registers the model carries, `import` first.
    package let registers: [Register]
    /// By function and address.
    private let declared: [ProfileValue]

    package init(_ profile: MeterProfile, calendar: ServiceCalendar = .vietnam) {
        self.profile = profile
        self.calendar = calendar
        let live =
            profile.values
            + [
                profile.identity?.serial, profile.identity?.model?.value, profile.identity?.firmware,
            ].compactMap { $0 }
        declared = live.sorted { Self.key($0.range) < Self.key($1.range) }
        let carried = Set(profile.values.compactMap(\.register) + (profile.frozen?.registers ?? []))
        registers = carried.sorted { $0.rawValue < $1.rawValue }
    }

    private static func key(_ range: WordRange) -> Int { key(range.function, range.address) }

    private static func key(_ function: ReadFunction, _ address: UInt16) -> Int {
        Int(function.rawValue) << 16 | Int(address)
    }

    /// The value that declares the word at `address`; `nil` for a hole.
    func value(_ function: ReadFunction, at address: UInt16) -> ProfileValue? {
        let sought = Self.key(function, address)
        var (low, high) = (0, declared.count)
        while low < high {
            let middle = (low + high) / 2
            let range = declared[middle].range
            if Self.key(range) <= sought { low = middle + 1 } else { high = middle }
        }
        // Several values may begin at or before the address: identity words can lie inside a measured value.
        for position in stride(from: low - 1, through: max(0, low - 3), by: -1) {
            let value = declared[position]
            if value.range.function == function, value.range.address <= address, Int(address) < value.range.end {
                return value
            }
        }
        return nil
    }

    /// The live value of a register; `nil` where the model has none.
    func liveValue(of register: Register) -> ProfileValue? { profile.values.first { $0.register == register } }

    /// Where the finest dial of a register lies: the frozen record's where the model freezes it, else the live one.
    func finestValue(of register: Register) -> ProfileValue? {
        profile.frozen?.values.first { $0.register == register } ?? liveValue(of: register)
    }
}
