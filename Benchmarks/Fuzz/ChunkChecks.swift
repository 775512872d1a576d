import Metering
import Packing

/// What must hold for any bytes that a row holds as a chunk: they are refused, or are the one chunk of what is read.
enum ChunkChecks {
    /// A chunk of daily indices: an honest one damaged, or bytes of chance; its checksum mostly put right, because else
    /// the reader would look no further.
    /// - Returns: whether it was read.
    static func index(_ mutation: inout Mutation) throws(Broken) -> Bool {
        let key = key(&mutation, days: 1 + mutation.number(below: 31))
        let indices = indices(key, &mutation)
        let honest = try body(indices, key)
        try always(found(honest, key) == indices, "an honest chunk comes back")
        var bytes = damaged(honest, try body(self.indices(key, &mutation), key), &mutation)
        if !mutation.happens(oneIn: 8) { sum(&bytes, kind: UInt8(ascii: "I"), key, slots: 0) }
        guard let found = found(bytes, key) else { return false }
        try always(found.allSatisfy { $0.index >= .zero && $0.errorBound >= .zero }, "an index below zero")
        try always(found.allSatisfy { (1...Int.max).contains($0.revision) }, "a revision below 1")
        try always(
            found.allSatisfy { $0.day >= key.firstDay && $0.day < key.firstDay + key.days }, "a day of the chunk's own")
        try always(try body(found, key) == bytes, "a chunk that is read has no other form")
        return true
    }

    /// The same for a load profile.
    static func profile(_ mutation: inout Mutation) throws(Broken) -> Bool {
        let key = key(&mutation, days: mutation.happens(oneIn: 2) ? 1 : 7)
        let slots = key.days == 1 ? 46 + 2 * mutation.number(below: 3) : 1 + mutation.number(below: 350)
        let indices = profile(slots, &mutation)
        let honest = try body(indices, key, slots)
        try always(found(honest, key, slots) == indices, "an honest profile comes back")
        var bytes = damaged(honest, try body(profile(slots, &mutation), key, slots), &mutation)
        if !mutation.happens(oneIn: 8) { sum(&bytes, kind: UInt8(ascii: "P"), key, slots: slots) }
        guard let found = found(bytes, key, slots) else { return false }
        try always(found.allSatisfy { $0.index >= .zero && $0.slot < slots }, "an index below zero, or of no slot")
        try always(try body(found, key, slots) == bytes, "a profile that is read has no other form")
        return true
    }

    private static func damaged(_ bytes: [UInt8], _ other: [UInt8], _ mutation: inout Mutation) -> [UInt8] {
        if mutation.happens(oneIn: 6) {
            return (0..<mutation.number(below: 100)).map { _ in UInt8(mutation.number(below: 256)) }
        }
        if mutation.happens(oneIn: 2) {
            // One field another, the rest as it was: what a reader may take for true.
            var bytes = bytes
            let position = mutation.number(below: bytes.count)
            bytes[position] ^= 1 << UInt8(mutation.number(below: 8))
            return bytes
        }
        return mutation.damaged(bytes, with: other)
    }

    /// CRC-16/CCITT-FALSE over kind, days, slots, first day and series, then the bytes: written here once more, bit by
    /// bit, as the format says it.
    private static func sum(_ bytes: inout [UInt8], kind: UInt8, _ key: ChunkKey, slots: Int) {
        bytes.removeLast(min(bytes.count, 2))
        var all: [UInt8] = [kind, UInt8(key.days), UInt8(slots >> 8), UInt8(slots & 0xFF)]
        all += (0..<4).reversed().map { UInt8(truncatingIfNeeded: key.firstDay.number >> (8 * Int32($0))) }
        all += (0..<8).reversed().map { UInt8(truncatingIfNeeded: key.series >> (8 * Int64($0))) }
        var sum: UInt16 = 0xFFFF
        for byte in all + bytes {
            sum ^= UInt16(byte) << 8
            for _ in 0..<8 { sum = sum & 0x8000 != 0 ? sum << 1 ^ 0x1021 : sum << 1 }
        }
        bytes += [UInt8(sum >> 8), UInt8(truncatingIfNeeded: sum)]
    }

