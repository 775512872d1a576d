/// Cuts requests out of a serial line's bytes, for the answering half. A request's length follows from its function
/// code (and its byte count); an unknown function has none, so it ends the stream as any violation does.
package struct RTURequestParser: Sendable {
    /// Most bytes of a serial frame (Modbus over Serial Line V1.02 §2.5.1.1).
    private static let frameBytesMax = 256

    private var partial: [UInt8] = []
    private var violation: RTUViolation?

    package init() {}

    /// Bytes of an unfinished request held back; at most 255.
    package var partialBytes: Int { partial.count }

    /// Forgets an unfinished request or a violation; for a new connection.
    package mutating func reset() {
        partial.removeAll(keepingCapacity: true)
        violation = nil
    }

    /// Hands each whole request to `frame`, in order; the PDU is valid during the call only and is for
    /// `ServerPDU.parse`. Requests before a violation are still delivered.
    package mutating func consume(
        _ bytes: UnsafeRawBufferPointer, frame: (_ unit: UInt8, _ pdu: UnsafeRawBufferPointer) -> Void
    ) throws(RTUViolation) {
        if let violation { throw violation }
        partial.append(contentsOf: bytes)
        let result = partial.withUnsafeBytes { Self.cut($0, frame: frame) }
        switch result {
        case .success(let taken): partial.removeFirst(taken)
        case .failure(let found):
            partial.removeAll(keepingCapacity: true)
            violation = found
            throw found
        }
    }

    /// The bytes of all whole requests at the start of `bytes`.
    private static func cut(
        _ bytes: UnsafeRawBufferPointer, frame: (UInt8, UnsafeRawBufferPointer) -> Void
    ) -> Result<Int, RTUViolation> {
        var start = 0
        while start < bytes.count {
            let stretch = UnsafeRawBufferPointer(rebasing: bytes[start...])
            switch frameBytes(in: stretch) {
            case .failure(let violation): return .failure(violation)
            case .success(let frameBytes?) where frameBytes <= stretch.count:
                let whole = UnsafeRawBufferPointer(rebasing: stretch[..<frameBytes])
                if let fault = whole.checksumFault() {
                    return .failure(.checksum(fault.found, expected: fault.expected))
                }
                frame(whole[0], UnsafeRawBufferPointer(rebasing: whole[1..<frameBytes - RTUChecksum.byteCount]))
                start += frameBytes
            case .success: return .success(start)
            }
        }
        return .success(start)
    }

    /// Bytes of the request that starts `stretch`; `nil` while they cannot be known (Modbus Application Protocol
    /// V1.1b3 §6).
    private static func frameBytes(in stretch: UnsafeRawBufferPointer) -> Result<Int?, RTUViolation> {
        guard stretch.count >= 2 else { return .success(nil) }
        /// A frame whose byte count stands at `offset` and counts what follows it.
        func counted(at offset: Int) -> Int? {
            stretch.count > offset ? offset + 1 + Int(stretch[offset]) + RTUChecksum.byteCount : nil
        }
        let frameBytes: Int?
        switch stretch[1] {
        case 0x01...0x06, 0x08: frameBytes = 8
        case 0x07, 0x0B, 0x0C, 0x11: frameBytes = 4
        case 0x0F, 0x10: frameBytes = counted(at: 6)
        case 0x14, 0x15: frameBytes = counted(at: 2)
        case 0x16: frameBytes = 10
        case 0x17: frameBytes = counted(at: 10)
        case 0x18: frameBytes = 6
        default: return .failure(.unknownFunction(stretch[1]))
        }
        if let frameBytes, frameBytes > frameBytesMax { return .failure(.tooLong(frameBytes)) }
        return .success(frameBytes)
    }
}
