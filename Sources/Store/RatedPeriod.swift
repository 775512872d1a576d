import Billing
import GRDB
import Metering
import VEE

/// What tells the rates of a usage point's energy.
enum RateSource {
    /// The meters' tariff registers: of each rate those that count it, each as the days of all meters.
    case registers([(rate: Rate, meters: [MeterDays])])
    /// All at one rate.
    case only(Rate)
    /// The meter has tariff registers, and none for these rates.
    case incomplete([Rate])
    /// Half hours of the import register, and how many there should be.
    case loadProfile([(day: ServiceDay, rate: Rate, energy: Energy)], expected: Int, hours: [String])
}

/// A billing period's energy by rate.
///
/// Where the tariff registers are known over the very days of the import register, they are what is billed. Where they
/// are not, or a load profile stands in for them, what is known of the rates splits what the import register says: a
/// kWh is never billed twice, and none is left out.
struct RatedPeriod {
    let energy: RatedEnergy
    /// From the period's start to 00:00 of each change day, where that is known by rate.
    let atChanges: [ServiceDay: RatedEnergy]
    let used: [CustomerBill.UsedIndex]
    /// Of the registers that are billed.
    let steps: [CustomerBill.DialStep]
    let notes: [String]
    /// Nothing tells the rates, and the price of all is the normal one: the bill is not final.
    let isUnknown: Bool

    init(_ source: RateSource, of dialled: DialledPeriod, changes: [ServiceDay]) {
        switch source {
        case .registers(let registers): self.init(registers, dialled, changes)
        case .only(let rate):
            self.init(rate, dialled, changes, "By the contract everything is at the \(rate.rawValue) price.")
        case .incomplete(let rates):
            let names = rates.map(\.rawValue).joined(separator: ", ")
            self.init(
                .normal, dialled, changes,
                "The meter has tariff registers, but none for \(names): everything is at the normal price until "
                    + "somebody has looked at billing.rate_registers.", isUnknown: true)
        case .loadProfile(let halfHours, let expected, let hours):
            self.init(halfHours, expected: expected, hours: hours, dialled, changes)
        }
    }

    private init(
        _ rate: Rate, _ dialled: DialledPeriod, _ changes: [ServiceDay], _ note: String, isUnknown: Bool = false
    ) {
        func all(_ energy: Energy) -> RatedEnergy {
            var rated = RatedEnergy()
            rated[rate] = energy
            return rated
        }
        energy = all(dialled.consumption)
        atChanges = changes.reduce(into: [:]) { parts, change in
            parts[change] = dialled.knownConsumption(to: change).map { all($0.energy) }
        }
        used = []
        steps = dialled.steps(at: changes)
        self.isUnknown = isUnknown
        notes = [note]
    }

    private init(
        _ halfHours: [(day: ServiceDay, rate: Rate, energy: Energy)], expected: Int, hours: [String],
        _ dialled: DialledPeriod, _ changes: [ServiceDay]
    ) {
        func known(before end: ServiceDay) -> RatedEnergy {
            var known = RatedEnergy()
            for halfHour in halfHours where halfHour.day < end {
                known[halfHour.rate] = known[halfHour.rate] + halfHour.energy
            }
            return known
        }
        energy = Self.split(dialled.consumption, by: known(before: dialled.end))
        atChanges = changes.reduce(into: [:]) { parts, change in
            guard let part = dialled.knownConsumption(to: change)?.energy else { return }
            parts[change] = Self.split(part, by: known(before: change))
        }
        used = []
        steps = dialled.steps(at: changes)
        isUnknown = halfHours.isEmpty
        guard !isUnknown else {
            notes = [
                "The contract asks for three prices, and no half hour of the period is known: everything is at the "
                    + "normal price, and the bill is not final."
            ]
            return
        }
        var notes = ["The hours are told by the load profile (\(hours.joined(separator: ", then ")))."]
        if halfHours.count < expected {
            notes.append(
                "\(expected - halfHours.count) of \(expected) half hours are not known; their energy is split as that "
                    + "of the others.")
        }
        self.notes = notes
    }

