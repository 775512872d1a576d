import Billing
import GRDB
import Metering

/// A running bill beside earlier periods of the same usage point.
package struct BillComparison: Hashable, Sendable {
    /// A period that is over, priced as of then for the category and the households of today.
    package struct Earlier: Hashable, Sendable {
        /// Cut to the days of supply.
        package let period: BillingPeriod
        /// Whole kWh, rounded down as on a bill. `nil` where the index of a meter that served in it is not known at
        /// both ends of its days.
        package let kwh: Int64?
        /// VAT included. `nil` without kWh, for prices by the hour, and where the tariff files have no price of those
        /// days.
        package let total: Money?
        /// Whole kWh of the first `sameDays` days. `nil` where they are not known, and where the period is shorter.
        package let kwhOfSameDays: Int64?
    }

    /// So many days of its period does the running bill count, 1 or more.
    package let sameDays: Int
    /// `nil` where nothing of it is known.
    package let previous: Earlier?
    /// The period that began on the same day a year before.
    package let yearBefore: Earlier?

    /// `nil` where neither is known.
    init?(sameDays: Int, previous: Earlier?, yearBefore: Earlier?) {
        guard previous != nil || yearBefore != nil else { return nil }
        self.sameDays = sameDays
        self.previous = previous
        self.yearBefore = yearBefore
    }
}

extension Store {
    /// What a comparison needs besides the bill's own basis: the period before lies within the days that any bill looks
    /// back on, the one of a year before does not.
    struct YearBefore {
        let period: BillingPeriod
        let meters: [MeterDays]
    }

    /// `nil` where nobody was supplied then, which most lookups of a young collection end with.
    static func yearBefore(_ basis: BillBasis, asOf: ServiceDay, _ db: Database) throws -> YearBefore? {
        let ordinary = basis.whole.period
        let first = ordinary.from.civil
        guard let day = ServiceDay(year: first.year - 1, month: first.month, day: first.day) else { return nil }
        let period = basis.calendar.period(containing: day).period
        let meters = try basis.meters.filter { BilledPeriod.supplied(period, [$0]) != nil }.map { known in
            try days(
                of: known.meter, .activeImport, from: period.from, through: period.through.next, at: basis.then, db)
        }
        return meters.isEmpty ? nil : YearBefore(period: period, meters: meters)
    }

    func comparison(
        of customer: CustomerBill, on basis: BillBasis, yearBefore: YearBefore?, tariffs: TariffBook
    ) -> BillComparison? {
        let usagePoint = customer.usagePoint
        let sameDays = customer.bill.period.days
        let ordinary = basis.whole.period
        let previous = basis.calendar.period(containing: ordinary.from.previous).period
        func earlier(_ period: BillingPeriod, _ meters: [MeterDays]) -> BillComparison.Earlier? {
            let isScaled = basis.calendar.period(containing: period.through).isIrregular
            return Self.earlier(
                period, isScaled: isScaled, meters, of: usagePoint, sameDays: sameDays, tariffs: tariffs)
        }
        return BillComparison(
            sameDays: sameDays, previous: earlier(previous, basis.meters),
            yearBefore: yearBefore.flatMap { earlier($0.period, $0.meters) })
    }

    private static func earlier(
        _ ordinary: BillingPeriod, isScaled: Bool, _ meters: [MeterDays], of usagePoint: UsagePoint, sameDays: Int,
        tariffs: TariffBook
    ) -> BillComparison.Earlier? {
        guard let period = BilledPeriod.supplied(ordinary, meters) else { return nil }
        let whole = known(meters, from: period.from, to: period.through.next)
        let same = sameDays <= period.days ? known(meters, from: period.from, to: period.from + sameDays) : nil
        guard whole != nil || same != nil else { return nil }
        let total = whole.flatMap { consumption -> Money? in
            // By the hour it would take the rates of then, and of reactive energy its register.
            let contract = usagePoint.contract
            let categories = [usagePoint.category] + contract.shares.map(\.category)
            guard !contract.isChargedForReactive,
                !categories.contains(where: { tariffs.isTimeOfUse($0, on: period.through) })
            else { return nil }
            var atChanges: [ServiceDay: Energy] = [:]
            for change in tariffs.changeDays(in: period, category: usagePoint.category) {
                atChanges[change] = known(meters, from: period.from, to: change)
            }
            // What cannot be priced is told by its kWh alone: a comparison is no reason to refuse a bill.
            return try? tariffs.bill(
                BillRequest(
                    category: usagePoint.category, period: period, consumption: consumption,
                    consumptionAtChanges: atChanges, householdHundredths: usagePoint.householdHundredths,
                    isIrregular: isScaled || period != ordinary,
                    daysWithoutMeter: BilledPeriod.daysWithoutMeter(in: period, meters), shares: contract.shares)
            ).total
        }
        return BillComparison.Earlier(
            period: period, kwh: whole?.wholeKilowattHours, total: total, kwhOfSameDays: same?.wholeKilowattHours)
    }

    /// Consumption from 00:00 of `from` to 00:00 of `end`, multipliers applied, where each meter that served in between
    /// is known at both ends of its days and did not go back.
    private static func known(_ meters: [MeterDays], from: ServiceDay, to end: ServiceDay) -> Energy? {
        var sum: Energy?
        for known in meters {
            let first = max(from, known.stay.installedOn)
            // What the fitter read closes the day on which the meter left.
            let last = min(end, known.stay.removedOn?.next ?? end)
            guard first < last else { continue }
            guard let start = known.index(on: first), let end = known.index(on: last),
                let energy = MeterDays.energy(
                    from: start.index, to: end.index, multiplier: known.meter.installation.multiplier),
                energy >= .zero
            else { return nil }
            sum = (sum ?? .zero) + energy
        }
        return sum
    }
}

extension Energy {
    /// Rounded down, as a bill counts them; of no negative energy.
    fileprivate var wholeKilowattHours: Int64 { wattHours / 1000 }
}
