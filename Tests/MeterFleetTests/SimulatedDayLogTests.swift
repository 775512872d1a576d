import MeterFleet
import Metering
import Modbus
import Testing

@Suite("A simulated meter's log of daily energies")
struct SimulatedDayLogTests {
    private static let today = day("2025-06-20")
    private static let evening = CivilMoment(day: today, microseconds: 70_321_000_000)

    private func pac(_ number: Int64, installed: ServiceDay = day("2025-04-01")) -> SimulatedMeter {
        meter(
            "siemens-pac", dial: .household(Household(seed: 5, number: number, origin: day("2025-04-01"))),
            number: number, installed: installed)
    }

    /// Reads the log as the head-end may: a few whole days a request, from the file or from its copy.
    private func records(_ meter: SimulatedMeter, mirrored: Bool) throws -> [DayEnergyRecord] {
        let log = try #require(meter.model.profile.dailyEnergies)
        var records: [DayEnergyRecord] = []
        while records.count < log.days {
            let count = min(log.recordsMax, log.days - records.count)
            let range =
                mirrored
                ? log.mirrorRange(daysBack: records.count, count: count)
                : log.range(daysBack: records.count, count: count)
            let words = meter.reply(try #require(range), at: Self.evening)
            records += log.records(in: words, calendar: .vietnam)
        }
        return records
    }

    @Test("leads from the dial to the truth of every midnight it reaches", arguments: [false, true])
    func chain(mirrored: Bool) throws {
        for number in Int64(1)...20 {
            let meter = pac(number)
            let records = try records(meter, mirrored: mirrored)
            guard case .day(let today)? = records.first else {
                Issue.record("no record of today")
                return
            }
            let block = try #require(meter.model.profile.livePlan.blocks.first)
            let dial = block.readings(from: meter.reply(block.range, at: Self.evening), multiplier: 1).readings
                .filter { $0.register == .activeImport }
            let chain = try DayIndices.derive(
                todayBefore: today, dial: dial, todayAfter: today, days: Array(records.dropFirst())
            ).get()
            #expect(chain.ends == [])
            #expect(chain.readings.count == 60)
            for (back, reading) in chain.readings.enumerated() {
                let midnight = Self.today - back
                #expect(reading.moment == .frozen(midnight))
                #expect(reading.index == meter.truth(.activeImport, at: midnight), "\(midnight)")
            }
        }
    }

    @Test("begins with the day of the installation")
    func installed() throws {
        let records = try records(pac(3, installed: Self.today - 10), mirrored: false)
        for (back, record) in records.enumerated() {
            guard case .day(let kept) = record else {
                #expect(record == .empty && back > 10)
                continue
            }
            #expect(kept.day == Self.today - back && back <= 10)
        }
    }
}
