import Billing
import GRDB
import Metering
import VEE

extension Store {
    /// The bill of the period that the day before `asOf` lies in, up to the latest known index no later than `asOf`,
    /// and on through days that are projected (decision 019).
    ///
    /// - Parameter knownAt: the bill as it was at that moment: with the indices and the open cases of then, and the
    ///   registry and the tariffs of now, which its notes say. `nil` is now.
    /// - Throws: `StoreError.unknownUsagePoint`, `.notBilled`, `.noIndex` or `.noConsumption`; `BillingError` where the
    ///   tariff files have no price.
    package func provisionalBill(
        usagePoint name: String, asOf: ServiceDay, knownAt: Instant? = nil, tariffs: TariffBook
    ) throws -> CustomerBill {
        let then = knownAt.map { Hindsight($0, calendar) }
        let basis = try read("reading the indices of usage point \(name)") { db in
            try Self.billBasis(of: name, asOf: asOf, at: then, db)
        }
        return try bill(on: basis, asOf: asOf, tariffs: tariffs)
    }

    /// What the store knows that a bill is made from.
    struct BillBasis {
        let usagePoint: UsagePoint
        let meters: [MeterDays]
        /// Of today, also where the bill is of an earlier moment.
        let classes: ClassMeans
        let held: [HeldUp]
        let then: Hindsight?
    }

    static func billBasis(
        of name: String, asOf: ServiceDay, at then: Hindsight?, _ db: Database
    ) throws -> BillBasis {
        guard let usagePoint = try Self.usagePoint(name, db) else { throw StoreError.unknownUsagePoint(name) }
        guard usagePoint.category != UsagePoint.stationCategory else { throw StoreError.notBilled(usagePoint: name) }
        let period = BillingPeriod.containing(asOf.previous, readingDay: usagePoint.readingDay)
        let meters = try Self.meters(of: name, db).map { meter in
            try Self.days(
                of: meter, .activeImport, from: period.from - DialledPeriod.historyDays, through: asOf, at: then, db)
        }
        // Looked for only where something is missing: a province's bills mostly need none.
        let lacks = UsagePointDays(meters).lacksAny(from: period.from, before: asOf)
        let classes = lacks ? try ClassMeans(db, of: usagePoint, from: period.from, through: asOf) : ClassMeans.none
        let held = try meters.flatMap { try Self.holding($0, at: then, db) }
        return BillBasis(usagePoint: usagePoint, meters: meters, classes: classes, held: held, then: then)
    }

    func bill(on basis: BillBasis, asOf: ServiceDay, tariffs: TariffBook) throws -> CustomerBill {
        let (usagePoint, meters, name) = (basis.usagePoint, basis.meters, basis.usagePoint.name)
        let ordinary = BillingPeriod.containing(asOf.previous, readingDay: usagePoint.readingDay)
        // A customer's first and last period are cut to the days of supply, and their blocks with them (TT 60/2025
        // Điều 12.11).
        let period = Self.supplied(ordinary, meters.map(\.stay))
        // On the first day of supply there is no day to bill yet.
        guard let period, period.from < asOf,
            let dialled = DialledPeriod(
                meters: meters, from: period.from, asOf: min(asOf, period.through.next), rules: estimation,
                classes: basis.classes)
        else {
            throw StoreError.noIndex(usagePoint: name, from: ordinary.from, through: asOf)
        }
        let isIrregular = period != ordinary
        let daysWithoutMeter = Self.daysWithoutMeter(in: period, meters.map(\.stay))
        let changes = tariffs.changeDays(in: period, category: usagePoint.category)

        let soFar = BillingPeriod(from: period.from, through: max(period.from, dialled.end.previous)) ?? period
        var atChanges: [ServiceDay: Energy] = [:]
        var usedAtChanges: [CustomerBill.UsedIndex] = []
        var projectedChanges: [String] = []
        for change in changes where soFar.from < change && change <= soFar.through {
            guard let part = dialled.knownConsumption(to: change) else { continue }
            atChanges[change] = part.energy
            usedAtChanges += part.index.map { [$0] } ?? []
            if part.index == nil, dialled.projected.contains(where: { $0.day < change }) {
                projectedChanges.append(
                    "No index of the price change on \(change) is known yet: what lies before it is projected.")
            }
        }
        let used = dialled.used(with: usedAtChanges)
        let bill: ProvisionalBill
        do throws(BillingError) {
            bill = try tariffs.bill(
                BillRequest(
                    category: usagePoint.category, period: soFar, consumption: dialled.consumption,
                    consumptionAtChanges: atChanges, householdHundredths: usagePoint.householdHundredths,
                    isIrregular: isIrregular, periodEnd: period.through, daysWithoutMeter: daysWithoutMeter))
        } catch {
            throw Self.unbillable(used, of: name, error) ?? error
        }
        let estimatedChanges = usedAtChanges.filter { $0.index.quality == .estimated }.map {
            "The index of the price change on \($0.index.day) is estimated, between the days known around it."
        }
        return CustomerBill(
            usagePoint: usagePoint, asOf: asOf, knownAt: basis.then?.at, period: period, bill: bill,
            coverage: dialled.coverage, projected: dialled.projected, indices: used,
            projection: try projection(
                of: usagePoint, asOf: asOf, period: period, isIrregular: isIrregular,
                daysWithoutMeter: daysWithoutMeter, dialled: dialled, atChanges: atChanges, changes: changes,
                tariffs: tariffs),
            notes: dialled.notes + estimatedChanges + projectedChanges
                + dialled.coverage.notes(sharePercentMax: estimation.sharePercentMax)
                + basis.held.filter { $0.isOf(period, asOf: asOf, calendar) }.map(\.note)
                + (basis.then.map { hindsightNotes($0, meters, period, dialled.projected) } ?? []))
    }

