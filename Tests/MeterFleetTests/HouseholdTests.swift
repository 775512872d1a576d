import MeterFleet
import Metering
import Testing

@Suite("A household's dial")
struct HouseholdTests {
    private let origin = day("2025-04-01")

    private func household(_ number: Int64, seed: UInt64 = 7, ceiling: Int64 = 75_900) -> Household {
        Household(seed: seed, number: number, origin: origin, ceilingWatts: ceiling)
    }

    /// Moments of three years, spread without order.
    private var moments: [CivilMoment] {
        (0..<200).map { step in
            let chance = Chance(seed: 99).of(Int64(step))
            return CivilMoment(
                day: origin + Int(chance.of(1).number(in: -10...1100)),
                microseconds: chance.of(2).number(in: 0...86_399_999_999))
        }
    }

    @Test("the same moment shows the same index, whoever asks and in whatever order", arguments: [1, 2, 3, 500_000])
    func pure(number: Int64) {
        let asked = household(number)
        let forward = moments.map { asked.face(at: $0) }
        let backward = Array(moments.reversed().map { household(number).face(at: $0) }.reversed())
        #expect(forward == backward)
    }

    @Test("another seed and another number are other households")
    func distinct() {
        let moment = CivilMoment(day: origin + 40)
        #expect(household(1).face(at: moment) != household(2).face(at: moment))
        #expect(household(1).face(at: moment) != household(1, seed: 8).face(at: moment))
    }

    @Test("no register ever goes back, and half hours join without a step", arguments: [1, 17, 42, 73, 1234])
    func monotone(number: Int64) {
        let asked = household(number)
        var before = asked.face(at: CivilMoment(day: origin - 1))
        for offset in 355..<375 {
            for quarter in 0..<96 {
                // The last microsecond of a half hour and the first of the next one belong together.
                for edge in [Int64(0), 899_999_999] {
                    let face = asked.face(
                        at: CivilMoment(day: origin + offset, microseconds: Int64(quarter) * 900_000_000 + edge))
                    for register in Register.allCases { #expect(face[register] >= before[register]) }
                    before = face
                }
            }
        }
    }

    @Test("the parts of a year add up to its total, to the watt-hour", arguments: [1, 9, 64, 77, 640, 9999])
    func yearsAddUp(number: Int64) {
        let asked = household(number)
        for year in 0..<4 {
            let start = asked.face(at: CivilMoment(day: origin + year * 364))
            let end = asked.face(at: CivilMoment(day: origin + (year + 1) * 364))
            #expect((end[.activeImport] - start[.activeImport]).wattHours == asked.yearTotal(year))
            #expect((end[.activeExport] - start[.activeExport]).wattHours == asked.yearExport(year))
        }
    }

    @Test("the four rates are the whole import", arguments: [1, 5, 11])
    func ratesAddUp(number: Int64) {
        for moment in moments {
            let face = household(number).face(at: moment)
            let rates = [Register.activeImportT1, .activeImportT2, .activeImportT3, .activeImportT4]
            let sum = rates.reduce(Energy.zero) { $0 + face[$1] }
            #expect(sum == face[.activeImport])
        }
    }

    @Test("each rate moves in its own hours only")
    func rateHours() {
        let asked = household(1)
        func moved(_ register: Register, _ from: Int64, _ to: Int64) -> Int64 {
            let start = asked.face(at: CivilMoment(day: origin + 30, microseconds: from * 60_000_000))
            let end = asked.face(at: CivilMoment(day: origin + 30, microseconds: to * 60_000_000))
            return (end[register] - start[register]).wattHours
        }
        let table: [(Register, inside: (Int64, Int64), outside: [(Int64, Int64)])] = [
            (.activeImportT1, (17 * 60, 20 * 60), [(0, 17 * 60), (20 * 60, 1439)]),
            (.activeImportT2, (9 * 60 + 30, 11 * 60 + 30), [(0, 9 * 60 + 30), (11 * 60 + 30, 1439)]),
            (.activeImportT4, (0, 4 * 60), [(4 * 60, 22 * 60)]),
        ]
        for (register, inside, outside) in table {
            #expect(moved(register, inside.0, inside.1) > 0)
            for (from, to) in outside { #expect(moved(register, from, to) == 0) }
        }
    }

    @Test("a dial stands at its start index before the origin")
    func beforeOrigin() {
        let asked = household(3)
        #expect(asked.face(at: CivilMoment(day: origin - 400)) == asked.face(at: CivilMoment(day: origin)))
    }

    @Test("2,000 homes use 5 to 12 kWh a day in the mean, with a heavy tail, empty homes and a few roofs")
    func distribution() {
        let homes = (1...2000).map { household(Int64($0)) }
        let daily = homes.map { $0.yearTotal(0) / 364 }.sorted()
        let mean = daily.reduce(0, +) / Int64(daily.count)
        #expect((5000...12_000).contains(mean))
        #expect((15...80).contains(daily.count { $0 == 0 }))
        #expect(daily[1000] < mean, "half of the homes use less than the mean")
        #expect(daily[1980] > mean * 3, "the top 1 % use more than three times the mean")
        #expect((30...100).contains(homes.count { $0.yearExport(0) > 0 }))
    }

    @Test("the busiest half hour stays within the meter's rating", arguments: [75_900, 25_300, 5_000] as [Int64])
    func withinRating(ceiling: Int64) {
        let largest = (1...2000).map { household(Int64($0), ceiling: ceiling) }
            .sorted { $0.usualDay > $1.usualDay }.prefix(6)
        for home in largest {
            for offset in 0..<364 {
                var before = home.face(at: CivilMoment(day: origin + offset, microseconds: 34 * 1_800_000_000))
                for halfHour in 35...40 {
                    let face = home.face(
                        at: CivilMoment(day: origin + offset, microseconds: Int64(halfHour) * 1_800_000_000))
                    let watts = (face[.activeImport] - before[.activeImport]).wattHours * 2
                    #expect(watts <= ceiling)
                    before = face
                }
            }
        }
    }
}
