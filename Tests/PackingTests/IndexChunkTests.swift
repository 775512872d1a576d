import Metering
import Testing

@testable import Packing

@Suite("A chunk of daily indices")
struct IndexChunkTests {
    @Test("of any shape comes back as it was, and is written in one way only", arguments: 1...8 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var shapes = ChunkShapes(seed: seed)
        for _ in 0..<2000 {
            let key = shapes.key()
            let indices = shapes.indices(key)
            let body = try SampleChunk.body(indices, key: key)
            let found = try SampleChunk.indices(body, key: key)
            #expect(found == indices, "\(key) \(indices)")
            #expect(body.count < 700)
        }
    }

    @Test("of the widest values that there can be has room")
    func widest() throws {
        let widest = (0..<31).map { place in
            DailyIndex(
                day: SampleChunk.key.firstDay + place, index: Energy(wattHours: place % 2 == 0 ? .max : 0),
                quality: IndexQuality.allCases[place % 4], errorBound: Energy(wattHours: .max - Int64(place)),
                revision: .max - place)
        }
        let body = try SampleChunk.body(widest)
        #expect(body.count + 8 <= IndexChunk.bytesMax)
        #expect(try SampleChunk.indices(body) == widest)
    }

    @Test("of a frozen month takes 54 bytes, an outage of four days three more, an estimated day four")
    func size() throws {
        var random = SeededRandom(seed: 5)
        let steps = (0..<31).map { _ in Int64(6000 + random.next() % 5000) }
        func count(_ quality: (Int) -> IndexQuality?, bound: (Int) -> Int64 = { _ in 0 }) throws -> Int {
            try SampleChunk.body(SampleChunk.indices(quality: quality, bound: bound, step: { steps[$0] })).count
        }
        #expect(try count { _ in .frozen } == 54)
        // Four days less are six bytes less.
        #expect(try count { (9...12).contains($0) ? nil : .frozen } == 54 - 6 + 3)
        #expect(try count({ $0 == 9 ? .estimated : .frozen }, bound: { $0 == 9 ? 3584 : 0 }) == 54 + 4)
    }

    @Test("of a dial of tenths of a kilowatt-hour takes 31 bytes, and 34 with an estimate between them")
    func tenths() throws {
        let frozen = SampleChunk.indices(first: 12_345_600, step: { 8000 + 900 * Int64($0 % 7) })
        let estimated = SampleChunk.indices(
            quality: { $0 == 9 ? .estimated : .frozen }, first: 12_345_600,
            step: { ($0 == 9 ? 37 : $0 == 10 ? -37 : 0) + 8000 + 900 * Int64($0 % 7) })
        #expect(try SampleChunk.body(frozen).count == 31)
        #expect(try SampleChunk.body(estimated).count == 34)
    }

    @Test("is spoilt by no jump: a rollover costs its month a dozen bytes")
    func rollover() throws {
        let usual = try SampleChunk.body(SampleChunk.indices()).count
        let rolled = try SampleChunk.body(
            SampleChunk.indices(
                first: 999_950_000, step: { $0 == 6 ? 8000 - 1_000_000_000 : 8000 + 977 * Int64($0 % 7) }))
        #expect(rolled.count <= usual + 12)
    }

    @Test(
        "refuses what it cannot hold",
        arguments: [
            [
                DailyIndex(
                    day: SampleChunk.key.firstDay, index: Energy(wattHours: -1), quality: .frozen, errorBound: .zero)
            ],
            [DailyIndex(day: SampleChunk.key.firstDay - 1, index: .zero, quality: .frozen, errorBound: .zero)],
            [DailyIndex(day: SampleChunk.key.firstDay + 31, index: .zero, quality: .frozen, errorBound: .zero)],
            [
                DailyIndex(
                    day: SampleChunk.key.firstDay, index: .zero, quality: .measured, errorBound: Energy(wattHours: -1))
            ],
            [DailyIndex(day: SampleChunk.key.firstDay, index: .zero, quality: .frozen, errorBound: .zero, revision: 0)],
            [SampleChunk.indices()[1], SampleChunk.indices()[0]],
            [SampleChunk.indices()[1], SampleChunk.indices()[1]],
        ])
    func unpackable(indices: [DailyIndex]) {
        #expect(throws: UnpackableIndex(place: indices.count - 1)) { try SampleChunk.body(indices) }
    }
}