    /// What a bill as of an earlier moment does not know of that moment.
    private func hindsightNotes(
        _ then: Hindsight, _ meters: [MeterDays], _ period: BillingPeriod, _ projected: [ProjectedDay]
    ) -> [String] {
        let undated = meters.flatMap(\.undated).filter { period.from <= $0 && $0 <= period.through.next }.sorted()
        var notes = ["As known at \(calendar.text(then.at)), with the registry and the tariffs of today."]
        if let first = undated.first, let last = undated.last {
            notes.append(
                "Since when \(undated.count) of the indices from \(first) to \(last) are known is not recorded; "
                    + "they count as known then.")
        }
        let ofClass = projected.count { $0.method == .classMean }
        if ofClass > 0 { notes.append("What others took on \(ofClass) projected days is as known today.") }
        return notes
    }

    /// A case that holds a meter's bills up.
    struct HeldUp {
        let note: String
        /// Since when what it is about is so, where it is about no days.
        let since: Instant
        /// What is held back may be of any day since this one, the last that the meter showed an index of.
        let heldBackFrom: ServiceDay?
        let (first, last): (ServiceDay?, ServiceDay?)

        /// Whether it is about days that a bill counts.
        func isOf(_ period: BillingPeriod, asOf: ServiceDay, _ calendar: ServiceCalendar) -> Bool {
            let first = first ?? min(calendar.day(at: since), heldBackFrom ?? asOf)
            return first < asOf && first <= period.through && last.map { $0 >= period.from } ?? true
        }
    }

    private static func holding(
        _ known: MeterDays, at then: Hindsight?, _ db: Database
    ) throws -> [HeldUp] {
        let meter = known.meter
        let rows = try HotStatement(
            db,
            """
            SELECT id, kind, text, firstDay, lastDay, CASE WHEN kind = 'static'
              THEN (SELECT MIN(since, opened) FROM standingDial WHERE standingDial.meter = meterCase.meter)
              ELSE opened END, severity FROM meterCase
            WHERE meter = ?1 AND severity <> 'warns' AND \(Self.wasOpen) ORDER BY id
            """)
        try rows.start(Int(meter.id.number), then?.at)
        var held: [HeldUp] = []
        while try rows.next() {
            let note =
                "Case \(rows.integer(0)) is open (\(rows.text(1))): meter \(meter.installation.serial) "
                + "\(rows.text(2)); the bill is not final until somebody has looked."
            held.append(
                HeldUp(
                    note: note, since: rows.instant(5),
                    heldBackFrom: rows.text(6) == MeterCase.Severity.blocks.rawValue ? known.lastShown : nil,
                    first: rows.optionalDay(3), last: rows.optionalDay(4)))
        }
        return held
    }

    /// Of a case at the moment ?2, or now where that is NULL. One that was reopened has its earlier ends among its
    /// acts.
    private static let wasOpen = """
        CASE WHEN ?2 IS NULL THEN closed IS NULL ELSE opened <= ?2 AND COALESCE(closed > ?2, TRUE) AND COALESCE((
            SELECT act NOT IN ('released', 'edited', 'explained') FROM caseAct
            WHERE caseAct.meterCase = meterCase.id AND at <= ?2 ORDER BY caseAct.id DESC LIMIT 1), TRUE) END
        """

