import MeterFleet
import Metering
import Modbus
import Testing

@Suite("A simulated meter")
struct SimulatedMeterTests {
    private static let profiles = ["adl400", "sdm630", "sdm120", "abb-b23", "iem3155", "em24", "siemens-pac"]
    /// Steps of the live registers in Wh, from the models' tables.
    private static let steps: [String: Int64] = [
        "adl400": 100, "sdm630": 10, "sdm120": 10, "abb-b23": 10, "iem3155": 1, "em24": 100, "siemens-pac": 1,
    ]

    private func household(_ number: Int64) -> Dial {
        .household(Household(seed: 5, number: number, origin: day("2025-04-01")))
    }

    @Test("is read back by the decoder exactly, at any moment", arguments: profiles)
    func roundTrip(profile: String) throws {
        let step = try #require(Self.steps[profile])
        for number in Int64(1)...12 {
            let asked = meter(profile, dial: household(number), number: number)
            for hours in [0, 1, 1000, 7777] as [Int64] {
                let moment = CivilMoment(
                    day: day("2025-04-20") + Int(hours), microseconds: hours * 3_599_999_999 % 86_400_000_000)
                let face = asked.dial.face(at: moment)
                var seen: Set<Register> = []
                for block in asked.model.profile.energyPlan.blocks {
                    let readings = block.readings(from: asked.reply(block.range, at: moment), multiplier: 1)
                    #expect(readings.absent == [])
                    for reading in readings.readings {
                        seen.insert(reading.register)
                        #expect(reading.index.wattHours == face[reading.register].wattHours / step * step)
                    }
                }
                #expect(seen == Set(asked.model.registers))
            }
        }
    }

    @Test("tells at midnight what its truth says: frozen where it freezes, live elsewhere", arguments: profiles)
    func truth(profile: String) throws {
        let today = day("2025-06-01")
        let midnight = CivilMoment(day: today)
        for number in Int64(1)...20 {
            let asked = meter(profile, dial: household(number), number: number)
            var told: [Register: Energy] = [:]
            for block in asked.model.profile.livePlan.blocks {
                for reading in block.readings(from: asked.reply(block.range, at: midnight), multiplier: 1).readings {
                    told[reading.register] = reading.index
                }
            }
            if let frozen = asked.model.profile.frozen {
                let range = try #require(frozen.range(slot: 0))
                let record = frozen.record(in: asked.reply(range, at: midnight), multiplier: 1)
                guard case .record(let kept, let readings) = record else {
                    Issue.record("slot 0 holds \(record)")
                    return
                }
                #expect(kept == today)
                for reading in readings { told[reading.register] = reading.index }
            }
            for register in asked.model.registers { #expect(told[register] == asked.truth(register, at: today)) }
        }
    }

    @Test("keeps frozen days from its installation on, newest first, each with its own date")
    func frozenDays() throws {
        let asked = meter("adl400", dial: household(4), installed: day("2025-04-10"))
        let frozen = try #require(asked.model.profile.frozen)
        let evening = CivilMoment(day: day("2025-04-20"), microseconds: 70_000_000_000)
        for slot in 0..<90 {
            let range = try #require(frozen.range(slot: slot))
            let record = frozen.record(in: asked.reply(range, at: evening), multiplier: 1)
            let kept = day("2025-04-20") - slot
            if slot <= 10 {
                guard case .record(let date, let readings) = record else {
                    Issue.record("slot \(slot) holds \(record)")
                    continue
                }
                #expect(date == kept)
                #expect(readings.first { $0.register == .activeImport }?.index == asked.truth(.activeImport, at: kept))
            } else {
                #expect(record == .empty)
            }
        }
    }

    private static let noon = CivilMoment(day: day("2025-05-10"), microseconds: 43_200_000_000)

    @Test(
        "refuses what the model refuses",
        arguments: [
            ("sdm630", words(.inputRegisters, 0x49, 2), 2),  // an odd start
            ("sdm630", words(.inputRegisters, 0x48, 3), 2),  // an odd count
            ("sdm630", words(.inputRegisters, 0x46, 20), 2),  // runs into a hole
            ("sdm630", words(.holdingRegisters, 0x48, 2), 2),  // the other function
            ("sdm630", words(.inputRegisters, 0x00, 62), 3),  // more than 60 words
            ("em24", words(.holdingRegisters, 0x3E, 12), 3),  // more than 11 words
            ("abb-b23", words(.holdingRegisters, 0xFFFE, 2), 2),  // the last words there are
            ("adl400", words(.holdingRegisters, 0x600C, 1), 2),  // behind the record, before the next
            ("adl400", words(.holdingRegisters, 0x600B, 2), 2),  // from a record into the hole behind it
            ("siemens-pac", words(.holdingRegisters, 64_012, 8), 2),  // a part of what is given whole
            ("siemens-pac", file(90, 5, 2), 2),  // an energy without its timestamp
            ("siemens-pac", file(90, 3, 8), 2),  // from a day into the next
            ("siemens-pac", file(90, 357, 12), 2),  // beyond the last day
            ("siemens-pac", file(90, 1, 6), 2),  // the error state before the first
            ("siemens-pac", file(91, 3, 6), 2),  // another file
            ("siemens-pac", words(.holdingRegisters, 32_003, 54), 3),  // more than 50 words
            ("sdm630", file(90, 3, 6), 2),  // a meter without files
        ] as [(String, WordRange, UInt8)])
    func refuses(profile: String, range: WordRange, code: UInt8) {
        let asked = meter(profile, dial: standing(at: 1000))
        #expect(asked.exception(range, at: Self.noon) == code)
    }

    @Test("answers part of a value with that part of its words")
    func partOfAValue() {
        let asked = meter("abb-b23", dial: standing(at: 1_234_567))
        #expect(asked.reply(words(.holdingRegisters, 0x5002, 2), at: Self.noon) == [0x0001, 0xE240])
        #expect(asked.reply(words(.holdingRegisters, 0x5001, 2), at: Self.noon) == [0, 0x0001])
    }

    @Test("shows a plausible grid and its own serial number", arguments: profiles)
    func fullPlan(profile: String) {
        let asked = meter(profile, dial: household(9), number: 9)
        for block in asked.model.profile.fullPlan.blocks {
            for decoded in block.decode(asked.reply(block.range, at: Self.noon), multiplier: 1) {
                switch decoded.outcome {
                case .quantity(let text, let unit):
                    let whole = Int(text.prefix { $0 != "." }) ?? -1
                    switch unit {
                    case "V": #expect((224...236).contains(whole), "\(decoded.value.name) \(text)")
                    case "Hz": #expect((49...50).contains(whole), "\(decoded.value.name) \(text)")
                    default: #expect(whole >= 0, "\(decoded.value.name) \(text)")
                    }
                case .text(let text):
                    #expect(
                        ["24000009", "B23", "71", "42", "SIM 1", "1", "00000001"].contains(text),
                        "\(decoded.value.name) \(text)")
                case .energy: break
                case .absent(let reason): Issue.record("\(decoded.value.name): \(reason)")
                }
            }
        }
    }
}
