import Metering
import Modbus
import Testing

/// Golden words, worked out by hand from the makers' tables, so that no encoder can share the decoder's mistake.
@Suite("Built-in profiles")
struct BuiltInProfileTests {
    static func profile(_ name: String) throws -> MeterProfile {
        try #require(ProfileLibrary.load(folder: nil)[name])
    }

    struct Golden: Sendable, CustomTestStringConvertible {
        let profile: String
        let value: String
        let function: ReadFunction
        let address: UInt16
        let words: [UInt16]
        let outcome: DecodedValue.Outcome
        let multiplier: Int64

        init(
            _ profile: String, _ value: String, _ function: ReadFunction, _ address: UInt16, _ words: [UInt16],
            _ outcome: DecodedValue.Outcome, multiplier: Int64 = 1
        ) {
            (self.profile, self.value, self.function, self.address) = (profile, value, function, address)
            (self.words, self.outcome, self.multiplier) = (words, outcome, multiplier)
        }

        var testDescription: String { "\(profile) \(value) \(words.map(\.hex))" }
    }

    static func wattHours(_ count: Int64) -> DecodedValue.Outcome { .energy(Energy(wattHours: count)) }

    static let golden: [Golden] = [
        // SDM630. 12,345.67 × 2^10 = 12,641,966.08 → 0xC0E6AE; without its top bit 0x40E6AE; exponent 127+13 = 0x8C,
        // so 0x8C << 23 | 0x40E6AE = 0x4640_E6AE, which is 12,345.669921875 kWh → 12,345,670 Wh at 0.01 kWh.
        Golden("sdm630", "import", .inputRegisters, 0x48, [0x4640, 0xE6AE], wattHours(12_345_670)),
        // 0.5 = 2^-1: exponent 126 = 0x7E, 0x7E << 23 = 0x3F00_0000
        Golden("sdm630", "export", .inputRegisters, 0x4A, [0x3F00, 0x0000], wattHours(500)),
        // 100 = 1.5625 × 2^6: exponent 133 = 0x85, mantissa 0.5625 = 0x480000 → 0x42C8_0000
        Golden("sdm630", "reactive_import", .inputRegisters, 0x4C, [0x42C8, 0x0000], wattHours(100_000)),
        Golden("sdm630", "reactive_export", .inputRegisters, 0x4E, [0x0000, 0x0000], wattHours(0)),
        // 230.1 × 2^16 = 15,079,833.6 → 0xE6199A; 0x6619_9A with exponent 127+7 = 0x86 → 0x4366_199A
        Golden("sdm630", "voltage_l3", .inputRegisters, 0x04, [0x4366, 0x199A], .quantity("230.1", unit: "V")),
        // 50 = 1.5625 × 2^5 → 0x4248_0000
        Golden("sdm630", "frequency", .inputRegisters, 0x46, [0x4248, 0x0000], .quantity("50.00", unit: "Hz")),
        // -1234 = -1.205078125 × 2^10: sign, exponent 137 = 0x89, 0.205078125 × 2^23 = 0x1A4000 → 0xC49A_4000
        Golden("sdm630", "power", .inputRegisters, 0x34, [0xC49A, 0x4000], .quantity("-1234", unit: "W")),

        Golden("sdm120", "import", .inputRegisters, 0x48, [0x4640, 0xE6AE], wattHours(12_345_670)),
        // 0.01 = 1.28 × 2^-7: exponent 120 = 0x78, 0.28 × 2^23 = 2,348,810.24 → 0x23D70A → 0x3C23_D70A
        Golden("sdm120", "export", .inputRegisters, 0x4A, [0x3C23, 0xD70A], wattHours(10)),
        Golden(
            "sdm120", "reactive_export", .inputRegisters, 0x4E, [0x7FC0, 0x0000], .absent("not a number (0x7FC00000)")),
        Golden("sdm120", "frequency", .inputRegisters, 0x46, [0x4248, 0x0000], .quantity("50.00", unit: "Hz")),

        // ABB. 1,234,567.89 kWh = 123,456,789 × 0.01; 123,456,789 = 0x075B_CD15
        Golden("abb-b23", "import", .holdingRegisters, 0x5000, [0, 0, 0x075B, 0xCD15], wattHours(1_234_567_890)),
        // 2^32 × 0.01 kWh = 42,949,672.96 kWh: the third word counts too
        Golden("abb-b23", "export", .holdingRegisters, 0x5004, [0, 1, 0, 0], wattHours(42_949_672_960)),
        Golden(
            "abb-b23", "export", .holdingRegisters, 0x5004, [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF],
            .absent("0xFFFFFFFFFFFFFFFF means \"not available\"")),
        // 0x0000_0000_FFFF_FFFF is 42,949,672.95 kWh and no sentinel at this width
        Golden("abb-b23", "export", .holdingRegisters, 0x5004, [0, 0, 0xFFFF, 0xFFFF], wattHours(42_949_672_950)),
        // 230.1 V = 2301 × 0.1; 2301 = 0x08FD
        Golden("abb-b23", "voltage_l1", .holdingRegisters, 0x5B00, [0, 0x08FD], .quantity("230.1", unit: "V")),
        // -1500.25 W = -150,025 × 0.01; 150,025 = 0x2_4A09; 2^32 - that = 0xFFFD_B5F7
        Golden("abb-b23", "power", .holdingRegisters, 0x5B14, [0xFFFD, 0xB5F7], .quantity("-1500.25", unit: "W")),
        Golden(
            "abb-b23", "power", .holdingRegisters, 0x5B14, [0x7FFF, 0xFFFF],
            .absent("0x7FFFFFFF means \"not available\"")),
        // all ones in a signed value is -1: -0.01 W
        Golden("abb-b23", "power", .holdingRegisters, 0x5B14, [0xFFFF, 0xFFFF], .quantity("-0.01", unit: "W")),
        // 49.98 Hz = 4998 × 0.01; 4998 = 0x1386
        Golden("abb-b23", "frequency", .holdingRegisters, 0x5B2C, [0x1386], .quantity("49.98", unit: "Hz")),

        // iEM3155. 9,876,543,210 Wh = 0x2_4CB0_16EA
        Golden(
            "iem3155", "import", .holdingRegisters, 3203, [0x0000, 0x0002, 0x4CB0, 0x16EA], wattHours(9_876_543_210)),
        Golden(
            "iem3155", "export", .holdingRegisters, 3207, [0x8000, 0, 0, 0],
            .absent("0x8000000000000000 means \"not available\"")),
        // -1 Wh: a dial cannot be negative
        Golden(
            "iem3155", "export", .holdingRegisters, 3207, [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF],
            .absent("a negative index, -0.001 kWh")),
        // The largest i64: no dial has 9 · 10¹⁵ kWh
        Golden(
            "iem3155", "export", .holdingRegisters, 3207, [0x7FFF, 0xFFFF, 0xFFFF, 0xFFFF],
            .absent("an index beyond any dial")),
        Golden("iem3155", "reactive_import", .holdingRegisters, 3219, [0, 0, 0, 1], wattHours(1)),
        Golden("iem3155", "reactive_export", .holdingRegisters, 3223, [0, 0, 1, 0], wattHours(65_536)),
        // 1.5 kW: 0x3FC0_0000, shown in W
        Golden("iem3155", "power", .holdingRegisters, 3059, [0x3FC0, 0x0000], .quantity("1500", unit: "W")),
        Golden(
            "iem3155", "voltage_l1", .holdingRegisters, 3027, [0xFFC0, 0x0000], .absent("not a number (0xFFC00000)")),

        // EM24. 123,456.7 kWh = 1,234,567 × 0.1; 0x0012_D687, LOW word first
        Golden("em24", "import", .holdingRegisters, 0x3E, [0xD687, 0x0012], wattHours(123_456_700)),
        Golden("em24", "import_t1", .holdingRegisters, 0x4C, [0x0001, 0x0000], wattHours(100)),
        Golden("em24", "import_t4", .holdingRegisters, 0x52, [0x0000, 0x0001], wattHours(6_553_600)),
        // EEEE on the display: high word 0x7FFF, whatever the low word says
        Golden(
            "em24", "export", .holdingRegisters, 0x5C, [0x0000, 0x7FFF], .absent("0x7FFF0000 means \"not available\"")),
        Golden("em24", "voltage_l2", .holdingRegisters, 0x02, [0x08FD, 0x0000], .quantity("230.1", unit: "V")),
        // 50.0 Hz = 500 × 0.1; 500 = 0x01F4
        Golden("em24", "frequency", .holdingRegisters, 0x37, [0x01F4], .quantity("50.0", unit: "Hz")),

        // ADL400, primary side: 1,234,567 × 0.1 kWh = 123,456.7 kWh; behind 100/5 × 1 = 20: 6,172,835 Wh on the dial
        Golden("adl400", "import", .holdingRegisters, 0x084C, [0x0012, 0xD687], wattHours(6_172_835), multiplier: 20),
        // behind 40: 3,086,417.5 Wh, and a dial shows only what has passed
        Golden("adl400", "import", .holdingRegisters, 0x084C, [0x0012, 0xD687], wattHours(3_086_417), multiplier: 40),
        Golden("adl400", "import_t4", .holdingRegisters, 0x0854, [0x0000, 0x0001], wattHours(100)),
        Golden("adl400", "export", .holdingRegisters, 0x0856, [0x0000, 0x000A], wattHours(1000)),
        Golden("adl400", "voltage_l1", .holdingRegisters, 0x0800, [0x4366, 0x199A], .quantity("230.1", unit: "V")),

        // PAC. Tariff 1: 1,234,567 Wh = 0x12D687 = 1.177… × 2^20: exponent 1043 = 0x413, fraction 0x2D687 → 0x4132_D687
        // Tariff 2: 65,433 Wh = 0xFF99 = 1.99… × 2^15: exponent 1038 = 0x40E, fraction 0x7F99 << 5 → 0x40EF_F320…
        Golden(
            "siemens-pac", "import", .holdingRegisters, 801, [0x4132, 0xD687, 0, 0, 0x40EF, 0xF320, 0, 0],
            wattHours(1_300_000)),
        // 0.5 Wh and 0.25 Wh: each part is rounded by itself
        Golden(
            "siemens-pac", "export", .holdingRegisters, 809, [0x3FE0, 0, 0, 0, 0x3FD0, 0, 0, 0], wattHours(1)),
        Golden(
            "siemens-pac", "reactive_import", .holdingRegisters, 817, [0x4132, 0xD687, 0, 0, 0x7FF8, 0, 0, 0],
            .absent("part 2: not a number (0x7FF8000000000000)")),
        // -1 Wh beside 1,234,567 Wh: damage that the sum would hide
        Golden(
            "siemens-pac", "reactive_export", .holdingRegisters, 825, [0xBFF0, 0, 0, 0, 0x4132, 0xD687, 0, 0],
            .absent("a negative index, -0.001 kWh")),
        Golden("siemens-pac", "voltage_l3", .holdingRegisters, 5, [0x4366, 0x199A], .quantity("230.1", unit: "V")),
        Golden("siemens-pac", "power", .holdingRegisters, 65, [0xC49A, 0x4000], .quantity("-1234", unit: "W")),
        Golden("siemens-pac", "frequency", .holdingRegisters, 55, [0x4248, 0x0000], .quantity("50.00", unit: "Hz")),
    ]