    /// Where kWh are refused: the two indices of a meter that they came of. `nil` for any other reason.
    private static func unbillable(
        _ used: [CustomerBill.UsedIndex], of usagePoint: String, _ refusal: BillingError
    ) -> StoreError? {
        switch refusal {
        case .kwhOutOfRange, .kwhAtChangeOutOfRange: break
        default: return nil
        }
        // A dial that was reset goes on under the same serial: its end index is no step to its new beginning.
        let steps = zip(used, used.dropFirst()).filter { $0.serial == $1.serial && $0.index.day < $1.index.day }
            .map { (serial: $0.serial, from: $0.index, to: $1.index) }
        // Where none fell, one rose too far.
        let fall = steps.first { $0.to.index < $0.from.index }
        guard let step = fall ?? steps.max(by: { $0.to.index - $0.from.index < $1.to.index - $1.from.index }) else {
            return nil
        }
        return .noConsumption(usagePoint: usagePoint, serial: step.serial, from: step.from, to: step.to)
    }

    /// The days of `period` from the usage point's first meter to the day on which its last one left, both included;
    /// `nil` without any.
    private static func supplied(_ period: BillingPeriod, _ stays: [MeterStay]) -> BillingPeriod? {
        guard let first = stays.map(\.installedOn).min() else { return nil }
        let isOver = stays.allSatisfy { $0.removedOn != nil }
        let last = isOver ? stays.compactMap(\.removedOn).max() : nil
        return BillingPeriod(from: max(period.from, first), through: min(period.through, last ?? period.through))
    }

    /// The days of `period` between one meter and the next.
    /// - Parameter stays: oldest first.
    private static func daysWithoutMeter(in period: BillingPeriod, _ stays: [MeterStay]) -> DaysWithoutMeter {
        DaysWithoutMeter(
            zip(stays, stays.dropFirst()).compactMap { old, new in
                guard let removedOn = old.removedOn else { return nil }
                let first = max(period.from, removedOn.next)
                let last = min(period.through, new.installedOn.previous)
                return first <= last ? first...last : nil
            })
    }

    /// `nil` where nothing of the period is left to come, or too little is known to tell it by.
    private func projection(
        of usagePoint: UsagePoint, asOf: ServiceDay, period: BillingPeriod, isIrregular: Bool,
        daysWithoutMeter: DaysWithoutMeter, dialled: DialledPeriod, atChanges: [ServiceDay: Energy],
        changes: [ServiceDay], tariffs: TariffBook
    ) throws -> BillProjection? {
        func days(_ first: ServiceDay, _ end: ServiceDay) -> Int64 {
            Int64(daysWithoutMeter.supplied(from: first, before: end))
        }
        let left = days(dialled.end, period.through.next)
        // What was used before the first known index cannot be drawn from what came after it.
        guard asOf <= period.through, left > 0, dialled.isKnownFromStart,
            let toCome = DaysToCome(latest: dialled.latestDays)?.energy(of: Int(left))
        else { return nil }
        func total(_ toCome: Energy) throws -> Money {
            /// Consumption from the period's start to 00:00 of a day: known, drawn by days, or projected.
            func consumption(to day: ServiceDay) -> Energy {
                if day >= dialled.end {
                    let part = toCome.wattHours * days(dialled.end, day) / left
                    return dialled.consumption + Energy(wattHours: part)
                }
                let share =
                    dialled.consumption.wattHours * days(period.from, day) / max(1, days(period.from, dialled.end))
                return Energy(wattHours: share)
            }
            var parts: [ServiceDay: Energy] = [:]
            for change in changes { parts[change] = atChanges[change] ?? consumption(to: change) }
            return try tariffs.bill(
                BillRequest(
                    category: usagePoint.category, period: period, consumption: consumption(to: period.through.next),
                    consumptionAtChanges: parts, householdHundredths: usagePoint.householdHundredths,
                    isIrregular: isIrregular, daysWithoutMeter: daysWithoutMeter)
            ).total
        }
        let expected = try total(toCome.expected)
        // A kWh that is rounded to the cheaper side of a price change could turn them round.
        return BillProjection(
            to: period.through, low: min(try total(toCome.low), expected), expected: expected,
            high: max(try total(toCome.high), expected))
    }
}
