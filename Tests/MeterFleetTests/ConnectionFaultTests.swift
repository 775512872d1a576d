import MeterFleet
import Metering
import Modbus
import Testing

@Suite("How a faulty gateway treats its clients")
struct ConnectionFaultTests {
    @Test("greets them with garbage, another for each")
    func garbage() {
        var rig = WireRig(faulty([Fault(.garbageOnConnect(bytes: 7))]))
        rig.open()
        rig.open()
        rig.ask(Honest.dial)
        #expect(rig.segments().map(\.count) == [7, 17])
        #expect(rig.segments()[1] == Honest.reply())
        #expect(rig.segments(to: 2)[0] != rig.segments()[0])
    }

    @Test("closes its port while as many are connected as it bears", arguments: [1, 2, 3])
    func refuse(limit: Int) {
        var rig = WireRig(faulty([Fault(.connectionLimit(limit, beyond: .refuse))]))
        for _ in 0..<limit { rig.open() }
        #expect(rig.steps == [.listening(false)])
        let late = rig.open()
        #expect(rig.steps.last == .refused(late))
        rig.hangUp(1)
        #expect(rig.steps.last == .listening(true))
        rig.ask(Honest.dial, on: rig.open())
        #expect(rig.wire.connectionCount == limit)
        #expect(rig.segments(to: late + 1) == [Honest.reply()])
    }

    @Test("accepts more than it bears, and drops them", arguments: [1, 2, 3])
    func drop(limit: Int) {
        var rig = WireRig(faulty([Fault(.connectionLimit(limit, beyond: .drop))]))
        for _ in 0..<limit { rig.open() }
        #expect(rig.steps.isEmpty)
        let late = rig.open()
        #expect(rig.steps == [.closed(late)])
        rig.ask(Honest.dial, on: late)
        rig.ask(Honest.dial)
        #expect(rig.segments() == [Honest.reply(transaction: 2)])
    }

    @Test("falls silent after so many requests, until they connect anew")
    func silentAfter() {
        var rig = WireRig(faulty([Fault(.silentAfter(requests: 2))]))
        rig.open()
        for _ in 0..<4 { rig.ask(Honest.dial) }
        rig.pass(milliseconds: 3_600_000)
        rig.ask(Honest.dial)
        #expect(rig.segments().count == 2)
        rig.open()
        rig.ask(Honest.dial, on: 2)
        #expect(rig.segments(to: 2).count == 1)
    }

    @Test("falls silent after so many requests for a while, again and again")
    func silentForAWhile() {
        var rig = WireRig(faulty([Fault(.silentAfter(requests: 2, milliseconds: 1000))]))
        rig.open()
        for _ in 0..<10 {
            rig.ask(Honest.dial)
            rig.pass(milliseconds: 400)
        }
        // Two answers, the third request begins a second of silence, and so on.
        #expect(rig.log.map(\.milliseconds) == [0, 400, 2000, 2400])
    }

    /// What a connection opened after 00:00:10 meets, when those before it have gone half-open then.
    private static let afterHalfOpen: [(FaultKind.NewConnections, [WireRig.Step])] = [
        (.work, [.sent(2, Honest.reply(transaction: 3))]),
        (.silent, []),
        (.refuse, [.listening(false), .refused(2)]),
    ]

    @Test("forgets half of a connection: silent for ever, without an end", arguments: afterHalfOpen)
    func halfOpen(newConnections: FaultKind.NewConnections, expected: [WireRig.Step]) {
        let fault = Fault(.halfOpen(newConnections: newConnections), from: "00:00:10", to: "00:01:00")
        var rig = WireRig(faulty([fault]))
        rig.open()
        rig.ask(Honest.dial)
        rig.pass(milliseconds: 10_000)
        rig.ask(Honest.dial)
        rig.open()
        rig.ask(Honest.dial, on: 2)
        #expect(Array(rig.steps.dropFirst()) == expected)
        // The window's end heals no old connection, but new ones work again.
        rig.pass(milliseconds: 60_000)
        rig.ask(Honest.dial)
        rig.open()
        rig.ask(Honest.dial, on: 3)
        #expect(rig.segments().count == 1)
        #expect(rig.segments(to: 3) == [Honest.reply(transaction: 5)])
        #expect(!rig.steps.contains(.closed(1)) && !rig.steps.contains(.reset(1)))
    }

