import MeterFleet
import Metering
import Modbus
import Testing

@Suite("How a faulty gateway's answers travel")
struct DeliveryFaultTests {
    @Test("late, after the answers to what was asked meanwhile")
    func late() {
        var rig = WireRig(faulty([Fault(.lateReply(.milliseconds(2500)), units: [1])], latency: 20))
        rig.open()
        rig.ask(Honest.dial, of: 1)
        rig.ask(Honest.dial, of: 2)
        rig.pass(milliseconds: 5000)
        #expect(rig.log.map(\.milliseconds) == [40, 2520])
        #expect(rig.segments() == [Honest.reply(of: 2, transaction: 2), Honest.reply(of: 1, transaction: 1)])
    }

    @Test(
        "held back until another unit answers, in a segment just before or after it",
        arguments: FaultKind.Side.allCases)
    func beside(side: FaultKind.Side) {
        var rig = WireRig(faulty([Fault(.lateReply(.beside(side)), units: [1])]))
        rig.open()
        rig.ask(Honest.dial, of: 1)
        rig.pass(milliseconds: 60_000)
        rig.ask(Honest.dial, of: 1)
        #expect(rig.segments().isEmpty)
        rig.ask(Honest.dial, of: 2)
        let late = [Honest.reply(of: 1, transaction: 1), Honest.reply(of: 1, transaction: 2)]
        let answer = [Honest.reply(of: 2, transaction: 3)]
        #expect(rig.segments() == (side == .before ? late + answer : answer + late))
        rig.ask(Honest.dial, of: 2)
        #expect(rig.segments().count == 4)
    }

    @Test("byte by byte, each in a segment of its own")
    func pieces() {
        var rig = WireRig(faulty([Fault(.pieces(gapMilliseconds: 0))]))
        rig.open()
        rig.ask(Honest.dial)
        #expect(rig.segments() == Honest.reply().map { [$0] })
        #expect(rig.log.allSatisfy { $0.milliseconds == 0 })
    }

    @Test("so slowly that no frame gets whole, and what follows waits behind it")
    func dribble() {
        var rig = WireRig(faulty([Fault(.pieces(gapMilliseconds: 5000), units: [1])]))
        rig.open()
        rig.ask(Honest.dial, of: 1)
        rig.ask(Honest.dial, of: 2)
        rig.pass(milliseconds: 30_000)
        #expect(rig.bytes() == Array(Honest.reply().prefix(7)))
        rig.pass(milliseconds: 60_000)
        #expect(rig.bytes() == Honest.reply() + Honest.reply(of: 2, transaction: 2))
        #expect(rig.log.map(\.milliseconds) == (0..<18).map { $0 * 5000 })
    }

    @Test("two in one segment, or alone when no other comes in time")
    func joined() {
        let fault = Fault(.joinedReplies(.next(holdMilliseconds: 500)), units: [1])
        var rig = WireRig(faulty([fault]))
        rig.open()
        rig.ask(Honest.dial, of: 1)
        rig.pass(milliseconds: 400)
        rig.ask(Honest.dial, of: 2)
        rig.ask(Honest.dial, of: 1)
        rig.pass(milliseconds: 1000)
        #expect(
            rig.segments() == [
                Honest.reply(of: 1) + Honest.reply(of: 2, transaction: 2), Honest.reply(of: 1, transaction: 3),
            ])
        #expect(rig.log.map(\.milliseconds) == [400, 900])
    }

    @Test("twice in one segment")
    func copied() {
        var rig = WireRig(faulty([Fault(.joinedReplies(.copy))]))
        rig.open()
        rig.ask(Honest.dial)
        #expect(rig.segments() == [Honest.reply() + Honest.reply()])
    }

    @Test("cut short by a reset, after which the connection is forgotten")
    func reset() {
        var rig = WireRig(faulty([Fault(.resetMidReply(afterBytes: 5))]))
        rig.open()
        rig.ask(Honest.dial)
        rig.ask(Honest.dial)
        #expect(rig.steps == [.sent(1, Array(Honest.reply().prefix(5))), .reset(1)])
        #expect(rig.wire.connectionCount == 0)
    }

    @Test("without the last byte, and then nothing more, until the client connects anew")
    func missingByte() {
        var rig = WireRig(faulty([Fault(.missingLastByte(then: .silence), units: [1])]))
        rig.open()
        rig.ask(Honest.dial)
        rig.ask(Honest.dial, of: 2)
        rig.pass(milliseconds: 60_000)
        #expect(rig.segments() == [Array(Honest.reply().dropLast())])
        rig.open()
        rig.ask(Honest.dial, of: 2, on: 2)
        #expect(rig.segments(to: 2) == [Honest.reply(of: 2, transaction: 3)])
    }

    @Test("without the last byte, so that the next answer begins one byte early")
    func missingByteGoesOn() {
        var rig = WireRig(faulty([Fault(.missingLastByte(then: .more), units: [1])]))
        rig.open()
        rig.ask(Honest.dial)
        rig.ask(Honest.dial, of: 2)
        #expect(rig.bytes() == Honest.reply().dropLast() + Honest.reply(of: 2, transaction: 2))
    }

    @Test("beside a frame that nobody asked for", arguments: FaultKind.Side.allCases, [nil, 7] as [UInt8?])
    func foreign(side: FaultKind.Side, unit: UInt8?) throws {
        var rig = WireRig(faulty([Fault(.foreignReply(side, unit: unit))]))
        rig.open()
        rig.ask(Honest.dial)
        try #require(rig.segments().count == 2)
        let foreign = rig.segments()[side == .before ? 0 : 1]
        #expect(rig.segments()[side == .before ? 1 : 0] == Honest.reply())
        // A whole frame of the same shape: another transaction, perhaps another unit, other words.
        #expect(foreign.count == 17)
        #expect(foreign[0] >= 0x40)
        #expect(Array(foreign[2...8]) == [0, 0, 0, 11, unit ?? 1, 3, 8])
        #expect(foreign[9...] != Honest.reply()[9...])
    }

    @Test("as an RTU frame each way, where the gateway speaks nothing else")
    func serialTransport() {
        var rig = WireRig(faulty([], latency: 20, transport: .rtuOverTCP))
        rig.open()
        let ask = hex("01 03 5000 0004 5509")
        rig.send(Array(ask[..<3]))
        rig.send(Array(ask[3...]) + hex("02 03 5000 0004 553A"))
        rig.pass(milliseconds: 100)
        #expect(
            rig.segments() == [
                hex("01 03 08 0000 0000 0001 E240 8D47"), hex("02 03 08 0000 0000 0001 E240 8203"),
            ])
    }

    @Test(
        "not at all, where a gateway of serial frames is not asked in one",
        arguments: [
            "0001 0000 0006 01 03 5000 0004",  // Modbus/TCP
            "01 03 5000 0004 5508",  // a wrong checksum
            "01 63 5000 0004 5509",  // no function of any length
            "01 03 50",  // a beginning that nobody continues
        ])
    func notSerial(asked: String) {
        var rig = WireRig(faulty([], transport: .rtuOverTCP))
        rig.open()
        rig.send(hex(asked))
        rig.pass(milliseconds: 200)
        #expect(rig.steps.isEmpty)
        // A pause later the line is as good as new.
        rig.send(hex("01 03 5000 0004 5509"))
        #expect(rig.bytes() == hex("01 03 08 0000 0000 0001 E240 8D47"))
    }
}
