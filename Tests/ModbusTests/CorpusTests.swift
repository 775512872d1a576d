import Foundation
import Metering
import Modbus
import Testing

/// What the fuzzer starts from (`make fuzz`), and what it once found: each line whole and byte by byte.
@Suite("The corpus")
struct CorpusTests {
    struct Line: Sendable, CustomTestStringConvertible {
        let kind: String
        let asked: WordRange?
        let bytes: [UInt8]
        let text: String
        var testDescription: String { text }
    }

    static let lines: [Line] = {
        let text = (try? String(contentsOf: folder.appendingPathComponent("streams.hex"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let words = line.split(separator: " ").map(String.init)
            let isAsking = words[0] == "ask"
            let function = isAsking ? [] : words[1].split(separator: ":").compactMap { UInt16($0) }
            let count = isAsking ? 0 : UInt16(words[2]) ?? 0
            let asked =
                function.count == 2
                ? WordRange(file: function[1], record: 3, count: count)
                : function.first.flatMap { UInt8(exactly: $0) }.flatMap(ReadFunction.init(rawValue:)).flatMap {
                    WordRange(function: $0, address: 0, count: count)
                }
            let bytes = words.dropFirst(isAsking ? 1 : 3).compactMap { UInt8($0, radix: 16) }
            return Line(kind: words[0], asked: asked, bytes: bytes, text: String(line))
        }
    }()

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Corpus")

    @Test("is read: every line says what it is")
    func isRead() {
        #expect(Self.lines.count == 24)
        #expect(Self.lines.allSatisfy { ($0.asked == nil) == ($0.kind == "ask") && !$0.bytes.isEmpty })
    }

    @Test("gives the same answers whole and byte by byte", arguments: lines)
    func sameAnswers(_ line: Line) {
        switch line.kind {
        case "tcp":
            let whole = MutatedStreamTests.outcome([line.bytes])
            let cut = MutatedStreamTests.outcome(line.bytes.map { [$0] })
            #expect(whole.frames == cut.frames && whole.violated == cut.violated)
        case "rtu":
            var (whole, cut) = (RTUFrameParser(), RTUFrameParser())
            var (frames, pieces): ([Frame], [Frame]) = ([], [])
            if let asked = line.asked {
                whole.expect(asked, from: 1)
                cut.expect(asked, from: 1)
            }
            let violation = whole.frames(line.bytes, into: &frames)
            #expect(line.bytes.lazy.compactMap { cut.frames([$0], into: &pieces) }.first == violation)
            #expect(frames == pieces)
        default:
            let parsed = line.bytes.withUnsafeBytes { ServerPDU.parse($0) }
            guard case .success(let range) = parsed else { return }
            var request: [UInt8] = []
            range.appendRequest(to: &request, unit: 1, transaction: 0)
            #expect(Array(request.dropFirst(7)) == line.bytes)
        }
    }

    @Test("has a profile with every key that profiles know")
    func everything() throws {
        let yaml = try String(contentsOf: Self.folder.appendingPathComponent("everything.yaml"), encoding: .utf8)
        let profile = try MeterProfile(yaml: yaml, file: "everything.yaml")
        #expect(profile.label == "everything/7")
        #expect(profile.frozen != nil && profile.dailyEnergies?.mirror != nil && profile.clock != nil)
        #expect(profile.identity?.wholeBlock != nil && profile.identity?.firmwareBlock != nil)
    }
}
