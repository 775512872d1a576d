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
    /// The byte count is not that of the words asked for.
    case byteCount(UInt8, expected: UInt8)
    /// The PDU is longer or shorter than its byte count says; both lengths include function and count.
    case length(Int, expected: Int)
    /// The length of a file's part is not that of the words asked for, or disagrees with the byte count.
    case fileLength(UInt8, expected: UInt8)
    /// A file's part has another reference type than 6.
    case referenceType(UInt8)
}

extension ReplyFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .function(let code, let expected): "function code \(code) where \(expected) was asked"
        case .exceptionLength(let bytes): "exception of \(bytes) bytes where 2 are right"
        case .byteCount(let count, let expected): "byte count \(count) where \(expected) was asked"
        case .length(let bytes, let expected): "PDU of \(bytes) bytes where its byte count needs \(expected)"
        case .fileLength(let bytes, let expected): "file part of \(bytes) bytes where \(expected) was asked"
        case .referenceType(let type): "reference type \(type) where \(FileRecord.referenceType) was asked"
        }
    }
}

/// Numbers of function 20, read file record (V1.1b3 §6.14).
enum FileRecord {
    /// The only reference type there is.
    static let referenceType: UInt8 = 6
    /// Reference type, file, record, count.
    static let partBytes: UInt8 = 7
    /// In a reply, before a part's words: its length and its reference type.
    static let replyPrefixBytes: UInt8 = 2
}

extension WordRange {
    /// Appends the request as a Modbus/TCP frame: 12 bytes, 16 for a file.
    package func appendRequest(to bytes: inout [UInt8], unit: UInt8, transaction: UInt16) {
        bytes.appendHeader(unit: unit, transaction: transaction, pduBytes: function == .fileRecord ? 9 : 5)
        appendRequestPDU(to: &bytes)
    }

    /// Appends the request as a serial frame (RTU), for a line that has no Modbus/TCP header: 8 bytes, 12 for a file.
    package func appendRTURequest(to bytes: inout [UInt8], unit: UInt8) {
        let start = bytes.count
        bytes.append(unit)
        appendRequestPDU(to: &bytes)
        bytes.appendChecksum(ofFrameAt: start)
    }

    private func appendRequestPDU(to bytes: inout [UInt8]) {
        bytes.append(function.rawValue)
        if function == .fileRecord {
            bytes.append(FileRecord.partBytes)
            bytes.append(FileRecord.referenceType)
            bytes.append(bigEndian: file)
        }
        bytes.append(bigEndian: address)
        bytes.append(bigEndian: count)
    }

    /// What the reply's first length byte must say: how many bytes follow it.
    var replyBytes: UInt8 {
        let words = UInt8(2 * count)
        return function == .fileRecord ? words + FileRecord.replyPrefixBytes : words
    }

    /// Reads a PDU as the answer to this range. Every byte must be accounted for: the function (or the function
    /// with its top bit and exactly one code), the byte count, the length, and a file part's own length and type.
    package func reply(in pdu: UnsafeRawBufferPointer) -> ReadReply {
        let byteCount = replyBytes
        let expected = 2 + Int(byteCount)
        guard pdu.count >= 2 else { return .fault(.length(pdu.count, expected: expected)) }
        if pdu[0] == function.rawValue | 0x80 {
            return pdu.count == 2 ? .exception(pdu[1]) : .fault(.exceptionLength(pdu.count))
        }
        guard pdu[0] == function.rawValue else { return .fault(.function(pdu[0], expected: function.rawValue)) }
        guard pdu[1] == byteCount else { return .fault(.byteCount(pdu[1], expected: byteCount)) }
        guard pdu.count == expected else { return .fault(.length(pdu.count, expected: expected)) }
        if function == .fileRecord {
            guard pdu[2] == byteCount - 1 else { return .fault(.fileLength(pdu[2], expected: byteCount - 1)) }
            guard pdu[3] == FileRecord.referenceType else { return .fault(.referenceType(pdu[3])) }
        }
        let start = expected - 2 * Int(count)
        return .words((0..<Int(count)).map { pdu.bigEndian(at: start + 2 * $0) })
    }
}