@Suite("A damaged chunk of daily indices")
struct DamagedIndexChunkTests {
    @Test("is refused wherever it is cut, and with anything after it")
    func cut() throws {
        for indices in SampleChunk.all {
            let body = try SampleChunk.body(indices)
            for length in body.indices {
                #expect(throws: UnreadableBody.self) { try SampleChunk.indices(Array(body.prefix(length))) }
            }
            for byte in UInt8.min...(.max) {
                #expect(throws: UnreadableBody.self) { try SampleChunk.indices(body + [byte]) }
            }
        }
    }

    @Test("is refused whichever one or two bits are another")
    func bits() throws {
        for indices in SampleChunk.all {
            let body = try SampleChunk.body(indices)
            for first in 0..<body.count * 8 {
                var once = body
                once[first / 8] ^= 1 << (first % 8)
                #expect(throws: UnreadableBody.self, "bit \(first)") { try SampleChunk.indices(once) }
                for second in stride(from: first + 1, to: body.count * 8, by: 29) {
                    var twice = once
                    twice[second / 8] ^= 1 << (second % 8)
                    #expect((try? SampleChunk.indices(twice)) == nil, "bits \(first), \(second)")
                }
            }
        }
    }

    @Test("is refused under the key of another")
    func context() throws {
        let key = SampleChunk.key
        for indices in SampleChunk.all {
            let body = try SampleChunk.body(indices)
            for other in [
                ChunkKey(series: key.series + 1, firstDay: key.firstDay, days: key.days),
                ChunkKey(series: key.series ^ 1 << 32, firstDay: key.firstDay, days: key.days),
                ChunkKey(series: key.series, firstDay: key.firstDay + 31, days: key.days),
                ChunkKey(series: key.series, firstDay: key.firstDay, days: key.days - 1),
            ] {
                #expect(throws: UnreadableBody.self) { try SampleChunk.indices(body, key: other) }
            }
        }
    }

    /// Gives `body` the checksum that it should have.
    private static func summed(_ body: [UInt8]) -> [UInt8] {
        guard body.count >= ChunkChecksum.bytes else { return body }
        let content = body.dropLast(ChunkChecksum.bytes)
        let sum = Array(content).withUnsafeBytes {
            ChunkChecksum.of($0, kind: IndexChunk.kind, key: SampleChunk.key)
        }
        return content + [UInt8(sum >> 8), UInt8(truncatingIfNeeded: sum)]
    }

    @Test("with a checksum that fits is refused, or is the one chunk of the indices it is read as")
    func forged() throws {
        var random = SeededRandom(seed: 3)
        var read = 0
        let samples = try SampleChunk.all.map { try SampleChunk.body($0) }
        func check(_ forged: [UInt8]) throws {
            let body = Self.summed(forged)
            guard let indices = try? SampleChunk.indices(body) else { return }
            read += 1
            #expect(try SampleChunk.body(indices) == body)
        }
        for sample in samples {
            for bit in 0..<sample.count * 8 {
                var body = sample
                body[bit / 8] ^= 1 << (bit % 8)
                try check(body)
            }
        }
        for round in 0..<20_000 {
            var body = samples[round % samples.count]
            for _ in 0...random.next() % 3 {
                body[Int(random.next() % UInt64(body.count))] ^= 1 << UInt8(random.next() % 8)
            }
            if random.next() % 8 == 0 { body.removeLast(Int(random.next() % UInt64(body.count))) }
            try check(body)
        }
        #expect(read > 5000)
    }

    @Test("of a later version, or with a bit in what fills its last byte, is refused though its checksum fits")
    func later() throws {
        let body = try SampleChunk.body(SampleChunk.indices(2))
        for version in [0, 2, 3] as [UInt8] {
            let other = [body[0] & ~3 | version] + body.dropFirst()
            #expect(throws: UnreadableBody.self) { try SampleChunk.indices(Self.summed(Array(other))) }
        }
        var filled = body
        filled[body.count - 3] ^= 0x80
        #expect(body[body.count - 3] & 0x80 == 0)
        #expect(throws: UnreadableBody.self) { try SampleChunk.indices(Self.summed(filled)) }
    }
}
