import Modbus
import Testing

extension WordRange {
    func reply(to bytes: [UInt8]) -> ReadReply { bytes.withUnsafeBytes { reply(in: $0) } }
}

@Suite("Requests and their answers")
struct ReadReplyTests {
    static let twoWords = WordRange(function: .inputRegisters, address: 0x0048, count: 2)

    @Test(
        "illegal ranges cannot be built",
        arguments: [
            (UInt16(0), UInt16(0), false), (0, 1, true), (0, 125, true), (0, 126, false), (0, 65_535, false),
            (0xFFFF, 1, true), (0xFFFF, 2, false), (0xFF83, 125, true), (0xFF84, 125, false),
        ])
    func ranges(_ address: UInt16, _ count: UInt16, _ isLegal: Bool) {
        #expect((WordRange(function: .holdingRegisters, address: address, count: count) != nil) == isLegal)
    }

    @Test("a request is the twelve bytes of the specification")
    func request() throws {
        var bytes: [UInt8] = []
        try #require(Self.twoWords).appendRequest(to: &bytes, unit: 42, transaction: 0x1234)
        //                 |  tx id   | protocol |  length  |unit| fc | address   |  count   |
        #expect(bytes == [0x12, 0x34, 0x00, 0x00, 0x00, 0x06, 0x2A, 0x04, 0x00, 0x48, 0x00, 0x02])
    }

    static let answers: [([UInt8], ReadReply)] = [
        //  fc | bytes | words
        ([0x04, 0x04, 0x46, 0x40, 0xE6, 0xAE], .words([0x4640, 0xE6AE])),
        // exceptions: exactly two bytes
        ([0x84, 0x02], .exception(2)),
        ([0x84, 0x0B], .exception(0x0B)),
        ([0x84, 0x81], .exception(0x81)),
        ([0x84, 0x02, 0x00], .fault(.exceptionLength(3))),
        ([0x84], .fault(.length(1, expected: 6))),
        // another request's function, or another request's exception
        ([0x03, 0x04, 0x46, 0x40, 0xE6, 0xAE], .fault(.function(3, expected: 4))),
        ([0x83, 0x02], .fault(.function(0x83, expected: 4))),
        ([0x00, 0x00], .fault(.function(0, expected: 4))),
        // byte count too small, too large, odd, zero
        ([0x04, 0x02, 0x46, 0x40], .fault(.byteCount(2, expected: 4))),
        ([0x04, 0x06, 0x46, 0x40, 0xE6, 0xAE, 0x00, 0x00], .fault(.byteCount(6, expected: 4))),
        ([0x04, 0x03, 0x46, 0x40, 0xE6], .fault(.byteCount(3, expected: 4))),
        ([0x04, 0x00], .fault(.byteCount(0, expected: 4))),
        // right byte count, wrong length
        ([0x04, 0x04, 0x46, 0x40, 0xE6], .fault(.length(5, expected: 6))),
        ([0x04, 0x04, 0x46, 0x40, 0xE6, 0xAE, 0x00], .fault(.length(7, expected: 6))),
        ([0x04, 0x04], .fault(.length(2, expected: 6))),
        ([], .fault(.length(0, expected: 6))),
    ]

    @Test("only a reply whose every byte fits carries words", arguments: answers)
    func answer(_ pdu: [UInt8], _ expected: ReadReply) throws {
        #expect(try #require(Self.twoWords).reply(to: pdu) == expected)
    }

    @Test("the longest reply has 125 words in 252 bytes")
    func longest() throws {
        let range = try #require(WordRange(function: .holdingRegisters, address: 0, count: 125))
        let pdu: [UInt8] = [3, 250] + (0..<125).flatMap { [UInt8($0), 0x01] }
        #expect(range.reply(to: pdu) == .words((0..<125).map { UInt16($0) << 8 | 1 }))
    }

