import Metering
import Modbus
import Testing

@testable import HeadEnd

@Suite("The registry changes while the line is open")
struct RegistryChangeTests {
    private static func plan(_ numbers: [Int], of line: ConversationHarness) -> GatewayPlan {
        let model = line.conversation.plan.meters[0].model
        return GatewayPlan(
            gateway: line.conversation.plan.gateway,
            meters: numbers.map {
                MeterPlan(
                    meter: MeterID(Int32($0)), unit: UInt8($0), model: model, serial: "\(24_000_000 + $0)",
                    installedOn: ServiceDay(iso: "2025-04-01") ?? ServiceDay(number: 0))
            })
    }

    private static func unitsOfOneCadence(_ line: inout ConversationHarness) -> [UInt8] {
        line.halfAnHourPasses()
        var units: [UInt8] = []
        var actions = line.happens(.wake)
        while let request = actions.requests.first {
            units.append(request.unit)
            actions = line.hears(request.answer(sdmWords), after: 5)
        }
        return units.sorted()
    }

    @Test("a meter that is added is asked, the others keep their place, and nobody is disturbed")
    func added() throws {
        var line = try ConversationHarness(meters: 2)
        let request = try #require(try line.connected().requests.first)
        line.conversation.adopt(Self.plan([3, 1, 2], of: line), at: line.moment)
        var actions = line.hears(request.answer(sdmWords))
        #expect(actions.outcomes.first?.meter == MeterID(Int32(request.unit)), "the answer in flight is still its own")
        while let next = actions.requests.first { actions = line.hears(next.answer(sdmWords), after: 5) }
        #expect(Self.unitsOfOneCadence(&line) == [1, 2, 3])
        #expect(line.conversation.figures.connects == 1)
    }

    @Test("a meter that is removed is not asked again, and its answer in flight is nobody's")
    func removed() throws {
        var line = try ConversationHarness(meters: 2)
        let request = try #require(try line.connected().requests.first)
        let other = request.unit == 1 ? 2 : 1
        line.conversation.adopt(Self.plan([other], of: line), at: line.moment)
        let late = line.hears(request.answer(sdmWords))
        #expect(late.outcomes.isEmpty)
        #expect(line.conversation.figures.lateReplies == 1)
        var actions = late
        while let next = actions.requests.first { actions = line.hears(next.answer(sdmWords), after: 5) }
        #expect(Self.unitsOfOneCadence(&line) == [UInt8(other)])
    }

    @Test("days owed by an unchanged meter stay owed")
    func owedDays() throws {
        var line = try ConversationHarness(profile: "adl400", frozenThrough: "2025-05-02")
        let plan = line.conversation.plan
        let second = MeterPlan(
            meter: MeterID(2), unit: 2, model: plan.meters[0].model, serial: "24000002",
            installedOn: plan.meters[0].installedOn)
        line.conversation.adopt(
            GatewayPlan(gateway: plan.gateway, meters: [second] + plan.meters), at: line.moment)
        var actions = try line.connected()
        var days: Set<ServiceDay> = []
        while let request = actions.requests.first, days.count < 7 {
            let slot = Int(request.address) - 0x6000
            guard slot >= 0, slot % 0x22 == 0, request.unit == 1 else {
                actions = line.hears(request.answer(Array(repeating: 0, count: Int(request.count))))
                continue
            }
            let day = (ServiceDay(iso: "2025-05-09") ?? ServiceDay(number: 0)) - slot / 0x22
            days.insert(day)
            actions = line.hears(FrozenDayTests.answer(request, "\(day)", total: 1000))
        }
        #expect(days.count == 7)
    }
}

@Suite("An operator reads one meter now")
struct OperatorReadTests {
    @Test("his request goes ahead of all that is due, and brings every dial")
    func ahead() throws {
        var line = try ConversationHarness(meters: 20)
        let first = try #require(try line.connected().requests.first)
        let isTaken = line.conversation.demand(MeterID(17), at: line.moment)
        #expect(isTaken)
        let next = try #require(line.hears(first.answer(sdmWords), after: 5).requests.first)
        #expect(next.unit == 17)
        let answered = line.hears(next.answer(sdmWords), after: 40)
        let demand = try #require(answered.demands.first)
        #expect(demand.meter == MeterID(17))
        guard case .success(let readings) = try #require(demand.outcomes.first).result else {
            Issue.record("no reading")
            return
        }
        #expect(readings.map(\.register) == [.activeImport, .activeExport, .reactiveImport, .reactiveExport])
    }

    @Test("whoever waits for a meter that the registry changes is told to wait no longer")
    func changedMeanwhile() throws {
        var line = try ConversationHarness(meters: 2)
        _ = try line.connected()
        let isTaken = line.conversation.demand(MeterID(2), at: line.moment)
        #expect(isTaken)
        let old = line.conversation.plan
        let fewer = GatewayPlan(gateway: old.gateway, meters: Array(old.meters.prefix(1)))
        #expect(line.conversation.adopt(fewer, at: line.moment) == [MeterID(2)])
    }

    @Test("a gateway that rests is tried at once, and its silence is told")
    func unreachable() throws {
        var line = try ConversationHarness()
        line.halfAnHourPasses()
        line.happens(.wake)
        line.happens(.connectFailed("refused"))
        let isTaken = line.conversation.demand(MeterID(1), at: line.moment)
        #expect(isTaken)
        #expect(line.happens(.wake).shouldConnect, "no back-off while somebody waits")
        let demand = try #require(line.happens(.connectFailed("refused")).demands.first)
        #expect(demand.outcomes.map { $0.result } == [.failure(.noConnection("refused"))])
    }

    @Test("a meter that this gateway does not have is refused")
    func unknown() throws {
        var line = try ConversationHarness()
        let isTaken = line.conversation.demand(MeterID(9), at: line.moment)
        #expect(!isTaken)
    }
}
