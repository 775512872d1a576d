import Metering

/// A dial that follows a recorded household by day number: the recording's first day is `firstDay`, whatever its own
/// calendar said. Energy of an interval is spread evenly over it; after the last interval the dial stands still.
package struct SeriesDial: Sendable {
    package let firstDay: ServiceDay
    /// What the dial showed at the first instant of `firstDay`, in Wh.
    package let startIndex: Int64
    private let series: RecordedSeries
    private let reactivePercent: Int64

    package init(series: RecordedSeries, firstDay: ServiceDay, startIndex: Int64, reactivePercent: Int64 = 30) {
        self.series = series
        self.firstDay = firstDay
        self.startIndex = startIndex
        self.reactivePercent = reactivePercent
    }

    /// Start index and share of reactive energy hang on seed and number: a recording holds neither.
    package init(series: RecordedSeries, firstDay: ServiceDay, seed: UInt64, number: Int64) {
        let chance = Chance(seed: seed).of(number)
        self.init(
            series: series, firstDay: firstDay, startIndex: chance.of(1).number(in: 1_000_000...30_000_000),
            reactivePercent: chance.of(2).number(in: 20...40))
    }

    package var household: String { series.household }

    /// A recording knows no rates: like a meter without a time-of-use program, everything accrues in T1.
    package func face(at moment: CivilMoment) -> DialFace {
        let taken = series.energy(until: moment.day - firstDay, microseconds: moment.microseconds)
        return DialFace(
            rates: (startIndex + taken, 0, 0, 0), activeExport: 0,
            reactiveImport: startIndex * 3 / 10 + taken * reactivePercent / 100, reactiveExport: 0)
    }
}

/// A household's recorded energy: Wh of each interval, one after the other from 00:00 of day 0.
package struct RecordedSeries: Hashable, Sendable {
    package let household: String
    /// 15, 30, 60 or 1440.
    package let intervalMinutes: Int
    /// `before[n]` is the energy of the intervals 0 ..< n, in Wh: one entry more than there are intervals.
    private let before: [Int64]

    /// `nil` for an interval that is none of 15, 30, 60, 1440 minutes, a negative energy, or a sum beyond 10^15 Wh.
    package init?(household: String, intervalMinutes: Int, wattHours: [Int64]) {
        guard Self.intervals.contains(intervalMinutes) else { return nil }
        var sum: Int64 = 0
        var before: [Int64] = [0]
        before.reserveCapacity(wattHours.count + 1)
        for energy in wattHours {
            guard (0...Self.wattHoursMax).contains(energy) else { return nil }
            sum += energy
            guard sum <= Self.wattHoursMax else { return nil }
            before.append(sum)
        }
        self.household = household
        self.intervalMinutes = intervalMinutes
        self.before = before
    }

    package static let intervals = [15, 30, 60, 1440]
    private static let wattHoursMax: Int64 = 1_000_000_000_000_000

    package var wattHours: [Int64] { zip(before.dropFirst(), before).map { $0 - $1 } }
    package var total: Int64 { before[before.count - 1] }
    /// Whole days, the last one rounded up.
    package var days: Int { ((before.count - 1) * intervalMinutes + 1439) / 1440 }

    /// Wh from the first instant of day 0 to `microseconds` into `day`; 0 before, the total after.
    func energy(until day: Int, microseconds: Int64) -> Int64 {
        guard day >= 0 else { return 0 }
        let length = Int64(intervalMinutes) * 60_000_000
        let position = day * (1440 / intervalMinutes) + Int(microseconds / length)
        guard position < before.count - 1 else { return total }
        let energy = before[position + 1] - before[position]
        // The product of a large energy and a day's microseconds needs more than 64 bits.
        let (high, low) = energy.multipliedFullWidth(by: microseconds % length)
        return before[position] + length.dividingFullWidth((high, low)).quotient
    }
}