    @Test("the makers' words decode to the makers' numbers", arguments: golden)
    func decode(_ golden: Golden) throws {
        let value = try #require(Self.profile(golden.profile).values.first { $0.name == golden.value })
        #expect(value.range.function == golden.function)
        #expect(value.range.address == golden.address)
        let decoded = value.decode(golden.words[...], multiplier: golden.multiplier)
        #expect(decoded.outcome == golden.outcome)
        #expect(decoded.words == golden.words, "the words stay beside the value")
    }

    @Test("every built-in profile reads whole, under its own name")
    func library() throws {
        let library = try ProfileLibrary.load(folder: nil)
        #expect(library.names == ["abb-b23", "adl400", "em24", "iem3155", "sdm120", "sdm630", "siemens-pac"])
        for name in library.names {
            let profile = try #require(library[name])
            #expect(profile.label == "\(name)/1")
            #expect(profile.values.contains { $0.register == .activeImport })
            #expect(profile.values.contains { $0.name == "voltage_l1" && $0.unit == "V" })
            #expect(profile.values.contains { $0.name == "frequency" && $0.unit == "Hz" })
            #expect(profile.evidence.lowercased().contains("unverified"), "\(name) says what nobody has verified")
        }
        #expect(library["no-such-meter"] == nil)
    }

