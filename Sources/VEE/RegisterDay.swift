import Metering

/// What the registers of one meter took on one day, multiplier applied, as far as both indices of it are known and
/// nobody has estimated them.
package struct RegisterDay: Hashable, Sendable {
    /// By register.
    package var energies: [Register: Energy]
    /// Registers that the meter has shown at some time and whose energy of the day is not known.
    package var unknown: Set<Register>
    /// Registers that had an index of the day and have none of the next.
    package var withoutEnd: Set<Register>
    /// What went out on the days before, by their number; a number that is not known has none.
    package var exportBefore: [Int: Energy]
    /// What the dials count in, multiplier applied, and what their indices may be off together.
    package var resolution: Energy
    package var bounds: Energy

    package init(
        energies: [Register: Energy], unknown: Set<Register> = [], withoutEnd: Set<Register> = [],
        exportBefore: [Int: Energy] = [:], resolution: Energy, bounds: Energy = .zero
    ) {
        (self.energies, self.unknown) = (energies, unknown)
        (self.withoutEnd, self.exportBefore) = (withoutEnd, exportBefore)
        (self.resolution, self.bounds) = (resolution, bounds)
    }

    fileprivate static let rates: [Register] = [.activeImportT1, .activeImportT2, .activeImportT3, .activeImportT4]
}

extension RuleBook {
    /// What the rules for registers find in one day of a meter.
    package func findings(on day: ServiceDay, in known: RegisterDay, category: String) -> [ConsumptionFinding] {
        ofRegisters.filter { $0.judges(category) }.flatMap { $0.findings(on: day, in: known) }
    }

    /// What the rules for silence find where the last index that somebody read is of `last`, and none of the days after
    /// it through `day.next` is known but by estimate.
    /// - Parameter toldOn: the last day, before `day`, on which somebody was told that nobody reads the meter, where
    ///   that has not passed since, as it does on late records of the days between.
    package func findings(
        on day: ServiceDay, silentSince last: ServiceDay, toldOn: ServiceDay? = nil, category: String
    ) -> [ConsumptionFinding] {
        let silent = day.next - last
        return ofSilence.compactMap { rule in
            guard case .prolongedEstimation(let days) = rule.test, rule.judges(category) else { return nil }
            let isOverdue = days.min().map { silent > $0 } ?? false
            guard days.contains(silent) || isOverdue && toldOn.map({ $0 < last }) ?? true else { return nil }
            return ConsumptionFinding(
                rule: rule, days: last...day, energy: nil, usual: nil,
                told: "has had no index that counts since \(last): \(silent) days on \(day.next)")
        }
    }

    /// The numbers of days whose export before a day a rule asks for.
    package var quietDays: Set<Int> {
        Set(ofRegisters.compactMap { if case .reverse(_, let days) = $0.test { days } else { nil } })
    }
}

extension ConsumptionRule {
    fileprivate func findings(on day: ServiceDay, in known: RegisterDay) -> [ConsumptionFinding] {
        func finding(_ register: Register, _ energy: Energy?, _ usual: Energy?, _ told: String) -> ConsumptionFinding {
            ConsumptionFinding(
                rule: self, days: day...day, register: register, energy: energy, usual: usual, told: told)
        }
        switch test {
        case .sum(let tolerance):
            let rates = RegisterDay.rates.compactMap { known.energies[$0] }
            // Of what a part of them took nothing follows.
            guard let whole = known.energies[.activeImport], rates.count > 1,
                known.unknown.isDisjoint(with: RegisterDay.rates)
            else { return [] }
            let parts = rates.reduce(.zero, +)
            // Each dial cuts off what is less than a step of it, at both ends of the day.
            let room = tolerance + known.bounds + known.resolution * Int64(rates.count + 1)
            guard max(parts - whole, whole - parts) > room else { return [] }
            return [finding(.activeImport, whole, parts, "took \(whole), but its rates \(parts) together")]
        case .reverse(let above, let quietDays):
            guard let energy = known.energies[.activeExport], energy > above,
                let before = known.exportBefore[quietDays], before <= above
            else { return [] }
            return [
                finding(
                    .activeExport, energy, before, "gave \(energy), after \(before) in the \(quietDays) days before")
            ]
        case .powerFactor(let below, let above):
            guard let active = known.energies[.activeImport], let reactive = known.energies[.reactiveImport],
                reactive > above, below.isAbovePowerFactor(active: active, reactive: reactive)
            else { return [] }
            let told = "took \(reactive.kilowattHours) kvarh with \(active): a power factor below \(below)"
            return [finding(.reactiveImport, reactive, nil, told)]
        case .sibling:
            return known.withoutEnd.sorted { $0.rawValue < $1.rawValue }.map {
                finding($0, nil, nil, "\($0.name) has no index of \(day.next), though import has one")
            }
        case .high, .low, .zeroRun, .repeated, .monthOnMonth, .sameMonths, .prolongedEstimation, .spike:
            return []
        }
    }
}

extension Factor {
    /// Whether active/√(active² + reactive²) is less than this factor, exactly; both 0 or more, and not both 0.
    fileprivate func isAbovePowerFactor(active: Energy, reactive: Energy) -> Bool {
        // pf < f  ⇔  a²·(1000² − f²) < r²·f², in thousandths. Beyond a TWh the last digits decide nothing.
        let scale = max(1, max(active, reactive).wattHours / 1_000_000_000_000)
        let (a, r) = (Int128(active.wattHours / scale), Int128(reactive.wattHours / scale))
        let f = Int128(min(1000, max(0, thousandths)))
        return a * a * (1_000_000 - f * f) < r * r * f * f
    }
}
