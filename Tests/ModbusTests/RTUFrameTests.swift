import Metering
import Modbus
import Testing

extension RTUFrameParser {
    /// Feeds one chunk; replies delivered before a violation are kept.
    mutating func frames(_ chunk: [UInt8], into frames: inout [Frame]) -> RTUViolation? {
        chunk.withUnsafeBytes { bytes in
            do throws(RTUViolation) {
                try consume(bytes) { unit, pdu in
                    frames.append(Frame(transaction: 0, unit: unit, pdu: Array(pdu)))
                }
                return nil
            } catch {
                return error
            }
        }
    }
}

extension RTURequestParser {
    mutating func frames(_ chunk: [UInt8], into frames: inout [Frame]) -> RTUViolation? {
        chunk.withUnsafeBytes { bytes in
            do throws(RTUViolation) {
                try consume(bytes) { unit, pdu in
                    frames.append(Frame(transaction: 0, unit: unit, pdu: Array(pdu)))
                }
                return nil
            } catch {
                return error
            }
        }
    }
}

@Suite("Serial frames")
struct RTUFrameTests {
    @Test(
        "the checksum is CRC-16/MODBUS",
        arguments: [
            ([], UInt16(0xFFFF)),
            (Array("123456789".utf8), 0x4B37),  // the check value of the algorithm's catalogue entry
            ([0x01, 0x04, 0x00, 0x00, 0x00, 0x02], 0xCB71),  // Eastron SDM protocol, request for 30001
            ([0x01, 0x04, 0x04, 0x43, 0x66, 0x33, 0x34], 0x381B),  // and its answer, 230.2 V
            ([0x11, 0x03, 0x00, 0x6B, 0x00, 0x03], 0x8776),
            ([0x02, 0x07], 0x1241),  // Modbus over Serial Line V1.02 §6.2.2: sent as 41 12
        ] as [([UInt8], UInt16)])
    func checksum(_ bytes: [UInt8], _ expected: UInt16) {
        #expect(RTUChecksum.of(bytes) == expected)
    }

    static let voltage = WordRange(function: .inputRegisters, address: 0, count: 2)
    static let reply: [UInt8] = [
        // unit| fc |count| words                | checksum
        0x01, 0x04, 0x04, 0x43, 0x66, 0x33, 0x34, 0x1B, 0x38,
    ]
    static let exception: [UInt8] = [
        // unit| fc  |code| checksum
        0x01, 0x84, 0x02, 0xC2, 0xC1,
    ]