    @Test("identities are proved by the makers' words")
    func identity() throws {
        let abb = try #require(Self.profile("abb-b23").identity)
        // "B23 " is 0x42 0x32 0x33 0x20
        #expect(abb.model?.value.range == WordRange(function: .holdingRegisters, address: 0x8960, count: 2))
        #expect(abb.model?.accepts([0x4232, 0x3320]) == true)
        #expect(abb.model?.accepts([0x4232, 0x3420]) == false)
        // 12,345,678 = 0x00BC_614E
        #expect(abb.serialText(in: [0x00BC, 0x614E]) == "12345678")
        #expect(abb.serialText(in: [0xFFFF, 0xFFFF]) == nil)
        // The firmware is asked for by a person, not for the proof; "B1.11.0" and padding.
        #expect(abb.blocks.map(\.range.address) == [0x8960, 0x8900])
        let firmware = try #require(abb.firmwareBlock)
        #expect(firmware.values.map(\.isOptional) == [true])
        #expect(
            firmware.decode([0x4231, 0x2E31, 0x312E, 0x3000, 0, 0, 0, 0], multiplier: 1).map(\.outcome)
                == [.text("B1.11.0")])

        let em24 = try #require(Self.profile("em24").identity)
        #expect(em24.model?.value.range == WordRange(function: .holdingRegisters, address: 0x000B, count: 1))
        #expect([70, 71, 72, 73, 74].map { em24.model?.accepts([$0]) } == [false, true, true, true, false])
        // "BR1234567" and padding, characters in reading order although numbers come low word first
        #expect(em24.serialText(in: [0x4252, 0x3132, 0x3334, 0x3536, 0x3700, 0, 0]) == "BR1234567")

