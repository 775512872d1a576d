/// Why a server refuses a request, and what it answers.
package struct ServerRefusal: Error, Hashable, Sendable {
    /// The function code asked for, without the exception's top bit.
    package let function: UInt8
    /// 1 unknown function, 2 address beyond the last word, 3 count outside 1...125 or a PDU of the wrong length.
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
        guard pdu.count == 5, (1...WordRange.countMax).contains(pdu.bigEndian(at: 3)) else {
            return .failure(ServerRefusal(function: code, code: 3))
        }
        guard
            let range = WordRange(function: function, address: pdu.bigEndian(at: 1), count: pdu.bigEndian(at: 3))
        else { return .failure(ServerRefusal(function: code, code: 2)) }
        return .success(range)
    }

    /// Appends a reply frame carrying 1...125 words.
    package static func appendReply(
        words: some Collection<UInt16>, function: ReadFunction, unit: UInt8, transaction: UInt16,
        to bytes: inout [UInt8]
    ) {
        bytes.appendHeader(unit: unit, transaction: transaction, pduBytes: 2 + 2 * words.count)
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
        precondition((1...Int(WordRange.countMax)).contains(words.count), "a reply carries 1...125 words")
        bytes.append(function.rawValue)
        bytes.append(UInt8(2 * words.count))
        for word in words { bytes.append(bigEndian: word) }
    }
}
