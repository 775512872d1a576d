import MeterFleet
import Metering
import Modbus
import Testing

/// Words worked out by hand from each model's table; the decoder has no part in them.
@Suite("A simulated meter's words")
struct WordEncoderTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let profile: String
        let range: WordRange
        let words: [UInt16]
        var testDescription: String { "\(profile) \(range)" }
    }

    private static let noon = CivilMoment(day: day("2025-05-10"), microseconds: 43_200_000_000)

    /// All dials stand at 1,234.567 kWh and 370.370 kvarh; the meter is number 1, serial 24000001 = 0x016E3601.
    private static let golden: [Case] = [
        // 1234.56 = 1.205625 × 2^10: exponent 137, fraction 0.205625 × 2^23 = 1724907.5… → 0x1A51EC
        Case(profile: "sdm630", range: words(.inputRegisters, 0x48, 2), words: [0x449A, 0x51EC]),
        // 370.37 = 1.4467578… × 2^8: exponent 135, fraction 0.4467578… × 2^23 = 3747676.2 → 0x392F5C
        Case(profile: "sdm120", range: words(.inputRegisters, 0x4C, 2), words: [0x43B9, 0x2F5C]),
        Case(profile: "sdm630", range: words(.holdingRegisters, 0xFC00, 2), words: [0x016E, 0x3601]),
        // 123,456 × 0.01 kWh = 0x1E240, high word first
        Case(profile: "abb-b23", range: words(.holdingRegisters, 0x5000, 4), words: [0, 0, 0x0001, 0xE240]),
        Case(profile: "abb-b23", range: words(.holdingRegisters, 0x8960, 2), words: [0x4232, 0x3320]),
        Case(profile: "abb-b23", range: words(.holdingRegisters, 0x8900, 2), words: [0x016E, 0x3601]),
        // 1,234,567 Wh = 0x12D687
        Case(profile: "iem3155", range: words(.holdingRegisters, 3203, 4), words: [0, 0, 0x0012, 0xD687]),
        // 370,370 varh = 0x5A6C2
        Case(profile: "iem3155", range: words(.holdingRegisters, 3219, 4), words: [0, 0, 0x0005, 0xA6C2]),
        // 12,345 × 0.1 kWh = 0x3039, low word first
        Case(profile: "em24", range: words(.holdingRegisters, 0x3E, 2), words: [0x3039, 0x0000]),
        Case(profile: "em24", range: words(.holdingRegisters, 0x0B, 1), words: [71]),
        Case(
            profile: "em24", range: words(.holdingRegisters, 0x1300, 7),
            words: [0x3234, 0x3030, 0x3030, 0x3031, 0, 0, 0]),
        // 12,345 × 0.1 kWh, high word first; T1 has it all
        Case(profile: "adl400", range: words(.holdingRegisters, 0x084C, 4), words: [0, 0x3039, 0, 0x3039]),
        // Slot 0: 25/5, 10/0, then 123,456 × 0.01 kWh for the total and T1
        Case(
            profile: "adl400", range: words(.holdingRegisters, 0x6000, 12),
            words: [0x1905, 0x0A00, 0x0001, 0xE240, 0x0001, 0xE240, 0, 0, 0, 0, 0, 0]),
        // Slot 1 one stride on: 25/5, 9/0
        Case(profile: "adl400", range: words(.holdingRegisters, 0x6022, 4), words: [0x1905, 0x0900, 0x0001, 0xE240]),
        // 617,283 and 617,284 Wh = 1.177… × 2^19: exponent 1042 = 0x412, fraction 0x16B43 << 1 = 0x2D686, 0x2D688
        Case(
            profile: "siemens-pac", range: words(.holdingRegisters, 801, 8),
            words: [0x4122, 0xD686, 0, 0, 0x4122, 0xD688, 0, 0]),
        // 42, 11 words on the serial, 20 words on the firmware; nothing else in the block is told
        Case(
            profile: "siemens-pac", range: words(.holdingRegisters, 64_001, 27),
            words: [42] + Array(repeating: 0, count: 10) + [0x3234, 0x3030, 0x3030, 0x3031]
                + [0, 0, 0, 0, 0, 0, 0x0001, 0, 0, 0, 0, 0]),
        // 2025-05-10 12:00 +07:00 = 1,746,853,200 s = 0x681E_DD50; a dial that stands has no energy today
        Case(profile: "siemens-pac", range: file(90, 3, 6), words: [0x681E, 0xDD50, 0, 0, 0, 0]),
        // 2025-05-09 23:59:59 +07:00
        Case(profile: "siemens-pac", range: words(.holdingRegisters, 32_009, 6), words: [0x681E, 0x348F, 0, 0, 0, 0]),
    ]

    @Test("are those of the model's table", arguments: golden)
    func goldenWords(_ golden: Case) {
        let asked = meter(golden.profile, dial: standing(at: 1_234_567))
        #expect(asked.reply(golden.range, at: Self.noon) == golden.words)
    }

    @Test("of a primary register carry the transformer ratio")
    func primary() {
        // 1,234.567 kWh × 40 = 49,382.68 kWh = 493,826 × 0.1 kWh = 0x78902
        let asked = meter("adl400", dial: standing(at: 1_234_567), multiplier: 40)
        #expect(asked.reply(words(.holdingRegisters, 0x084C, 2), at: Self.noon) == [0x0007, 0x8902])
        // The frozen record counts on the dial's own side.
        #expect(asked.reply(words(.holdingRegisters, 0x6002, 2), at: Self.noon) == [0x0001, 0xE240])
    }

    @Test(
        "lie in the order that the profile names",
        arguments: [
            // 12,345,678 Wh = 0x00BC_614E
            ("big", [0x00BC, 0x614E]), ("little", [0x614E, 0x00BC]), ("big-swapped", [0xBC00, 0x4E61]),
            ("little-swapped", [0x4E61, 0xBC00]),
        ])
    func orders(order: String, expected: [UInt16]) throws {
        let profile = try MeterProfile(
            yaml: """
                {profile: own, version: 1, manufacturer: A, model: M, manual: p, evidence: e, function: 3, \
                order: \(order), values: {import: {address: 0, type: u32, scale: 1 Wh}}, \
                identity: {serial: {address: 9, type: ascii, words: 2}}}
                """, file: "own.yaml")
        let asked = SimulatedMeter(
            number: 1, unit: 1, names: MeterNames(serial: "BR12", district: ""), model: MeterModel(profile),
            dial: standing(at: 12_345_678), installed: day("2025-04-01"))
        #expect(asked.reply(words(.holdingRegisters, 0, 2), at: Self.noon) == expected)
        // "BR12" is 0x4252 0x3132
        let serial: [UInt16] = order.hasPrefix("big") ? [0x4252, 0x3132] : [0x3132, 0x4252]
        let onWire = order.hasSuffix("swapped") ? serial.map(\.byteSwapped) : serial
        #expect(asked.reply(words(.holdingRegisters, 9, 2), at: Self.noon) == onWire)
        #expect(profile.identity?.serialText(in: onWire) == "BR12")
        #expect(
            profile.values.first?.decode(expected[...], multiplier: 1).outcome == .energy(Energy(wattHours: 12_345_678))
        )
    }

    @Test("begin again at zero when the dial's digits are used up")
    func wraps() {
        let asked = meter("iem3155", dial: standing(at: 100_000_123), digits: 5)
        #expect(asked.reply(words(.holdingRegisters, 3203, 4), at: Self.noon) == [0, 0, 0, 123])
        #expect(asked.truth(.activeImport, at: day("2025-05-10")) == Energy(wattHours: 123))
    }

    @Test("of a float lose hundredths above 131,072 kWh, and the truth says so")
    func floatPrecision() {
        // 200,000.01 × 64 = 12,800,000.64 → 12,800,001 = 0xC35001: exponent 144, fraction 0x435001;
        // that is 200,000.015625, which a reader of hundredths takes for 200,000.02.
        let asked = meter("sdm630", dial: standing(at: 200_000_010))
        #expect(asked.reply(words(.inputRegisters, 0x48, 2), at: Self.noon) == [0x4843, 0x5001])
        #expect(asked.truth(.activeImport, at: day("2025-05-10")) == Energy(wattHours: 200_000_020))
    }

    @Test("of zero are zeros", arguments: ["sdm630", "abb-b23", "iem3155", "em24", "adl400", "siemens-pac"])
    func zero(profile: String) throws {
        let asked = meter(profile, dial: standing(at: 0))
        let value = try #require(asked.model.profile.values.first { $0.register == .activeImport })
        #expect(asked.reply(value.range, at: Self.noon).allSatisfy { $0 == 0 })
    }
}
