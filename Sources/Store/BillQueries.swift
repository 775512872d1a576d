import Billing
import GRDB
import Metering

extension Store {
    /// The bill of the period that the day before `asOf` lies in, up to the latest known index no later than `asOf`.
    ///
    /// - Throws: `StoreError.unknownUsagePoint`, `.noIndex` or `.noConsumption`; `BillingError` where the tariff files
    ///   have no price.
    package func provisionalBill(
        usagePoint name: String, asOf: ServiceDay, tariffs: TariffBook
    ) throws -> CustomerBill {
        let (usagePoint, meters, held) = try read("reading the indices of usage point \(name)") { db in
            guard let usagePoint = try Self.usagePoint(name, db) else { throw StoreError.unknownUsagePoint(name) }
            let period = BillingPeriod.containing(asOf.previous, readingDay: usagePoint.readingDay)
            let meters = try Self.meters(of: name, db).map { meter in
                try Self.days(
                    of: meter, .activeImport, from: period.from - DialledPeriod.historyDays, through: asOf, db)
            }
            let held = try meters.flatMap { try Self.holding($0.meter, through: asOf, db) }
            return (usagePoint, meters, held)
        }
        let ordinary = BillingPeriod.containing(asOf.previous, readingDay: usagePoint.readingDay)
        // A customer's first and last period are cut to the days of supply, and their blocks with them (TT 60/2025
        // Điều 12.11).
        let period = Self.supplied(ordinary, meters.map(\.meter.installation))
        // On the first day of supply there is no day to bill yet.
        guard let period, period.from < asOf,
            let dialled = DialledPeriod(meters: meters, from: period.from, asOf: min(asOf, period.through.next))
        else {
            throw StoreError.noIndex(usagePoint: name, from: ordinary.from, through: asOf)
        }
        let isIrregular = period != ordinary
        let changes = tariffs.changeDays(in: period, category: usagePoint.category)

        let soFar = BillingPeriod(from: period.from, through: max(period.from, dialled.end.previous)) ?? period
        var atChanges: [ServiceDay: Energy] = [:]
        var usedAtChanges: [CustomerBill.UsedIndex] = []
        for change in changes where soFar.from < change && change <= soFar.through {
            guard let part = dialled.knownConsumption(to: change) else { continue }
            atChanges[change] = part.energy
            usedAtChanges += part.index.map { [$0] } ?? []
        }
        let used = dialled.used(with: usedAtChanges)
        let bill: ProvisionalBill
        do throws(BillingError) {
            bill = try tariffs.bill(
                BillRequest(
                    category: usagePoint.category, period: soFar, consumption: dialled.consumption,
                    consumptionAtChanges: atChanges, householdHundredths: usagePoint.householdHundredths,
                    isIrregular: isIrregular, periodEnd: period.through))
        } catch {
            throw Self.unbillable(used, of: name, error) ?? error
        }
        let estimatedChanges = usedAtChanges.filter { $0.index.quality == .estimated }.map {
            "The index of the price change on \($0.index.day) is estimated, between the days known around it."
        }
        return CustomerBill(
            usagePoint: usagePoint, asOf: asOf, period: period, bill: bill, coverage: dialled.coverage,
            indices: used,
            projection: try projection(
                of: usagePoint, period: period, isIrregular: isIrregular, dialled: dialled, atChanges: atChanges,
                changes: changes, tariffs: tariffs),
            notes: dialled.notes + estimatedChanges
                + held.filter { $0.through.map { $0 >= period.from } ?? true }.map(\.note))
    }

    /// What holds a meter's bills up: a note on it, and the last of the days it is about.
    private static func holding(
        _ meter: RegisteredMeter, through day: ServiceDay, _ db: Database
    ) throws -> [(note: String, through: ServiceDay?)] {
        let rows = try HotStatement(
            db,
            """
            SELECT id, kind, text, lastDay FROM meterCase
            WHERE meter = ? AND closed IS NULL AND severity <> 'warns' AND COALESCE(firstDay, 0) < ? ORDER BY id
            """)
        try rows.start(Int(meter.id.number), day)
        var held: [(note: String, through: ServiceDay?)] = []
        while try rows.next() {
            held.append(
                (
                    "Case \(rows.integer(0)) is open (\(rows.text(1))): meter \(meter.installation.serial) "
                        + "\(rows.text(2)); the bill is not final until somebody has looked.", rows.optionalDay(3)
                ))
        }
        return held
    }

