import Modbus
import Testing

@Suite("Words into numbers")
struct WordDecodingTests {
    static func encoding(
        _ type: WordType, _ order: WordOrder = .big, words: Int? = nil, scale: Scale = .one, resolution: Int64? = nil,
        _ sentinels: [Sentinel] = []
    ) throws -> WordEncoding {
        try #require(
            WordEncoding(
                type: type, order: order, wordCount: words, scale: scale, resolution: resolution, sentinels: sentinels))
    }

    static let numbers: [(WordType, [UInt16], Int64)] = [
        // Scale one: raw 1 is 1000 thousandths.
        (.u16, [0xFFFF], 65_535_000),
        (.i16, [0xFFFF], -1000),
        (.i16, [0x8000], -32_768_000),
        // 0x0001_E240 = 123,456
        (.u32, [0x0001, 0xE240], 123_456_000),
        (.u32, [0xFFFF, 0xFFFF], 4_294_967_295_000),
        // 0xFFFF_FFFE = -2
        (.i32, [0xFFFF, 0xFFFE], -2000),
        // 0x2_4CB0_16EA = 9,876,543,210
        (.u64, [0, 2, 0x4CB0, 0x16EA], 9_876_543_210_000),
        (.i64, [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF], -1000),
        // 0x3FC0_0000 = +1.1 binary × 2^0 = 1.5
        (.f32, [0x3FC0, 0x0000], 1500),
        (.f32, [0xBFC0, 0x0000], -1500),
        (.f32, [0x0000, 0x0000], 0),
        (.f32, [0x8000, 0x0000], 0),
        // smallest subnormal, 2^-149: rounds to nothing
        (.f32, [0x0000, 0x0001], 0),
        // 0x4B80_0000 = 2^24
        (.f32, [0x4B80, 0x0000], 16_777_216_000),
        // 1234.5 = 10011010010.1 binary = 1.00110100101 × 2^10: exponent 1023+10 = 0x409
        (.f64, [0x4093, 0x4A00, 0x0000, 0x0000], 1_234_500),
        (.f64, [0x0000, 0x0000, 0x0000, 0x0001], 0),
        // R1 + R2 × 10^4 + …, high word first here: 12 × 10^4 + 3456
        (.mod10, [12, 3456], 123_456_000),
        // decimal digits in half bytes
        (.bcd, [0x0012, 0x3456], 123_456_000),
    ]

    @Test("each type means what its bits say", arguments: numbers)
    func number(_ type: WordType, _ words: [UInt16], _ expected: Int64) throws {
        let big = try Self.encoding(type, words: words.count)
        #expect(big.content(of: words) == .number(expected))
        let little = try Self.encoding(type, .little, words: words.count)
        #expect(little.content(of: Array(words.reversed())) == .number(expected))
        if Set(words).count > 1, !type.isFloat, type != .mod10, type != .bcd {
            #expect(little.content(of: words) != .number(expected), "the order matters")
        }
    }

    @Test(
        "a value's bytes may lie in four orders",
        arguments: [
            // 12,345,678 = 0x00BC_614E; 0x0123_4567_89AB_CDEF
            (WordOrder.big, "abcd", [0x00BC, 0x614E], [0x0123, 0x4567, 0x89AB, 0xCDEF]),
            (.little, "cdab", [0x614E, 0x00BC], [0xCDEF, 0x89AB, 0x4567, 0x0123]),
            (.bigSwapped, "badc", [0xBC00, 0x4E61], [0x2301, 0x6745, 0xAB89, 0xEFCD]),
            (.littleSwapped, "dcba", [0x4E61, 0xBC00], [0xEFCD, 0xAB89, 0x6745, 0x2301]),
        ] as [(WordOrder, String, [UInt16], [UInt16])])
    func orders(_ order: WordOrder, _ letters: String, _ two: [UInt16], _ four: [UInt16]) throws {
        #expect(order.letters == letters)
        #expect(try Self.encoding(.u32, order).content(of: two) == .number(12_345_678_000))
        #expect(try Self.encoding(.u64, order).bits(of: four) == 0x0123_4567_89AB_CDEF)
        #expect(order.rearranged([0x0123, 0x4567, 0x89AB, 0xCDEF]) == four)
    }

    static let scales: [(UInt64, Int64, Int64, Int64?, Int64)] = [
        // raw u32, numerator, denominator, resolution, expected thousandths
        (1_234_567, 100, 1, nil, 123_456_700),  // x0.1 kWh
        (123_456, 10, 1, nil, 1_234_560),  // x0.01 kWh
        // x3.125e-6 kWh = 1/320 Wh: 480 / 320 = 1.5, half away from zero
        (480, 1, 320, nil, 2),
        (479, 1, 320, nil, 1),
        (159, 1, 320, nil, 0),
        (160, 1, 320, nil, 1),
        (14, 1, 1, 10, 10),
        (15, 1, 1, 10, 20),
    ]

    @Test("scaling is exact and rounds half away from zero", arguments: scales)
    func scale(_ raw: UInt64, _ numerator: Int64, _ denominator: Int64, _ resolution: Int64?, _ expected: Int64) throws
    {
        let scale = try #require(Scale(numerator: numerator, denominator: denominator))
        let encoding = try Self.encoding(.u32, scale: scale, resolution: resolution)
        #expect(encoding.content(of: [UInt16(raw >> 16), UInt16(raw & 0xFFFF)]) == .number(expected))
    }

    @Test("every two-decimal dial that a float can tell apart comes back exactly")
    func floatDials() throws {
        let encoding = try Self.encoding(.f32, resolution: 10)
        // Below 131,072 kWh a float's step is under 0.01 kWh, so the nearest hundredth is the dial.
        for hundredths in stride(from: Int64(0), through: 13_107_199, by: 4999) {
            let bits = (Float(hundredths) / 100).bitPattern
            #expect(
                encoding.content(of: [UInt16(bits >> 16), UInt16(bits & 0xFFFF)]) == .number(hundredths * 10),
                "\(hundredths)")
        }
    }

    static let absences: [(WordType, [UInt16])] = [
        (.f32, [0x7FC0, 0x0000]), (.f32, [0xFFC0, 0x0000]), (.f32, [0x7F80, 0x0000]), (.f32, [0xFF80, 0x0000]),
        (.f32, [0xFFFF, 0xFFFF]), (.f32, [0x7F80, 0x0001]),
        // 2^127: finite, but no dial
        (.f32, [0x7F00, 0x0000]),
        (.f64, [0x7FF8, 0, 0, 0]), (.f64, [0x7FF0, 0, 0, 0]), (.f64, [0x7FE0, 0, 0, 0]),
        // × 1000 leaves 64 bits
        (.u64, [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF]), (.i64, [0x8000, 0, 0, 0]),
        (.mod10, [0, 10_000]), (.bcd, [0x000A]), (.ascii, [0, 0]), (.ascii, [0x2020, 0]), (.ascii, [0x4107, 0x4242]),
    ]

    @Test("what is no number is absent, never zero", arguments: absences)
    func absent(_ type: WordType, _ words: [UInt16]) throws {
        let content = try Self.encoding(type, words: words.count).content(of: words)
        guard case .absent = content else {
            Issue.record("\(content)")
            return
        }
    }

    static let sentinels: [(WordType, WordOrder, String, [UInt16], Bool)] = [
        (.u32, .big, "ones", [0xFFFF, 0xFFFF], true),
        // A 16-bit mark inside a wider value is a number.
        (.u32, .big, "ones", [0x0000, 0xFFFF], false),
        (.u32, .big, "ones", [0xFFFF, 0x0000], false),
        (.u64, .big, "ones", [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF], true),
        (.u64, .big, "ones", [0, 0, 0xFFFF, 0xFFFF], false),
        (.u16, .big, "ones", [0xFFFF], true),
        (.i16, .big, "max", [0x7FFF], true),
        (.i16, .big, "min", [0x8000], true),
        (.i32, .big, "max", [0x7FFF, 0xFFFF], true),
        (.i32, .little, "max", [0xFFFF, 0x7FFF], true),
        (.i32, .little, "max", [0x7FFF, 0xFFFF], false),
        (.i64, .big, "min", [0x8000, 0, 0, 0], true),
        (.i64, .big, "min", [0, 0, 0, 0], false),
        // Carlo Gavazzi: the high word alone decides.
        (.i32, .little, "0x7FFF????", [0x1234, 0x7FFF], true),
        (.i32, .little, "0x7FFF????", [0x7FFF, 0x1234], false),
        (.i32, .little, "0x7FFF????", [0xFFFF, 0x7FFE], false),
    ]

    @Test("a sentinel is compared at the value's full width and in its order", arguments: sentinels)
    func sentinel(_ type: WordType, _ order: WordOrder, _ mark: String, _ words: [UInt16], _ isAbsent: Bool) throws {
        let yaml = """
            profile: x
            version: 1
            manufacturer: a
            model: b
            manual: c
            evidence: d
            values:
              import: {function: 3, address: 0, type: u32, scale: 1 Wh}
              mark:   {function: 4, address: 0, type: \(type.rawValue), order: \(order.rawValue), scale: 1 Wh, \
            absent: "\(mark)"}
            """
        let value = try #require(MeterProfile(yaml: yaml, file: "x.yaml").values.first { $0.name == "mark" })
        if case .absent = value.decode(words[...], multiplier: 1).outcome {
            #expect(isAbsent)
        } else {
            #expect(!isAbsent)
        }
    }

    @Test(
        "texts lose their padding and keep their digits",
        arguments: [
            (WordType.ascii, WordOrder.big, [0x4233, 0x3320] as [UInt16], "B33"),  // "B3" "3 "
            (.ascii, .little, [0x3320, 0x4233], "B33"),
            (.ascii, .big, [0x4142, 0x4300, 0x0000], "ABC"),
            (.ascii, .bigSwapped, [0x4241, 0x0043, 0x0000], "ABC"),
            (.ascii, .littleSwapped, [0x2033, 0x3342], "B33"),
            (.u32, .big, [0x00BC, 0x614E], "12345678"),  // 0xBC614E
            (.hex, .big, [0x0012, 0xAB34], "0012AB34"),
            (.bcd, .big, [0x0012, 0x3456], "123456"),
        ])
    func text(_ type: WordType, _ order: WordOrder, _ words: [UInt16], _ expected: String) throws {
        #expect(try Self.encoding(type, order, words: words.count).text(of: words) == .text(expected))
    }

    @Test("impossible encodings and scales cannot be built")
    func impossible() {
        #expect(WordEncoding(type: .u32, wordCount: 1) == nil)
        #expect(WordEncoding(type: .ascii) == nil)
        #expect(WordEncoding(type: .mod10, wordCount: 5) == nil)
        #expect(WordEncoding(type: .u16, resolution: 0) == nil)
        #expect(Scale(numerator: 0, denominator: 1) == nil)
        #expect(Scale(numerator: 1, denominator: 0) == nil)
        #expect(Scale(numerator: 20, denominator: 10) == Scale(numerator: 2, denominator: 1))
        #expect(Scale(numerator: .max, denominator: 1) == nil)
    }
}
