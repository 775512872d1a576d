import MeterFleet
import Metering
import Modbus
import Testing

@Suite("A simulated meter's clock")
struct SimulatedClockTests {
    private static let calendar = ServiceCalendar.vietnam
    private static let noon = CivilMoment(day: day("2025-05-10"), microseconds: 43_200_000_000)

    @Test(
        "shows its own time in the words of its model",
        arguments: [
            // 2025-05-10 12:00, a Saturday, the maker's day 7: 25 = 0x19; 5 << 8 | 7 << 5 | 10 = 0x05EA; 12 << 8
            ("iem3155", words(.holdingRegisters, 1844, 4), 0, [0x0019, 0x05EA, 0x0C00, 0x0000]),
            // a minute and a half ahead: 12:01:30, 30,000 ms = 0x7530
            ("iem3155", words(.holdingRegisters, 1844, 4), 90, [0x0019, 0x05EA, 0x0C01, 0x7530]),
            // a day behind, a Friday: 6 << 5 | 9
            ("iem3155", words(.holdingRegisters, 1844, 4), -86_400, [0x0019, 0x05C9, 0x0C00, 0x0000]),
            // 1,746,853,200 s = 0x681E_DD50
            ("siemens-pac", words(.holdingRegisters, 797, 4), 0, [0, 0, 0x681E, 0xDD50]),
            ("siemens-pac", words(.holdingRegisters, 797, 4), -1, [0, 0, 0x681E, 0xDD4F]),
        ] as [(String, WordRange, Int64, [UInt16])])
    func golden(profile: String, range: WordRange, offset: Int64, shown: [UInt16]) {
        let asked = meter(profile, dial: standing(at: 1000), clockOffsetSeconds: offset)
        #expect(asked.reply(range, at: Self.noon) == shown)
    }

    @Test("is read back as the civil time and its offset", arguments: ["iem3155", "siemens-pac"])
    func roundTrip(profile: String) throws {
        for offset in [0, 1, -59, 4000, -90_000] as [Int64] {
            let asked = meter(profile, dial: standing(at: 1000), clockOffsetSeconds: offset)
            let clock = try #require(asked.model.profile.clock)
            let shown = clock.encoding.content(of: asked.reply(clock.range, at: Self.noon), in: Self.calendar)
            let civil = Self.calendar.start(of: day("2025-05-10")) + .hours(12)
            #expect(shown == .instant(civil + .seconds(offset)))
        }
    }

    @Test("that is ahead freezes its days too early, one that is behind too late", arguments: [180, -180])
    func frozen(offset: Int64) throws {
        let household = Dial.household(Household(seed: 5, number: 4, origin: day("2025-04-01")))
        let asked = meter("adl400", dial: household, clockOffsetSeconds: offset)
        let frozen = try #require(asked.model.profile.frozen)
        let today = day("2025-05-10")
        let record = frozen.record(in: asked.reply(try #require(frozen.range(slot: 0)), at: Self.noon), multiplier: 1)
        guard case .record(today, let readings) = record else {
            Issue.record("\(record)")
            return
        }
        let looked =
            offset > 0
            ? CivilMoment(day: today.previous, microseconds: CivilMoment.microsecondsADay - 180_000_000)
            : CivilMoment(day: today, microseconds: 180_000_000)
        #expect(readings.first?.index.wattHours == household.face(at: looked)[.activeImport].wattHours / 10 * 10)
        // Two minutes before midnight the meter that is ahead has already begun its next day.
        let evening = CivilMoment(day: today, microseconds: CivilMoment.microsecondsADay - 120_000_000)
        let words = asked.reply(try #require(frozen.range(slot: 0)), at: evening)
        guard case .record(let kept, _) = frozen.record(in: words, multiplier: 1) else {
            Issue.record("no record")
            return
        }
        #expect(kept == (offset > 0 ? today.next : today))
    }

    @Test("that is ahead dates the energies of its days by itself, and they still add up to its dial")
    func energies() throws {
        let household = Dial.household(Household(seed: 5, number: 4, origin: day("2025-04-01")))
        let asked = meter("siemens-pac", dial: household, clockOffsetSeconds: 300)
        let log = try #require(asked.model.profile.dailyEnergies)
        let range = try #require(log.range(daysBack: 0, count: 2))
        let records = log.records(in: asked.reply(range, at: Self.noon), calendar: Self.calendar)
        guard case .day(let today) = records[0], case .day(let before) = records[1] else {
            Issue.record("\(records)")
            return
        }
        #expect(today.stamp == Self.calendar.start(of: day("2025-05-10")) + .hours(12) + .minutes(5))
        let (own, ownBefore) = (
            CivilMoment(day: day("2025-05-09"), microseconds: CivilMoment.microsecondsADay - 300_000_000),
            CivilMoment(day: day("2025-05-08"), microseconds: CivilMoment.microsecondsADay - 300_000_000)
        )
        func index(_ moment: CivilMoment) -> Energy { household.face(at: moment)[.activeImport] }
        #expect(today.energies[.activeImport] == index(Self.noon) - index(own))
        #expect(before.energies[.activeImport] == index(own) - index(ownBefore))
    }

    @Test("is set in the fleet file, and its civil time is the fleet's")
    func fleetFile() throws {
        let fleet = try FleetFile.parse(
            """
            origin: 2025-04-01
            time_zone: UTC
            gateways:
              - name: A
                port: 0
                meters:
                  - {unit: 1, number: 1, profile: siemens-pac, clock_offset_s: -75}
                  - {unit: 2, number: 2, profile: siemens-pac}
            """, file: "fleet.yaml", folder: "")
        let meters = fleet.gateways[0].meters
        let range = words(.holdingRegisters, 797, 4)
        // 2025-05-10 12:00 UTC = 1,746,878,400 s = 0x681F_3FC0, less 75 is 0x681F_3F75
        #expect(meters[1]?.reply(range, at: Self.noon) == [0, 0, 0x681F, 0x3F75])
        #expect(meters[2]?.reply(range, at: Self.noon) == [0, 0, 0x681F, 0x3FC0])
    }
}