    // MARK: - Honest chunks

    private static func key(_ mutation: inout Mutation, days: Int) -> ChunkKey {
        ChunkKey(
            series: Int64(mutation.number(below: 1_000_000)),
            firstDay: ServiceDay(number: Int32(mutation.number(below: 30_000))), days: days)
    }

    private static func indices(_ key: ChunkKey, _ mutation: inout Mutation) -> [DailyIndex] {
        var dial = dial(&mutation)
        return (0..<key.days).compactMap { offset in
            let quality = dial.step(&mutation)
            guard let quality else { return nil }
            let bound = quality == .measured || mutation.happens(oneIn: 40) ? mutation.number(below: 1 << 20) : 0
            return DailyIndex(
                day: key.firstDay + offset, index: Energy(wattHours: dial.shown), quality: quality,
                errorBound: dial.hasRoundBounds
                    ? BoundCode.roundedUp(Energy(wattHours: Int64(bound))) : Energy(wattHours: Int64(bound)),
                revision: mutation.happens(oneIn: 30) ? 1 + mutation.number(below: 1 << 40) : 1)
        }
    }

    private static func profile(_ slots: Int, _ mutation: inout Mutation) -> [SlotIndex] {
        var dial = dial(&mutation)
        return (0..<slots).compactMap { slot in
            dial.step(&mutation).map { SlotIndex(slot: slot, index: Energy(wattHours: dial.shown), quality: $0) }
        }
    }

    private static func dial(_ mutation: inout Mutation) -> Dial {
        Dial(
            shown: Int64(mutation.number(below: 1 << mutation.number(below: 62))),
            load: mutation.one(of: [0, 300, 9000, 1 << 40]), unit: mutation.one(of: [1, 1, 10, 100, 10_000]),
            usual: mutation.one(of: [.frozen, .frozen, .measured]), changes: mutation.one(of: [1000, 20, 3]),
            hasRoundBounds: mutation.happens(oneIn: 2))
    }

    private struct Dial {
        var shown: Int64
        let load: Int
        let unit: Int64
        let usual: IndexQuality
        /// One step in so many is another than the usual one.
        let changes: Int
        let hasRoundBounds: Bool

        /// The quality of the index after a step; `nil` for a missing one.
        mutating func step(_ mutation: inout Mutation) -> IndexQuality? {
            shown = shown / unit * unit
            if mutation.happens(oneIn: 200) {
                shown = mutation.one(of: [0, shown / 2, .max / 2, .max])
            } else {
                shown = min(shown, .max / 2) + Int64(mutation.number(below: load + 1)) / unit * unit
            }
            guard mutation.happens(oneIn: changes) else { return usual }
            if mutation.happens(oneIn: 2) { shown = min(shown, .max - 7) + Int64(mutation.number(below: 7)) }
            return mutation.one(of: [nil, .estimated, .edited, .frozen, .measured])
        }
    }

    // MARK: - Reading and writing

    private static func body(_ indices: [DailyIndex], _ key: ChunkKey) throws(Broken) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            try IndexChunk.append(indices, key: key, to: &bytes)
        } catch {
            throw Broken(description: "a chunk of \(indices) is written")
        }
        return bytes
    }

    private static func found(_ bytes: [UInt8], _ key: ChunkKey) -> [DailyIndex]? {
        bytes.withUnsafeBytes { try? IndexChunk.indices(in: $0, key: key) }
    }

    private static func body(_ indices: [SlotIndex], _ key: ChunkKey, _ slots: Int) throws(Broken) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            try ProfileChunk.append(indices, key: key, slots: slots, to: &bytes)
        } catch {
            throw Broken(description: "a profile of \(indices) is written")
        }
        return bytes
    }

    private static func found(_ bytes: [UInt8], _ key: ChunkKey, _ slots: Int) -> [SlotIndex]? {
        bytes.withUnsafeBytes { try? ProfileChunk.indices(in: $0, key: key, slots: slots) }
    }
}
