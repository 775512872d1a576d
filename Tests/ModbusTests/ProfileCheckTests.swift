import Metering
import Modbus
import Testing

@Suite("A profile's self-check")
struct ProfileCheckTests {
    /// Words in the order of `checkPlan`'s blocks; each block's in one request.
    static func judge(_ profile: MeterProfile, _ words: [[UInt16]]) throws -> ProfileCheck.Result {
        let blocks = profile.checkPlan.blocks
        try #require(blocks.map { Int($0.range.count) } == words.map(\.count))
        return ProfileCheck.judge(zip(blocks, words).map { $0.decode($1, multiplier: 1) }, of: profile)
    }

    @Test(
        "asks for frequency and voltages, and for dials only where one request reads the total and all tariffs",
        arguments: [
            ("sdm630", ["FC4 0x0000+6", "FC4 0x0046+2"]), ("sdm120", ["FC4 0x0000+2", "FC4 0x0046+2"]),
            ("abb-b23", ["FC3 0x5B00+6", "FC3 0x5B2C+1"]), ("iem3155", ["FC3 0x0BD3+6", "FC3 0x0C25+2"]),
            // total and tariffs of the EM24 do not fit one request of 11 words
            ("em24", ["FC3 0x0000+6", "FC3 0x0037+1"]),
            ("adl400", ["FC3 0x0800+6", "FC3 0x0834+2", "FC3 0x084C+12"]),
            ("siemens-pac", ["FC3 0x0001+6", "FC3 0x0037+2"]),
        ])
    func plan(_ name: String, _ ranges: [String]) throws {
        #expect(try BuiltInProfileTests.profile(name).checkPlan.blocks.map(\.range.description) == ranges)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// L1, L2, L3 in V x 0.1 and the frequency in Hz x 0.01: an ABB B23.
        let volts: [UInt32]
        let frequency: UInt16
        let failures: [String]
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "a quiet grid", volts: [2301, 2298, 2314], frequency: 4998, failures: []),
        // 60 % and 130 % of 230 V are 138.0 and 299.0
        Case(name: "the edges", volts: [1380, 2990, 2300], frequency: 4500, failures: []),
        Case(name: "the other edge", volts: [2300, 2300, 2300], frequency: 6500, failures: []),
        Case(name: "one phase wired", volts: [2301, 0, 0], frequency: 5000, failures: []),
        Case(name: "phases that the meter does not have", volts: [2301, .max, .max], frequency: 5000, failures: []),
        Case(
            name: "a phase beyond the edge", volts: [2301, 2991, 2300], frequency: 5000,
            failures: ["voltage_l2 299.1 V is outside 138 to 299 V"]),
        Case(
            name: "a sagging phase", volts: [1379, 2300, 2300], frequency: 5000, failures: ["voltage_l1 137.9 V"]),
        Case(
            name: "no phase", volts: [0, 0, 0], frequency: 5000,
            failures: ["no phase has a voltage: voltage_l1, voltage_l2, voltage_l3"]),
        Case(
            name: "words in the wrong order", volts: [2301 << 16, 2298 << 16, 2314 << 16], frequency: 5000,
            failures: ["voltage_l1 15079833.6 V", "voltage_l2", "voltage_l3"]),
        Case(
            name: "a frequency ten times too high", volts: [2301, 2298, 2314], frequency: 50_000,
            failures: ["frequency 500.00 Hz is outside 45 to 65 Hz"]),
        Case(name: "a frequency of nothing", volts: [2301, 2298, 2314], frequency: 0, failures: ["frequency 0.00 Hz"]),
        Case(name: "a hair too low", volts: [2301, 2298, 2314], frequency: 4499, failures: ["frequency 44.99 Hz"]),
        Case(
            name: "all wrong", volts: [1, 0, 0], frequency: 1,
            failures: ["voltage_l1 0.1 V", "frequency 0.01 Hz"]),
    ]

    @Test("passes what a grid can be and names what it cannot", arguments: cases)
    func grid(_ shown: Case) throws {
        let profile = try BuiltInProfileTests.profile("abb-b23")
        let words = shown.volts.flatMap { [UInt16($0 >> 16), UInt16(truncatingIfNeeded: $0)] }
        let result = try Self.judge(profile, [words, [shown.frequency]])
        guard case .failed(let sentences) = result else {
            #expect(result == .passed && shown.failures.isEmpty)
            return
        }
        #expect(sentences.count == shown.failures.count, "\(sentences)")
        for (sentence, failure) in zip(sentences, shown.failures) {
            #expect(sentence.hasPrefix(failure), "\(sentence)")
        }
    }

    @Test("judges nothing where nothing is available, and says so")
    func nothing() throws {
        let profile = try BuiltInProfileTests.profile("abb-b23")
        let ones = [UInt16](repeating: 0xFFFF, count: 6)
        #expect(try Self.judge(profile, [ones, [0xFFFF]]) == .nothingToCheck)
        #expect(ProfileCheck.judge([], of: profile) == .nothingToCheck)
        let bare = try MeterProfile(
            yaml: ProfileFileTests.head + "values:\n" + ProfileFileTests.rest
                + "  voltage_l12: {address: 8, type: u16, scale: 1 V}\n", file: "bare.yaml")
        #expect(bare.checkPlan.blocks.isEmpty, "a voltage between phases is no voltage against neutral")
    }

    @Test("holds voltages against the nominal one of the profile", arguments: [(110, true), (57, false), (230, false)])
    func nominal(_ volts: Int, _ passes: Bool) throws {
        let profile = try MeterProfile(
            yaml: "nominal_v: \(volts)\n" + ProfileFileTests.head + "values:\n" + ProfileFileTests.rest
                + "  voltage_l1: {address: 8, type: u16, scale: 1 V}\n", file: "own.yaml")
        #expect((try Self.judge(profile, [[110]]) == .passed) == passes)
    }

    @Test(
        "wants the total to be the sum of its tariffs, within all their steps",
        arguments: [
            // ADL400: total and T1 to T4 in 0.1 kWh; five steps together are 0.5 kWh, and that is already too far
            ([1000, 100, 200, 300, 400], true), ([1004, 100, 200, 300, 400], true), ([996, 100, 200, 300, 400], true),
            ([1005, 100, 200, 300, 400], false), ([995, 100, 200, 300, 400], false), ([0, 100, 0, 0, 0], false),
            ([0, 0, 0, 0, 0], true),
        ] as [([UInt16], Bool)])
    func tariffs(_ dials: [UInt16], _ passes: Bool) throws {
        let profile = try BuiltInProfileTests.profile("adl400")
        let grid: [UInt16] = [0x4366, 0x199A, 0x4366, 0x199A, 0x4366, 0x199A]
        let words: [UInt16] = dials.flatMap { [0, $0] as [UInt16] } + [0, 7]
        let result = try Self.judge(profile, [grid, [0x4248, 0], words])
        guard case .failed(let sentences) = result else {
            #expect(result == .passed && passes)
            return
        }
        #expect(!passes && sentences.count == 1 && sentences[0].contains("is not the sum of its 4 tariffs"))
    }

    @Test("does not compare a total with tariffs of another request, or with one that is missing")
    func otherRequest() throws {
        let profile = try BuiltInProfileTests.profile("adl400")
        let block = try #require(profile.checkPlan.blocks.last)
        let decoded = block.decode([0, 1000, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0], multiplier: 1)
        #expect(
            ProfileCheck.judge([Array(decoded.prefix(1)), Array(decoded.dropFirst())], of: profile) == .nothingToCheck)
        guard case .failed = ProfileCheck.judge([decoded], of: profile) else {
            Issue.record("a total of 100 kWh with tariffs of 0.4 kWh passed")
            return
        }
    }
}
