import Metering
import Modbus
import Testing

@Suite("Read plans")
struct ReadPlanTests {
    static func ranges(_ plan: ReadPlan) -> [String] { plan.blocks.map(\.range.description) }

    /// A value of `words` words; `name` starting with `o` makes it optional.
    static func value(_ name: String, _ address: UInt16, words: UInt16 = 2, fc: ReadFunction = .holdingRegisters) throws
        -> ProfileValue
    {
        let range = try #require(WordRange(function: fc, address: address, count: words))
        let encoding = try #require(WordEncoding(type: .bcd, wordCount: Int(words)))
        return ProfileValue(
            name: name, register: nil, range: range, encoding: encoding, unit: "V", isOptional: name.hasPrefix("o"))
    }

    @Test("neighbours join; a hole, another function, an optional value and the limit keep them apart")
    func joins() throws {
        let values = try [
            Self.value("d", 0x14), Self.value("a", 0x10), Self.value("b", 0x12),  // joined, whatever their order
            Self.value("hole", 0x18),  // 0x16 and 0x17 belong to nobody
            Self.value("o1", 0x1A), Self.value("after", 0x1C), Self.value("next", 0x1E),
            Self.value("input", 0x16, fc: .inputRegisters),
        ]
        #expect(
            Self.ranges(ReadPlan(values, maxWords: 125))
                == ["FC3 0x0010+6", "FC3 0x0018+2", "FC3 0x001A+2", "FC3 0x001C+4", "FC4 0x0016+2"])
        #expect(
            Self.ranges(ReadPlan(Array(values.prefix(3)), maxWords: 5)) == ["FC3 0x0010+4", "FC3 0x0014+2"],
            "a value is never split")
        #expect(ReadPlan([], maxWords: 5).blocks.isEmpty)
    }

    @Test("a plan never asks for more than 125 words")
    func limit() throws {
        let values = try (0..<100).map { try Self.value("v", UInt16($0 * 4), words: 4) }
        let plan = ReadPlan(values, maxWords: 1000)
        #expect(plan.blocks.allSatisfy { $0.range.count <= 125 })
        #expect(plan.blocks.flatMap(\.values) == values)
    }

    @Test(
        "the plans of the built-in profiles",
        arguments: [
            ("sdm630", ["FC4 0x0048+8"], ["FC4 0x0048+8"]),
            ("abb-b23", ["FC3 0x5000+8"], ["FC3 0x5000+8"]),
            // 3203 = 0x0C83 … 3210; 3219 = 0x0C93 … 3226
            ("iem3155", ["FC3 0x0C83+8", "FC3 0x0C93+8"], ["FC3 0x0C83+8", "FC3 0x0C93+8"]),
            // 0x42…0x4B is a hole (the resettable counters); export and reactive export may be missing, each by itself
            (
                "em24", ["FC3 0x003E+4", "FC3 0x004C+8", "FC3 0x005C+2", "FC3 0x005E+2"],
                ["FC3 0x003E+4", "FC3 0x004C+8", "FC3 0x005C+2", "FC3 0x005E+2"]
            ),
            // import and its tariffs come from the daily log
            ("adl400", ["FC3 0x0856+2"], ["FC3 0x084C+12"]),
            // 801 = 0x0321; four sums of two f64 each
            ("siemens-pac", ["FC3 0x0321+32"], ["FC3 0x0321+32"]),
        ])
    func builtIn(_ name: String, _ live: [String], _ energy: [String]) throws {
        let profile = try BuiltInProfileTests.profile(name)
        #expect(Self.ranges(profile.livePlan) == live)
        #expect(Self.ranges(profile.energyPlan) == energy)
    }

    @Test("no plan breaks its meter's limits, and the full plan reads every value once")
    func limits() throws {
        let library = try ProfileLibrary.load(folder: nil)
        for name in library.names {
            let profile = try #require(library[name])
            let blocks = profile.fullPlan.blocks
            let identity = [
                profile.identity?.model?.value, profile.identity?.serial, profile.identity?.firmware,
            ].compactMap { $0 }
            #expect(
                blocks.flatMap(\.values).sorted { $0.name < $1.name }
                    == (profile.values + identity).sorted { $0.name < $1.name })
            for block in blocks {
                #expect(Int(block.range.count) <= profile.maxWords, "\(name)")
                let declared = block.values.reduce(0) { $0 + Int($1.range.count) }
                #expect(Int(block.range.count) == declared || block.range == profile.identity?.wholeBlock, "no hole")
                #expect(!profile.evenAddresses || (block.range.address % 2 == 0 && block.range.count % 2 == 0))
            }
        }
        // The EM24 answers its model word only when it is asked for alone.
        let em24 = try BuiltInProfileTests.profile("em24").fullPlan.blocks
        #expect(em24.first?.range == WordRange(function: .holdingRegisters, address: 0x000B, count: 1))
        #expect(em24.allSatisfy { $0.range.count <= 11 })
    }

    @Test("a block gives each value its own words")
    func decode() throws {
        let block = try #require(BuiltInProfileTests.profile("sdm630").energyPlan.blocks.first)
        let words: [UInt16] = [0x4640, 0xE6AE, 0x3F00, 0x0000, 0x7FC0, 0x0000, 0x42C8, 0x0000]
        let (readings, absent) = block.readings(from: words, multiplier: 1)
        #expect(
            readings == [
                Reading(
                    register: .activeImport, moment: .live, index: Energy(wattHours: 12_345_670),
                    words: [0x4640, 0xE6AE]),
                Reading(register: .activeExport, moment: .live, index: Energy(wattHours: 500), words: [0x3F00, 0]),
                Reading(
                    register: .reactiveExport, moment: .live, index: Energy(wattHours: 100_000),
                    words: [0x42C8, 0]),
            ])
        #expect(absent == ["reactive_import: not a number (0x7FC00000)"])
        #expect(
            block.decode(words, multiplier: 1).map(\.value.name)
                == ["import", "export", "reactive_import", "reactive_export"])
    }

    @Test("a value without a register is no reading")
    func quantities() throws {
        let plan = try BuiltInProfileTests.profile("sdm630").fullPlan
        let voltages = try #require(plan.blocks.first { $0.values.first?.name == "voltage_l1" })
        let (readings, absent) = voltages.readings(from: [0x4366, 0x199A, 0x4366, 0x199A, 0x7FC0, 0], multiplier: 1)
        #expect(readings.isEmpty)
        #expect(absent.isEmpty)
    }
}
