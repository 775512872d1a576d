import Metering

@testable import Packing

/// Daily indices of every shape that a register can take, from a seed.
struct ChunkShapes {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
        let span = UInt64(range.upperBound - range.lowerBound)
        return range.lowerBound + Int64(span == .max ? random.next() : random.next() % (span + 1))
    }

    mutating func happens(oneIn count: Int64) -> Bool { number(1...count) == 1 }

    /// Of any size: each number of bits is as likely as the others.
    mutating func anySize() -> Int64 { Int64(random.next() >> 1) >> number(0...62) }

    /// A key of a month, a week or any other number of days.
    mutating func key() -> ChunkKey {
        ChunkKey(
            series: number(1...1_000_000), firstDay: ServiceDay(number: Int32(number(-10_000...100_000))),
            days: Int(happens(oneIn: 2) ? number(28...31) : number(1...31)))
    }

    /// What a dial counts in.
    private mutating func unit() -> Int64 {
        happens(oneIn: 2) ? 1 : ([10, 100, 1000, 10_000, 100_000] as [Int64])[Int(number(0...4))]
    }

    /// What such a dial shows, or what lies between two readings of it.
    private mutating func shown(_ dial: Int64, _ unit: Int64, _ quality: IndexQuality, isExact: Bool) -> Int64 {
        let shown = dial / unit * unit
        return quality == .frozen || isExact ? shown : shown + number(0...min(unit - 1, .max - shown))
    }

    /// Indices under a key: usual ones, and each thing that can be unusual with a chance of its own.
    mutating func indices(_ key: ChunkKey) -> [DailyIndex] {
        let load = happens(oneIn: 3) ? anySize() : number(0...40_000)
        let missing = number(0...4)
        let quality = number(0...5)
        let bounds = number(0...4)
        let revisions = number(0...3)
        let (unit, isExact) = (unit(), happens(oneIn: 3))
        var dial = happens(oneIn: 4) ? anySize() : number(0...90_000_000)
        var isMissing = false
        var found: [DailyIndex] = []
        for offset in 0..<key.days {
            switch number(0...60) {
            case 0: dial = anySize()
            case 1: dial = happens(oneIn: 2) ? 0 : .max
            default: dial = Int64(min(UInt64(dial) + UInt64(number(0...max(0, load))), UInt64(Int64.max)))
            }
            if happens(oneIn: 6) { isMissing.toggle() }
            if missing == 0 || missing == 1 && isMissing || missing == 2 && happens(oneIn: 9) { continue }
            let grade: IndexQuality =
                switch quality {
                case 0, 1: .frozen
                case 2: .measured
                case 3: happens(oneIn: 12) ? .estimated : .frozen
                default: IndexQuality.allCases[Int(number(0...3))]
                }
            let bound: Int64 =
                switch bounds {
                case 0: 0
                case 1: grade.hasBound ? BoundCode.roundedUp(Energy(wattHours: number(0...5000))).wattHours : 0
                case 2: grade.hasBound ? number(0...5000) : 0
                case 3: anySize()
                default: happens(oneIn: 9) ? anySize() : 0
                }
            let revision = revisions == 0 ? number(1...9) : revisions == 1 && happens(oneIn: 9) ? 1 + anySize() / 2 : 1
            found.append(
                DailyIndex(
                    day: key.firstDay + offset,
                    index: Energy(wattHours: shown(dial, unit, grade, isExact: isExact)), quality: grade,
                    errorBound: Energy(wattHours: bound), revision: Int(revision)))
        }
        return found
    }

    /// A profile under a key: any number of slots, and each thing that can be unusual.
    mutating func profile() -> (key: ChunkKey, slots: Int, indices: [SlotIndex]) {
        let key = key()
        let slots = Int(happens(oneIn: 2) ? 48 * number(1...7) : number(1...Int64(ProfileChunk.slotsMax)))
        let load = happens(oneIn: 3) ? anySize() : number(0...2000)
        let missing = number(0...3)
        let quality = number(0...3)
        let (unit, isExact) = (unit(), happens(oneIn: 3))
        var dial = happens(oneIn: 4) ? anySize() : number(0...90_000_000)
        var isMissing = false
        var found: [SlotIndex] = []
        for slot in 0..<slots {
            switch number(0...300) {
            case 0: dial = anySize()
            case 1: dial = happens(oneIn: 2) ? 0 : .max
            default:
                let taken = happens(oneIn: 3) ? number(0...max(0, load)) : load / 8
                dial = Int64(min(UInt64(dial) + UInt64(taken), UInt64(Int64.max)))
            }
            if happens(oneIn: 30) { isMissing.toggle() }
            if missing == 0 || missing == 1 && isMissing { continue }
            let grade: IndexQuality =
                quality == 0
                ? IndexQuality.allCases[Int(number(0...3))]
                : quality == 1 && happens(oneIn: 20) ? .estimated : quality == 2 ? .measured : .frozen
            let shown = shown(dial, unit, grade, isExact: isExact)
            found.append(SlotIndex(slot: slot, index: Energy(wattHours: shown), quality: grade))
        }
        return (key, slots, found)
    }
}

