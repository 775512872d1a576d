/// What a frame that came back for a read means.
package enum ReadReply: Hashable, Sendable {
    /// Exactly as many words as were asked for.
    case words([UInt16])
    /// The meter or gateway refused, with this code (V1.1b3 §7, or the vendor's own).
    case exception(UInt8)
    /// A PDU that does not answer this request.
    case fault(ReplyFault)
}

/// How a PDU fails to answer a read. No byte of such a reply is ever used.
package enum ReplyFault: Error, Hashable, Sendable {
    /// The function code answers another request.
    case function(UInt8, expected: UInt8)
    /// An exception has 2 bytes; this many came.
    case exceptionLength(Int)
    /// The byte count is not twice the words asked for.
    case byteCount(UInt8, expected: UInt8)
    /// The PDU is longer or shorter than its byte count says; both lengths include function and count.
    case length(Int, expected: Int)
}

extension ReplyFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .function(let code, let expected): "function code \(code) where \(expected) was asked"
        case .exceptionLength(let bytes): "exception of \(bytes) bytes where 2 are right"
        case .byteCount(let count, let expected): "byte count \(count) where \(expected) was asked"
        case .length(let bytes, let expected): "PDU of \(bytes) bytes where its byte count needs \(expected)"
        }
    }
}

extension WordRange {
    /// Appends the request as a 12-byte Modbus/TCP frame.
    package func appendRequest(to bytes: inout [UInt8], unit: UInt8, transaction: UInt16) {
        bytes.appendHeader(unit: unit, transaction: transaction, pduBytes: 5)
        appendRequestPDU(to: &bytes)
    }

    /// Appends the request as an 8-byte serial frame (RTU), for a line that has no Modbus/TCP header.
    package func appendRTURequest(to bytes: inout [UInt8], unit: UInt8) {
        let start = bytes.count
        bytes.append(unit)
        appendRequestPDU(to: &bytes)
        bytes.appendChecksum(ofFrameAt: start)
    }

    private func appendRequestPDU(to bytes: inout [UInt8]) {
        bytes.append(function.rawValue)
        bytes.append(bigEndian: address)
        bytes.append(bigEndian: count)
    }

    /// What the reply's first length byte must say: how many bytes follow it.
    var replyBytes: UInt8 { UInt8(2 * count) }

    /// Reads a PDU as the answer to this range. Every byte must be accounted for: the function (or the function
    /// with its top bit and exactly one code), the byte count, and the length.
    package func reply(in pdu: UnsafeRawBufferPointer) -> ReadReply {
        guard pdu.count >= 2 else { return .fault(.length(pdu.count, expected: 2 + 2 * Int(count))) }
        if pdu[0] == function.rawValue | 0x80 {
            return pdu.count == 2 ? .exception(pdu[1]) : .fault(.exceptionLength(pdu.count))
        }
        guard pdu[0] == function.rawValue else { return .fault(.function(pdu[0], expected: function.rawValue)) }
        let byteCount = replyBytes
        guard pdu[1] == byteCount else { return .fault(.byteCount(pdu[1], expected: byteCount)) }
        let expected = 2 + Int(byteCount)
        guard pdu.count == expected else { return .fault(.length(pdu.count, expected: expected)) }
        return .words((0..<Int(count)).map { pdu.bigEndian(at: 2 + 2 * $0) })
    }
}
