import Metering
import Testing

@testable import Packing

@Suite("A chunk of a load profile")
struct ProfileChunkTests {
    @Test("of any shape comes back as it was", arguments: 1...8 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var shapes = ChunkShapes(seed: seed)
        for _ in 0..<200 {
            let (key, slots, indices) = shapes.profile()
            let body = try SampleProfile.body(indices, key: key, slots: slots)
            #expect(try SampleProfile.indices(body, key: key, slots: slots) == indices, "\(key), \(slots) slots")
        }
    }

    @Test("of the widest values that there can be has room")
    func widest() throws {
        let widest = (0..<ProfileChunk.slotsMax).map { slot in
            SlotIndex(
                slot: slot, index: Energy(wattHours: slot % 2 == 0 ? .max : 0),
                quality: IndexQuality.allCases[slot % 3])
        }
        let body = try SampleProfile.body(widest, slots: ProfileChunk.slotsMax)
        #expect(body.count + 8 <= ProfileChunk.bytesMax)
        #expect(try SampleProfile.indices(body, slots: ProfileChunk.slotsMax) == widest)
    }

    @Test("takes a byte and a third for a slot of a day, and a bit for one in which nothing ran")
    func size() throws {
        #expect(try SampleProfile.body(SampleProfile.indices()).count == 66)
        #expect(try SampleProfile.body(SampleProfile.indices(first: 5_000_001, takes: { _ in 0 })).count == 13)
    }

    @Test("has as many slots as the day had", arguments: [46, 48, 50, 336, 350])
    func clocks(slots: Int) throws {
        let indices = SampleProfile.indices(slots)
        #expect(try SampleProfile.indices(SampleProfile.body(indices, slots: slots), slots: slots) == indices)
    }

    @Test(
        "refuses what it cannot hold",
        arguments: [
            [SlotIndex(slot: 0, index: Energy(wattHours: -1), quality: .frozen)],
            [SlotIndex(slot: -1, index: .zero, quality: .frozen)],
            [SlotIndex(slot: 48, index: .zero, quality: .frozen)],
            [SampleProfile.indices()[1], SampleProfile.indices()[1]],
        ])
    func unpackable(indices: [SlotIndex]) {
        #expect(throws: UnpackableIndex(place: indices.count - 1)) { try SampleProfile.body(indices) }
    }
}

@Suite("A damaged chunk of a load profile")
struct DamagedProfileChunkTests {
    @Test("is refused wherever it is cut, and with anything after it")
    func cut() throws {
        for indices in SampleProfile.all {
            let body = try SampleProfile.body(indices)
            for length in body.indices {
                #expect(throws: UnreadableBody.self) { try SampleProfile.indices(Array(body.prefix(length))) }
            }
            for byte in UInt8.min...(.max) {
                #expect(throws: UnreadableBody.self) { try SampleProfile.indices(body + [byte]) }
            }
        }
    }

    @Test("is refused whichever one or two bits are another")
    func bits() throws {
        for indices in SampleProfile.all {
            let body = try SampleProfile.body(indices)
            for first in 0..<body.count * 8 {
                var once = body
                once[first / 8] ^= 1 << (first % 8)
                #expect(throws: UnreadableBody.self, "bit \(first)") { try SampleProfile.indices(once) }
                for second in stride(from: first + 1, to: body.count * 8, by: 29) {
                    var twice = once
                    twice[second / 8] ^= 1 << (second % 8)
                    #expect((try? SampleProfile.indices(twice)) == nil, "bits \(first), \(second)")
                }
            }
        }
    }

    @Test("is refused under another's key, as a profile of other slots, and as daily indices")
    func context() throws {
        let key = SampleProfile.key
        let day = ChunkKey(series: key.series, firstDay: key.firstDay, days: 1)
        for indices in SampleProfile.all {
            let body = try SampleProfile.body(indices)
            for other in [
                ChunkKey(series: key.series + 1, firstDay: key.firstDay, days: 1),
                ChunkKey(series: key.series, firstDay: key.firstDay.next, days: 1),
                ChunkKey(series: key.series, firstDay: key.firstDay, days: 7),
            ] {
                #expect(throws: UnreadableBody.self) { try SampleProfile.indices(body, key: other) }
            }
            #expect(throws: UnreadableBody.self) { try SampleProfile.indices(body, slots: 50) }
            #expect(throws: UnreadableBody.self) { try SampleChunk.indices(body, key: day) }
        }
    }

    @Test("with a checksum that fits is refused, or is the one chunk of the indices it is read as")
    func forged() throws {
        var random = SeededRandom(seed: 4)
        var read = 0
        let samples = try SampleProfile.all.map { try SampleProfile.body($0) }
        func check(_ forged: [UInt8]) throws {
            let content = forged.dropLast(ChunkChecksum.bytes)
            let sum = Array(content).withUnsafeBytes {
                ChunkChecksum.of($0, kind: ProfileChunk.kind, key: SampleProfile.key, slots: 48)
            }
            let body = content + [UInt8(sum >> 8), UInt8(truncatingIfNeeded: sum)]
            guard let indices = try? SampleProfile.indices(Array(body)) else { return }
            read += 1
            #expect(try SampleProfile.body(indices) == Array(body))
        }
        for sample in samples {
            for bit in 0..<sample.count * 8 {
                var body = sample
                body[bit / 8] ^= 1 << (bit % 8)
                try check(body)
            }
        }
        for round in 0..<10_000 {
            var body = samples[round % samples.count]
            for _ in 0...random.next() % 3 {
                body[Int(random.next() % UInt64(body.count))] ^= 1 << UInt8(random.next() % 8)
            }
            if random.next() % 8 == 0 { body.removeLast(Int(random.next() % UInt64(body.count))) }
            try check(body)
        }
        #expect(read > 1000)
    }
}