    static let requests: [([UInt8], Result<WordRange?, ServerRefusal>)] = [
        //  fc |  address  |   count
        ([0x03, 0x50, 0x00, 0x00, 0x04], .success(WordRange(function: .holdingRegisters, address: 0x5000, count: 4))),
        ([0x04, 0xFF, 0xFF, 0x00, 0x01], .success(WordRange(function: .inputRegisters, address: 0xFFFF, count: 1))),
        ([0x01, 0x00, 0x00, 0x00, 0x01], .failure(ServerRefusal(function: 1, code: 1))),
        ([0x2B, 0x0E, 0x01, 0x00], .failure(ServerRefusal(function: 0x2B, code: 1))),
        ([0x83, 0x00, 0x00, 0x00, 0x01], .failure(ServerRefusal(function: 3, code: 1))),
        ([], .failure(ServerRefusal(function: 0, code: 1))),
        ([0x03, 0x00, 0x00, 0x00, 0x00], .failure(ServerRefusal(function: 3, code: 3))),
        ([0x03, 0x00, 0x00, 0x00, 0x7E], .failure(ServerRefusal(function: 3, code: 3))),
        ([0x03, 0xFF, 0xFF, 0x01, 0x00], .failure(ServerRefusal(function: 3, code: 3))),
        ([0x03, 0x00, 0x00, 0x00], .failure(ServerRefusal(function: 3, code: 3))),
        ([0x03, 0x00, 0x00, 0x00, 0x01, 0x00], .failure(ServerRefusal(function: 3, code: 3))),
        ([0x04, 0xFF, 0xFF, 0x00, 0x02], .failure(ServerRefusal(function: 4, code: 2))),
    ]

    @Test("a server checks function, then count, then address", arguments: requests)
    func request(_ pdu: [UInt8], _ expected: Result<WordRange?, ServerRefusal>) {
        let parsed = pdu.withUnsafeBytes { ServerPDU.parse($0) }
        #expect(parsed.map(Optional.some) == expected)
    }

    static let sixRecords = WordRange(file: 90, record: 3, count: 6)

    @Test(
        "a file's range has a file, records below 10,000 and at most 121 words",
        arguments: [
            (UInt16(0), UInt16(3), UInt16(6), false), (1, 0, 1, true), (65_535, 9999, 1, true), (90, 9999, 2, false),
            (90, 10_000, 1, false), (90, 0, 121, true), (90, 0, 122, false), (90, 9879, 121, true),
            (90, 9880, 121, false), (90, 3, 0, false),
        ])
    func fileRanges(_ file: UInt16, _ record: UInt16, _ count: UInt16, _ isLegal: Bool) {
        #expect((WordRange(file: file, record: record, count: count) != nil) == isLegal)
        #expect(WordRange(function: .fileRecord, address: record, count: count) == nil, "no file")
    }

