import Metering

/// What a rule found in some days of a register.
package struct ConsumptionFinding: Hashable, Sendable {
    package let rule: ConsumptionRule
    /// Both inclusive: one day, the days of a run, or those of the months that were compared.
    package let days: ClosedRange<ServiceDay>
    package let register: Register
    /// What all of `days` took together, or the half hour that it is about; `nil` where it is not known.
    package let energy: Energy?
    /// What so many days took before them, or what it should have been; `nil` where the rule has nothing to compare
    /// with.
    package let usual: Energy?
    private let told: String?

    /// - Parameter told: a sentence; by default what the days took, and what is usual.
    package init(
        rule: ConsumptionRule, days: ClosedRange<ServiceDay>, register: Register = .activeImport, energy: Energy?,
        usual: Energy?, told: String? = nil
    ) {
        (self.rule, self.days, self.register, self.energy, self.usual) = (rule, days, register, energy, usual)
        self.told = told
    }

    package var sentence: String {
        if let told { return told }
        let span = days.count == 1 ? "" : " in \(days.count) days"
        let usual = usual.map { ", usual are \($0)" } ?? ""
        return "took \(energy.map { "\($0)" } ?? "an energy nobody knows")\(span)\(usual)"
    }
}

extension RuleBook {
    /// What the rules for days find in one day of a register of a usage point.
    /// - Parameters:
    ///   - energies: of the day and of those before it, multiplier applied; days with an estimated index unknown.
    ///   - category: of the usage point.
    ///   - resolution: what the register counts in, in Wh, multiplier applied.
    package func findings(
        on day: ServiceDay, in energies: DayEnergies, category: String, resolution: Energy
    ) -> [ConsumptionFinding] {
        guard let energy = energies[day] else { return [] }
        let recent = RecentDays(of: energies, before: day)
        var found: [ConsumptionFinding] = []
        for rule in daily where rule.judges(category) {
            guard rule.finds(day, in: energies, recent: recent, resolution: resolution) else { continue }
            let length = rule.runLength(endingOn: day, in: energies)
            let first = day - (length - 1)
            // The days of a run itself say nothing of what was usual before it.
            let before = length == 1 ? recent : RecentDays(of: energies, before: first)
            found.append(
                ConsumptionFinding(
                    rule: rule, days: first...day, energy: energy * Int64(length), usual: before.mean(of: length)))
        }
        return found
    }

    /// What the rules for half hours find in a day of a register.
    /// - Parameter energies: of the half hours that are known, multiplier applied, in any order.
    package func findings(on day: ServiceDay, halfHours energies: [Energy], category: String) -> [ConsumptionFinding] {
        ofHalfHours.filter { $0.judges(category) }.compactMap { rule in
            guard let (highest, third) = rule.spike(in: energies) else { return nil }
            return ConsumptionFinding(
                rule: rule, days: day...day, energy: highest, usual: third,
                told: "took \(highest) in its highest half hour, and \(third) in its third highest")
        }
    }

    /// What the rules for months find in the last of some billing periods of a usage point.
    /// - Parameter months: one after the other without a gap, all known; the period in question last.
    package func findings(months: [MonthEnergy], category: String) -> [ConsumptionFinding] {
        guard let month = months.last else { return [] }
        var found: [ConsumptionFinding] = []
        for rule in monthly where rule.judges(category) {
            guard rule.findsMonth(months.map { ($0.energy, $0.days.count) }) else { continue }
            switch rule.test {
            case .sameMonths(let count, _):
                let same = months.suffix(count)
                guard let first = same.first else { continue }
                found.append(
                    ConsumptionFinding(
                        rule: rule, days: first.days.lowerBound...month.days.upperBound,
                        energy: same.reduce(.zero) { $0 + $1.energy }, usual: nil))
            default:
                let before = months.dropLast().last
                found.append(
                    ConsumptionFinding(
                        rule: rule, days: month.days, energy: month.energy,
                        usual: before.flatMap { scaled($0.energy, to: month.days.count, from: $0.days.count) }))
            }
        }
        return found
    }

    /// How many periods before the one in question the rules for months look at.
    package var monthsNeeded: Int {
        monthly.map { rule in if case .sameMonths(let count, _) = rule.test { count - 1 } else { 1 } }.max() ?? 0
    }
}

/// A billing period and what it took, multiplier applied.
package struct MonthEnergy: Hashable, Sendable {
    /// Both inclusive.
    package let days: ClosedRange<ServiceDay>
    package let energy: Energy

    package init(days: ClosedRange<ServiceDay>, energy: Energy) { (self.days, self.energy) = (days, energy) }
}

extension RecentDays {
    /// What so many days would have taken; rounded down. `nil` where no day is known.
    fileprivate func mean(of count: Int) -> Energy? { days == 0 ? nil : scaled(sum, to: count, from: days) }
}

/// `energy · part / whole`, rounded towards zero; `nil` where it would be no energy any more.
private func scaled(_ energy: Energy, to part: Int, from whole: Int) -> Energy? {
    let (product, overflow) = energy.wattHours.multipliedReportingOverflow(by: Int64(part))
    return whole == 0 || overflow ? nil : Energy(wattHours: product / Int64(whole))
}