    static func waiting() throws -> RTUFrameParser {
        var parser = RTUFrameParser()
        parser.expect(try #require(voltage), from: 1)
        return parser
    }

    @Test("a request is the eight bytes of the maker's example")
    func request() throws {
        var bytes: [UInt8] = [0xAA]
        try #require(Self.voltage).appendRTURequest(to: &bytes, unit: 1)
        //                 before | unit| fc  | address   | count     | checksum
        #expect(bytes == [0xAA, 0x01, 0x04, 0x00, 0x00, 0x00, 0x02, 0x71, 0xCB])
    }

    @Test("a reply cut at any two points is one reply, delivered with its last byte", arguments: [reply, exception])
    func everyCut(_ frame: [UInt8]) throws {
        let range = try #require(Self.voltage)
        let expected: ReadReply = frame.count == 5 ? .exception(2) : .words([0x4366, 0x3334])
        for first in 0...frame.count {
            for second in first...frame.count {
                var parser = try Self.waiting()
                var frames: [Frame] = []
                #expect(parser.frames(Array(frame[..<first]), into: &frames) == nil)
                #expect(parser.frames(Array(frame[first..<second]), into: &frames) == nil)
                #expect(frames.count == (second == frame.count ? 1 : 0))
                #expect(parser.isWaiting == (second < frame.count))
                #expect(parser.frames(Array(frame[second...]), into: &frames) == nil)
                #expect(frames.map { range.reply(to: $0.pdu) } == [expected])
                #expect(frames.map(\.unit) == [1])
                #expect(parser.partialBytes == 0)
            }
        }
    }

    static let violations: [([UInt8], RTUViolation)] = [
        ([0x02, 0x04, 0x04], .unit(2, expected: 1)),
        ([0x01, 0x03, 0x04], .function(3, expected: 4)),
        ([0x01, 0x83, 0x02], .function(0x83, expected: 4)),
        ([0x01, 0x04, 0x02, 0x43], .byteCount(2, expected: 4)),
        ([0x01, 0x04, 0x05, 0x43], .byteCount(5, expected: 4)),
        ([0x01, 0x04, 0xFF], .byteCount(255, expected: 4)),
        // a bit of a word, of the checksum, of an exception's code
        ([0x01, 0x04, 0x04, 0x43, 0x66, 0x33, 0x35, 0x1B, 0x38], .checksum(0x381B, expected: 0xF8DA)),
        ([0x01, 0x04, 0x04, 0x43, 0x66, 0x33, 0x34, 0x1B, 0x39], .checksum(0x391B, expected: 0x381B)),
        ([0x01, 0x84, 0x03, 0xC2, 0xC1], .checksum(0xC1C2, expected: 0x0103)),
        // A Modbus/TCP reply on the serial line: transaction 1, then the protocol's zeros.
        ([0x00, 0x01, 0x00, 0x00, 0x00, 0x07, 0x01, 0x04], .unit(0, expected: 1)),
    ]

    @Test("what does not fit the request is a violation, whole or byte by byte, and stays one", arguments: violations)
    func violation(_ bytes: [UInt8], _ expected: RTUViolation) throws {
        var whole = try Self.waiting()
        var frames: [Frame] = []
        #expect(whole.frames(bytes, into: &frames) == expected)
        #expect(whole.frames(Self.reply, into: &frames) == expected, "it does not look for the next frame")
        var slow = try Self.waiting()
        #expect(bytes.lazy.compactMap { slow.frames([$0], into: &frames) }.first == expected)
        #expect(frames.isEmpty)
        whole.reset()
        whole.expect(try #require(Self.voltage), from: 1)
        #expect(whole.frames(Self.reply, into: &frames) == nil)
        #expect(frames.count == 1, "after a reset it starts anew")
    }

    @Test("a byte behind the reply or without a request ends the stream; the reply counts")
    func unasked() throws {
        var parser = try Self.waiting()
        var frames: [Frame] = []
        #expect(parser.frames(Self.reply + [0x01], into: &frames) == .unasked(1))
        #expect(frames.count == 1)
        var idle = RTUFrameParser()
        #expect(idle.frames(Self.reply, into: &frames) == .unasked(1))
        #expect(idle.frames([], into: &frames) == .unasked(1))
        #expect(frames.count == 1)
    }

    @Test("the longest reply of 125 words leaves at most 254 bytes while unfinished")
    func longest() throws {
        let range = try #require(WordRange(function: .holdingRegisters, address: 0, count: 125))
        var bytes: [UInt8] = []
        ServerPDU.appendRTUReply(words: (0..<125).map { UInt16($0) }, function: .holdingRegisters, unit: 9, to: &bytes)
        #expect(bytes.count == 255)
        var parser = RTUFrameParser()
        parser.expect(range, from: 9)
        var frames: [Frame] = []
        #expect(parser.frames(bytes.dropLast(), into: &frames) == nil)
        #expect(parser.partialBytes == 254)
        #expect(parser.frames(bytes.suffix(1), into: &frames) == nil)
        #expect(frames.map { range.reply(to: $0.pdu) } == [.words((0..<125).map { UInt16($0) })])
    }

    @Test("what the server's half writes is the maker's example")
    func server() {
        var bytes: [UInt8] = []
        ServerPDU.appendRTUReply(words: [0x4366, 0x3334], function: .inputRegisters, unit: 1, to: &bytes)
        #expect(bytes == Self.reply)
        bytes = []
        ServerPDU.appendRTUException(code: 2, function: 4, unit: 1, to: &bytes)
        #expect(bytes == Self.exception)
    }

    @Test("a server cuts any requests out of the stream, however it is fragmented")
    func requests() throws {
        let stream: [UInt8] =
            [0x01, 0x04, 0x00, 0x00, 0x00, 0x02, 0x71, 0xCB] + Self.checked([0x02, 0x07])
            + Self.checked([0x01, 0x10, 0x00, 0x00, 0x00, 0x01, 0x02, 0x12, 0x34])
            + Self.checked([0x05, 0x14, 0x07, 0x06, 0x00, 0x5A, 0x00, 0x03, 0x00, 0x06])
        let expected = [
            Frame(transaction: 0, unit: 1, pdu: [0x04, 0x00, 0x00, 0x00, 0x02]),
            Frame(transaction: 0, unit: 2, pdu: [0x07]),
            Frame(transaction: 0, unit: 1, pdu: [0x10, 0x00, 0x00, 0x00, 0x01, 0x02, 0x12, 0x34]),
            Frame(transaction: 0, unit: 5, pdu: [0x14, 0x07, 0x06, 0x00, 0x5A, 0x00, 0x03, 0x00, 0x06]),
        ]
        for first in 0...stream.count {
            for second in first...stream.count {
                var parser = RTURequestParser()
                var frames: [Frame] = []
                #expect(parser.frames(Array(stream[..<first]), into: &frames) == nil)
                #expect(parser.frames(Array(stream[first..<second]), into: &frames) == nil)
                #expect(parser.frames(Array(stream[second...]), into: &frames) == nil)
                #expect(frames == expected)
                #expect(parser.partialBytes == 0)
            }
        }
    }

    @Test(
        "a request of unknown length or with a wrong checksum ends the server's stream",
        arguments: [
            ([0x01, 0x2B], RTUViolation.unknownFunction(0x2B)),
            ([0x01, 0x84], .unknownFunction(0x84)),
            ([0x01, 0x10, 0x00, 0x00, 0x00, 0x01, 0xFF], .tooLong(264)),
            ([0x01, 0x04, 0x00, 0x00, 0x00, 0x03, 0x71, 0xCB], .checksum(0xCB71, expected: 0x0BB0)),
        ] as [([UInt8], RTUViolation)])
    func badRequests(_ bytes: [UInt8], _ expected: RTUViolation) {
        var parser = RTURequestParser()
        var frames: [Frame] = []
        let good = Self.checked([0x01, 0x03, 0x00, 0x10, 0x00, 0x01])
        #expect(parser.frames(good + bytes, into: &frames) == expected)
        #expect(frames.count == 1, "the request before it counts")
        #expect(parser.frames(good, into: &frames) == expected)
        parser.reset()
        #expect(parser.frames(good, into: &frames) == nil)
        #expect(frames.count == 2)
    }

    static func checked(_ bytes: [UInt8]) -> [UInt8] {
        let checksum = RTUChecksum.of(bytes)
        return bytes + [UInt8(truncatingIfNeeded: checksum), UInt8(checksum >> 8)]
    }

    @Test("10,000 damaged replies: no crash, no wrong words, the same however they are cut")
    func mutated() throws {
        var generator = SeededRandom(seed: 0xC4C)
        var (words, exceptions, violations) = (0, 0, 0)
        for number in 0..<10_000 {
            let range = try #require(
                WordRange(function: .inputRegisters, address: 0, count: UInt16(1 + generator.next() % 12)))
            let told = (0..<range.count).map { _ in UInt16(truncatingIfNeeded: generator.next()) }
            var bytes: [UInt8] = []
            if generator.next() % 4 == 0 {
                ServerPDU.appendRTUException(
                    code: UInt8(generator.next() % 12), function: 4, unit: 7, to: &bytes)
            } else {
                ServerPDU.appendRTUReply(words: told, function: .inputRegisters, unit: 7, to: &bytes)
            }
            let honest = bytes
            for _ in 0..<generator.next() % 3 where !bytes.isEmpty {
                let position = Int(generator.next() % UInt64(bytes.count))
                switch generator.next() % 4 {
                case 0: bytes[position] ^= 1 << UInt8(generator.next() % 8)
                case 1: bytes.remove(at: position)
                case 2: bytes.insert(UInt8(truncatingIfNeeded: generator.next()), at: position)
                default: bytes.removeLast(min(bytes.count, Int(generator.next() % 8)))
                }
            }
            var (whole, cut) = (RTUFrameParser(), RTUFrameParser())
            whole.expect(range, from: 7)
            cut.expect(range, from: 7)
            var (frames, pieces): ([Frame], [Frame]) = ([], [])
            let violation = whole.frames(bytes, into: &frames)
            var cutViolation: RTUViolation?
            for byte in bytes where cutViolation == nil { cutViolation = cut.frames([byte], into: &pieces) }
            #expect(frames == pieces && violation == cutViolation, "reply \(number)")
            #expect(whole.partialBytes <= 255 && frames.count <= 1)
            violations += violation == nil ? 0 : 1
            for frame in frames {
                switch range.reply(to: frame.pdu) {
                case .words(let answer):
                    words += 1
                    // At most two changes in so short a frame: the checksum sees them all.
                    #expect(answer == told && bytes.starts(with: honest), "reply \(number)")
                case .exception: exceptions += 1
                case .fault(let fault): Issue.record("reply \(number): \(fault)")
                }
            }
        }
        #expect(words > 2000 && exceptions > 500 && violations > 2000, "\(words) \(exceptions) \(violations)")
    }
}
