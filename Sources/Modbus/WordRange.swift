/// The Modbus functions that read words (Modbus Application Protocol V1.1b3 §6.3, §6.4, §6.14).
package enum ReadFunction: UInt8, CaseIterable, Hashable, Sendable {
    case holdingRegisters = 3
    case inputRegisters = 4
    /// Records of a file; meters keep logs there.
    case fileRecord = 20
}

/// Consecutive 16-bit words that one request can read. An illegal range cannot be built.
package struct WordRange: Hashable, Sendable {
    /// Most words in one request (V1.1b3 §6.3); a meter may allow fewer (`MeterProfile.maxWords`).
    package static let countMax: UInt16 = 125
    /// Most words of a file in one request: its reply counts them in one byte of at most 245 (§6.14).
    package static let fileCountMax: UInt16 = 121
    /// The first record number that no file has (§6.14).
    package static let recordEnd = 10_000

    package let function: ReadFunction
    /// 1...65,535 for `fileRecord`; 0 for registers, which lie in no file.
    package let file: UInt16
    /// The address on the wire, counted from 0; the record number in a file.
    package let address: UInt16
    /// 1...125; in a file 1...121.
    package let count: UInt16

    /// Words of the register space. `nil` unless `count` is 1...125 and the range ends at or before word 65,535, and
    /// for `fileRecord`, which needs a file.
    package init?(function: ReadFunction, address: UInt16, count: UInt16) {
        guard function != .fileRecord, (1...Self.countMax).contains(count), Int(address) + Int(count) <= 0x1_0000
        else { return nil }
        self.function = function
        file = 0
        self.address = address
        self.count = count
    }

    /// Words of a file, read by function 20 with reference type 6. `nil` unless `file` is 1 or more, `count` is 1...121
    /// and the range ends at or before record 9,999.
    package init?(file: UInt16, record: UInt16, count: UInt16) {
        guard file >= 1, (1...Self.fileCountMax).contains(count), Int(record) + Int(count) <= Self.recordEnd
        else { return nil }
        function = .fileRecord
        self.file = file
        address = record
        self.count = count
    }

    /// The first address behind the range; up to 65,536.
    package var end: Int { Int(address) + Int(count) }

    /// All words of `other` are among this range's.
    package func contains(_ other: WordRange) -> Bool {
        other.function == function && other.file == file && other.address >= address && other.end <= end
    }

    /// Some word of `other` is among this range's.
    package func overlaps(_ other: WordRange) -> Bool {
        other.function == function && other.file == file && Int(other.address) < end && Int(address) < other.end
    }
}

extension WordRange: CustomStringConvertible {
    /// `FC3 0x5000+4`, `FC20 file 90 record 3+6`
    package var description: String { "\(place)+\(count)" }

    /// Where the range begins: `FC3 0x5000`, `FC20 file 90 record 3`.
    package var place: String {
        switch function {
        case .holdingRegisters, .inputRegisters: "FC\(function.rawValue) 0x\(address.hex)"
        case .fileRecord: "FC\(function.rawValue) file \(file) record \(address)"
        }
    }
}

extension UInt16 {
    /// Four upper-case hexadecimal digits.
    package var hex: String {
        let digits = String(self, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
