import Metering

/// A rule that finds a day's or a month's energy unusual beside the register's own past. Unusual is not impossible: it
/// never keeps a value from a bill by itself (vee-and-feeds §1.4).
package struct ConsumptionRule: Hashable, Sendable {
    package enum Test: Hashable, Sendable {
        /// More than the mean of the latest days so many times, and than their most so many times, and than so much.
        case high(timesMean: Factor, timesMost: Factor, above: Energy)
        /// Less than the mean of the latest days so many times, where that is more than so much.
        case low(timesMean: Factor, meanAbove: Energy)
        /// A month's energy a day so many times that of the month before, or more.
        case monthOnMonth(times: Factor)
        /// So many months in a row of the same energy, which is not zero, counted in steps of so much.
        case sameMonths(count: Int, step: Energy)
        /// The last of so many days in a row without energy; each number is told when it is reached.
        case zeroRun(days: [Int])
        /// The last of so many days in a row of the same energy, which is more than so much, on a dial that shows so
        /// little.
        case repeated(days: Int, finest: Energy, above: Energy)
        /// The last of so many days in a row whose end nobody has read; each number is told when it is reached.
        case prolongedEstimation(days: [Int])
        /// Rates that do not add up to the whole: beyond a step of each dial by so much.
        case sum(tolerance: Energy)
        /// More than so much went out, after so many days with no more than that together.
        case reverse(above: Energy, quietDays: Int)
        /// Above so much reactive energy, a power factor of less than this; without active energy it is 0.
        case powerFactor(below: Factor, above: Energy)
        /// A register without an index, though the import has one and it had one the day before.
        case sibling
        /// A half hour above the third highest of its day so many times, and above so much.
        case spike(times: Factor, above: Energy)
    }

    /// What a rule looks at.
    package enum Subject: Hashable, Sendable {
        /// A day's import beside those before it.
        case day
        /// A billing period's import beside those before it.
        case month
        /// What all registers of a meter took on a day.
        case registers
        /// How long nobody has read the import register.
        case silence
        /// A day's half hours of the import, of those whose load profile is kept.
        case halfHours
    }

    package enum Severity: String, CaseIterable, Hashable, Sendable {
        /// Somebody should have a look.
        case warns
        /// The bill stays provisional until somebody has had one.
        case holds
    }

    /// `high`, `month-on-month` …: how it is known to people, in settings, lists and metrics.
    package let name: String
    package let test: Test
    package let severity: Severity
    /// Categories of usage points that it judges; `nil` for all customers.
    package let categories: Set<String>?
    /// Where the threshold comes from.
    package let source: String

    package init(name: String, test: Test, severity: Severity, categories: Set<String>? = nil, source: String) {
        self.name = name
        self.test = test
        self.severity = severity
        self.categories = categories
        self.source = source
    }

    /// What a station takes in is judged by its balance, unless a rule names it.
    package func judges(_ category: String) -> Bool {
        categories?.contains(category) ?? (category != UsagePoint.stationCategory)
    }

    package var subject: Subject {
        switch test {
        case .high, .low, .zeroRun, .repeated: .day
        case .monthOnMonth, .sameMonths: .month
        case .sum, .reverse, .powerFactor, .sibling: .registers
        case .prolongedEstimation: .silence
        case .spike: .halfHours
        }
    }
}

/// A factor with three decimals, kept exactly.
package struct Factor: Hashable, Sendable {
    package let thousandths: Int64

    package init(thousandths: Int64) { self.thousandths = thousandths }

    /// Whether `energy` is more than `count`-th part of `sum`, so many times.
    fileprivate func isExceeded(by energy: Energy, partOf sum: Energy, _ count: Int = 1) -> Bool {
        compare(energy, sum, count) > 0
    }

    /// Whether `energy` is that much or more.
    fileprivate func isReached(by energy: Energy, partOf sum: Energy, _ count: Int = 1) -> Bool {
        compare(energy, sum, count) >= 0
    }

    /// Whether `energy` is less.
    fileprivate func isMissed(by energy: Energy, partOf sum: Energy, _ count: Int) -> Bool {
        compare(energy, sum, count) < 0
    }

    /// `energy · count · 1000 − sum · thousandths`, in sign: nothing is rounded.
    private func compare(_ energy: Energy, _ sum: Energy, _ count: Int) -> Int {
        let left = energy.wattHours.multipliedFullWidth(by: Int64(count) * 1000)
        let right = sum.wattHours.multipliedFullWidth(by: thousandths)
        if left.high != right.high { return left.high < right.high ? -1 : 1 }
        return left.low == right.low ? 0 : left.low < right.low ? -1 : 1
    }
}

