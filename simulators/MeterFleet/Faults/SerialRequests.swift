/// Cuts a serial line's requests out of a stream: unit, PDU and checksum, as a gateway passes them on that knows
/// nothing of Modbus. As meters do, it keeps silent about what it does not understand and forgets a beginning that
/// nobody has continued for a while.
struct SerialRequests: Sendable {
    private var partial: [UInt8] = []
    private var lastByte: UInt64 = 0

    /// A pause that ends a frame, nanoseconds: far more than the line's own 3.5 characters (Modbus over Serial Line
    /// V1.02 §2.5.1.1), because a network may stretch what a serial line may not.
    private static let pause: UInt64 = 100_000_000

    /// - Returns: what has become whole: unit and PDU of each request.
    mutating func consume(_ bytes: UnsafeRawBufferPointer, at nanoseconds: UInt64) -> [(unit: UInt8, pdu: [UInt8])] {
        if nanoseconds > lastByte + Self.pause { partial.removeAll() }
        lastByte = nanoseconds
        partial.append(contentsOf: bytes)
        var requests: [(UInt8, [UInt8])] = []
        while let length = Self.length(of: partial) {
            guard length > 0 else {
                partial.removeAll()
                break
            }
            guard partial.count >= length else { break }
            let checksum = UInt16(partial[length - 2]) | UInt16(partial[length - 1]) << 8
            guard SerialFrame.checksum(of: partial[..<(length - 2)]) == checksum else {
                partial.removeAll()
                break
            }
            requests.append((partial[0], Array(partial[1..<length - 2])))
            partial.removeFirst(length)
        }
        return requests
    }

    /// Bytes of the request that `bytes` begin (Modbus Application Protocol V1.1b3 §6); 0 for a function whose length
    /// nobody knows, `nil` while more bytes must tell.
    private static func length(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 2 else { return nil }
        func counted(at offset: Int) -> Int? { bytes.count > offset ? offset + 1 + Int(bytes[offset]) + 2 : nil }
        switch bytes[1] {
        case 0x01...0x06, 0x08: return 8
        case 0x07, 0x0B, 0x0C, 0x11: return 4
        case 0x0F, 0x10: return counted(at: 6)
        case 0x14, 0x15: return counted(at: 2)
        case 0x16: return 10
        case 0x17: return counted(at: 10)
        case 0x18: return 6
        default: return 0
        }
    }
}

enum SerialFrame {
    /// A Modbus/TCP frame's unit and PDU as a serial frame.
    static func make(from frame: [UInt8]) -> [UInt8] {
        var bytes = Array(frame[6...])
        let checksum = checksum(of: bytes)
        bytes.append(UInt8(truncatingIfNeeded: checksum))
        bytes.append(UInt8(checksum >> 8))
        return bytes
    }

    /// CRC-16 with the reversed polynomial 0xA001 (Modbus over Serial Line V1.02 §6.2.2); its low byte goes first.
    static func checksum(of bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0xFFFF) { rest, byte in
            (0..<8).reduce(rest ^ UInt16(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0xA001 : rest >> 1 }
        }
    }
}
