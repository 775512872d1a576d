import Foundation
import Metering
import Packing

/// A made-up province: homes whose days differ as homes' days do. Base loads are log-normal with a Pareto tail; the
/// season, weekends, the weather of twelve regions and each home's own mood (both remember the day before) move them;
/// homes stand empty for holidays or for good. All chance comes from one seed.
struct Province {
    /// Of each home the energy of every day in Wh.
    let homes: [[Int64]]
    /// Bits of a day's energy that nothing before it tells: the entropy of the moods' innovations.
    let innovationBits: Double

    static let firstDay = ServiceDay(number: 20_058)  // 2024-12-01

    init(homes count: Int, days: Int, seed: UInt64) {
        var chance = Chance(seed: seed)
        let weather = (0..<12).map { _ in chance.drift(days: days, memory: 0.75, spread: 0.05) }
        var bits = 0.0
        homes = (0..<count).map { _ in
            let home = Home(chance: &chance)
            let own = chance.drift(days: days, memory: Home.memory, spread: Home.spread)
            let region = weather[chance.number(below: 12)]
            let (energies, innovation) = home.days(own: own, region: region, chance: &chance)
            bits += innovation
            return energies
        }
        innovationBits = bits / Double(count * days)
    }

    private struct Home {
        static let memory = 0.3
        static let spread = 0.18

        enum Life { case lived, empty, dead }
        let life: Life
        let base: Double
        let season: (size: Double, peak: Double)
        let weekend: Double
        let weatherShare: Double
        var holidays: [Range<Int>]

        init(chance: inout Chance) {
            let draw = chance.unit()
            life = draw < 0.015 ? .dead : draw < 0.05 ? .empty : .lived
            base =
                exp(log(6750) + 0.6 * chance.normal())
                * (chance.unit() < 0.03 ? pow(1 - chance.unit(), -1 / 1.8) : 1)
            season = (0.05 + 0.3 * chance.unit(), 190 + 15 * chance.normal())
            weekend = 1.06 + 0.08 * chance.normal()
            weatherShare = 1.5 * chance.unit()
            holidays = []
            while chance.unit() < 0.4, holidays.count < 3 {
                let first = chance.number(below: 396)
                holidays.append(first..<first + 3 + chance.number(below: 12))
            }
        }

        func days(own: [Double], region: [Double], chance: inout Chance) -> ([Int64], bits: Double) {
            var bits = 0.0
            let standby = exp(2.5 + chance.normal())
            let energies = own.indices.map { day -> Int64 in
                guard life == .lived else { return life == .dead ? 0 : Int64(standby + sqrt(standby) * chance.unit()) }
                let weekday = (Province.firstDay + day).weekday
                var load = base * (1 + season.size * cos(2 * .pi * (Double(day) - season.peak) / 365))
                load *= weekday > 5 ? weekend : 1
                load *= exp(weatherShare * region[day] + own[day])
                if holidays.contains(where: { $0.contains(day) }) { load *= 0.12 }
                bits += max(0, log2(load * Self.spread * sqrt(2 * .pi * M_E)))
                return Int64(load)
            }
            return (energies, bits)
        }
    }

    /// The dial of each home at each day's first instant, with outages (0.85 % of the days, in runs of four) and
    /// estimated days (0.5 %) with the bound of a day's load.
    func indices(seed: UInt64) -> [[DailyIndex]] {
        var chance = Chance(seed: seed)
        return homes.map { energies in
            let load = Double(energies.reduce(0, +)) / Double(max(1, energies.count))
            // Meters are up to five years old.
            var dial = Int64(load * 1826 * chance.unit())
            var outage = 0
            return energies.enumerated().compactMap { day, energy in
                defer { dial += energy }
                if outage == 0, chance.unit() < 0.0085 / 4 { outage = 1 + Int(4 * -log(1 - chance.unit())) }
                outage = max(0, outage - 1)
                guard outage == 0 else { return nil }
                let isEstimated = chance.unit() < 0.005
                return DailyIndex(
                    day: Self.firstDay + day, index: Energy(wattHours: dial),
                    quality: isEstimated ? .estimated : .frozen,
                    errorBound: isEstimated ? BoundCode.roundedUp(Energy(wattHours: energy)) : .zero)
            }
        }
    }

    /// The same indices as drawn between two polls a quarter of an hour apart: measured, each with a bound.
    func measured(_ indices: [[DailyIndex]], seed: UInt64) -> [[DailyIndex]] {
        var chance = Chance(seed: seed)
        return zip(homes, indices).map { energies, own in
            own.map { index in
                let load = Double(energies[index.day - Self.firstDay]) / 96
                let bound = Energy(wattHours: 1 + Int64(load * exp(0.5 * chance.normal())))
                return DailyIndex(
                    day: index.day, index: index.index, quality: .measured, errorBound: BoundCode.roundedUp(bound))
            }
        }
    }

    /// Half hours of `days` days of each home: what always runs, two humps a day, and things that are switched on.
    static func halfHours(homes count: Int, days: Int, seed: UInt64) -> [[Int64]] {
        var chance = Chance(seed: seed)
        return (0..<count).map { _ in
            let base = exp(log(55) + 0.5 * chance.normal())
            let hump = exp(log(120) + 0.6 * chance.normal())
            let (morning, evening) = (13 + 2 * chance.normal(), 39 + 2 * chance.normal())
            let kettle = 0.01 + 0.05 * chance.unit()
            let drift = chance.drift(days: days * 48, memory: 0.6, spread: 0.2)
            return (0..<days * 48).map { slot in
                let hour = Double(slot % 48)
                let humps = exp(-pow((hour - morning) / 3, 2) / 2) * 0.6 + exp(-pow((hour - evening) / 5, 2) / 2)
                let switched = chance.unit() < kettle * (0.2 + humps) ? 300 + 900 * chance.unit() : 0
                return Int64((base + hump * humps) * exp(drift[slot]) + switched)
            }
        }
    }
}

/// Draws from a seed.
struct Chance {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// From 0, below 1.
    mutating func unit() -> Double { Double(random.next() >> 11) / Double(1 << 53 as Int64) }

    mutating func number(below end: Int) -> Int { Int(random.next() % UInt64(end)) }

    /// Around 0 with variance 1 (Box and Muller).
    mutating func normal() -> Double { sqrt(-2 * log(1 - unit())) * cos(2 * .pi * unit()) }

    /// A series in which each value remembers a share of the one before.
    mutating func drift(days: Int, memory: Double, spread: Double) -> [Double] {
        var value = 0.0
        return (0..<days).map { _ in
            value = memory * value + spread * normal()
            return value
        }
    }
}