/// What a register took before a day: of the latest known days the sum and the most.
package struct RecentDays: Hashable, Sendable {
    /// The latest days that count, and how far back they may lie.
    package static let count = 28
    package static let within = 56

    package let days: Int
    package let sum: Energy
    package let most: Energy

    package init(_ energies: some Collection<Energy>) {
        days = energies.count
        sum = energies.reduce(.zero, +)
        most = energies.max() ?? .zero
    }

    package init(of energies: DayEnergies, before day: ServiceDay) {
        self.init(energies.latest(Self.count, before: day, within: Self.within))
    }
}

extension ConsumptionRule {
    /// Fewer days before say nothing about what is usual.
    package static let daysMin = 14

    /// Whether a day's energy is unusual.
    /// - Parameters:
    ///   - recent: of the days before.
    ///   - resolution: what the register counts in, in Wh.
    package func finds(_ day: ServiceDay, in energies: DayEnergies, recent: RecentDays, resolution: Energy) -> Bool {
        guard let energy = energies[day] else { return false }
        switch test {
        case .high(let timesMean, let timesMost, let above):
            return recent.days >= Self.daysMin && energy > above
                && timesMean.isExceeded(by: energy, partOf: recent.sum, recent.days)
                && timesMost.isExceeded(by: energy, partOf: recent.most)
        case .low(let timesMean, let meanAbove):
            return recent.days >= Self.daysMin
                && Factor.one.isMissed(by: meanAbove, partOf: recent.sum, recent.days)
                && timesMean.isMissed(by: energy, partOf: recent.sum, recent.days)
        case .zeroRun(let days):
            guard energy == .zero, let longest = days.max() else { return false }
            return days.contains(run(of: energy, endingOn: day, in: energies, most: longest + 1))
        case .repeated(let days, let finest, let above):
            guard energy > above, resolution <= finest else { return false }
            return run(of: energy, endingOn: day, in: energies, most: days + 1) == days
        case .monthOnMonth, .sameMonths, .prolongedEstimation, .sum, .reverse, .powerFactor, .sibling, .spike:
            return false
        }
    }

    /// Of fewer half hours the third highest says little of the day.
    package static let halfHoursMin = 24

    /// The highest half hour of a day and the third highest, where the highest stands out.
    /// - Parameter energies: of the half hours that are known, in any order.
    package func spike(in energies: [Energy]) -> (highest: Energy, third: Energy)? {
        guard case .spike(let times, let above) = test, energies.count >= Self.halfHoursMin else { return nil }
        let sorted = energies.sorted(by: >)
        let (highest, third) = (sorted[0], sorted[2])
        return highest > above && times.isReached(by: highest, partOf: third) ? (highest, third) : nil
    }

    /// Whether a month is unusual beside those before it.
    /// - Parameter months: energy and days of each, all of whose days are known; the month in question last.
    package func findsMonth(_ months: [(energy: Energy, days: Int)]) -> Bool {
        guard let month = months.last else { return false }
        switch test {
        case .monthOnMonth(let times):
            guard let before = months.dropLast().last, before.energy > .zero, month.days > 0 else { return false }
            // Energy a day on both sides, multiplied out.
            return times.isReached(
                by: Energy(wattHours: month.energy.wattHours * Int64(before.days)),
                partOf: Energy(wattHours: before.energy.wattHours * Int64(month.days)))
        case .sameMonths(let count, let step):
            func steps(_ energy: Energy) -> Int64 { energy.wattHours / step.wattHours }
            guard steps(month.energy) > 0, months.count >= count else { return false }
            return months.suffix(count).allSatisfy { steps($0.energy) == steps(month.energy) }
        case .high, .low, .zeroRun, .repeated, .prolongedEstimation, .sum, .reverse, .powerFactor, .sibling, .spike:
            return false
        }
    }

    /// How many days a finding of this day is about: those of the run for a rule that counts one.
    func runLength(endingOn day: ServiceDay, in energies: DayEnergies) -> Int {
        guard let energy = energies[day] else { return 1 }
        return switch test {
        case .zeroRun(let days): run(of: energy, endingOn: day, in: energies, most: (days.max() ?? 1) + 1)
        case .repeated(let days, _, _): days
        default: 1
        }
    }

    private func run(of energy: Energy, endingOn day: ServiceDay, in energies: DayEnergies, most: Int) -> Int {
        var length = 0
        while length < most, energies[day - length] == energy { length += 1 }
        return length
    }
}

extension Factor: CustomStringConvertible {
    /// `0.300`
    package var description: String { Energy(wattHours: thousandths).kilowattHours }

    static let one = Factor(thousandths: 1000)
}