    @Test("a request for a file is one part of reference type 6")
    func fileRequest() throws {
        let range = try #require(Self.sixRecords)
        var bytes: [UInt8] = []
        range.appendRequest(to: &bytes, unit: 42, transaction: 0x1234)
        #expect(
            bytes == [
                //  tx id   | protocol  | length    | unit| fc  |count|type | file      | record    | words
                0x12, 0x34, 0x00, 0x00, 0x00, 0x0A, 0x2A, 0x14, 0x07, 0x06, 0x00, 0x5A, 0x00, 0x03, 0x00, 0x06,
            ])
        #expect(range.description == "FC20 file 90 record 3+6")
    }

    static let fileAnswers: [([UInt8], ReadReply)] = [
        //  fc |count|part |type | words
        ([0x14, 0x06, 0x05, 0x06, 0x0D, 0xFE, 0x00, 0x20], .words([0x0DFE, 0x0020])),
        ([0x94, 0x02], .exception(2)),
        ([0x94, 0x02, 0x00], .fault(.exceptionLength(3))),
        ([0x14], .fault(.length(1, expected: 8))),
        ([0x03, 0x04, 0x0D, 0xFE, 0x00, 0x20], .fault(.function(3, expected: 20))),
        // byte count without the part's own two bytes, or of another number of words
        ([0x14, 0x04, 0x0D, 0xFE, 0x00, 0x20], .fault(.byteCount(4, expected: 6))),
        ([0x14, 0x08, 0x07, 0x06, 0x0D, 0xFE, 0x00, 0x20, 0x00, 0x00], .fault(.byteCount(8, expected: 6))),
        ([0x14, 0x06, 0x05, 0x06, 0x0D, 0xFE, 0x00], .fault(.length(7, expected: 8))),
        ([0x14, 0x06, 0x05, 0x06, 0x0D, 0xFE, 0x00, 0x20, 0x00], .fault(.length(9, expected: 8))),
        // two parts that together have the right length
        ([0x14, 0x06, 0x02, 0x06, 0x0D, 0x02, 0x06, 0x20], .fault(.fileLength(2, expected: 5))),
        ([0x14, 0x06, 0x04, 0x06, 0x0D, 0xFE, 0x00, 0x20], .fault(.fileLength(4, expected: 5))),
        ([0x14, 0x06, 0x05, 0x07, 0x0D, 0xFE, 0x00, 0x20], .fault(.referenceType(7))),
    ]

    @Test("only a file's reply whose every byte fits carries words", arguments: fileAnswers)
    func fileAnswer(_ pdu: [UInt8], _ expected: ReadReply) throws {
        let range = try #require(WordRange(file: 4, record: 1, count: 2))
        #expect(range.reply(to: pdu) == expected)
    }

    static let fileRequests: [([UInt8], Result<WordRange?, ServerRefusal>)] = [
        //  fc |count|type | file      | record    | words
        ([0x14, 0x07, 0x06, 0x00, 0x5A, 0x00, 0x03, 0x00, 0x06], .success(sixRecords)),
        ([0x14, 0x07, 0x06, 0x00, 0x01, 0x00, 0x00, 0x00, 0x79], .success(WordRange(file: 1, record: 0, count: 121))),
        ([0x14, 0x07, 0x06, 0x00, 0x01, 0x00, 0x00, 0x00, 0x7A], .failure(ServerRefusal(function: 20, code: 3))),
        ([0x14, 0x07, 0x06, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00], .failure(ServerRefusal(function: 20, code: 3))),
        ([0x14, 0x07, 0x06, 0x00, 0x5A, 0x00, 0x03, 0x00], .failure(ServerRefusal(function: 20, code: 3))),
        ([0x14, 0x06, 0x06, 0x00, 0x5A, 0x00, 0x03, 0x00, 0x06], .failure(ServerRefusal(function: 20, code: 3))),
        // two parts in one request
        (
            [
                0x14, 0x0E, 0x06, 0x00, 0x04, 0x00, 0x01, 0x00, 0x02, 0x06, 0x00, 0x03, 0x00, 0x09, 0x00, 0x02,
            ], .failure(ServerRefusal(function: 20, code: 3))
        ),
        ([0x14, 0x07, 0x05, 0x00, 0x5A, 0x00, 0x03, 0x00, 0x06], .failure(ServerRefusal(function: 20, code: 2))),
        ([0x14, 0x07, 0x06, 0x00, 0x00, 0x00, 0x03, 0x00, 0x06], .failure(ServerRefusal(function: 20, code: 2))),
        ([0x14, 0x07, 0x06, 0x00, 0x5A, 0x27, 0x0F, 0x00, 0x02], .failure(ServerRefusal(function: 20, code: 2))),
        ([0x14], .failure(ServerRefusal(function: 20, code: 3))),
    ]

    @Test("a server checks a file's request: its one part, its count, then file and record", arguments: fileRequests)
    func fileRequest(_ pdu: [UInt8], _ expected: Result<WordRange?, ServerRefusal>) {
        let parsed = pdu.withUnsafeBytes { ServerPDU.parse($0) }
        #expect(parsed.map(Optional.some) == expected)
    }

    @Test("the longest reply of a file has 121 words in 246 bytes, in either framing")
    func longestFile() throws {
        let range = try #require(WordRange(file: 90, record: 3, count: 121))
        let words = (0..<121).map { UInt16($0) << 8 | 1 }
        var bytes: [UInt8] = []
        ServerPDU.appendReply(words: words, function: .fileRecord, unit: 1, transaction: 7, to: &bytes)
        // 0xF7 after the length: unit, function, and 0xF4 = 244 behind it, the whole of it one part of 0xF3.
        #expect(Array(bytes.prefix(11)) == [0, 7, 0, 0, 0, 0xF7, 1, 0x14, 0xF4, 0xF3, 0x06])
        #expect(bytes.count == 253)
        var parser = FrameParser()
        var frames: [Frame] = []
        try parser.frames(bytes, into: &frames)
        #expect(frames.map { range.reply(to: $0.pdu) } == [.words(words)])

        var serial: [UInt8] = []
        ServerPDU.appendRTUReply(words: words, function: .fileRecord, unit: 1, to: &serial)
        var line = RTUFrameParser()
        line.expect(range, from: 1)
        frames = []
        #expect(line.frames(serial, into: &frames) == nil)
        #expect(frames.map { range.reply(to: $0.pdu) } == [.words(words)])
    }

    @Test("what the server's half writes, the client's half reads")
    func roundTrip() throws {
        let range = try #require(Self.twoWords)
        var bytes: [UInt8] = []
        ServerPDU.appendReply(
            words: [0x4640, 0xE6AE][...], function: .inputRegisters, unit: 42, transaction: 7, to: &bytes)
        #expect(bytes == FrameParserTests.reply)
        var exception: [UInt8] = []
        ServerPDU.appendException(code: 0x0B, function: 3, unit: 1, transaction: 0xBEEF, to: &exception)
        #expect(exception == FrameParserTests.exception)

        var parser = FrameParser()
        var frames: [Frame] = []
        try parser.frames(bytes, into: &frames)
        #expect(frames.map { range.reply(to: $0.pdu) } == [.words([0x4640, 0xE6AE])])
    }
}
