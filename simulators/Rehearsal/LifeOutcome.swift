import Billing
import MeterFleet
import Metering
import Store

/// What came of a life, beside what truly was.
package struct LifeOutcome: Sendable {
    /// A usage point's bill of its last days, beside that of the true dials over the same days.
    package struct Bill: Sendable {
        package let number: Int
        package let told: ProvisionalBill
        package let truth: ProvisionalBill
    }

    /// All cases that were raised at any time.
    package let raised: Set<Life.Alarm>
    package let missed: Set<Life.Alarm>
    package let unfounded: Set<Life.Alarm>
    /// Cases that wait for somebody still.
    package let live: Set<Life.Alarm>
    /// Import indices of all meters by quality, from the day after the first to the last.
    package let days: [IndexQuality: Int]
    /// Of these days, so many have none.
    package let missing: Int
    package let bills: [Bill]

    init(_ life: Life, _ fleet: Fleet, _ evidence: Evidence) throws {
        var filter = CaseFilter()
        filter.states = Set(MeterCase.State.allCases)
        let cases = try evidence.store.cases(filter, limit: 1000)
        let raised = Set(cases.map(Self.alarm))
        self.raised = raised
        missed = life.alarms.subtracting(raised)
        unfounded = raised.subtracting(life.alarms.union(Life.Alarm.founded(in: fleet)))
        live = Set(cases.filter(\.state.isLive).map(Self.alarm))
        let calendar = evidence.world.calendar
        let days = calendar.day(at: life.span.from).next...evidence.lastDay
        var qualities: [IndexQuality: Int] = [:]
        var bills: [Bill] = []
        for usagePoint in evidence.world.usagePoints {
            let known = try evidence.store.dailyIndices(
                usagePoint: usagePoint.name, register: .activeImport, from: days.lowerBound, through: days.upperBound)
            for index in known { qualities[index.index.quality, default: 0] += 1 }
            let installations = try evidence.store.registry().installations
            guard let place = installations.last(where: { $0.usagePoint == usagePoint.name }) else { continue }
            let dials = TrueDials(fleet, place)
            bills.append(
                try Self.bill(of: usagePoint, in: life, asOf: life.billedAsOf ?? days.upperBound, dials, evidence))
        }
        self.days = qualities
        missing =
            (days.upperBound - days.lowerBound + 1) * evidence.world.usagePoints.count
            - qualities.values.reduce(0, +)
        self.bills = bills
    }

    private static func alarm(_ one: MeterCase) -> Life.Alarm {
        Life.Alarm(one.kind.rawValue, number(of: one.usagePoint))
    }

    /// The fleet's usage points end with seven digits, the number of their meter.
    private static func number(of usagePoint: String) -> Int { Int(usagePoint.suffix(7)) ?? 0 }

    private static func bill(
        of usagePoint: UsagePoint, in life: Life, asOf: ServiceDay, _ dials: TrueDials, _ evidence: Evidence
    ) throws -> Bill {
        let told = try evidence.store.provisionalBill(
            usagePoint: usagePoint.name, asOf: asOf, tariffs: evidence.tariffs)
        let ordinary = BillingPeriod.containing(asOf.previous, readingDay: usagePoint.readingDay)
        // Not what the bill says of itself: the days on which the field was lived through, but for those that a life
        // says are nobody's, and those before them that a meter had kept.
        let period = told.bill.period
        let begin = evidence.world.calendar.day(at: life.span.from).next
        let first =
            life.billedFrom[number(of: usagePoint.name)]
            ?? min(told.indices.map(\.index.day).min() ?? begin, max(told.period.from, begin))
        var changes: [ServiceDay: Energy] = [:]
        for day in evidence.tariffs.changeDays(in: period, category: usagePoint.category) {
            changes[day] = dials.energy(from: first, to: day)
        }
        let truth = try evidence.tariffs.bill(
            BillRequest(
                category: usagePoint.category, period: period,
                consumption: dials.energy(from: first, to: min(asOf, told.period.through.next)),
                consumptionAtChanges: changes,
                householdHundredths: usagePoint.householdHundredths, isIrregular: told.period != ordinary,
                periodEnd: told.period.through))
        return Bill(
            number: number(of: usagePoint.name), told: told.bill, truth: truth)
    }
}

/// What truly passed a place, whoever's dials counted it.
private struct TrueDials {
    private let meters: [(since: CivilMoment?, meter: SimulatedMeter)]
    init(_ fleet: Fleet, _ place: MeterInstallation) {
        let gateway = fleet.gateways.first { $0.name == place.gateway }
        meters =
            gateway?.successions[place.unit]?.meters ?? gateway?.meters[place.unit].map { [(nil, $0)] } ?? []
    }

    /// From 00:00 of a day to 00:00 of a later one.
    func energy(from: ServiceDay, to: ServiceDay) -> Energy {
        var sum = Energy.zero
        for (number, (since, meter)) in meters.enumerated() {
            let next = number + 1 < meters.count ? meters[number + 1].since : nil
            let start = max(CivilMoment(day: from), since ?? CivilMoment(day: from))
            let end = min(CivilMoment(day: to), next ?? CivilMoment(day: to))
            guard start < end, let first = index(of: meter, at: start), let last = index(of: meter, at: end) else {
                continue
            }
            let turned = last < first ? meter.rolloverWattHours ?? 0 : 0
            sum = sum + (last - first + Energy(wattHours: turned)) * meter.multiplier
        }
        return sum
    }

    private func index(of meter: SimulatedMeter, at moment: CivilMoment) -> Energy? {
        meter.truth(.activeImport, meter.dial.face(at: moment))
    }
}