    /// Where kWh are refused: the two indices of a meter that they came of. `nil` for any other reason.
    private static func unbillable(
        _ used: [CustomerBill.UsedIndex], of usagePoint: String, _ refusal: BillingError
    ) -> StoreError? {
        switch refusal {
        case .kwhOutOfRange, .kwhAtChangeOutOfRange: break
        default: return nil
        }
        let steps = zip(used, used.dropFirst()).filter { $0.serial == $1.serial }
            .map { (serial: $0.serial, from: $0.index, to: $1.index) }
        // Where none fell, one rose too far.
        let fall = steps.first { $0.to.index < $0.from.index }
        guard let step = fall ?? steps.max(by: { $0.to.index - $0.from.index < $1.to.index - $1.from.index }) else {
            return nil
        }
        return .noConsumption(usagePoint: usagePoint, serial: step.serial, from: step.from, to: step.to)
    }

    /// The days of `period` on which the usage point had a meter, from its first ever to its last; `nil` without any.
    private static func supplied(_ period: BillingPeriod, _ installations: [MeterInstallation]) -> BillingPeriod? {
        guard let first = installations.map(\.installedOn).min() else { return nil }
        let isOver = installations.allSatisfy { $0.removedOn != nil }
        let last = isOver ? installations.compactMap { $0.removedOn?.previous }.max() : nil
        return BillingPeriod(from: max(period.from, first), through: min(period.through, last ?? period.through))
    }

    private func projection(
        of usagePoint: UsagePoint, period: BillingPeriod, isIrregular: Bool, dialled: DialledPeriod,
        atChanges: [ServiceDay: Energy], changes: [ServiceDay], tariffs: TariffBook
    ) throws -> BillProjection? {
        // What was used before the first known index cannot be drawn from what came after it.
        guard dialled.isKnownFromStart, let daily = DailySpread(dialled.latestDays) else { return nil }
        func total(_ perDay: Energy) throws -> Money {
            /// Consumption from the period's start to 00:00 of a day: known, drawn by days, or projected.
            func consumption(to day: ServiceDay) -> Energy {
                if day >= dialled.end { return dialled.consumption + perDay * Int64(day - dialled.end) }
                let share = dialled.consumption.wattHours * Int64(day - period.from) / Int64(dialled.end - period.from)
                return Energy(wattHours: share)
            }
            var parts: [ServiceDay: Energy] = [:]
            for change in changes { parts[change] = atChanges[change] ?? consumption(to: change) }
            return try tariffs.bill(
                BillRequest(
                    category: usagePoint.category, period: period, consumption: consumption(to: period.through.next),
                    consumptionAtChanges: parts, householdHundredths: usagePoint.householdHundredths,
                    isIrregular: isIrregular)
            ).total
        }
        return BillProjection(
            to: period.through, low: try total(daily.low), expected: try total(daily.mean),
            high: try total(daily.high))
    }
}

/// How much a household uses a day, from its latest known days. Never negative, and low ≤ mean ≤ high.
private struct DailySpread {
    let low: Energy
    let mean: Energy
    let high: Energy

    /// `nil` with fewer than seven days.
    init?(_ days: [Energy]) {
        guard days.count >= 7 else { return nil }
        let sorted = days.map { max(.zero, $0) }.sorted()
        // Nearest rank. A few very heavy days can lift the mean above the 90th percentile.
        func percentile(_ percent: Int) -> Energy { sorted[(sorted.count * percent + 99) / 100 - 1] }
        let sum = sorted.reduce(.zero, +)
        mean = Energy(wattHours: sum.wattHours / Int64(sorted.count))
        low = min(percentile(10), mean)
        high = max(percentile(90), mean)
    }
}

/// What the dials of a usage point say about a billing period up to a day: over all the meters that served in it.
private struct DialledPeriod {
    /// Days before the period that are looked at for a household's habits.
    static let historyDays = 62
    private static let latestDaysMax = 28

