import Billing
import Metering
import VEE

/// A usage point's billing period as far as it is known: what there is to rate of it, and with what it may end.
struct BilledPeriod {
    let usagePoint: UsagePoint
    /// Cut to the days of supply.
    let period: BillingPeriod
    let isIrregular: Bool
    let daysWithoutMeter: DaysWithoutMeter
    let dialled: DialledPeriod
    /// Through the last day whose end is known or that is projected.
    let soFar: BillingPeriod
    /// The days inside the period on which prices change.
    let changes: [ServiceDay]
    /// From the period's start to 00:00 of those of `changes` of which that is known.
    let atChanges: [ServiceDay: Energy]
    let usedAtChanges: [CustomerBill.UsedIndex]
    /// `nil` for a customer whose prices know no hours, or whose meter does not.
    let rated: RatedPeriod?
    private let projectedChanges: [String]
    private let reactiveNotes: [String]

    /// Whole kvarh that are charged for; `nil` for a customer who is not, or of whom they are not known.
    let kvarh: Int64?

    /// `nil` where no index of the period is known.
    init?(_ basis: Store.BillBasis, asOf: ServiceDay, rules: EstimationRules, tariffs: TariffBook) {
        let (usagePoint, meters) = (basis.usagePoint, basis.meters)
        let (whole, isScaled) = basis.whole
        // A customer's first and last period are cut to the days of supply, and their blocks with them (TT 60/2025
        // Điều 12.11).
        guard let period = Self.supplied(whole, meters), period.from < asOf,
            let dialled = DialledPeriod(
                meters: meters, from: period.from, asOf: min(asOf, period.through.next), rules: rules,
                classes: basis.classes)
        else { return nil }
        self.usagePoint = usagePoint
        self.period = period
        isIrregular = isScaled || period != whole
        daysWithoutMeter = meters.count > 1 ? Self.daysWithoutMeter(in: period, meters) : .none
        self.dialled = dialled
        soFar = BillingPeriod(from: period.from, through: max(period.from, dialled.end.previous)) ?? period
        changes = tariffs.changeDays(in: period, category: usagePoint.category)
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
        self.atChanges = atChanges
        self.usedAtChanges = usedAtChanges
        self.projectedChanges = projectedChanges
        let changesSoFar = Array(atChanges.keys)
        rated = basis.rates.map { RatedPeriod($0, of: dialled, changes: changesSoFar.sorted()) }
        (kvarh, reactiveNotes) = Self.reactive(basis.reactive, beside: dialled)
    }

    /// The bill of the days so far.
    var request: BillRequest {
        var request = BillRequest(
            category: usagePoint.category, period: soFar, consumption: dialled.consumption,
            consumptionAtChanges: rated == nil ? atChanges : [:],
            householdHundredths: usagePoint.householdHundredths, isIrregular: isIrregular, periodEnd: period.through,
            daysWithoutMeter: daysWithoutMeter, shares: usagePoint.contract.shares)
        request.kvarh = kvarh
        guard let rated else { return request }
        return request.rated(as: rated.energy, atChanges: rated.atChanges)
    }

    var used: [CustomerBill.UsedIndex] { dialled.used(with: usedAtChanges) + (rated?.used ?? []) }

    var steps: [CustomerBill.DialStep] { rated?.steps ?? dialled.steps(at: changes) }

    var notes: [String] {
        dialled.notes
            + usedAtChanges.filter { $0.index.quality == .estimated }.map {
                "The index of the price change on \($0.index.day) is estimated, between the days known around it."
            } + projectedChanges + (rated?.notes ?? []) + reactiveNotes
    }

    /// What the whole period may come to; `nil` where nothing of it is left to come, or too little is known to tell it
    /// by.
    func projection(asOf: ServiceDay, tariffs: TariffBook) throws(BillingError) -> BillProjection? {
        let left = days(dialled.end, period.through.next)
        // What was used before the first known index cannot be drawn from what came after it.
        guard asOf <= period.through, left > 0, dialled.isKnownFromStart,
            let toCome = DaysToCome(latest: dialled.latestDays)?.energy(of: Int(left))
        else { return nil }
        let expected = try total(toCome.expected, left, tariffs)
        // A kWh that is rounded to the cheaper side of a price change could turn them round.
        return BillProjection(
            to: period.through, low: min(try total(toCome.low, left, tariffs), expected), expected: expected,
            high: max(try total(toCome.high, left, tariffs), expected))
    }

