import Metering
import Testing

@testable import HeadEnd

@Suite("Units that keep silent")
struct SilentUnitTests {
    /// A gateway whose units answer after 50 ms, but for the dead ones, on hand-driven time.
    struct Bus {
        var line: ConversationHarness
        var dead: Set<UInt8>
        var asked: [(at: Int, unit: UInt8)] = []
        var answered: [(at: Int, unit: UInt8)] = []
        var waiting: [SentRequest] = []

        init(meters: Int, dead: Set<UInt8>, depth: Int = 1) throws {
            line = try ConversationHarness(meters: meters, depth: depth)
            self.dead = dead
        }

        mutating func take(_ actions: GatewayConversation.Actions) {
            if actions.close != nil { waiting = [] }
            for request in actions.requests { asked.append((line.milliseconds, request.unit)) }
            waiting += actions.requests
            if actions.shouldConnect {
                let next = line.happens(.connected)
                take(next)
            }
        }

        /// Lets `milliseconds` pass in steps of ten.
        mutating func pass(_ milliseconds: Int) {
            for _ in 0..<(milliseconds / 10) {
                take(line.happens(.wake, after: 10))
                while let request = waiting.first, dead.contains(request.unit) { _ = request; waiting.removeFirst() }
                guard let request = waiting.first,
                    let sent = asked.last(where: { $0.unit == request.unit })?.at, line.milliseconds - sent >= 50
                else { continue }
                waiting.removeFirst()
                answered.append((line.milliseconds, request.unit))
                take(line.hears(request.answer(sdmWords)))
            }
        }
    }

    private static func sweep(dead: Set<UInt8>, knownDead: Bool) throws -> Int {
        var bus = try Bus(meters: 200, dead: knownDead ? dead : [])
        // A day's worth of daytime polls teaches the line's pace and, where known, who is dead.
        bus.line.halfAnHourPasses()
        bus.pass(60_000)
        bus.dead = dead
        let midnight = ConversationHarness.calendar.start(
            of: ConversationHarness.calendar.day(at: bus.line.civil).next)
        bus.line.civil = midnight
        let from = bus.line.milliseconds
        let before = bus.answered.count
        bus.pass(60_000)
        let live = bus.answered[before...].prefix { _ in true }.filter { !dead.contains($0.unit) }
        var seen: Set<UInt8> = []
        var last = from
        for answer in live where seen.insert(answer.unit).inserted { last = answer.at }
        #expect(seen.count == 200 - dead.count)
        return last - from
    }

    @Test("one dead unit among 200 lengthens the others' sweep by less than 5 %, known or fresh")
    func oneDeadUnit() throws {
        let whole = try Self.sweep(dead: [], knownDead: false)
        for knownDead in [true, false] {
            let with = try Self.sweep(dead: [77], knownDead: knownDead)
            #expect(with * 100 < whole * 105, "\(whole) ms without, \(with) ms with it (known: \(knownDead))")
        }
    }

    @Test("a unit that answers again is asked for all it missed at once")
    func recovery() throws {
        var bus = try Bus(meters: 5, dead: [3])
        bus.line.halfAnHourPasses()
        bus.pass(20_000)
        #expect(bus.line.conversation.unitsOut == 1)
        bus.dead = []
        let before = bus.answered.count
        bus.line.civil = bus.line.civil + .minutes(2)
        bus.pass(5000)
        #expect(bus.line.conversation.unitsOut == 0)
        #expect(bus.answered[before...].contains { $0.unit == 3 })
    }

    @Test("the gateway's word that a unit is silent (0x0B) parks it; no other exception does", arguments: [4, 6, 0x0B])
    func exceptions(_ code: Int) throws {
        var line = try ConversationHarness(meters: 2)
        var actions = try line.connected()
        for _ in 0..<200 {
            guard let request = actions.requests.first else {
                line.civil = line.civil + .minutes(1)
                actions = line.happens(.wake, after: 1000)
                continue
            }
            actions = line.hears(
                request.unit == 1 ? request.exception(UInt8(code)) : request.answer(sdmWords), after: 5)
        }
        #expect(line.conversation.unitsOut == (code == 0x0B ? 1 : 0))
    }

    @Test("when everybody is silent the line is blamed, not the meters")
    func deadLine() throws {
        var bus = try Bus(meters: 10, dead: Set(1...10))
        bus.line.halfAnHourPasses()
        bus.pass(120_000)
        #expect(bus.line.conversation.unitsOut == 0)
        #expect(bus.line.conversation.figures.silentConnections >= 3)
        #expect(bus.asked.count < 40, "a dead line is tried less and less often: \(bus.asked.count)")
    }

    @Test("a meter that has left does not keep a dead connection open once all others are known to be silent")
    func deadLineOfSilentUnits() throws {
        var line = try ConversationHarness(meters: 3)
        let plan = line.conversation.plan
        let left = plan.meters[2]
        line.conversation.adopt(
            GatewayPlan(
                gateway: plan.gateway,
                meters: plan.meters.dropLast() + [
                    MeterPlan(
                        meter: left.meter, unit: left.unit, model: left.model, serial: left.serial,
                        installedOn: left.installedOn, removedOn: ServiceDay(iso: "2025-05-01"))
                ]), at: line.moment)
        var actions = try line.connected()
        while line.conversation.unitsOut < 2 {
            line.civil = line.civil + .minutes(1)
            actions = actions.requests.first.map { line.hears($0.exception(0x0B), after: 5) } ?? line.happens(.wake)
        }
        // From here on the connection carries nothing.
        for _ in 0..<120 where line.conversation.isTalking {
            line.civil = line.civil + .minutes(1)
            line.happens(.wake, after: 1000)
        }
        #expect(!line.conversation.isTalking, "probes of silent units alone never ended it")
        #expect(line.conversation.figures.silentConnections == 1)
    }

    @Test("a gateway's own pace decides how long an answer is waited for; a slow unit gets its time")
    func patience() {
        var patience = Patience(ceilingMilliseconds: 2000)
        #expect(patience.timeout(isWhole: false) == 2_000_000_000, "nothing known yet")
        for _ in 0..<50 { patience.heard(after: 40_000_000) }
        #expect(patience.timeout(isWhole: false) == 400_000_000, "the floor")
        #expect(patience.timeout(isWhole: true) == 2_000_000_000)
        patience.timedOut()
        #expect(patience.timeout(isWhole: false) == 2_000_000_000, "in doubt all the time is given")
        patience.heard(after: 1_500_000_000)
        #expect(patience.timeout(isWhole: false) > 1_400_000_000, "a late answer teaches")
    }
}
