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
        let (basis, yearBefore) = try read("reading the indices of usage point \(name)") { db in
            let basis = try billBasis(of: name, asOf: asOf, at: then, tariffs: tariffs, db)
            return (basis, try Self.yearBefore(basis, asOf: asOf, db))
        }
        var customer = try bill(on: basis, asOf: asOf, tariffs: tariffs)
        customer.comparison = comparison(of: customer, on: basis, yearBefore: yearBefore, tariffs: tariffs)
        return customer
    }

    /// What the store knows that a bill is made from; a comparison with earlier ones is not.
    struct BillBasis {
        let usagePoint: UsagePoint
        let calendar: BillingCalendar
        /// The period of the calendar that the bill's last day lies in, and whether its blocks are scaled by days.
        let whole: (period: BillingPeriod, isIrregular: Bool)
        let meters: [MeterDays]
        /// Of today, also where the bill is of an earlier moment.
        let classes: ClassMeans
        /// What tells the rates, where the prices are by the hour. A load profile is of today, also where the bill is
        /// of an earlier moment.
        let rates: RateSource?
        /// The register of reactive energy, of a customer who is charged for it; else none.
        let reactive: [MeterDays]
        let held: [HeldUp]
        let then: Hindsight?
    }

    func billBasis(
        of name: String, asOf: ServiceDay, at then: Hindsight?, tariffs: TariffBook, _ db: Database
    ) throws -> BillBasis {
        guard let (usagePoint, calendar) = try Self.billed(name, db) else { throw StoreError.unknownUsagePoint(name) }
        guard usagePoint.category != UsagePoint.stationCategory else { throw StoreError.notBilled(usagePoint: name) }
        let whole = calendar.period(containing: asOf.previous)
        let period = whole.period
        let meters = try Self.meters(of: name, db).map { meter in
            try Self.days(
                of: meter, .activeImport, from: period.from - DialledPeriod.historyDays, through: asOf, at: then, db)
        }
        // Looked for only where something is missing: a province's bills mostly need none.
        let lacks = UsagePointDays(meters).lacksAny(from: period.from, before: asOf)
        let classes = lacks ? try ClassMeans(db, of: usagePoint, from: period.from, through: asOf) : ClassMeans.none
        let held = try holding(meters, asOf: asOf, at: then, db)
        let contract = usagePoint.contract
        let categories = [usagePoint.category] + contract.shares.map(\.category)
        let rates =
            categories.contains { tariffs.isTimeOfUse($0, on: asOf.previous) }
            ? try rateSource(
                of: meters, from: period.from, through: asOf, by: contract, hours: tariffs.hours, at: then, db) : nil
        let reactive =
            contract.isChargedForReactive
            ? try meters.map {
                try Self.days(of: $0.meter, .reactiveImport, from: period.from, through: asOf, at: then, db)
            } : []
        return BillBasis(
            usagePoint: usagePoint, calendar: calendar, whole: whole, meters: meters, classes: classes, rates: rates,
            reactive: reactive, held: held, then: then)
    }

    func bill(on basis: BillBasis, asOf: ServiceDay, tariffs: TariffBook) throws -> CustomerBill {
        let (usagePoint, meters, name) = (basis.usagePoint, basis.meters, basis.usagePoint.name)
        guard
            let billed = BilledPeriod(basis, asOf: asOf, rules: estimation, tariffs: tariffs)
        else {
            throw StoreError.noIndex(usagePoint: name, from: basis.whole.period.from, through: asOf)
        }
        let (period, dialled, used) = (billed.period, billed.dialled, billed.used)
        let bill: ProvisionalBill
        do throws(BillingError) { bill = try tariffs.bill(billed.request) } catch {
            throw Self.unbillable(used, of: name, error) ?? error
        }
        return CustomerBill(
            usagePoint: usagePoint, asOf: asOf, knownAt: basis.then?.at, period: period, bill: bill,
            steps: billed.steps,
            coverage: dialled.coverage, projected: dialled.projected, indices: used,
            // What cannot be told of days to come is no reason to refuse those that are known.
            projection: (try? billed.projection(asOf: asOf, tariffs: tariffs)) ?? nil,
            notes: billed.notes + rateNotes(basis.rates)
                + dialled.coverage.notes(sharePercentMax: estimation.sharePercentMax)
                + basis.held.filter { $0.isOf(period, asOf: asOf, calendar) }.map(\.note)
                + (basis.then.map { hindsightNotes($0, meters, period, dialled.projected) } ?? []))
    }

    private func rateNotes(_ source: RateSource?) -> [String] {
        guard case .registers? = source, !rateRegisters.isConfirmed else { return [] }
        return [
            "Which registers count which rate is not confirmed (\(rateRegisters.words)): set billing.rate_registers."
        ]
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
        /// The first day after the bill's that the meter showed an index of: what came to be held back later is of no
        /// day before it.
        let shownAgain: ServiceDay?
        let (first, last): (ServiceDay?, ServiceDay?)

        /// Whether it is about days that a bill counts.
        func isOf(_ period: BillingPeriod, asOf: ServiceDay, _ calendar: ServiceCalendar) -> Bool {
            let began = calendar.day(at: since)
            let isBracketed = shownAgain.map { $0 <= began } ?? false
            let first = first ?? min(began, isBracketed ? asOf : heldBackFrom ?? asOf)
            return first < asOf && first <= period.through && last.map { $0 >= period.from } ?? true
        }
    }

    func holding(
        _ meters: [MeterDays], asOf: ServiceDay, at then: Hindsight?, _ db: Database
    ) throws -> [HeldUp] {
        try meters.flatMap { try Self.holding($0, asOf: asOf, at: then, db) }
    }

    private static func holding(
        _ known: MeterDays, asOf: ServiceDay, at then: Hindsight?, _ db: Database
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
            let heldBackFrom = rows.text(6) == MeterCase.Severity.blocks.rawValue ? known.lastShown : nil
            let isOpenEnded = rows.optionalDay(3) == nil && heldBackFrom.map { $0 < asOf } ?? false
            let note =
                "Case \(rows.integer(0)) is open (\(rows.text(1))): meter \(meter.installation.serial) "
                + "\(rows.text(2)); the bill is not final until somebody has looked."
            held.append(
                HeldUp(
                    note: note, since: rows.instant(5), heldBackFrom: heldBackFrom,
                    shownAgain: isOpenEnded ? try shownAgain(known, after: asOf, at: then, db) : nil,
                    first: rows.optionalDay(3), last: rows.optionalDay(4)))
        }
        return held
    }

    /// The first day after `day` of which the meter has an index that nobody has estimated.
    private static func shownAgain(
        _ known: MeterDays, after day: ServiceDay, at then: Hindsight?, _ db: Database
    ) throws -> ServiceDay? {
        guard let last = try DialTable.dial(of: known.meter.id, db)?[known.register]?.lastDay, day < last else {
            return nil
        }
        let later = try days(of: known.meter, known.register, from: day.next, through: last, at: then, db)
        return later.indices.all.first { $0.quality != .estimated }?.day
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
}
