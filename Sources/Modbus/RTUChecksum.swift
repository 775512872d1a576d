/// The checksum of a serial frame, CRC-16 with the reversed polynomial 0xA001 (Modbus over Serial Line V1.02 §6.2.2).
package enum RTUChecksum {
    /// Bytes of the checksum at a frame's end; its low byte goes first.
    package static let byteCount = 2

    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0xA001 : rest >> 1 }
    }

    /// The checksum of `bytes`: unit and PDU.
    package static func of(_ bytes: some Sequence<UInt8>) -> UInt16 {
        let table = table
        var rest: UInt16 = 0xFFFF
        for byte in bytes { rest = rest >> 8 ^ table[Int(UInt8(truncatingIfNeeded: rest) ^ byte)] }
        return rest
    }
}

extension [UInt8] {
    /// Ends the serial frame that begins at `start` with its checksum.
    mutating func appendChecksum(ofFrameAt start: Int) {
        let checksum = RTUChecksum.of(self[start...])
        append(UInt8(truncatingIfNeeded: checksum))
        append(UInt8(checksum >> 8))
    }
}

extension UnsafeRawBufferPointer {
    /// `nil` where the last two bytes are the checksum of those before; else what stands there and what should.
    func checksumFault() -> (found: UInt16, expected: UInt16)? {
        let end = count - RTUChecksum.byteCount
        let found = UInt16(self[end]) | UInt16(self[end + 1]) << 8
        let expected = RTUChecksum.of(self[..<end])
        return found == expected ? nil : (found, expected)
    }
}