    /// One meter's part: from its first to its last known index inside the period.
    private struct Part {
        let meter: MeterDays
        let start: DailyIndex
        let end: DailyIndex
        /// Multiplier applied.
        let energy: Energy
    }

    let from: ServiceDay
    /// The latest day with a known index; the period is billed up to its first instant.
    let end: ServiceDay
    private let parts: [Part]
    private let meters: [MeterDays]
    let coverage: BillCoverage
    let notes: [String]

    /// `nil` where no meter has an index from `from` to `asOf`.
    init?(meters: [MeterDays], from: ServiceDay, asOf: ServiceDay) {
        var parts: [Part] = []
        var notes: [String] = []
        for meter in meters {
            let installation = meter.meter.installation
            let first = max(from, installation.installedOn)
            let last = min(asOf, installation.removedOn ?? asOf)
            guard first <= last else { continue }
            let known = (first...last).compactMap { meter.index(on: $0) }
            guard let start = known.first, let end = known.last else {
                // A meter that left on the period's first day has nothing to say about the period.
                if first < last {
                    notes.append("Meter \(installation.serial) has no index from \(first) to \(last).")
                }
                continue
            }
            if start.day > first {
                notes.append(
                    "Meter \(installation.serial) has no index of \(first); the bill counts from \(start.day) on.")
            }
            if end.day < last {
                notes.append(
                    "Meter \(installation.serial) has no index of \(last); the bill counts up to \(end.day).")
            }
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
        guard let end = parts.last?.end.day else { return nil }
        self.from = from
        self.end = end
        self.parts = parts
        self.meters = meters
        self.notes = notes
        var coverage = BillCoverage()
        for day in from..<max(from, asOf) {
            coverage.days += 1
            let known = meters.lazy.compactMap { meter in
                meter.index(on: day).flatMap { start in meter.index(on: day.next).map { (start, $0) } }
            }.first
            switch known {
            case .none: coverage.missing += 1
            case .some((let start, let end)) where start.quality.isMeasured && end.quality.isMeasured:
                coverage.measured += 1
            case .some: coverage.estimated += 1
            }
        }
        self.coverage = coverage
    }

    /// From the period's start to `end`.
    var consumption: Energy { parts.reduce(.zero) { $0 + $1.energy } }

    /// Whether the first part begins where the period, or its meter's service, does.
    var isKnownFromStart: Bool {
        parts.first.map { $0.start.day <= max(from, $0.meter.meter.installation.installedOn) } ?? false
    }

    /// From the period's start to 00:00 of `day`, where an index of that moment is known: an estimate too, for it lies
    /// between its neighbours and not anywhere in the period. None is needed where all that is known comes later.
    func knownConsumption(to day: ServiceDay) -> (energy: Energy, index: CustomerBill.UsedIndex?)? {
        var energy = Energy.zero
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

    /// The indices at both ends of each meter's part, and these, oldest first.
    func used(with others: [CustomerBill.UsedIndex]) -> [CustomerBill.UsedIndex] {
        var all: [CustomerBill.UsedIndex] = []
        for part in parts {
            let inside = others.filter { $0.serial == part.meter.meter.installation.serial }
            for index in [used(part.start, of: part.meter)] + inside + [used(part.end, of: part.meter)]
            where all.last != index {
                all.append(index)
            }
        }
        return all
    }

    private func used(_ index: DailyIndex, of meter: MeterDays) -> CustomerBill.UsedIndex {
        CustomerBill.UsedIndex(
            register: meter.register, serial: meter.meter.installation.serial, index: index,
            cause: index.revision > 1 ? meter.changes.cause(of: index) : nil)
    }

    /// The latest known consumptions of single days before `end`, at most 28.
    var latestDays: [Energy] {
        var days: [Energy] = []
        var day = end.previous
        while days.count < Self.latestDaysMax, day >= from - Self.historyDays {
            if let energy = meters.lazy.compactMap({ $0.consumption(on: day) }).first { days.append(energy) }
            day = day.previous
        }
        return days
    }
}
