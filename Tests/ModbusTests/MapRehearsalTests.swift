import Metering
import Modbus
import Testing

@Suite("A map's rehearsal")
struct MapRehearsalTests {
    static func value(_ profile: String, _ name: String) throws -> (MeterProfile, ProfileValue) {
        let profile = try BuiltInProfileTests.profile(profile)
        return (profile, try #require(MapRehearsal.values(of: profile).first { $0.name == name }))
    }

    @Test("tries each value where it is written, one below and one above, and leaves out what comes in a whole block")
    func places() throws {
        let (profile, frequency) = try Self.value("sdm630", "frequency")
        #expect(MapRehearsal.values(of: profile).map(\.name).first == "serial")
        #expect(MapRehearsal.values(of: profile).count == 10)
        #expect(
            MapRehearsal.shifts.map { MapRehearsal.range(of: frequency, shift: $0)?.description }
                == ["FC4 0x0046+2", "FC4 0x0045+2", "FC4 0x0047+2"])
        let (_, voltage) = try Self.value("sdm630", "voltage_l1")
        #expect(MapRehearsal.range(of: voltage, shift: -1) == nil, "there is no word below 0")
        let pac = try BuiltInProfileTests.profile("siemens-pac")
        #expect(!MapRehearsal.values(of: pac).map(\.name).contains("serial"))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let profile: String
        let value: String
        let words: [UInt16]
        /// What each order shows, `-` for nothing; `*` behind what could be true, `?` where nothing speaks for it.
        let guesses: [String]
        var testDescription: String { "\(profile) \(value) \(words.map(\.hex))" }
    }

    static let cases = [
        // Cross-checked with another language's unpacking. 50.0 is 0x4248_0000; 0x0000_4248 and 0x0000_4842 are
        // subnormal, 0x4842_0000 is 1.515625 × 2^17
        Case(
            profile: "sdm630", value: "frequency", words: [0x4248, 0x0000],
            guesses: ["abcd 50.00*", "cdab 0.00", "badc 198656.00", "dcba 0.00"]),
        // the same words from a meter that sends the low word first
        Case(
            profile: "sdm630", value: "frequency", words: [0x0000, 0x4248],
            guesses: ["abcd 0.00", "cdab 50.00*", "badc 0.00", "dcba 198656.00"]),
        Case(
            profile: "sdm630", value: "frequency", words: [0x7FC0, 0x0000],
            guesses: ["abcd -", "cdab 0.00", "badc -3.98", "dcba 0.00"]),
        // 230.1 V and a phase that is not wired
        Case(
            profile: "abb-b23", value: "voltage_l1", words: [0, 0x08FD],
            guesses: ["abcd 230.1*", "cdab 15079833.6", "badc 6477.6", "dcba 424515993.6"]),
        Case(
            profile: "abb-b23", value: "voltage_l1", words: [0, 0],
            guesses: ["abcd 0.0?", "cdab 0.0?", "badc 0.0?", "dcba 0.0?"]),
        // a single word has two orders: 500 × 0.1 Hz = 0x01F4, and 0xF401 = -3071
        Case(profile: "em24", value: "frequency", words: [0x01F4], guesses: ["abcd 50.0*", "badc -307.1"]),
        // 123,456.7 kWh in the EM24's order; six digits hold less than a million
        Case(
            profile: "em24", value: "import", words: [0xD687, 0x0012],
            guesses: ["abcd -69579569.4", "cdab 123456.7*", "badc -201601382.4", "dcba 30202466.2"]),
        // "BR1234567"; backwards it is a text too, else zeros stand within it
        Case(
            profile: "em24", value: "serial", words: [0x4252, 0x3132, 0x3334, 0x3536, 0x3700, 0, 0],
            guesses: ["abcd BR1234567*", "cdab -", "badc -", "dcba 7654321RB*"]),
        Case(
            profile: "abb-b23", value: "model", words: [0x0001, 0x3320],
            guesses: ["abcd -", "cdab -", "badc -", "dcba -"]),
    ]

    @Test("shows what every order makes of the words, and marks what could be true", arguments: cases)
    func guesses(_ shown: Case) throws {
        let (profile, value) = try Self.value(shown.profile, shown.value)
        let guesses = MapRehearsal.guesses(at: value, words: shown.words, of: profile, digits: 6).map { guess in
            let mark = guess.isPlausible.map { $0 ? "*" : "" } ?? "?"
            return "\(guess.order.letters) \(guess.shown ?? "-")\(guess.shown == nil ? "" : mark)"
        }
        #expect(guesses == shown.guesses)
    }

    @Test("believes a dial only above zero and below its digits", arguments: [(4, false), (5, true), (6, true)])
    func digits(_ digits: Int, _ isPlausible: Bool) throws {
        let (profile, value) = try Self.value("abb-b23", "import")
        // 12,345.67 kWh
        let own = try #require(
            MapRehearsal.guesses(at: value, words: [0, 0, 0x0012, 0xD687], of: profile, digits: digits).first)
        #expect(own.shown == "12345.67" && own.isPlausible == isPlausible)
        let zero = try #require(
            MapRehearsal.guesses(at: value, words: [0, 0, 0, 0], of: profile, digits: digits).first)
        #expect(zero.isPlausible == nil, "an unknown register answers zero too")
    }
}