    private var soFarKWh: Int64 { BillRequest.wholeKWh(dialled.consumption) }

    /// Whole kvarh of the days that the bill counts, rounded down as kWh are.
    private static func reactive(
        _ meters: [MeterDays], beside dialled: DialledPeriod
    ) -> (kvarh: Int64?, notes: [String]) {
        guard !meters.isEmpty else { return (nil, []) }
        let own = DialledPeriod(
            meters: meters, from: dialled.from, asOf: dialled.end, rules: EstimationRules(openDays: nil))
        guard let own, dialled.projected.isEmpty, own.spansKnown == dialled.spansKnown, own.consumption >= .zero else {
            return (nil, ["Reactive energy is not known over the days of this bill: it is not charged here."])
        }
        return (BillRequest.wholeKWh(own.consumption), [])
    }

    /// Days with a meter.
    private func days(_ first: ServiceDay, _ end: ServiceDay) -> Int64 {
        Int64(daysWithoutMeter.supplied(from: first, before: end))
    }

    private func total(_ toCome: Energy, _ left: Int64, _ tariffs: TariffBook) throws(BillingError) -> Money {
        /// Consumption from the period's start to 00:00 of a day: known, drawn by days, or projected.
        func consumption(to day: ServiceDay) -> Energy {
            if day >= dialled.end {
                return dialled.consumption + Energy(wattHours: toCome.wattHours * days(dialled.end, day) / left)
            }
            let share = dialled.consumption.wattHours * days(period.from, day) / max(1, days(period.from, dialled.end))
            return Energy(wattHours: share)
        }
        var parts: [ServiceDay: Energy] = [:]
        for change in changes { parts[change] = atChanges[change] ?? consumption(to: change) }
        let whole = consumption(to: period.through.next)
        var request = BillRequest(
            category: usagePoint.category, period: period, consumption: whole,
            consumptionAtChanges: rated == nil ? parts : [:], householdHundredths: usagePoint.householdHundredths,
            isIrregular: isIrregular, daysWithoutMeter: daysWithoutMeter, shares: usagePoint.contract.shares)
        // The power factor of the days so far.
        request.kvarh = kvarh.map { kvarh in
            min(BillRequest.kwhMax, Int64(clamping: Int128(kvarh) * Int128(request.kwh) / Int128(max(1, soFarKWh))))
        }
        guard let rated else { return try tariffs.amounts(request).total }
        let byRate = { RatedPeriod.split($0, by: rated.energy) }
        let atChanges = parts.reduce(into: [ServiceDay: RatedEnergy]()) { byDay, part in
            // What is to come is on top of what is known of each rate.
            byDay[part.key] =
                part.key >= dialled.end
                ? rated.energy + byRate(part.value - dialled.consumption)
                : rated.atChanges[part.key] ?? byRate(part.value)
        }
        return try tariffs.amounts(request.rated(as: rated.energy + byRate(toCome), atChanges: atChanges)).total
    }

    /// The days of `period` from the usage point's first meter to the day on which its last one left, both included;
    /// `nil` without any.
    static func supplied(_ period: BillingPeriod, _ meters: [MeterDays]) -> BillingPeriod? {
        var first: ServiceDay?
        var last: ServiceDay?
        var isOver = true
        // By position: a copy of each meter of a province's bills would be felt.
        for position in meters.indices {
            let stay = meters[position].stay
            first = min(first ?? stay.installedOn, stay.installedOn)
            if let removedOn = stay.removedOn { last = max(last ?? removedOn, removedOn) } else { isOver = false }
        }
        guard let first else { return nil }
        return BillingPeriod(
            from: max(period.from, first),
            through: min(period.through, isOver ? last ?? period.through : period.through))
    }

    /// The days of `period` between one meter and the next.
    /// - Parameter meters: oldest first.
    static func daysWithoutMeter(in period: BillingPeriod, _ meters: [MeterDays]) -> DaysWithoutMeter {
        let stays = meters.map(\.stay)
        return DaysWithoutMeter(
            zip(stays, stays.dropFirst()).compactMap { old, new in
                guard let removedOn = old.removedOn else { return nil }
                let first = max(period.from, removedOn.next)
                let last = min(period.through, new.installedOn.previous)
                return first <= last ? first...last : nil
            })
    }
}
