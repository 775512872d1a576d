import MeterFleet
import Metering
import Modbus
import Testing

@Suite("A gateway on the wire")
struct GatewayWireTests {
    /// An ABB B23's import; 123,456 × 0.01 kWh is what its dial stands at.
    private static let dial = words(.holdingRegisters, 0x5000, 4)
    private static let shown: [UInt16] = [0, 0, 1, 0xE240]

    private func gateway(
        latency: Int = 0, working: SimulatedGateway.Working = .serial
    ) -> SimulatedGateway {
        SimulatedGateway(
            name: "GW", port: 0, latencyMilliseconds: latency, working: working,
            meters: .listed([
                1: meter("abb-b23", dial: standing(at: 1_234_567)), 2: meter("abb-b23", dial: standing(at: 1_234_567)),
            ]))
    }

    @Test("answers at once, all requests of one read in one segment")
    func atOnce() {
        var rig = WireRig(gateway())
        rig.open()
        let (first, second) = (request(Self.dial, of: 1, transaction: 1), request(Self.dial, of: 2, transaction: 2))
        rig.send(first + second[..<5])
        rig.send(Array(second[5...]))
        rig.send(first + second)
        let (one, two) = (reply(Self.shown), reply(Self.shown, of: 2, transaction: 2))
        #expect(rig.segments() == [one, two, one + two])
        #expect(rig.wire.wake().nanoseconds == nil)
    }

    @Test("answers when its latency is over, and asks to be woken then")
    func latency() {
        var rig = WireRig(gateway(latency: 50))
        rig.open()
        rig.ask(Self.dial)
        rig.ask(Self.dial, of: 2)
        #expect(rig.wire.wake().nanoseconds == 50_000_000)
        rig.pass(milliseconds: 200)
        #expect(rig.log.map(\.milliseconds) == [50, 100])
        #expect(rig.segments() == [reply(Self.shown), reply(Self.shown, of: 2, transaction: 2)])
    }

    @Test("answers what is due at the same moment in one segment")
    func dueTogether() {
        var rig = WireRig(gateway(latency: 50, working: .concurrent))
        rig.open()
        rig.ask(Self.dial)
        rig.ask(Self.dial, of: 2)
        rig.pass(milliseconds: 50)
        #expect(rig.segments() == [reply(Self.shown) + reply(Self.shown, of: 2, transaction: 2)])
    }

    @Test("tells nobody what a client asked that has gone, and mixes no connections")
    func gone() {
        var rig = WireRig(gateway(latency: 50, working: .concurrent))
        for _ in 0..<3 { rig.open() }
        for connection in 1...3 as ClosedRange<UInt64> { rig.ask(Self.dial, on: connection) }
        rig.hangUp(2)
        rig.pass(milliseconds: 100)
        #expect(
            rig.steps == [.sent(1, reply(Self.shown)), .sent(3, reply(Self.shown, transaction: 3))])
        #expect(rig.wire.connectionCount == 2)
    }

    @Test("answers what came before, then hangs up, when the stream is out of step")
    func outOfStep() {
        var rig = WireRig(gateway())
        rig.open()
        rig.send(request(Self.dial, of: 1, transaction: 1) + [0, 8, 0, 9, 0, 6, 1])
        rig.ask(Self.dial)
        #expect(rig.steps == [.sent(1, reply(Self.shown)), .closed(1)])
    }

    @Test("hangs up on a client that asks more than 256 requests ahead")
    func flood() {
        var rig = WireRig(gateway(latency: 50))
        rig.open()
        for _ in 0..<256 { rig.ask(Self.dial) }
        #expect(rig.steps.isEmpty)
        rig.ask(Self.dial)
        #expect(rig.steps == [.closed(1)])
    }
}
