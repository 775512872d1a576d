import MeterFleet
import Metering
import Modbus
import Testing

@Suite("A fact of a meter")
struct MeterFactTests {
    private static let noon = CivilMoment(instant("12:00:00"), in: .vietnam)

    /// An ADL400 whose household has been counted since 2025-04-01, behind a gateway.
    private func gateway(_ facts: [MeterFact]) -> SimulatedGateway {
        let household = Household(seed: 1, number: 5, origin: day("2025-04-01"), ceilingWatts: 75_900)
        return SimulatedGateway(
            name: "GW", port: 0, facts: facts,
            meters: .listed([1: meter("adl400", dial: .household(household), number: 5)]))
    }

    /// The import dial at 00:00 of days in May 2025, by the fleet's own truth.
    private func truth(_ facts: [MeterFact], _ days: ClosedRange<Int>) -> [Int64] {
        let fleet = Fleet(seed: 1, calendar: .vietnam, origin: day("2025-04-01"), gateways: [gateway(facts)])
        let (first, last) = (day("2025-05-01") + days.lowerBound - 1, day("2025-05-01") + days.upperBound - 1)
        var indices: [Int64] = []
        FleetTruth(fleet, from: first, through: last, register: .activeImport).forEachLine { line in
            if let index = Int64(line.dropLast().split(separator: ",")[3]) { indices.append(index) }
        }
        return indices
    }

    private func serial(_ gateway: SimulatedGateway, at moment: CivilMoment) -> String? {
        gateway.meter(1, at: moment)?.serial
    }

    @Test("rollover: the dial passes its modulus at the moment named, and truth begins again with it")
    func rollover() {
        let honest = truth([], 9...12)
        let rolled = truth([MeterFact(.rollover(modulusWattHours: 1_000_000_000, passing: Self.noon))], 9...12)
        #expect(rolled[0] < rolled[1] && rolled[1] > 999_900_000)
        #expect(rolled[2] < 100_000 && rolled[2] < rolled[3])
        // Within a step of the dial, both have counted the same.
        let (one, other) = (honest[3] - honest[1], rolled[3] - rolled[1] + 1_000_000_000)
        #expect(abs(one - other) <= 10)
    }

    @Test("rollover: a modulus alone moves no dial before it is reached")
    func modulus() {
        let honest = truth([], 10...11)
        #expect(truth([MeterFact(.rollover(modulusWattHours: 1_000_000_000))], 10...11) == honest)
        let low = truth([MeterFact(.rollover(modulusWattHours: 1_000_000))], 10...11)
        #expect(low == honest.map { $0 % 1_000_000 / 10 * 10 })
    }

    @Test("standstill: the dial stands from one moment to another, and goes on from where it stood")
    func standstill() {
        let end = CivilMoment(day: day("2025-05-12"), microseconds: Self.noon.microseconds)
        let still = truth([MeterFact(.standstill(from: Self.noon, to: end))], 9...14)
        let honest = truth([], 9...14)
        let stood = still[2]
        #expect(still[0...1] == honest[0...1] && still[1] < stood)
        #expect(still[3] == stood && stood < still[4])
        // Within a step of the dial, what passed after it is what passed anyway.
        #expect(abs((still[5] - still[4]) - (honest[5] - honest[4])) <= 10)
    }

    @Test("exchange: another serial and another dial, from its moment on")
    func exchange() throws {
        let fact = MeterFact(.exchange(at: Self.noon, serial: "777", startIndexWattHours: 2_000))
        let gateway = gateway([fact])
        let before = CivilMoment(day: Self.noon.day, microseconds: Self.noon.microseconds - 1)
        #expect(serial(gateway, at: before) == "24000005")
        #expect(serial(gateway, at: Self.noon) == "777")
        let (honest, exchanged) = (truth([], 9...12), truth([fact], 9...12))
        #expect(exchanged[0...1] == honest[0...1])
        let old = try #require(gateway.meter(1, at: before)).dial
        let atExchange = old.face(at: Self.noon)[.activeImport].wattHours
        for (index, day) in zip(exchanged[2...], ["2025-05-11", "2025-05-12"]) {
            let counted = old.face(at: CivilMoment(day: MeterFleetTests.day(day)))[.activeImport].wattHours - atExchange
            #expect(index == (2_000 + counted) / 10 * 10)
        }
    }

    @Test("exchange: the new meter keeps no midnight of the old one, and has a serial of its own")
    func exchangedMemory() {
        let gateway = gateway([MeterFact(.exchange(at: Self.noon))])
        func record(_ slot: UInt16, at moment: CivilMoment) -> [UInt16] {
            gateway.meter(1, at: moment)?.reply(words(.holdingRegisters, 0x6000 + slot * 0x22, 4), at: moment) ?? []
        }
        let morning = CivilMoment(instant("08:00:00"), in: .vietnam)
        let evening = CivilMoment(instant("20:00:00"), in: .vietnam)
        let nextDay = CivilMoment(day: Self.noon.day.next, microseconds: 1)
        #expect(record(0, at: morning)[0] == 0x1905)
        #expect(record(0, at: evening) == [0, 0, 0, 0])
        #expect(record(0, at: nextDay)[1] == 11 << 8)
        #expect(record(1, at: nextDay) == [0, 0, 0, 0])
        #expect(serial(gateway, at: evening) == "74000005")
    }

    @Test("exchange: one after the other, each with its own dial")
    func twice() {
        let facts = [
            MeterFact(.exchange(at: CivilMoment(day: day("2025-05-11")), startIndexWattHours: 100_000)),
            MeterFact(.exchange(at: CivilMoment(day: day("2025-05-10")))),
        ]
        let gateway = gateway(facts)
        #expect(
            ["2025-05-09", "2025-05-10", "2025-05-11"].map { serial(gateway, at: CivilMoment(day: day($0))) }
                == ["24000005", "74000005", "124000005"])
        let indices = truth(facts, 10...12)
        #expect(indices[0...1] == [0, 100_000])
        #expect(indices[2] > 100_000)
    }
}
