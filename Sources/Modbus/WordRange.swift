/// The two Modbus functions that read words (Modbus Application Protocol V1.1b3 §6.3, §6.4).
package enum ReadFunction: UInt8, CaseIterable, Hashable, Sendable {
    case holdingRegisters = 3
    case inputRegisters = 4
}

/// Consecutive 16-bit words that one request can read. An illegal range cannot be built.
package struct WordRange: Hashable, Sendable {
    /// Most words in one request (V1.1b3 §6.3); a meter may allow fewer (`MeterProfile.maxWords`).
    package static let countMax: UInt16 = 125

    package let function: ReadFunction
    /// The address on the wire, counted from 0.
    package let address: UInt16
    /// 1...125.
    package let count: UInt16

    /// `nil` unless `count` is 1...125 and the range ends at or before word 65,535.
    package init?(function: ReadFunction, address: UInt16, count: UInt16) {
        guard (1...Self.countMax).contains(count), Int(address) + Int(count) <= 0x1_0000 else { return nil }
        self.function = function
        self.address = address
        self.count = count
    }

    /// The first address behind the range; up to 65,536.
    package var end: Int { Int(address) + Int(count) }
}

extension WordRange: CustomStringConvertible {
    /// `FC3 0x5000+4`
    package var description: String { "FC\(function.rawValue) 0x\(address.hex)+\(count)" }
}

extension UInt16 {
    /// Four upper-case hexadecimal digits.
    package var hex: String {
        let digits = String(self, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