    @Test("dies with a reset, is out of reach, and is back")
    func dead() {
        let fault = Fault(.gatewayDead(.reset), from: "00:00:10", to: "00:00:20")
        var rig = WireRig(faulty([fault], latency: 50))
        rig.open()
        rig.pass(milliseconds: 9980)
        rig.ask(Honest.dial)
        // By itself, at its time: nobody asked anything since.
        rig.pass(milliseconds: 5000)
        rig.open()
        rig.pass(milliseconds: 10_000)
        rig.open()
        rig.ask(Honest.dial, on: 3)
        rig.pass(milliseconds: 50)
        #expect(
            rig.steps == [
                .listening(false), .reset(1), .refused(2), .listening(true), .sent(3, Honest.reply(transaction: 2)),
            ])
        #expect(rig.log.map(\.milliseconds) == [10_000, 10_000, 14_980, 20_000, 25_030])
    }

    @Test("is out of reach from the beginning, if its time has begun")
    func deadAtStart() {
        let rig = WireRig(faulty([Fault(.gatewayDead(.reset))]))
        #expect(rig.steps == [.listening(false)])
    }

    @Test("loses its power without a word, and knows nobody afterwards")
    func deadSilent() {
        let fault = Fault(.gatewayDead(.silent), from: "00:00:10", to: "00:00:20")
        var rig = WireRig(faulty([fault], latency: 50))
        rig.open()
        rig.pass(milliseconds: 9980)
        rig.ask(Honest.dial)
        rig.pass(milliseconds: 1000)
        rig.open()
        rig.ask(Honest.dial, on: 2)
        rig.pass(milliseconds: 20_000)
        #expect(rig.steps.isEmpty)
        rig.ask(Honest.dial)
        rig.ask(Honest.dial, on: 2)
        #expect(rig.steps == [.reset(1), .reset(2)])
    }

    @Test("is out of reach every night")
    func nightly() {
        let night = FaultSchedule(.daily(from: 82_800_000_000, to: 3_600_000_000))  // 23:00 to 01:00
        var rig = WireRig(faulty([Fault(.gatewayDead(.reset), schedule: night)]))
        rig.pass(milliseconds: 2 * 86_400_000)
        #expect(rig.steps == [false, true, false, true, false].map { .listening($0) })
        #expect(rig.log.map(\.milliseconds) == [0, 3_600_000, 82_800_000, 90_000_000, 169_200_000])
    }

    @Test("loses what comes sooner than its meters can bear")
    func pause() {
        var rig = WireRig(faulty([Fault(.pauseNeeded(milliseconds: 60, sooner: .lost))], latency: 20))
        rig.open()
        for gap in [10, 70, 79, 200] as [UInt64] {
            rig.ask(Honest.dial)
            rig.pass(milliseconds: gap)
        }
        // Asked at 0 (answered at 20), 10 (while that one is under way), 80 (60 ms later), 159 (59 ms after 100).
        #expect(rig.segments().map { $0[1] } == [1, 3])
        rig.ask(Honest.dial)
        rig.pass(milliseconds: 100)
        #expect(rig.segments().map { $0[1] } == [1, 3, 5])
    }

    @Test(
        "answers what comes too soon with what it said before",
        arguments: [
            (.previousFrame, Honest.reply(of: 1, transaction: 1)),
            (.previousWords, Honest.reply(of: 2, transaction: 2)),
        ] as [(FaultKind.TooSoon, [UInt8])])
    func stale(sooner: FaultKind.TooSoon, second: [UInt8]) {
        // Unit 2 would refuse: the words it seems to give are unit 1's.
        let faults = [
            Fault(.pauseNeeded(milliseconds: 60, sooner: sooner)), Fault(.exception(code: 4), units: [2]),
        ]
        var rig = WireRig(faulty(faults))
        rig.open()
        rig.ask(Honest.dial, of: 1)
        rig.pass(milliseconds: 59)
        rig.ask(Honest.dial, of: 2)
        #expect(rig.segments() == [Honest.reply(), second])
    }

    /// When three requests are answered that come at once on a bus of 50 ms: live, of the first; history; live.
    @Test(
        "lets others wait for a slow history, or does not",
        arguments: [(true, [50, 60_050, 60_100]), (false, [50, 100, 60_000])] as [(Bool, [UInt64])])
    func slowHistory(holdsBus: Bool, times: [UInt64]) {
        let gateway = SimulatedGateway(
            name: "GW", port: 0, latencyMilliseconds: 50,
            faults: [Fault(.slowHistory(milliseconds: 60_000, holdsBus: holdsBus))],
            meters: .listed([
                1: meter("abb-b23", dial: standing(at: 1_234_567)), 2: meter("adl400", dial: standing(at: 1_234_567)),
            ]))
        var rig = WireRig(gateway)
        rig.open()
        rig.ask(Honest.dial, of: 1)
        rig.ask(words(.holdingRegisters, 0x6000, 12), of: 2)
        rig.ask(Honest.dial, of: 1)
        rig.pass(milliseconds: 100_000)
        #expect(rig.log.map(\.milliseconds) == times)
        #expect(Set(rig.segments().map { $0[1] }) == [1, 2, 3])
    }

    @Test("lets a dead unit hold the bus for the time its silence takes")
    func deadUnit() {
        var rig = WireRig(faulty([Fault(.silence(busMilliseconds: 1000), units: [2])], latency: 50))
        rig.open()
        rig.ask(Honest.dial, of: 2)
        rig.ask(Honest.dial, of: 1)
        rig.pass(milliseconds: 2000)
        #expect(rig.log.map(\.milliseconds) == [1050])
    }
}