    private init(
        _ registers: [(rate: Rate, meters: [MeterDays])], _ dialled: DialledPeriod, _ changes: [ServiceDay]
    ) {
        // No register of a rate is told by itself: what is projected is split below.
        let rules = EstimationRules(openDays: nil)
        let parts = registers.map { register in
            (
                rate: register.rate,
                dialled: DialledPeriod(meters: register.meters, from: dialled.from, asOf: dialled.end, rules: rules)
            )
        }
        var known = RatedEnergy()
        for part in parts { known[part.rate] = known[part.rate] + (part.dialled?.consumption ?? .zero) }
        let isKnown =
            dialled.projected.isEmpty
            && parts.allSatisfy { part in
                part.dialled.map { $0.end == dialled.end && $0.spansKnown == dialled.spansKnown } ?? false
            }
        // Dials are cut off at both ends. What is more than that is a register that no rate has, or one that has two.
        let multiplier = registers.flatMap(\.meters).map(\.meter.installation.multiplier).max() ?? 1
        // A registry row may hold any multiplier: compared without a product that could leave 64 bits.
        let distance = abs((known.sum - dialled.consumption).wattHours)
        let addsUp = distance / max(1, multiplier) <= Self.stepWattHours * Int64(registers.count)
        let isWhole = isKnown && addsUp
        isUnknown = known.sum == .zero && dialled.consumption > .zero
        energy = isWhole ? known : Self.split(dialled.consumption, by: known)
        var atChanges: [ServiceDay: RatedEnergy] = [:]
        for change in changes {
            guard let part = dialled.knownConsumption(to: change) else { continue }
            var byRate = RatedEnergy()
            var isKnown = true
            for rate in parts {
                if let energy = rate.dialled?.knownConsumption(to: change)?.energy {
                    byRate[rate.rate] = byRate[rate.rate] + energy
                } else {
                    isKnown = false
                }
            }
            if isKnown { atChanges[change] = isWhole ? byRate : Self.split(part.energy, by: byRate) }
        }
        self.atChanges = atChanges
        used = parts.flatMap { part in
            part.dialled.map { own in own.used(with: changes.compactMap { own.knownConsumption(to: $0)?.index }) } ?? []
        }
        steps =
            isWhole ? parts.flatMap { $0.dialled?.steps(at: changes) ?? [] } : dialled.steps(at: changes)
        if isUnknown {
            notes = ["Nothing is known of the rates: everything is at the normal price, and the bill is not final."]
        } else if isKnown, !addsUp {
            notes = [
                "The rates' registers count \(known.sum), the import register \(dialled.consumption): the import "
                    + "register's energy is split as theirs; check billing.rate_registers."
            ]
        } else {
            notes =
                isWhole
                ? []
                : [
                    "Not every rate's register is known over the days of the import register: the energy is split as "
                        + "what is known of the rates."
                ]
        }
    }

    /// Two steps of a tenth of a kWh, the coarsest dial of the shipped profiles.
    private static let stepWattHours: Int64 = 200

    /// Without anything known of the rates all is at the normal one.
    static func split(_ energy: Energy, by known: RatedEnergy) -> RatedEnergy {
        guard known.sum != energy else { return known }
        guard known.sum > .zero, energy >= .zero else { return RatedEnergy(normal: energy) }
        let parts = VEE.split(energy, by: Rate.allCases.map { known[$0].wattHours })
        return RatedEnergy(normal: parts[0], offpeak: parts[1], peak: parts[2])
    }
}

extension Store {
    /// What tells the rates of a usage point whose prices are by the hour; `nil` where nothing does: then everything is
    /// at the normal price.
    /// - Parameters:
    ///   - meters: of the import register, oldest first.
    ///   - from, through: both inclusive.
    ///   - hours: of the rates, for the load profile of a meter without tariff registers.
    func rateSource(
        of meters: [MeterDays], from: ServiceDay, through: ServiceDay, by contract: Contract, hours: RateHours,
        at then: Hindsight?, _ db: Database
    ) throws -> RateSource? {
        switch contract.threePrice {
        case .no: return nil
        case .peak: return .only(.peak)
        case .asMetered, .yes: break
        }
        let served = meters.map(\.meter).filter {
            $0.installation.installedOn <= through && $0.installation.removedOn.map { $0 > from } ?? true
        }
        // A register that no meter there has counts nothing; a rate of which none is there is not metered.
        var registers: [(rate: Rate, meters: [MeterDays])] = []
        for rate in Rate.allCases {
            for register in rateRegisters[rate] {
                let days = try served.map {
                    try Self.days(of: $0, register, from: from, through: through, at: then, db)
                }
                if days.contains(where: { $0.series != nil }) { registers.append((rate, days)) }
            }
        }
        let lacking = Rate.allCases.filter { rate in !registers.contains { $0.rate == rate } }
        if lacking.isEmpty { return .registers(registers) }
        guard contract.threePrice == .yes else { return registers.isEmpty ? nil : .incomplete(lacking) }
        return try loadProfile(
            of: meters.map(\.meter), from: from, through: through, by: hours, contract.programmedOn, db)
    }

    /// The half hours of the import register by rate, of the days before `through`.
    private func loadProfile(
        of meters: [RegisteredMeter], from: ServiceDay, through: ServiceDay, by hours: RateHours,
        _ programmedOn: ServiceDay?, _ db: Database
    ) throws -> RateSource {
        let entries = try loadProfile(
            of: meters, register: .activeImport, from: from, through: through.previous, db)
        var names: [String] = []
        var halfHours: [(day: ServiceDay, rate: Rate, energy: Energy)] = []
        for entry in entries {
            let day = calendar.day(at: entry.start)
            guard let energy = entry.consumption, energy >= .zero,
                let schedule = hours.schedule(on: day, programmedOn: programmedOn)
            else { continue }
            if names.last != schedule.name { names.append(schedule.name) }
            let place = (entry.start - calendar.start(of: day)).microseconds / Instant.Span.minutes(30).microseconds
            halfHours.append((day, schedule.rate(ofHalfHour: Int(place), on: day), energy))
        }
        return .loadProfile(
            halfHours, expected: calendar.halfHours(from: from, to: through), hours: names)
    }
}
