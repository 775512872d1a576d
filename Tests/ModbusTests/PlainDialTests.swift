import Metering
import Testing

@testable import Modbus

@Suite("A dial decoded by the short way")
struct PlainDialTests {
    static let types: [WordType] = [.u16, .i16, .u32, .i32, .u64, .i64, .f32, .f64, .mod10, .bcd]

    /// Words that mean something now and then: random ones seldom make a float of a dial's size.
    static func words(of type: WordType, _ random: inout SeededRandom) -> [UInt16] {
        var bits = random.next()
        switch (type, random.next() % 4) {
        case (.f32, 0...1): bits = UInt64(Float(random.next() % 10_000_000).bitPattern) &+ random.next() % 9
        case (.f64, 0...1): bits = Double(random.next() % 10_000_000).bitPattern &+ random.next() % 9
        case (_, 0): bits = 0
        case (_, 1): bits = random.next() % 100_000
        case (_, 2): bits = .max
        default: break
        }
        let count = type.wordCount ?? 3
        return (0..<count).map { UInt16(truncatingIfNeeded: bits >> UInt64(16 * (count - 1 - $0))) }
    }

    static func value(_ type: WordType, _ random: inout SeededRandom) throws -> ProfileValue {
        let scales: [(Int64, Int64)] = [
            (1, 1), (10, 1), (1000, 1), (1, 320), (1_000_000_000, 7), (3, 1_000_000_000_000),
        ]
        let (numerator, denominator) = scales[Int(random.next() % 6)]
        let resolutions: [Int64?] = [nil, 1, 10, 1_000_000]
        let sentinels = [Sentinel(bits: .max, mask: 0xFFFF), Sentinel(bits: 0, mask: .max)]
        let scale = try #require(Scale(numerator: numerator, denominator: denominator))
        let order = WordOrder.allCases[Int(random.next() % 4)]
        let choices = [Int(random.next() % 4), Int(random.next() % 3)]
        let encoding = try #require(
            WordEncoding(
                type: type, order: order, wordCount: type.wordCount ?? 3,
                scale: scale, resolution: resolutions[choices[0]], sentinels: Array(sentinels.prefix(choices[1]))))
        let parts = random.next() % 4 == 0 ? 2 : 1
        let range = try #require(
            WordRange(function: .holdingRegisters, address: 7, count: UInt16(parts * encoding.wordCount)))
        return ProfileValue(
            name: "dial", register: .activeImport, range: range, encoding: encoding, parts: parts, unit: "kWh",
            side: random.next() % 2 == 0 ? .dial : .primary)
    }

    @Test("is what the value itself says, for every type, order, scale, sentinel and sum", arguments: types)
    func sameAsTheLongWay(type: WordType) throws {
        var random = SeededRandom(seed: 11)
        var (read, absent) = (0, 0)
        for _ in 0..<4000 {
            let value = try Self.value(type, &random)
            let words = (0..<value.parts).flatMap { _ in Self.words(of: type, &random) }
            let multiplier = Int64(1 + random.next() % 100)
            let (readings, reasons) = ReadBlock(value).readings(from: words, multiplier: multiplier)
            switch value.decode(words[...], multiplier: multiplier).outcome {
            case .energy(let index):
                read += 1
                #expect(readings.map(\.index) == [index])
                #expect(readings.map(\.words) == [words])
            case .absent(let reason):
                absent += 1
                #expect(readings.isEmpty)
                #expect(reasons == ["dial: \(reason)"])
            case .quantity, .text: Issue.record("a dial is energy or nothing")
            }
        }
        #expect(read > 400 && absent > 400, "both happen: \(read) and \(absent)")
    }

    @Test("is scaled in 64 bits as it is in 128: to the nearest step, half away from zero")
    func scaling() throws {
        var random = SeededRandom(seed: 12)
        for _ in 0..<20_000 {
            let (numerator, denominator) = (Int64(1 + random.next() % 2000), Int64(1 + random.next() % 2000))
            let scale = try #require(Scale(numerator: numerator, denominator: denominator))
            let resolution = Int64(1 + random.next() % 100)
            let float = Float(random.next() % 1_000_000) / Float(1 << (random.next() % 17))
            let number = try #require(RawNumber(UInt64(float.bitPattern), as: .f32))
            // The float is a whole number of 2^-40 exactly.
            let exact = UInt128(Double(float) * 1_099_511_627_776) * UInt128(numerator)
            let step = UInt128(denominator) * UInt128(resolution) << 40
            let expected = (2 * exact + step) / (2 * step) * UInt128(resolution)
            #expect(number.scaled(by: scale, resolution: resolution) == Int64(expected), "\(float)")
        }
    }
}
