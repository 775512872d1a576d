import MeterFleet
import Metering
import Modbus
import Testing

@Suite("What a faulty gateway answers")
struct AnswerFaultTests {
    /// A fault and all that comes for transaction 1 to unit 1; the honest answer is
    /// `0001 0000 000B 01 03 08 0000 0000 0001 E240`.
    private static let answers: [(FaultKind, String)] = [
        //                              | tx | pr | len |u |fc|n | words
        (.transaction(.constant(9)), "    0009 0000 000B 01 03 08 0000 0000 0001 E240"),
        (.transaction(.constant(0)), "    0000 0000 000B 01 03 08 0000 0000 0001 E240"),
        (.transaction(.offByOne), "       0002 0000 000B 01 03 08 0000 0000 0001 E240"),
        (.transaction(.swapped), "        0001 0000 000B 01 03 08 0000 0000 0001 E240"),  // nobody to swap with
        (.wrongUnit(), "                  0001 0000 000B 02 03 08 0000 0000 0001 E240"),
        (.wrongUnit(247), "               0001 0000 000B F7 03 08 0000 0000 0001 E240"),
        (.wrongFunction(), "              0001 0000 000B 01 04 08 0000 0000 0001 E240"),
        (.wrongFunction(16), "            0001 0000 000B 01 10 08 0000 0000 0001 E240"),
        (.byteCount(.tooLarge), "         0001 0000 000B 01 03 0A 0000 0000 0001 E240"),
        (.byteCount(.tooSmall), "         0001 0000 000B 01 03 06 0000 0000 0001 E240"),
        (.byteCount(.odd), "              0001 0000 000B 01 03 09 0000 0000 0001 E240"),
        (.missingLastByte(then: .more), " 0001 0000 000B 01 03 08 0000 0000 0001 E2"),
        (.rtuFrames, "                    01 03 08 0000 0000 0001 E240 8D47"),
        (.exception(code: 1), "           0001 0000 0003 01 83 01"),
        (.exception(code: 2), "           0001 0000 0003 01 83 02"),
        (.exception(code: 3), "           0001 0000 0003 01 83 03"),
        (.exception(code: 4), "           0001 0000 0003 01 83 04"),
        (.exception(code: 5), "           0001 0000 0003 01 83 05"),
        (.exception(code: 6), "           0001 0000 0003 01 83 06"),
        (.exception(code: 0x0A), "        0001 0000 0003 01 83 0A"),
        (.exception(code: 0x0B), "        0001 0000 0003 01 83 0B"),
        (.exception(code: 0x81), "        0001 0000 0003 01 83 81"),
        (.exceptionLength(code: 2, .declaredLonger), "  0001 0000 0004 01 83 02"),
        (.exceptionLength(code: 2, .declaredShorter), " 0001 0000 0002 01 83 02"),
        (.exceptionLength(code: 2, .extraByte), "       0001 0000 0004 01 83 02 00"),
        (.registerLimit(words: 3, code: 3), "           0001 0000 0003 01 83 03"),
        (.registerLimit(words: 3, code: 2), "           0001 0000 0003 01 83 02"),
        (.registerLimit(words: 4, code: 3), "           0001 0000 000B 01 03 08 0000 0000 0001 E240"),
        (gap(0x5002..<0x5003, .exception), "            0001 0000 0003 01 83 02"),
        (gap(0x5002..<0x5003, .silence), ""),
        (gap(0x5002..<0x5003, .zero), "                 0001 0000 000B 01 03 08 0000 0000 0000 E240"),
        (gap(0x4000..<0x6000, .zero), "                 0001 0000 000B 01 03 08 0000 0000 0000 0000"),
        (gap(0x5004..<0x5005, .exception), "            0001 0000 000B 01 03 08 0000 0000 0001 E240"),
        (gap(0x5002..<0x5003, .exception, function: 4), "0001 0000 000B 01 03 08 0000 0000 0001 E240"),
        (.silence(), ""),
    ]

    private static func gap(
        _ addresses: Range<Int>, _ answer: FaultKind.RegisterGap.Answer, function: UInt8? = nil
    ) -> FaultKind {
        .registerGap(FaultKind.RegisterGap(function: function, addresses: addresses, answer: answer))
    }

    @Test("is wrong in exactly the bytes that the fault is about", arguments: answers)
    func bytes(kind: FaultKind, expected: String) {
        var rig = WireRig(faulty([Fault(kind)]))
        rig.open()
        rig.ask(Honest.dial)
        #expect(rig.bytes() == hex(expected))
        #expect(!rig.steps.contains(.closed(1)))
    }

