/// Why a server refuses a request, and what it answers.
package struct ServerRefusal: Error, Hashable, Sendable {
    /// The function code asked for, without the exception's top bit.
    package let function: UInt8
    /// 1 unknown function, 2 address beyond the last word (no such file or record), 3 count outside 1...125 (1...121)
    /// or a PDU of the wrong length.
    package let code: UInt8

    package init(function: UInt8, code: UInt8) {
        self.function = function
        self.code = code
    }
}

/// The answering half of the protocol, for the simulated fleet.
package enum ServerPDU {
    /// The range a request PDU asks for, checked in the order of V1.1b3 §6.3: function, count, address.
    package static func parse(_ pdu: UnsafeRawBufferPointer) -> Result<WordRange, ServerRefusal> {
        guard let code = pdu.first, let function = ReadFunction(rawValue: code) else {
            return .failure(ServerRefusal(function: (pdu.first ?? 0) & 0x7F, code: 1))
        }
        if function == .fileRecord { return parseFile(pdu) }
        guard pdu.count == 5, (1...WordRange.countMax).contains(pdu.bigEndian(at: 3)) else {
            return .failure(ServerRefusal(function: code, code: 3))
        }
        guard
            let range = WordRange(function: function, address: pdu.bigEndian(at: 1), count: pdu.bigEndian(at: 3))
        else { return .failure(ServerRefusal(function: code, code: 2)) }
        return .success(range)
    }

    /// One part of a file; a request for several at once, which the function allows, is refused as a count would be.
    private static func parseFile(_ pdu: UnsafeRawBufferPointer) -> Result<WordRange, ServerRefusal> {
        let code = ReadFunction.fileRecord.rawValue
        guard pdu.count == 2 + Int(FileRecord.partBytes), pdu[1] == FileRecord.partBytes,
            (1...WordRange.fileCountMax).contains(pdu.bigEndian(at: 7))
        else { return .failure(ServerRefusal(function: code, code: 3)) }
        guard pdu[2] == FileRecord.referenceType,
            let range = WordRange(
                file: pdu.bigEndian(at: 3), record: pdu.bigEndian(at: 5), count: pdu.bigEndian(at: 7))
        else { return .failure(ServerRefusal(function: code, code: 2)) }
        return .success(range)
    }

    /// Appends a reply frame carrying 1...125 words, of a file 1...121.
    package static func appendReply(
        words: some Collection<UInt16>, function: ReadFunction, unit: UInt8, transaction: UInt16,
        to bytes: inout [UInt8]
    ) {
        let prefixBytes = function == .fileRecord ? Int(FileRecord.replyPrefixBytes) : 0
        bytes.appendHeader(unit: unit, transaction: transaction, pduBytes: 2 + prefixBytes + 2 * words.count)
        append(words: words, function: function, to: &bytes)
    }

    /// Appends an exception frame; `function` is the code that was asked for.
    package static func appendException(
        code: UInt8, function: UInt8, unit: UInt8, transaction: UInt16, to bytes: inout [UInt8]
    ) {
        bytes.appendHeader(unit: unit, transaction: transaction, pduBytes: 2)
        bytes.append(function | 0x80)
        bytes.append(code)
    }

    /// Appends the same reply as a serial frame (RTU).
    package static func appendRTUReply(
        words: some Collection<UInt16>, function: ReadFunction, unit: UInt8, to bytes: inout [UInt8]
    ) {
        let start = bytes.count
        bytes.append(unit)
        append(words: words, function: function, to: &bytes)
        bytes.appendChecksum(ofFrameAt: start)
    }

    /// Appends the same exception as a serial frame (RTU).
    package static func appendRTUException(code: UInt8, function: UInt8, unit: UInt8, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(unit)
        bytes.append(function | 0x80)
        bytes.append(code)
        bytes.appendChecksum(ofFrameAt: start)
    }

    private static func append(words: some Collection<UInt16>, function: ReadFunction, to bytes: inout [UInt8]) {
        let countMax = function == .fileRecord ? WordRange.fileCountMax : WordRange.countMax
        precondition((1...Int(countMax)).contains(words.count), "a reply carries 1...\(countMax) words")
        bytes.append(function.rawValue)
        if function == .fileRecord {
            bytes.append(UInt8(2 * words.count) + FileRecord.replyPrefixBytes)
            bytes.append(UInt8(2 * words.count) + 1)
            bytes.append(FileRecord.referenceType)
        } else {
            bytes.append(UInt8(2 * words.count))
        }
        for word in words { bytes.append(bigEndian: word) }
    }
}
