import Metering
import VEE

/// What the dials of a usage point say about a billing period up to a day: over all the meters that served in it.
struct DialledPeriod {
    /// Days before the period that are looked at for a household's habits.
    static let historyDays = 62

    /// One meter's part: from its first to its last known index inside the period, of a meter that left to what the
    /// fitter read then.
    private struct Part {
        let meter: MeterDays
        let start: DailyIndex
        let end: DailyIndex
        /// Multiplier applied.
        let energy: Energy
    }

    let from: ServiceDay
    /// The latest day with a known index, or the one after the last projected day; the period is billed up to its first
    /// instant.
    let end: ServiceDay
    private let parts: [Part]
    private let days: UsagePointDays
    /// Whether the first meter of the period has an index of the day with which the period, or its service, begins.
    let isKnownFromStart: Bool
    let coverage: BillCoverage
    /// What days without an index add to the parts, in their order.
    let projected: [ProjectedDay]
    let notes: [String]

    /// `nil` where no meter has an index from `from` to `asOf`: with none of its own no bill is drawn of projections.
    init?(
        meters: [MeterDays], from: ServiceDay, asOf: ServiceDay, rules: EstimationRules = .standard,
        classes: ClassMeans = .none
    ) {
        var parts: [Part] = []
        var notes: [String] = []
        var ends: [OpenEnd] = []
        var isKnownFromStart: Bool?
        var known: [Range<ServiceDay>?] = []
        for meter in meters {
            let installation = meter.meter.installation
            let first = max(from, meter.stay.installedOn)
            // What the fitter read closes the day on which the meter left.
            let last = min(asOf, meter.stay.removedOn?.next ?? asOf)
            known.append(nil)
            // Else nothing of the period passed through this meter.
            guard first < last else { continue }
            let (start, end) = meter.ends(from: first, through: last)
            isKnownFromStart = isKnownFromStart ?? (start?.day == first)
            guard let start, let end else {
                let fact = "Meter \(installation.serial) has no index from \(first) to \(last)"
                ends.append(OpenEnd(fact: fact, otherwise: "", days: first..<last))
                continue
            }
            if start.day > first {
                let fact = "Meter \(installation.serial) has no index of \(first)"
                let otherwise = "; the bill counts from \(start.day) on"
                ends.append(OpenEnd(fact: fact, otherwise: otherwise, days: first..<start.day))
            }
            if end.day < last {
                let fact = "Meter \(installation.serial) has no index of \(last)"
                let otherwise = "; the bill counts up to \(end.day)"
                ends.append(OpenEnd(fact: fact, otherwise: otherwise, days: end.day..<last))
            }
            known[known.count - 1] = start.day..<end.day
            let multiplier = installation.multiplier
            guard let energy = MeterDays.energy(from: start.index, to: end.index, multiplier: multiplier) else {
                notes.append(
                    "Meter \(installation.serial): \(start.index) to \(end.index) × \(multiplier) is no energy.")
                continue
            }
            if energy < .zero {
                notes.append(
                    "Meter \(installation.serial) stood lower on \(end.day) than on \(start.day): "
                        + "do not rely on this bill until that is explained.")
            }
            parts.append(Part(meter: meter, start: start, end: end, energy: energy))
        }
        // Where the new meter of an exchange has said nothing yet, the old one's word reaches further.
        guard let end = parts.map(\.end.day).max() else { return nil }
        self.from = from
        self.parts = parts
        self.isKnownFromStart = isKnownFromStart ?? false
        let days = UsagePointDays(meters)
        var coverage = days.coverage(from: from, before: asOf)
        // A dial that went back has to be explained first; nothing is added to that.
        let method = parts.contains { $0.energy < .zero } ? nil : rules.openDays
        var projected: [ProjectedDay] = []
        if let method, coverage.missing > 0 {
            projected = OpenDays(days, known: known, from: from, before: asOf)
                .projected(by: method, kinds: rules.kinds, classes: classes)
        }
        coverage.projected = projected.count
        self.days = days
        self.coverage = coverage
        self.projected = projected
        self.end = max(end, projected.last?.day.next ?? end)
        self.notes = ends.map { $0.note(projected, wasTried: method != nil) } + notes
    }

    /// The days of which each part is known, one after the other.
    var spansKnown: [Range<ServiceDay>] { parts.map { $0.start.day..<max($0.start.day, $0.end.day) } }

    /// From the period's start to `end`.
    var consumption: Energy { parts.reduce(.zero) { $0 + $1.energy } + projection(to: end) }

    /// What is projected of the days before one.
    private func projection(to day: ServiceDay) -> Energy {
        projected.prefix { $0.day < day }.reduce(.zero) { $0 + $1.energy }
    }

    /// From the period's start to 00:00 of `day`, where an index of that moment is known: an estimate too, for it lies
    /// between its neighbours and not anywhere in the period. None is needed where all that is known comes later.
    func knownConsumption(to day: ServiceDay) -> (energy: Energy, index: CustomerBill.UsedIndex?)? {
        var energy = projection(to: day)
        for part in parts {
            if part.end.day <= day {
                energy = energy + part.energy
                continue
            }
            guard part.start.day < day else { break }
            let multiplier = part.meter.meter.installation.multiplier
            guard let index = part.meter.index(on: day),
                let before = MeterDays.energy(from: part.start.index, to: index.index, multiplier: multiplier)
            else { return nil }
            return (energy + before, used(index, of: part.meter))
        }
        return (energy, nil)
    }

    /// What each meter's part counted, from one index to the next: also those of `days`, where they are known.
    func steps(at days: [ServiceDay]) -> [CustomerBill.DialStep] {
        parts.flatMap { part in
            let installation = part.meter.meter.installation
            let inside = days.filter { part.start.day < $0 && $0 < part.end.day }.compactMap {
                part.meter.index(on: $0)
            }
            let indices = [part.start] + inside + [part.end]
            return zip(indices, indices.dropFirst()).compactMap { start, end in
                MeterDays.energy(from: start.index, to: end.index, multiplier: installation.multiplier).map { energy in
                    CustomerBill.DialStep(
                        register: part.meter.register, serial: installation.serial,
                        multiplier: installation.multiplier, start: installation.dial.shown(start),
                        end: installation.dial.shown(end), energy: energy)
                }
            }
        }
    }

    /// The indices at both ends of each meter's part, and these, oldest first.
    func used(with others: [CustomerBill.UsedIndex]) -> [CustomerBill.UsedIndex] {
        var all: [CustomerBill.UsedIndex] = []
        for part in parts {
            // One meter may have two parts, before and after a reset.
            let inside = others.filter {
                $0.serial == part.meter.meter.installation.serial
                    && part.start.day < $0.index.day && $0.index.day < part.end.day
            }
            for index in [used(part.start, of: part.meter)] + inside + [used(part.end, of: part.meter)]
            where all.last != index {
                all.append(index)
            }
        }
        return all
    }

    private func used(_ index: DailyIndex, of meter: MeterDays) -> CustomerBill.UsedIndex {
        CustomerBill.UsedIndex(
            register: meter.register, serial: meter.meter.installation.serial,
            index: meter.meter.installation.dial.shown(index),
            cause: index.revision > 1 ? meter.changes.cause(of: index) : nil)
    }

    /// The latest known consumptions of single days before `end`, newest first, as many as tell the days to come. A day
    /// on which a dial went back tells nothing.
    var latestDays: [Energy] {
        days.latest(DaysToCome.daysMax, from: from - Self.historyDays, before: end)
    }
}