    @Test("is right for the units that a fault does not concern", arguments: answers.map(\.0))
    func otherUnits(kind: FaultKind) {
        var rig = WireRig(faulty([Fault(kind, units: [1])]))
        rig.open()
        rig.ask(Honest.dial, of: 2)
        #expect(rig.bytes() == Honest.reply(of: 2))
    }

    @Test("swaps the transactions of two requests that wait together, and of all of them")
    func swapped() {
        var rig = WireRig(faulty([Fault(.transaction(.swapped))], latency: 20))
        rig.open()
        rig.ask(Honest.dial, of: 1)
        rig.ask(Honest.dial, of: 2)
        rig.pass(milliseconds: 100)
        #expect(rig.segments() == [Honest.reply(of: 1, transaction: 2), Honest.reply(of: 2, transaction: 1)])
        for _ in 3...7 { rig.ask(Honest.dial) }
        rig.pass(milliseconds: 200)
        // Each transaction comes exactly once: nothing is lost, everything is mixed up.
        #expect(rig.segments().dropFirst(2).map { $0[1] } == [4, 5, 6, 7, 3])
    }

    @Test("refuses nothing of a request within the register limit of eleven words")
    func elevenWords() {
        var rig = WireRig(faulty([Fault(.registerLimit(words: 11, code: 3))]))
        rig.open()
        rig.ask(words(.holdingRegisters, 0x5000, 8))
        rig.ask(words(.holdingRegisters, 0x5000, 12))
        #expect(rig.segments().map { $0[7] } == [0x03, 0x83])
    }

    @Test("is that of the same fleet, seed and time, whoever asks and how often", arguments: [3, 4] as [UInt64])
    func deterministic(seed: UInt64) {
        let faults = [
            Fault(.exception(code: 6), schedule: FaultSchedule(millionths: 300_000)),
            Fault(.foreignReply(.before), schedule: FaultSchedule(millionths: 300_000)),
            Fault(.falseIndex(.garbage, FaultKind.WordScope()), schedule: FaultSchedule(millionths: 300_000, seed: 9)),
        ]
        func run(_ seed: UInt64) -> [WireRig.Step] {
            var rig = WireRig(faulty(faults), seed: seed)
            rig.open()
            for _ in 0..<50 { rig.ask(Honest.dial) }
            return rig.steps
        }
        #expect(run(seed) == run(seed))
        #expect(run(seed) != run(seed + 10))
    }

    @Test("is faulty as often as the share says, and each fault by its own draw")
    func share() {
        let schedule = FaultSchedule(millionths: 100_000)
        func count(_ fault: Fault, isFaulty: ([UInt8]) -> Bool) -> [Bool] {
            var rig = WireRig(faulty([fault]))
            rig.open()
            for _ in 0..<2000 { rig.ask(Honest.dial) }
            return rig.segments().map(isFaulty)
        }
        let busy = count(Fault(.exception(code: 6), schedule: schedule)) { $0[7] == 0x83 }
        let wrong = count(Fault(.wrongUnit(), schedule: schedule)) { $0[6] == 2 }
        let other = count(Fault(.wrongUnit(), schedule: FaultSchedule(millionths: 100_000, seed: 1))) { $0[6] == 2 }
        for drawn in [busy, wrong, other] { #expect((150...250).contains(drawn.count { $0 })) }
        #expect(busy != wrong)
        #expect(wrong != other)
    }

    @Test(
        "is exactly a plain gateway's while no fault's time has come",
        arguments: [0, 30], SimulatedGateway.Working.allCases)
    func withoutFaults(latency: Int, working: SimulatedGateway.Working) {
        let everything = Self.answers.map { kind, _ in Fault(kind, from: "12:00:00") }
        let never = Self.answers.map { kind, _ in Fault(kind, schedule: FaultSchedule(millionths: 0)) }
        func run(_ faults: [Fault]) -> [String] {
            var rig = WireRig(faulty(faults, latency: latency, working: working))
            rig.open()
            rig.open()
            let both = request(Honest.dial, of: 1, transaction: 1) + request(Honest.dial, of: 2, transaction: 2)
            rig.send(Array(both[..<17]))
            rig.pass(milliseconds: 10)
            rig.send(Array(both[17...]))
            rig.send(both, on: 2)
            rig.send(request(words(.holdingRegisters, 0x4000, 1), of: 9, transaction: 3), on: 2)
            rig.pass(milliseconds: 500)
            rig.send([0, 1, 0, 0, 0, 3, 1, 0x2B, 0x0E])
            rig.send(both, on: 2)
            rig.pass(milliseconds: 500)
            rig.hangUp(1)
            rig.send([0, 8, 0, 9], on: 2)
            return rig.log.map { "\($0.milliseconds) \($0.step)" }
        }
        let plain = run([])
        #expect(plain.count >= 6)
        #expect(run(everything) == plain)
        #expect(run(never) == plain)
    }
}
