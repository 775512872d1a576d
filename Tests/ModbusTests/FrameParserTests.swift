import Modbus
import Testing

/// A frame as the tests keep it: the parser's own buffers live only during the call.
struct Frame: Hashable {
    let transaction: UInt16
    let unit: UInt8
    let pdu: [UInt8]
}

extension FrameParser {
    /// Feeds one chunk; frames delivered before a violation are kept.
    mutating func frames(_ chunk: [UInt8], into frames: inout [Frame]) throws(FramingViolation) {
        var delivered: [Frame] = []
        defer { frames += delivered }
        // Array.withUnsafeBytes rethrows untyped, so the violation travels as a value.
        let result = chunk.withUnsafeBytes { bytes -> Result<Void, FramingViolation> in
            do throws(FramingViolation) {
                try consume(bytes) { header, pdu in
                    delivered.append(Frame(transaction: header.transaction, unit: header.unit, pdu: Array(pdu)))
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}

@Suite("Frames out of a byte stream")
struct FrameParserTests {
    static let reply: [UInt8] = [
        // tx id   | protocol  | length    | unit| fc  |count| words                |
        0x00, 0x07, 0x00, 0x00, 0x00, 0x07, 0x2A, 0x04, 0x04, 0x46, 0x40, 0xE6, 0xAE,
    ]
    static let exception: [UInt8] = [
        // tx id   | protocol  | length    | unit| fc  |code |
        0xBE, 0xEF, 0x00, 0x00, 0x00, 0x03, 0x01, 0x83, 0x0B,
    ]

    @Test("tells one whole frame from anything else")
    func oneFrame() throws {
        func isOne(_ bytes: [UInt8], after held: [UInt8] = []) throws -> Bool {
            var parser = FrameParser()
            var frames: [Frame] = []
            try parser.frames(held, into: &frames)
            return bytes.withUnsafeBytes { parser.isOneFrame($0) }
        }
        #expect(try isOne(Self.reply))
        #expect(try isOne(Self.exception))
        #expect(try isOne(Self.reply, after: Self.exception))
        #expect(try !isOne([]))
        #expect(try !isOne(Array(Self.reply.dropLast())))
        #expect(try !isOne(Self.reply + [0]))
        #expect(try !isOne(Self.reply + Self.exception))
        #expect(try !isOne(Array(Self.reply.dropFirst()), after: [Self.reply[0]]))
        #expect(try !isOne([0, 1, 0, 9, 0, 3, 1, 0x83, 2]), "no Modbus/TCP at all")
    }
    static let short: [UInt8] = [
        // tx id   | protocol  | length    | unit| fc  |count| word      |
        0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0xFF, 0x03, 0x02, 0x00, 0x47,
    ]
    static let frames = [
        Frame(transaction: 7, unit: 42, pdu: [0x04, 0x04, 0x46, 0x40, 0xE6, 0xAE]),
        Frame(transaction: 0xBEEF, unit: 1, pdu: [0x83, 0x0B]),
        Frame(transaction: 0, unit: 255, pdu: [0x03, 0x02, 0x00, 0x47]),
    ]
    static let stream = reply + exception + short

    @Test("three frames in one read are three frames")
    func oneRead() throws {
        var parser = FrameParser()
        var frames: [Frame] = []
        try parser.frames(Self.stream, into: &frames)
        #expect(frames == Self.frames)
        #expect(parser.partialBytes == 0)
    }

    @Test("a stream cut at any two points gives the same frames")
    func everyCut() throws {
        for first in 0...Self.stream.count {
            for second in first...Self.stream.count {
                var parser = FrameParser()
                var frames: [Frame] = []
                try parser.frames(Array(Self.stream[..<first]), into: &frames)
                try parser.frames(Array(Self.stream[first..<second]), into: &frames)
                try parser.frames(Array(Self.stream[second...]), into: &frames)
                #expect(frames == Self.frames, "cut at \(first) and \(second)")
                #expect(parser.partialBytes == 0)
            }
        }
    }

    @Test("one byte a segment still makes the frames, each as soon as its last byte is there")
    func singleBytes() throws {
        var parser = FrameParser()
        var frames: [Frame] = []
        for (position, byte) in Self.stream.enumerated() {
            try parser.frames([byte], into: &frames)
            let complete = [Self.reply.count, Self.reply.count + Self.exception.count, Self.stream.count]
                .filter { $0 <= position + 1 }.count
            #expect(frames.count == complete)
        }
        #expect(frames == Self.frames)
    }

    @Test("the longest frame passes and leaves at most 259 bytes while unfinished")
    func longest() throws {
        let longest: [UInt8] = [0, 1, 0, 0, 0, 254, 9] + [UInt8](repeating: 0x55, count: 253)
        var parser = FrameParser()
        var frames: [Frame] = []
        try parser.frames(Array(longest.dropLast()), into: &frames)
        #expect(frames.isEmpty)
        #expect(parser.partialBytes == 259)
        try parser.frames([0x55], into: &frames)
        #expect(frames == [Frame(transaction: 1, unit: 9, pdu: [UInt8](repeating: 0x55, count: 253))])
    }

    static let violations: [([UInt8], FramingViolation)] = [
        //|  tx id   | protocol  |  length   |
        ([0x00, 0x07, 0x00, 0x01, 0x00, 0x05], .protocolID(0x0001)),
        ([0x00, 0x07, 0x01, 0x00, 0x00, 0x05], .protocolID(0x0100)),
        ([0x00, 0x07, 0x00, 0x00, 0x00, 0x00], .length(0)),
        ([0x00, 0x07, 0x00, 0x00, 0x00, 0x02], .length(2)),
        ([0x00, 0x07, 0x00, 0x00, 0x00, 0xFF], .length(255)),
        ([0x00, 0x07, 0x00, 0x00, 0xFF, 0xFF], .length(65_535)),
        // An RTU reply on the TCP port: unit, function, byte count, words, CRC.
        ([0x01, 0x04, 0x04, 0x43, 0x66, 0x33, 0x34, 0x1B, 0x38], .protocolID(0x0443)),
    ]

    @Test("a header that is no Modbus/TCP is a violation, whole or byte by byte", arguments: violations)
    func violation(_ bytes: [UInt8], _ expected: FramingViolation) {
        var whole = FrameParser()
        var frames: [Frame] = []
        #expect(throws: expected) { try whole.frames(Self.exception + bytes, into: &frames) }
        #expect(frames == [Self.frames[1]], "the frame before the violation counts")

        var slow = FrameParser()
        #expect(throws: FramingViolation.self) {
            for byte in bytes { try slow.frames([byte], into: &frames) }
        }
        #expect(throws: FramingViolation.self, "it stays out of step") { try slow.frames(Self.reply, into: &frames) }
        #expect(frames.count == 1)
    }

    @Test("after a reset a violated or half-filled parser starts anew")
    func reset() throws {
        var parser = FrameParser()
        var frames: [Frame] = []
        try? parser.frames([0, 7, 9, 9, 9, 9], into: &frames)
        parser.reset()
        try parser.frames(Array(Self.reply.prefix(8)), into: &frames)
        parser.reset()
        try parser.frames(Self.stream, into: &frames)
        #expect(frames == Self.frames)
    }

    @Test("a server's parser also takes a bare function code")
    func bareFunction() throws {
        var parser = FrameParser(lengths: 2...254)
        var frames: [Frame] = []
        try parser.frames([0, 1, 0, 0, 0, 2, 5, 0x07], into: &frames)
        #expect(frames == [Frame(transaction: 1, unit: 5, pdu: [0x07])])
    }
}