        let pac = try #require(Self.profile("siemens-pac").identity)
        let block = try #require(pac.blocks.first)
        #expect(pac.blocks.count == 1, "all values lie in the block that is given whole")
        #expect(block.range == WordRange(function: .holdingRegisters, address: 64_001, count: 27))
        var words = [UInt16](repeating: 0x2020, count: 27)
        // 42, and 11 words on "LQN/123456789012"
        words[0] = 42
        words.replaceSubrange(11..<19, with: [0x4C51, 0x4E2F, 0x3132, 0x3334, 0x3536, 0x3738, 0x3930, 0x3132])
        #expect(
            block.decode(words, multiplier: 1).map(\.outcome) == [
                .text("42"), .text("LQN/123456789012"), .text("20202020"),
            ])
        #expect(pac.firmwareBlock == nil, "the firmware comes with the block")

        let iem3155 = try #require(Self.profile("iem3155").identity)
        #expect(iem3155.firmwareBlock?.range.address == 1636)

        let sdm = try #require(Self.profile("sdm630").identity)
        #expect(sdm.serial?.range == WordRange(function: .holdingRegisters, address: 0xFC00, count: 2))
        #expect(sdm.model == nil)
    }

    @Test(
        "a serial is the registered one whatever pads it",
        arguments: [
            ("12345678", "12345678", true), ("0012345678", "12345678", true), ("12345678", "00012345678", true),
            (" 12345678 ", "12345678", true), ("12345678\0\0", "12345678", true), ("br1234567", "BR1234567", true),
            ("00BR1", "br1", true), ("12345679", "12345678", false), ("123456780", "12345678", false),
            ("1234567", "12345678", false), ("BR1234567", "1234567", false), ("", "12345678", false),
            ("0", "12345678", false),
        ])
    func serials(_ found: String, _ registered: String, _ matches: Bool) {
        #expect(Identity.serialMatches(found, registered: registered) == matches)
    }
}
