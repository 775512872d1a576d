import Modbus

/// What must hold for any bytes on a line.
enum StreamChecks {
    private struct Found: Equatable {
        var frames: [[UInt8]] = []
        var isViolated = false
        var partialBytes = 0
    }

    /// Modbus/TCP: the same frames however the stream is cut, none of a wrong length, little held back.
    static func tcp(_ bytes: [UInt8], pieces: [[UInt8]], range: WordRange) throws(Broken) {
        let whole = try frames([bytes])
        let cut = try frames(pieces)
        try always(whole.frames == cut.frames, "the same frames whole and cut")
        try always(whole.isViolated == cut.isViolated, "the same violation whole and cut")
        for frame in whole.frames {
            let length = Int(frame[4]) << 8 | Int(frame[5])
            try always(frame.count == 6 + length && frame[2] == 0 && frame[3] == 0, "a frame as long as it says")
            try reply(Array(frame[7...]), range)
            let parsed = frame[7...].withUnsafeBytes { ServerPDU.parse($0) }
            if case .failure(let refusal) = parsed {
                try always((1...3).contains(refusal.code), "a refusal has code 1 to 3, not \(refusal.code)")
            }
        }
    }

    /// The frames, each with a header built anew from what the parser says of it.
    private static func frames(_ pieces: [[UInt8]]) throws(Broken) -> Found {
        var parser = FrameParser()
        var found = Found()
        for piece in pieces {
            var frames: [[UInt8]] = []
            let isViolated = piece.withUnsafeBytes { bytes in
                do throws(FramingViolation) {
                    try parser.consume(bytes) { header, pdu in
                        let length = UInt16(pdu.count + 1)
                        frames.append(
                            [
                                UInt8(header.transaction >> 8), UInt8(truncatingIfNeeded: header.transaction), 0, 0,
                                UInt8(length >> 8), UInt8(truncatingIfNeeded: length), header.unit,
                            ] + Array(pdu))
                    }
                    return false
                } catch {
                    return true
                }
            }
            try always(!found.isViolated || frames.isEmpty && isViolated, "a violation lasts")
            found.frames += frames
            found.isViolated = found.isViolated || isViolated
            try always(parser.partialBytes <= 259, "at most 259 bytes held back, not \(parser.partialBytes)")
        }
        for frame in found.frames { try always((9...260).contains(frame.count), "a frame of 9 to 260 bytes") }
        return found
    }

    /// One PDU as the answer to a range: words only when every byte fits.
    static func reply(_ pdu: [UInt8], _ range: WordRange) throws(Broken) {
        switch pdu.withUnsafeBytes({ range.reply(in: $0) }) {
        case .words(let words):
            try always(words.count == Int(range.count), "as many words as were asked")
            var again: [UInt8] = []
            ServerPDU.appendReply(words: words, function: range.function, unit: 0, transaction: 0, to: &again)
            try always(Array(again[7...]) == pdu, "a reply has no byte that is not accounted for")
        case .exception(let code):
            try always(pdu == [range.function.rawValue | 0x80, code], "an exception is its function and its code")
        case .fault: break
        }
    }

    /// A serial line: one reply at most, only with its checksum, the same however it is cut.
    static func rtu(_ bytes: [UInt8], pieces: [[UInt8]], range: WordRange, unit: UInt8) throws(Broken) {
        let whole = try replies([bytes], range, unit)
        let cut = try replies(pieces, range, unit)
        try always(whole == cut, "the same reply whole and cut")
        for pdu in whole.frames {
            let frame = [unit] + pdu
            let checksum = RTUChecksum.of(frame)
            let end = [UInt8(truncatingIfNeeded: checksum), UInt8(checksum >> 8)]
            try always(bytes.starts(with: frame + end), "a reply's own bytes and checksum")
            try reply(pdu, range)
        }
        try requests(bytes, pieces: pieces)
    }

    private static func replies(_ pieces: [[UInt8]], _ range: WordRange, _ unit: UInt8) throws(Broken) -> Found {
        var parser = RTUFrameParser()
        parser.expect(range, from: unit)
        var found = Found()
        for piece in pieces {
            let isViolated = piece.withUnsafeBytes { bytes in
                do throws(RTUViolation) {
                    try parser.consume(bytes) { _, pdu in found.frames.append(Array(pdu)) }
                    return false
                } catch {
                    return true
                }
            }
            found.isViolated = found.isViolated || isViolated
            try always(isViolated == found.isViolated, "a violation lasts")
            try always(parser.partialBytes <= 255, "at most 255 bytes held back, not \(parser.partialBytes)")
        }
        try always(found.frames.count <= 1, "one reply to one request")
        return found
    }

    /// The answering half of a serial line.
    private static func requests(_ bytes: [UInt8], pieces: [[UInt8]]) throws(Broken) {
        var found = [Found(), Found()]
        for (position, cut) in [[bytes], pieces].enumerated() {
            var parser = RTURequestParser()
            for piece in cut {
                let isViolated = piece.withUnsafeBytes { bytes in
                    do throws(RTUViolation) {
                        try parser.consume(bytes) { unit, pdu in found[position].frames.append([unit] + Array(pdu)) }
                        return false
                    } catch {
                        return true
                    }
                }
                found[position].isViolated = found[position].isViolated || isViolated
                try always(parser.partialBytes <= 255, "at most 255 bytes held back, not \(parser.partialBytes)")
            }
        }
        try always(found[0] == found[1], "the same requests whole and cut")
        for frame in found[0].frames { try ask(Array(frame[1...])) }
    }

    /// A request PDU: what is understood is what would be asked.
    static func ask(_ pdu: [UInt8]) throws(Broken) {
        guard case .success(let range) = pdu.withUnsafeBytes({ ServerPDU.parse($0) }) else { return }
        var request: [UInt8] = []
        range.appendRequest(to: &request, unit: 0, transaction: 0)
        try always(Array(request[7...]) == pdu, "a request that is understood has no other form")
        var serial: [UInt8] = []
        range.appendRTURequest(to: &serial, unit: 0)
        try always(Array(serial.dropFirst().dropLast(2)) == pdu, "the same request in either framing")
    }
}
