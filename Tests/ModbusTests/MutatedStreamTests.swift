import Metering
import Modbus
import Testing

@Suite("Hostile streams")
struct MutatedStreamTests {
    /// Three good replies, then up to four changes: bytes flipped, lost, added, doubled, or the end cut off.
    static func stream(for range: WordRange, _ generator: inout SeededRandom) -> [UInt8] {
        var bytes: [UInt8] = []
        for transaction in 0..<UInt16(3) {
            if generator.next() % 4 == 0 {
                ServerPDU.appendException(
                    code: UInt8(generator.next() % 12), function: range.function.rawValue, unit: 1,
                    transaction: transaction, to: &bytes)
            } else {
                let words = (0..<range.count).map { _ in UInt16(truncatingIfNeeded: generator.next()) }
                ServerPDU.appendReply(
                    words: words, function: range.function, unit: 1, transaction: transaction, to: &bytes)
            }
        }
        for _ in 0..<generator.next() % 5 where !bytes.isEmpty {
            let position = Int(generator.next() % UInt64(bytes.count))
            switch generator.next() % 5 {
            case 0: bytes[position] ^= 1 << UInt8(generator.next() % 8)
            case 1: bytes[position] = UInt8(truncatingIfNeeded: generator.next())
            case 2: bytes.remove(at: position)
            case 3: bytes.insert(UInt8(truncatingIfNeeded: generator.next()), at: position)
            default: bytes.removeLast(min(bytes.count, Int(generator.next() % 8)))
            }
        }
        return bytes
    }

    /// The stream's frames and violation when it arrives in the given pieces.
    static func outcome(_ pieces: [[UInt8]]) -> (frames: [Frame], violated: Bool, partialBytes: Int) {
        var parser = FrameParser()
        var frames: [Frame] = []
        for piece in pieces {
            do {
                try parser.frames(piece, into: &frames)
            } catch {
                return (frames, true, 0)
            }
        }
        return (frames, false, parser.partialBytes)
    }

    @Test("10,000 damaged streams: no crash, no words of a wrong count, the same however they are cut")
    func mutated() throws {
        var generator = SeededRandom(seed: 0x5EED)
        var (words, exceptions, faults, violations) = (0, 0, 0, 0)
        for number in 0..<10_000 {
            let function: ReadFunction = generator.next() % 2 == 0 ? .holdingRegisters : .inputRegisters
            let count = UInt16(1 + generator.next() % 12)
            let range = try #require(
                generator.next() % 4 == 0
                    ? WordRange(file: 90, record: 3, count: count)
                    : WordRange(function: function, address: 0, count: count))
            let stream = Self.stream(for: range, &generator)

            let whole = Self.outcome([stream])
            #expect(whole.partialBytes <= 259)
            var pieces: [[UInt8]] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let size = Int(1 + generator.next() % 9)
                pieces.append(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            let cut = Self.outcome(pieces)
            #expect(cut.frames == whole.frames && cut.violated == whole.violated, "stream \(number)")

            violations += whole.violated ? 1 : 0
            for frame in whole.frames {
                switch range.reply(to: frame.pdu) {
                case .words(let answer):
                    words += 1
                    #expect(answer.count == Int(range.count), "stream \(number)")
                    #expect(frame.pdu.count == (range.function == .fileRecord ? 4 : 2) + 2 * answer.count)
                case .exception: exceptions += 1
                case .fault: faults += 1
                }
                frame.pdu.withUnsafeBytes { _ = ServerPDU.parse($0) }
            }
        }
        // Each branch was really visited.
        #expect(words > 5000 && exceptions > 1000 && faults > 500 && violations > 500)
    }

    @Test("10,000 random words through every built-in profile: a dial is whole and never negative")
    func randomWords() throws {
        var generator = SeededRandom(seed: 7)
        let library = try ProfileLibrary.load(folder: nil)
        let profiles = library.names.compactMap { library[$0] }
        for _ in 0..<(10_000 / profiles.count) {
            for profile in profiles {
                for block in profile.fullPlan.blocks {
                    let words = (0..<block.range.count).map { _ in UInt16(truncatingIfNeeded: generator.next()) }
                    let multiplier = Int64(1 + generator.next() % 2000)
                    let (readings, absent) = block.readings(from: words, multiplier: multiplier)
                    #expect(readings.allSatisfy { $0.index.wattHours >= 0 })
                    #expect(readings.count + absent.count == block.values.filter { $0.register != nil }.count)
                    #expect(block.decode(words, multiplier: multiplier).count == block.values.count)
                }
            }
        }
    }
}
