import Metering
import Modbus
import Testing

/// Chains written as a log book: the dial now, today's energy before and after it, and the days before, newest first.
@Suite("Indices from energies of days")
struct DayIndicesTests {
    static func day(_ number: Int) -> ServiceDay { ServiceDay(number: 20_200) - number }

    static func energy(
        _ back: Int, _ wattHours: Int64?, _ register: Register = .activeImport, isAtMidnight: Bool = true
    ) -> DayEnergy {
        let energies = wattHours.map { [register: Energy(wattHours: $0)] } ?? [:]
        return DayEnergy(
            stamp: Instant(seconds: 0), day: day(back), isAtMidnight: isAtMidnight, energies: energies,
            words: [UInt16(back.magnitude), UInt16(truncatingIfNeeded: wattHours ?? 0)])
    }

    static func dial(_ wattHours: Int64, _ register: Register = .activeImport) -> Reading {
        Reading(register: register, moment: .live, index: Energy(wattHours: wattHours), words: [0xD1A1])
    }

    static func derive(
        before: DayEnergy, dial: [Reading], after: DayEnergy, days: [DayEnergyRecord]
    ) -> (indices: [Int64], days: [ServiceDay], ends: [String]) {
        switch DayIndices.derive(todayBefore: before, dial: dial, todayAfter: after, days: days) {
        case .success(let chain):
            let days = chain.readings.compactMap { if case .frozen(let day) = $0.moment { day } else { nil } }
            return (chain.readings.map(\.index.wattHours), days, chain.ends)
        case .failure(let refusal): return ([], [], [refusal.description])
        }
    }

    @Test("each midnight's index is the one after it less the energy between them")
    func chain() {
        let found = Self.derive(
            before: Self.energy(0, 40), dial: [Self.dial(1000)], after: Self.energy(0, 40),
            days: [.day(Self.energy(1, 100)), .day(Self.energy(2, 0)), .day(Self.energy(3, 860))])
        #expect(found.indices == [960, 860, 860, 0])
        #expect(found.days == [Self.day(0), Self.day(1), Self.day(2), Self.day(3)])
        #expect(found.ends == [])
    }

    @Test("today's index keeps the words of dial and record, a day's index those of its own record")
    func words() throws {
        let chain = try DayIndices.derive(
            todayBefore: Self.energy(0, 40), dial: [Self.dial(1000)], todayAfter: Self.energy(0, 40),
            days: [.day(Self.energy(1, 100))]
        ).get()
        #expect(chain.readings.map(\.words) == [[0xD1A1, 0, 40], [1, 100]])
        #expect(chain.readings.map(\.register) == [.activeImport, .activeImport])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var before = DayIndicesTests.energy(0, 40)
        var dial: Int64 = 1000
        var after = DayIndicesTests.energy(0, 40)
        var days: [DayEnergyRecord] = []
        let indices: [Int64]
        let why: String
        var testDescription: String { name }
    }

    static let broken: [Case] = [
        Case(name: "the dial moved", after: energy(0, 41), indices: [], why: "moved from 0.040 kWh to 0.041 kWh"),
        Case(name: "midnight passed", after: energy(-1, 40), indices: [], why: "changed from"),
        Case(name: "no energy today", before: energy(0, nil), indices: [], why: "today's record has no energy"),
        Case(name: "a dial that was reset today", dial: 39, indices: [], why: "more than the dial's"),
        Case(name: "no dial since midnight but today's", dial: 40, indices: [0], why: ""),
        Case(
            name: "a day the meter was off", days: [.day(energy(1, 100)), .day(energy(3, 50))],
            indices: [960, 860], why: "where \(day(2)) is due"),
        Case(
            name: "a day's stamp of the midnight behind it", days: [.day(energy(0, 100)), .day(energy(1, 50))],
            indices: [960], why: "a record of \(day(0)) where \(day(1)) is due"),
        Case(
            name: "a day told twice", days: [.day(energy(1, 100)), .day(energy(1, 100)), .day(energy(2, 50))],
            indices: [960, 860], why: "where \(day(2)) is due"),
        Case(
            name: "a record not written", days: [.day(energy(1, 100)), .empty, .day(energy(3, 50))],
            indices: [960, 860], why: "no record of \(day(2))"),
        Case(
            name: "a record that cannot be read", days: [.unreadable("stamp"), .day(energy(2, 50))],
            indices: [960], why: "cannot be read: stamp"),
        Case(
            name: "a day without this register", days: [.day(energy(1, nil)), .day(energy(2, 50))],
            indices: [960], why: "has no energy"),
        Case(
            name: "a meter whose day is not ours", days: [.day(energy(1, 100, isAtMidnight: false))],
            indices: [], why: "not written at a midnight"),
        Case(
            name: "a day the meter went off in",
            days: [.day(energy(1, 100)), .day(energy(2, 50, isAtMidnight: false)), .day(energy(3, 10))],
            indices: [960, 860], why: "\(day(2)) was not written at a midnight"),
        Case(
            name: "a dial that was reset on an earlier day", days: [.day(energy(1, 900)), .day(energy(2, 61))],
            indices: [960, 60], why: "more than the dial's"),
    ]

    @Test("a broken chain ends where it breaks, and says why", arguments: broken)
    func breaks(_ broken: Case) {
        let found = Self.derive(
            before: broken.before, dial: [Self.dial(broken.dial)], after: broken.after, days: broken.days)
        #expect(found.indices == broken.indices)
        #expect(broken.why.isEmpty ? found.ends.isEmpty : found.ends.count == 1, "\(found.ends)")
        #expect(found.ends.allSatisfy { $0.contains(broken.why) }, "\(found.ends)")
    }

    @Test("registers are chained each by itself")
    func registers() {
        func both(_ back: Int, _ taken: Int64, _ given: Int64) -> DayEnergy {
            DayEnergy(
                stamp: Instant(seconds: 0), day: Self.day(back), isAtMidnight: true,
                energies: [.activeImport: Energy(wattHours: taken), .activeExport: Energy(wattHours: given)], words: [])
        }
        let found = Self.derive(
            before: both(0, 40, 1),
            dial: [Self.dial(1000), Self.dial(500, .activeExport), Self.dial(7, .reactiveImport)],
            after: both(0, 41, 1), days: [.day(both(1, 10, 9))])
        #expect(found.indices == [499, 490], "the import moved, the export did not")
        #expect(found.ends.count == 2)
    }
}
