import Metering
import Testing

@testable import HeadEnd

@Suite("A meter is believed once it has shown who it is")
struct MeterProofTests {
    /// The serial number 24,000,001 and so on, as an SDM630 shows it.
    static func serial(_ number: UInt32) -> [UInt16] { [UInt16(number >> 16), UInt16(number & 0xFFFF)] }

    static func isSerial(_ request: SentRequest) -> Bool { request.function == 3 && request.address == 0xFC00 }

    @Test("the serial number is asked before the first reading, and the readings count when it is the registered one")
    func proven() throws {
        var line = try ConversationHarness(proof: .serial)
        let first = try #require(try line.connected().requests.first)
        #expect(Self.isSerial(first))
        let proof = line.hears(first.answer(Self.serial(24_000_001)))
        #expect(proof.readings.isEmpty && proof.failures.isEmpty)
        #expect(proof.outcomes.first?.facts?.serial == "24000001")
        let answered = line.hears(try #require(proof.requests.first).answer(sdmWords))
        #expect(answered.readings.count == 4)
        #expect(answered.outcomes.allSatisfy { !$0.isQuarantined })
    }

    @Test("it is asked before anything is due, as soon as the line stands")
    func inIdleTime() throws {
        var line = try ConversationHarness(meters: 3, proof: .serial)
        #expect(line.happens(.wake).shouldConnect, "nothing is due, but three meters are unknown")
        var request = try #require(line.happens(.connected).requests.first)
        for number in UInt32(1)...3 {
            #expect(Self.isSerial(request) && request.unit == UInt8(number))
            let next = line.hears(request.answer(Self.serial(24_000_000 + number))).requests.first
            if let next { request = next } else { #expect(number == 3, "then the line is quiet") }
        }
        line.halfAnHourPasses()
        let poll = try #require(line.happens(.wake).requests.first)
        #expect(!Self.isSerial(poll), "no meter is asked for its serial twice")
    }

    @Test("another serial is a failure that names both, and the readings are kept apart")
    func foreign() throws {
        var line = try ConversationHarness(proof: .serial)
        let first = try #require(try line.connected().requests.first)
        let proof = line.hears(first.answer(Self.serial(99)))
        #expect(proof.failures.map(\.kind) == ["identity"])
        #expect(proof.failures.first?.description.contains("serial 99, the registry has 24000001") == true)
        let answered = line.hears(try #require(proof.requests.first).answer(sdmWords))
        #expect(answered.readings.count == 4)
        #expect(answered.outcomes.allSatisfy { $0.isQuarantined })
        #expect(line.conversation.foreignMeters == 1)

        line.halfAnHourPasses()
        let again = try #require(line.happens(.wake).requests.first)
        #expect(Self.isSerial(again), "each slot looks whether the right meter is back")
        let back = line.hears(again.answer(Self.serial(24_000_001)))
        #expect(line.conversation.foreignMeters == 0)
        let trusted = line.hears(try #require(back.requests.first).answer(sdmWords))
        #expect(trusted.outcomes.allSatisfy { !$0.isQuarantined })
    }

    @Test("the frozen days of a foreign meter are never read")
    func foreignDays() throws {
        var line = try ConversationHarness(profile: "iem3155", proof: .serial)
        let first = try #require(try line.connected().requests.first)
        #expect(first.address == 129)
        let refused = line.hears(first.exception(2))
        #expect(refused.failures == [.identity(.silent)], "its model always has this register")
    }

    @Test("a serial that the model does not always have may be absent, its model word may not")
    func optionalSerial() throws {
        var line = try ConversationHarness(profile: "em24", proof: .serial)
        let model = try #require(try line.connected().requests.first)
        #expect(model.address == 0x000B)
        let serial = try #require(line.hears(model.answer([71])).requests.first)
        #expect(serial.address == 0x1300)
        let proof = line.hears(serial.exception(2))
        #expect(proof.failures.isEmpty)
        #expect(line.conversation.foreignMeters == 0)

        var wrong = try ConversationHarness(profile: "em24", proof: .serial)
        let request = try #require(try wrong.connected().requests.first)
        #expect(wrong.hears(request.answer([1650])).failures == [.identity(.model("0672"))])
    }

    @Test("where the registry holds other numbers than the meters show, only the model is compared")
    func modelPolicy() throws {
        var line = try ConversationHarness(proof: .model)
        let first = try #require(try line.connected().requests.first)
        #expect(!Self.isSerial(first), "this model has no model word: its readings count as they come")
    }

    @Test("after something suspicious the meter proves itself before its next reading")
    func doubt() throws {
        var line = try ConversationHarness(proof: .serial)
        let first = try #require(try line.connected().requests.first)
        let poll = try #require(line.hears(first.answer(Self.serial(24_000_001))).requests.first)
        line.hears(poll.answer(sdmWords))
        line.conversation.doubt(MeterID(1))
        line.halfAnHourPasses()
        #expect(Self.isSerial(try #require(line.happens(.wake).requests.first)))
    }

    @Test("after ten minutes without the line every meter proves itself anew; after a short break one does")
    func outage() throws {
        for (minutes, proofs) in [(2, 1), (11, 3)] {
            var line = try ConversationHarness(meters: 3, proof: .serial)
            line.happens(.wake)
            var actions = line.happens(.connected)
            for number in UInt32(1)...3 {
                let request = try #require(actions.requests.first)
                actions = line.hears(request.answer(Self.serial(24_000_000 + number)))
            }
            line.happens(.closed("cable"))
            line.halfAnHourPasses()
            #expect(line.happens(.wake, after: minutes * 60_000).shouldConnect)
            actions = line.happens(.connected)
            var seen = 0
            while let request = actions.requests.first {
                if Self.isSerial(request) { seen += 1 }
                let words = Self.isSerial(request) ? Self.serial(24_000_000 + UInt32(request.unit)) : sdmWords
                actions = line.hears(request.answer(words), after: 1)
            }
            #expect(seen == proofs, "after \(minutes) minutes")
        }
    }
}

@Suite("A new meter's own values must make sense before its first index counts")
struct SelfCheckTests {
    /// Words of an SDM630's voltages (230.5 V each) and frequency.
    private static let volts: [UInt16] = [0x4366, 0x8000, 0x4366, 0x8000, 0x4366, 0x8000]
    private static let fiftyHertz: [UInt16] = [0x4248, 0x0000]

    private static func words(for request: SentRequest, hertz: [UInt16]) -> [UInt16] {
        switch request.address {
        case 0xFC00: MeterProofTests.serial(24_000_001)
        case 0x00: volts
        case 0x46: hertz
        default: sdmWords
        }
    }

    private static func firstReading(hertz: [UInt16]) throws -> (
        asked: [UInt16], outcomes: [PollOutcome]
    ) {
        var line = try ConversationHarness(proof: .serial, isNew: true)
        var actions = try line.connected()
        var asked: [UInt16] = []
        var outcomes: [PollOutcome] = []
        while let request = actions.requests.first, asked.count < 10 {
            asked.append(request.address)
            actions = line.hears(request.answer(words(for: request, hertz: hertz)))
            outcomes += actions.outcomes
        }
        return (asked, outcomes)
    }

    @Test("a plausible grid: identity, voltages and frequency are read once, then the dial counts")
    func plausible() throws {
        let (asked, outcomes) = try Self.firstReading(hertz: Self.fiftyHertz)
        #expect(asked == [0xFC00, 0x00, 0x46, 0x48])
        #expect(outcomes.last?.isQuarantined == false)
        #expect(outcomes.contains { $0.facts?.standing == .plausible })
    }

    @Test("a frequency that no grid has: the profile is wrong here, and nothing the meter says is booked")
    func implausible() throws {
        let (_, outcomes) = try Self.firstReading(hertz: [0x0000, 0x4248])
        let mismatch = outcomes.compactMap { outcome -> String? in
            if case .failure(let failure) = outcome.result { failure.description } else { nil }
        }
        #expect(mismatch.first?.contains("frequency") == true)
        #expect(outcomes.last?.isQuarantined == true)
    }

    @Test("a proof that an outage interrupts begins anew: another meter may answer there by then")
    func interrupted() throws {
        var line = try ConversationHarness(profile: "em24", proof: .serial)
        let model = try #require(try line.connected().requests.first)
        #expect(model.address == 0x000B)
        let serial = try #require(line.hears(model.answer([71])).requests.first)
        #expect(serial.address == 0x1300)
        line.happens(.closed("the line broke"), after: 10)
        line.milliseconds += 3_600_000
        line.halfAnHourPasses()
        #expect(line.happens(.wake).shouldConnect)
        #expect(try #require(line.happens(.connected).requests.first).address == 0x000B, "from the model word on")
    }

    @Test("a doubt that comes while a proof is under way has it begin anew")
    func doubtedInBetween() throws {
        var line = try ConversationHarness(profile: "em24", proof: .serial)
        let model = try #require(try line.connected().requests.first)
        let serial = try #require(line.hears(model.answer([71])).requests.first)
        #expect(serial.address == 0x1300)
        line.conversation.doubt(MeterID(1))
        #expect(try #require(line.hears(serial.exception(2)).requests.first).address == 0x000B)
        #expect(line.conversation.standings[0].state == .unknown)
    }
}
