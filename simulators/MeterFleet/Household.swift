import Metering

/// An invented customer whose dial is a pure function of (seed, number, moment): any moment may be asked, in any
/// order, by anyone, and nothing is kept between two questions.
///
/// Energy is split from the top in whole watt-hours: a year into rates, each rate into weeks, a week into days, a day
/// into half hours, straight within the half hour. Every part is the difference of two roundings of a running sum, so
/// parts always add up to their whole and the dial never goes back. A year here is 52 whole weeks from `origin`;
/// before it the dial stands at its start index.
package struct Household: Hashable, Sendable {
    package let number: Int64
    package let origin: ServiceDay
    private let chance: Chance
    /// Highest mean power of a year, in Wh a day, that keeps the busiest half hour within the meter's rating.
    private let meanCeiling: Int64

    /// Days of a household's year.
    package static let daysAYear = 364

    /// - Parameter ceilingWatts: the most the meter model can pass; no half hour of the dial exceeds it.
    package init(seed: UInt64, number: Int64, origin: ServiceDay, ceilingWatts: Int64 = 75_900) {
        self.number = number
        self.origin = origin
        chance = Chance(seed: seed).of(number)
        meanCeiling = ceilingWatts * 24 / Self.peakFactor
    }

    /// The busiest half hour's power over a usual year's mean, at most: rate T1's share and shape (3.3 times the day's
    /// mean), a heavy day among light ones (2.5 times the week's), a hot busy week (1.8 times the year's), a year
    /// above the household's usual (1.1); together 16.4.
    private static let peakFactor: Int64 = 17

    private enum Topic {
        static let size: Int64 = 1, start: Int64 = 2, shares: Int64 = 3, year: Int64 = 4, week: Int64 = 5
        static let solar: Int64 = 6, cloud: Int64 = 7, reactive: Int64 = 8
    }

    // MARK: - How much

    /// Wh a day in a usual year.
    package var usualDay: Int64 {
        let drawn = Self.dailyWattHours(rank: chance.of(Topic.size).number(in: 0...999_999))
        return min(drawn, meanCeiling)
    }

    /// Daily means of households by rank, in Wh at every 10 %: log-normal, median 6.5 kWh, sigma 0.65; above 98 %
    /// a Pareto tail with exponent 2, cut at ten times its start. The whole has a mean near 8 kWh.
    private static let ranks: [(rank: Int64, wattHours: Int64)] = [
        (0, 600), (10_000, 1433), (50_000, 2232), (100_000, 2826), (200_000, 3762), (300_000, 4623), (400_000, 5513),
        (500_000, 6500), (600_000, 7663), (700_000, 9140), (800_000, 11_232), (900_000, 14_952), (950_000, 18_930),
        (980_000, 24_705),
    ]

    static func dailyWattHours(rank: Int64) -> Int64 {
        guard let upper = ranks.firstIndex(where: { $0.rank > rank }), upper > 0 else {
            let last = ranks[ranks.count - 1]
            // x = start × sqrt(width / remaining): Pareto with exponent 2 in whole numbers.
            let remaining = max(1, 1_000_000 - rank)
            let squared = last.wattHours * last.wattHours * (1_000_000 - last.rank) / remaining
            return min(squareRoot(squared), last.wattHours * 10)
        }
        let (low, high) = (ranks[upper - 1], ranks[upper])
        return low.wattHours + (high.wattHours - low.wattHours) * (rank - low.rank) / (high.rank - low.rank)
    }

    private static func squareRoot(_ square: Int64) -> Int64 {
        var root = square
        var better = (root + 1) / 2
        while better < root {
            root = better
            better = (root + square / max(1, root)) / 2
        }
        return root
    }

    /// Wh taken from the grid in the household's `year` (0 = from `origin`): the usual year ± 10 %, and nothing at
    /// all in 2 % of years: homes stand empty.
    package func yearTotal(_ year: Int) -> Int64 {
        let fate = chance.of(Topic.year).of(Int64(year))
        guard !fate.of(0).happens(inTenThousand: 200) else { return 0 }
        return usualDay * Int64(Self.daysAYear) * fate.of(1).number(in: 90...110) / 100
    }

    /// Wh given to the grid in a year: 0 but for about 3 % of homes, which have a roof of 2 to 5 kWp.
    package func yearExport(_ year: Int) -> Int64 {
        guard chance.of(Topic.solar).of(0).happens(inTenThousand: 300) else { return 0 }
        let peakWatts = chance.of(Topic.solar).of(1).number(in: 2000...5000)
        let fate = chance.of(Topic.solar).of(2).of(Int64(year))
        // About 3.3 kWh a day from each kWp, of which some 60 % are not used at home.
        return peakWatts * 2 * Int64(Self.daysAYear) * fate.number(in: 90...110) / 100
    }

    // MARK: - The dial

    package func face(at moment: CivilMoment) -> DialFace {
        var face = startFace
        let days = moment.day - origin
        guard days >= 0 else { return face }
        let start = face[.activeImport].wattHours
        let year = days / Self.daysAYear
        let shares = rateShares
        for past in 0..<year {
            let whole = Self.split(yearTotal(past), shares)
            face.rates.t1 += whole.t1
            face.rates.t2 += whole.t2
            face.rates.t3 += whole.t3
            face.rates.t4 += whole.t4
            face.activeExport += yearExport(past)
        }
        let total = yearTotal(year)
        if total > 0 {
            let part = calendarPart(year: year, day: days % Self.daysAYear, demandWeights(year: year))
            let whole = Self.split(total, shares)
            face.rates.t1 += part.energy(of: whole.t1, HalfHours.t1, at: moment.microseconds)
            face.rates.t2 += part.energy(of: whole.t2, HalfHours.t2, at: moment.microseconds)
            face.rates.t3 += part.energy(of: whole.t3, HalfHours.t3, at: moment.microseconds)
            face.rates.t4 += part.energy(of: whole.t4, HalfHours.t4, at: moment.microseconds)
        }
        let export = yearExport(year)
        if export > 0 {
            let part = calendarPart(year: year, day: days % Self.daysAYear, sunWeights(year: year))
            face.activeExport += part.energy(of: export, HalfHours.sun, at: moment.microseconds)
        }
        // Reactive energy follows the active: about 30 % of it, whatever the hour.
        let reactivePercent = chance.of(Topic.reactive).number(in: 20...40)
        face.reactiveImport += (face[.activeImport].wattHours - start) * reactivePercent / 100
        face.reactiveExport = face.activeExport / 20
        return face
    }

    /// What the dial showed at `origin`: the traces of up to six earlier years, and some Wh from the test bench.
    private var startFace: DialFace {
        let start = chance.of(Topic.start)
        let before = usualDay * start.of(0).number(in: 0...2200) + start.of(1).number(in: 0...999)
        let rates = Self.split(before, rateShares)
        let hasRoof = yearExport(0) > 0
        return DialFace(
            rates: rates, activeExport: hasRoof ? start.of(2).number(in: 0...9_000_000) : 0,
            reactiveImport: before * 3 / 10, reactiveExport: 0)
    }

    /// Parts of 1,000 of a year in T1 (evening peak, 17:00-20:00), T2 (morning peak, 9:30-11:30) and T4 (night,
    /// 22:00-04:00); T3 is the rest.
    private var rateShares: (t1: Int64, t2: Int64, t4: Int64) {
        let shares = chance.of(Topic.shares)
        return (
            shares.of(1).number(in: 240...360), shares.of(2).number(in: 70...120), shares.of(4).number(in: 130...230)
        )
    }

    /// Whole = t1 + t2 + t3 + t4, exactly.
    private static func split(
        _ whole: Int64, _ shares: (t1: Int64, t2: Int64, t4: Int64)
    ) -> (t1: Int64, t2: Int64, t3: Int64, t4: Int64) {
        let t1 = whole * shares.t1 / 1000
        let t2 = whole * shares.t2 / 1000
        let t4 = whole * shares.t4 / 1000
        return (t1, t2, whole - t1 - t2 - t4, t4)
    }

    // MARK: - When

    /// How a year's energy leans towards its weeks and days, in whole numbers without a unit.
    private struct Weights {
        let chance: Chance
        /// Twelve months from January.
        let months: [Int64]
        /// A week's and a day's chance, in percent.
        let weekNoise: ClosedRange<Int64>
        let dayNoise: ClosedRange<Int64>
        let weekend: Int64
        let heavyDays: Bool
        /// First week and number of weeks away from home.
        let away: Range<Int64>
    }

    /// The Red River delta: hot June to August, cool December to February.
    private func demandWeights(year: Int) -> Weights {
        let fate = chance.of(Topic.year).of(Int64(year)).of(2)
        let weeksAway = fate.of(0).happens(inTenThousand: 4000) ? fate.of(1).number(in: 1...2) : 0
        let firstAway = fate.of(2).number(in: 0...50)
        return Weights(
            chance: chance.of(Topic.week).of(Int64(year)),
            months: [88, 86, 84, 92, 108, 128, 134, 128, 110, 96, 86, 88],
            weekNoise: 85...115, dayNoise: 75...125, weekend: 112, heavyDays: true,
            away: firstAway..<firstAway + weeksAway)
    }

    private func sunWeights(year: Int) -> Weights {
        Weights(
            chance: chance.of(Topic.cloud).of(Int64(year)),
            months: [62, 60, 66, 90, 122, 130, 138, 126, 118, 108, 96, 84],
            weekNoise: 80...120, dayNoise: 30...170, weekend: 100, heavyDays: false, away: 0..<0)
    }

    /// Where a day lies in its year: shares before it, and its own.
    private struct CalendarPart {
        var weightBefore: Int64 = 0, weekWeight: Int64 = 0, yearWeight: Int64 = 0
        var dayBefore: Int64 = 0, dayWeight: Int64 = 0, daysWeight: Int64 = 0

        /// Energy of `year` from its first instant up to `microseconds` into this day.
        func energy(of year: Int64, _ shape: HalfHours, at microseconds: Int64) -> Int64 {
            let weekStart = year * weightBefore / yearWeight
            let week = year * (weightBefore + weekWeight) / yearWeight - weekStart
            let dayStart = week * dayBefore / daysWeight
            let day = week * (dayBefore + dayWeight) / daysWeight - dayStart
            return weekStart + dayStart + shape.energy(of: day, at: microseconds)
        }
    }

    private func calendarPart(year: Int, day: Int, _ weights: Weights) -> CalendarPart {
        var part = CalendarPart()
        let (week, dayOfWeek) = (Int64(day / 7), day % 7)
        let firstDay = origin + year * Self.daysAYear
        let (civilYear, _, _) = firstDay.civil
        let dayOfYear = ServiceDay(year: civilYear, month: 1, day: 1).map { firstDay - $0 } ?? 0
        for candidate in 0..<Int64(52) {
            let month = (dayOfYear + Int(candidate) * 7 + 3) % 365 * 12 / 365
            var weight = weights.months[month] * weights.chance.of(candidate).number(in: weights.weekNoise)
            if weights.away.contains(candidate) { weight /= 12 }
            part.yearWeight += weight
            if candidate < week { part.weightBefore += weight }
            if candidate == week { part.weekWeight = weight }
        }
        let days = weights.chance.of(week).of(1)
        // A feast, guests, a repair: one day of the week at nearly twice its usual.
        let heavy = weights.heavyDays && days.of(10).happens(inTenThousand: 900)
        let heavyDay = heavy ? Int(days.of(11).number(in: 0...6)) : -1
        let firstWeekday = firstDay.weekday
        for candidate in 0..<7 {
            let isWeekend = (firstWeekday - 1 + candidate) % 7 >= 5
            var weight = days.of(Int64(candidate)).number(in: weights.dayNoise) * (isWeekend ? weights.weekend : 100)
            if candidate == heavyDay { weight = weight * 9 / 5 }
            part.daysWeight += weight
            if candidate < dayOfWeek { part.dayBefore += weight }
            if candidate == dayOfWeek { part.dayWeight = weight }
        }
        return part
    }
}
