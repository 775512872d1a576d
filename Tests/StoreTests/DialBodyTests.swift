import Metering
import Packing
import Testing

@testable import Store

@Suite("Bodies of a meter's dial")
struct DialBodyTests {
    private static func written(_ put: (inout PackedWriter) -> Void) -> [UInt8] {
        var writer = PackedWriter()
        put(&writer)
        return writer.bytes
    }

    private static func read<Value>(
        _ bytes: [UInt8], _ take: (inout PackedReader) throws(UnreadableBody) -> Value
    ) throws -> Value {
        try bytes.withUnsafeBytes { bytes throws(UnreadableBody) in
            var reader = PackedReader(bytes)
            return try take(&reader)
        }
    }

    private static let day = LogBook.day("05-02")

    private static func poll(_ second: Int64, took: Int64 = 900) -> PollStamp {
        let answered = Instant(seconds: 1_746_200_000 + second)
        return PollStamp(
            requested: answered - Instant.Span(microseconds: took), answered: answered, origin: 17, unit: 247,
            transaction: 0xFFFF)
    }

    /// Two registers of one poll, one of another, one with a person's index only, one never read.
    private static func dial() -> MeterDial {
        var dial = MeterDial()
        let (late, early) = (poll(60), poll(0, took: 0))
        func entry(_ register: Register, _ series: Int64, _ first: Int?, _ last: Int) -> MeterDial.Entry {
            MeterDial.Entry(
                register: register, series: series, firstDay: first.map { day + $0 },
                lastDay: first.map { _ in day + last })
        }
        dial.entries = [
            entry(.activeImport, 100, 0, 40), entry(.activeExport, 101, 0, 0), entry(.reactiveImport, 5000, nil, 0),
            entry(.reactiveExport, 12, 7, 9), entry(.activeImportT4, 13, nil, 0),
        ]
        dial.entries[0].last = dial.evidence(late, Energy(wattHours: 123_456_789), words: [0x0007, 0x5BCD])
        dial.entries[1].last = dial.evidence(late, .zero, words: [])
        dial.entries[2].last = dial.evidence(early, Energy(wattHours: 999_999_999_999_999), words: [1, 2, 3, 4])
        return dial
    }

    private static func bytes(_ dial: MeterDial) -> [UInt8] { written { dial.write(to: &$0) } }

    private static func dial(_ bytes: [UInt8]) throws -> MeterDial {
        try bytes.withUnsafeBytes { bytes throws(UnreadableBody) in try MeterDial(body: bytes, key: 100) }
    }

    @Test("a dial comes back with every poll, index, word and span")
    func dialRoundTrip() throws {
        let dial = Self.dial()
        let found = try Self.dial(Self.bytes(dial))
        #expect(found.key == 100)
        #expect(found.answered == Self.poll(60).answered)
        #expect(found.entries.map(\.register) == dial.entries.map(\.register))
        #expect(found.entries.map(\.series) == [100, 101, 5000, 12, 13])
        #expect(found.entries.map(\.firstDay) == dial.entries.map(\.firstDay))
        #expect(found.entries.map(\.lastDay) == dial.entries.map(\.lastDay))
        #expect(found.entries.map(\.last?.poll) == [Self.poll(60), Self.poll(60), Self.poll(0, took: 0), nil, nil])
        #expect(found.entries.map(\.last?.index) == dial.entries.map(\.last?.index))
        #expect(
            found.entries.map { $0.last.map { Array(found.words(of: $0)) } } == [
                [0, 7, 0x5B, 0xCD], [], [0, 1, 0, 2, 0, 3, 0, 4], nil, nil,
            ])
    }

    @Test("words of readings that were not believed are not written")
    func onlyWhatIsHeld() {
        var dial = Self.dial()
        let before = Self.bytes(dial)
        _ = dial.evidence(Self.poll(99), Energy(wattHours: 1), words: [9, 9])
        #expect(Self.bytes(dial) == before)
    }

    @Test("a dial cut short anywhere, with bytes after it or of a later version is refused")
    func dialRefused() {
        let whole = Self.bytes(Self.dial())
        for length in whole.indices {
            #expect(throws: UnreadableBody.self, "cut to \(length)") { try Self.dial(Array(whole.prefix(length))) }
        }
        #expect(throws: UnreadableBody.self) { try Self.dial(whole + [0]) }
        #expect(throws: UnreadableBody.self) { try Self.dial([3] + whole.dropFirst()) }
    }

    @Test("a flipped bit anywhere, or another meter's row, is refused")
    func flipped() {
        let whole = Self.bytes(Self.dial())
        for bit in 0..<(8 * whole.count) {
            var bytes = whole
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: UnreadableBody.self, "bit \(bit)") { try Self.dial(bytes) }
        }
        #expect(throws: UnreadableBody.self) {
            try whole.withUnsafeBytes { bytes throws(UnreadableBody) in try MeterDial(body: bytes, key: 101) }
        }
    }

    @Test("a body without a checksum, as version 1 wrote it, is still read")
    func unsummed() throws {
        let whole = Self.bytes(Self.dial())
        let found = try Self.dial([1] + whole.dropFirst().dropLast(2))
        #expect(found.entries.map(\.series) == [100, 101, 5000, 12, 13])
        #expect(Self.bytes(found) == whole)
    }

    @Test("an old dial with any bytes changed is read or refused, and never read past its end")
    func dialMutated() {
        let whole = [1] + Self.bytes(Self.dial()).dropFirst().dropLast(2)
        var random = SeededRandom(seed: 11)
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0...Int(random.next() % 3) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if let dial = try? Self.dial(bytes) {
                for entry in dial.entries { _ = entry.last.map { dial.words(of: $0) } }
            } else {
                refused += 1
            }
        }
        #expect(refused > 1000)
    }
}
