import Billing
import GRDB
import Metering
import VEE

/// The rules for months, over the billing periods that end with a day. An estimated end counts: it is off by a part of
/// a day, and a period that is not compared would be a bill that nobody verified. Where a customer has several periods
/// a month, the month that ends with the last of them is judged. A period that an agreed change of the reading day made
/// is not compared, nor are those before it with those after it.
struct MonthCheck {
    private let day: ServiceDay
    private let judge: ConsumptionJudge
    private(set) var judged = 0
    private(set) var found: [DayCases.Found] = []

    init(endingOn day: ServiceDay, judge: ConsumptionJudge) { (self.day, self.judge) = (day, judge) }

    /// The one reading day whose periods end on this day; `nil` where no period ends.
    static func readingDay(endingOn day: ServiceDay) -> Int? {
        let dayOfMonth = day.civil.day
        if day.next.civil.day == 1 { return 0 }
        return dayOfMonth <= 27 ? dayOfMonth : nil
    }

    /// The ends of the periods that follow the one which ends on `day`; none where none ends on it.
    static func laterEnds(of day: ServiceDay, count: Int) -> [ServiceDay] {
        guard let readingDay = readingDay(endingOn: day) else { return [] }
        var ends: [ServiceDay] = []
        for _ in 0..<count {
            ends.append(BillingPeriod.containing((ends.last ?? day).next, readingDay: readingDay).through)
        }
        return ends
    }

    mutating func run(
        _ meters: DayMeters, _ series: ClosedRange<Int64>, _ db: Database,
        damaged: @escaping (DamagedRow) throws -> Void
    ) throws {
        guard let readingDay = Self.readingDay(endingOn: day), judge.rules.monthsNeeded > 0 else { return }
        // The latest first.
        var periods: [BillingPeriod] = []
        for _ in 0...judge.rules.monthsNeeded {
            periods.append(BillingPeriod.containing(periods.last?.from.previous ?? day, readingDay: readingDay))
        }
        // Each walk decodes what holds its day, and no more.
        let walks = try ([day.next] + periods.map(\.from)).map { boundary in
            try IndexWalk(db, from: boundary, through: boundary, series: series, damaged: damaged)
        }
        let successors = try MeterSuccessions.successors(db)
        let calendars = try MonthCalendars(db)
        let months = periods
        let rows = try DaySeries(of: meters, .activeImport, in: series, db)
        while let (series, position) = try rows.next() {
            let meter = meters.inService[position]
            let calendar = calendars[meter.usagePointID]
            let periods = calendar.map { own in Array(months.prefix { own.hasOrdinary($0) }) } ?? months
            guard let oldest = periods.last, calendar != nil || meter.readingDay == readingDay else { continue }
            var indices: [DailyIndex?] = []
            for walk in walks {
                try walk.go(to: series)
                indices.append(walk.indices.first)
            }
            var energies = energies(indices, periods, multiplier: meter.multiplier)
            if meter.stay.installedOn > oldest.from, successors.contains(meter.meter) {
                energies = try energiesOfAll(periods, of: meter, db)
            }
            guard !energies.isEmpty else { continue }
            judged += 1
            for finding in judge.rules.findings(months: energies.reversed(), category: meters.category(of: meter)) {
                found.append(meter.found(finding))
            }
        }
    }

    /// The latest first, up to the first that is not known.
    private func energies(
        _ boundaries: [DailyIndex?], _ periods: [BillingPeriod], multiplier: Int64
    ) -> [MonthEnergy] {
        var energies: [MonthEnergy] = []
        for (number, period) in periods.enumerated() {
            guard let end = boundaries[number], let start = boundaries[number + 1],
                let energy = MeterDays.energy(from: start.index, to: end.index, multiplier: multiplier)
            else { break }
            energies.append(MonthEnergy(days: period.from...period.through, energy: energy))
        }
        return energies
    }

    /// The same where there was an exchange meanwhile: over all meters of the usage point.
    private func energiesOfAll(
        _ periods: [BillingPeriod], of meter: DayMeter, _ db: Database
    ) throws -> [MonthEnergy] {
        guard let last = periods.last else { return [] }
        let known = try UsagePointDays(ofRow: meter.usagePointID, from: last.from, through: day.next, db)
        var energies: [MonthEnergy] = []
        for period in periods {
            guard let energy = Self.energy(of: known.meters, in: period) else { break }
            energies.append(MonthEnergy(days: period.from...period.through, energy: energy))
        }
        return energies
    }

    /// `nil` unless each meter that served in the period is known at both ends of its part of it, and one served at
    /// each end.
    private static func energy(of meters: [MeterDays], in period: BillingPeriod) -> Energy? {
        var sum = Energy.zero
        var (reachesStart, reachesEnd) = (false, false)
        for known in meters {
            let from = max(period.from, known.stay.installedOn)
            // What the fitter read closes the day on which the meter left.
            let end = min(period.through.next, known.stay.removedOn?.next ?? period.through.next)
            guard from < end else { continue }
            guard let first = known.index(on: from), let last = known.index(on: end),
                let part = MeterDays.energy(
                    from: first.index, to: last.index, multiplier: known.meter.installation.multiplier)
            else { return nil }
            sum = sum + part
            reachesStart = reachesStart || from == period.from
            reachesEnd = reachesEnd || end == period.through.next
        }
        return reachesStart && reachesEnd ? sum : nil
    }
}