/// Chunks to damage: one of each kind of content.
enum SampleChunk {
    static let key = ChunkKey(series: 4711, firstDay: ServiceDay(number: 20_209), days: 31)

    static func indices(
        _ count: Int = 31, quality: (Int) -> IndexQuality? = { _ in .frozen }, bound: (Int) -> Int64 = { _ in 0 },
        revision: (Int) -> Int = { _ in 1 }, first: Int64 = 12_345_678,
        step: (Int) -> Int64 = { 8000 + 977 * Int64($0 % 7) }
    ) -> [DailyIndex] {
        var dial = first
        return (0..<count).compactMap { place in
            if place > 0 { dial += step(place) }
            guard let quality = quality(place) else { return nil }
            return DailyIndex(
                day: key.firstDay + place, index: Energy(wattHours: dial), quality: quality,
                errorBound: Energy(wattHours: bound(place)), revision: revision(place))
        }
    }

    static let all: [[DailyIndex]] = [
        [],
        indices(),
        indices(1),
        indices(2, first: 0),
        indices(quality: { (9...12).contains($0) ? nil : .frozen }),
        indices(
            quality: { $0 % 11 == 5 ? .estimated : $0 == 20 ? .edited : .frozen }, bound: { $0 % 11 == 5 ? 1792 : 0 },
            revision: { $0 == 20 ? 2 : 1 }),
        indices(quality: { _ in .measured }, bound: { 80 + 16 * Int64($0 % 3) }),
        indices(quality: { $0 % 2 == 0 ? .measured : nil }, bound: { 1001 + Int64($0) }, revision: { 1 + $0 % 5 }),
        indices(first: 12_345_600, step: { 8000 + 900 * Int64($0 % 7) }),
        indices(
            quality: { $0 % 11 == 5 ? .estimated : .frozen }, first: 12_345_670,
            step: { ($0 == 16 ? 1 : $0 == 17 ? -1 : 0) + 8000 + 970 * Int64($0 % 7) }),
        indices(quality: { _ in .measured }, first: 0, step: { _ in 10_000 }),
        indices(first: 0, step: { _ in 0 }),
        indices(bound: { $0 == 3 ? 12 : 0 }, first: Int64.max - 10, step: { $0 == 4 ? -(.max - 100) : 1 }),
    ]

    static func body(_ indices: [DailyIndex], key: ChunkKey = key) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try IndexChunk.append(indices, key: key, to: &bytes)
        return bytes
    }

    static func indices(_ body: [UInt8], key: ChunkKey = key) throws -> [DailyIndex] {
        try body.withUnsafeBytes { try IndexChunk.indices(in: $0, key: key) }
    }
}

/// Profiles to damage.
enum SampleProfile {
    static let key = ChunkKey(series: 4711, firstDay: ServiceDay(number: 20_209), days: 1)

    static func indices(
        _ count: Int = 48, quality: (Int) -> IndexQuality? = { _ in .frozen }, first: Int64 = 5_000_000,
        takes: (Int) -> Int64 = { [110, 120, 115, 900, 130, 0, 0, 2000][$0 % 8] }
    ) -> [SlotIndex] {
        var dial = first
        return (0..<count).compactMap { slot in
            defer { dial += takes(slot) }
            return quality(slot).map { SlotIndex(slot: slot, index: Energy(wattHours: dial), quality: $0) }
        }
    }

    static let all: [[SlotIndex]] = [
        [],
        indices(),
        indices(quality: { _ in .measured }),
        indices(quality: { $0 == 20 ? .frozen : nil }),
        indices(quality: { (9...30).contains($0) ? nil : $0 == 40 ? .estimated : .frozen }),
        indices(takes: { 100 * Int64($0 % 5) }),
        indices(quality: { $0 == 7 ? .estimated : .frozen }, takes: { $0 == 6 ? 103 : $0 == 7 ? 97 : 100 }),
        indices(first: .max - 100, takes: { $0 == 7 ? -(.max - 1000) : 3 }),
    ]

    static func body(_ indices: [SlotIndex], key: ChunkKey = key, slots: Int = 48) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try ProfileChunk.append(indices, key: key, slots: slots, to: &bytes)
        return bytes
    }

    static func indices(_ body: [UInt8], key: ChunkKey = key, slots: Int = 48) throws -> [SlotIndex] {
        try body.withUnsafeBytes { try ProfileChunk.indices(in: $0, key: key, slots: slots) }
    }
}
