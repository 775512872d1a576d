import Billing
import GRDB
import Metering
import VEE

/// The bills of a run, each once: half of them as each core made them, and where each is. A province's are 80 MB.
struct RunBills {
    struct Part: Sendable {
        fileprivate private(set) var bills: [RunBill] = []
        /// Of `BillRunPoints.points`.
        fileprivate private(set) var positions: [Int32] = []

        mutating func add(_ bill: RunBill, at position: Int) {
            bills.append(bill)
            positions.append(Int32(position))
        }

        mutating func reserve(_ count: Int) {
            bills.reserveCapacity(count)
            positions.reserveCapacity(count)
        }
    }

    private var parts: [[RunBill]] = []
    /// By point; -1 for one without a bill.
    private var places: [(part: Int32, offset: Int32)]

    init(count: Int) { places = Array(repeating: (-1, 0), count: count) }

    mutating func add(_ part: Part) {
        for (offset, position) in part.positions.enumerated() {
            places[Int(position)] = (Int32(parts.count), Int32(offset))
        }
        parts.append(part.bills)
    }

    subscript(position: Int) -> RunBill? {
        let place = places[position]
        return place.part < 0 ? nil : parts[Int(place.part)][Int(place.offset)]
    }
}

/// The plain usage points of a stretch of series, billed in one walk over the indices.
struct BillRunPart {
    private let store: Store
    private let points: BillRunPoints
    private let asOf: ServiceDay
    private let tariffs: TariffBook
    private let held: Set<Int32>
    private static let periodDaysMax = 31
    /// Of the longest period, and of the latest days that a projection looks at.
    private static let nearDays = max(periodDaysMax, DaysToCome.daysMax + 1)
    /// By category.
    private let isTimeOfUse: [Bool]
    /// By reading day.
    private let calendars: [(calendar: BillingCalendar, whole: (period: BillingPeriod, isIrregular: Bool))]
    private var classes: [ClassKey: ClassMeans] = [:]
    private(set) var made = RunBills.Part()

    private struct ClassKey: Hashable {
        let category: Int32
        let district: Int32
        let from: ServiceDay
    }

    init(_ store: Store, _ points: BillRunPoints, asOf: ServiceDay, tariffs: TariffBook, held: Set<Int32>) {
        (self.store, self.points, self.asOf, self.tariffs, self.held) = (store, points, asOf, tariffs, held)
        calendars = (0...27).map { readingDay in
            let calendar = BillingCalendar(ReadingDays(readingDay))
            return (calendar, calendar.period(containing: asOf.previous))
        }
        isTimeOfUse = points.categories.map { tariffs.isTimeOfUse($0, on: asOf.previous) }
    }

    mutating func run(_ series: ClosedRange<Int64>, _ db: Database) throws {
        // Enough where no day is missing; what lies before it is decoded for the others only.
        let near = asOf - Self.nearDays
        let store = store
        let damaged: (DamagedRow) throws -> Void = { try store.note($0, db) }
        let walk = try IndexWalk(db, from: near, through: asOf, series: series, damaged: damaged)
        let earlier = try IndexWalk(
            db, from: asOf - (Self.periodDaysMax + DialledPeriod.historyDays), through: near.previous, series: series,
            damaged: damaged)
        let rows = try HotStatement(
            db, "SELECT id, meter FROM series WHERE id BETWEEN ? AND ? AND register = ? ORDER BY id")
        try rows.start(series.lowerBound, series.upperBound, Int(Register.activeImport.rawValue))
        // About half of them.
        if series.upperBound >= 10_000 { made.reserve(points.points.count * 11 / 20) }
        while try rows.next() {
            guard let position = points.position(of: rows.integer(1)) else { continue }
            try walk.go(to: rows.integer(0))
            var indices = walk.indices
            if indices.count <= Self.nearDays {
                try earlier.go(to: rows.integer(0))
                indices = earlier.indices + indices
            }
            made.add(try bill(points.points[position], indices, db), at: position)
        }
    }

    private mutating func bill(_ point: BillRunPoints.Point, _ indices: [DailyIndex], _ db: Database) throws -> RunBill
    {
        let category = points.category(of: point)
        let usagePoint = UsagePoint(
            name: "", customer: "", district: points.district(of: point), category: category,
            householdHundredths: Int(point.householdHundredths), readingDay: Int(point.readingDay))
        let calendar = calendars[usagePoint.readingDay]
        let period = calendar.whole.period
        let meter = RegisteredMeter(
            id: point.meter,
            installation: MeterInstallation(
                serial: "", usagePoint: "", gateway: "", unit: 0, profile: "", multiplier: point.multiplier,
                digits: Int(point.digits), installedOn: point.installedOn))
        let known = MeterDays(
            meter: meter, stay: meter.installation.stay, register: .activeImport, series: nil,
            indices: DayIndices(indices), changes: IndexChanges())
        let lacks = UsagePointDays([known]).lacksAny(from: period.from, before: asOf)
        let rates =
            isTimeOfUse[Int(point.category)]
            ? try store.rateSource(
                of: [known], from: period.from, through: asOf, by: .standard, hours: tariffs.hours, at: nil, db) : nil
        let isHeld = held.contains(point.meter.number)
        let basis = Store.BillBasis(
            usagePoint: usagePoint, calendar: calendar.calendar, whole: calendar.whole, meters: [known],
            classes: lacks ? try classMeans(of: usagePoint, point, from: period.from, db) : .none, rates: rates,
            reactive: [], held: isHeld ? try store.holding([known], asOf: asOf, at: nil, db) : [], then: nil)
        return RunBill(basis, point, asOf: asOf, store, tariffs)
    }

    private mutating func classMeans(
        of usagePoint: UsagePoint, _ point: BillRunPoints.Point, from: ServiceDay, _ db: Database
    ) throws -> ClassMeans {
        let key = ClassKey(category: point.category, district: point.district, from: from)
        if let known = classes[key] { return known }
        let means = try ClassMeans(db, of: usagePoint, from: from, through: asOf)
        classes[key] = means
        return means
    }
}

extension RunBill {
    /// By the rules of `provisionalBill`.
    init(
        _ basis: Store.BillBasis, _ point: BillRunPoints.Point, asOf: ServiceDay, _ store: Store, _ tariffs: TariffBook
    ) {
        let whole = basis.whole.period
        self.init(usagePointID: point.usagePointID, period: whole.from...whole.through, refusal: .noIndex)
        guard
            let billed = BilledPeriod(basis, asOf: asOf, rules: store.estimation, tariffs: tariffs)
        else { return }
        period = billed.period.from...billed.period.through
        let known = billed.dialled.coverage
        coverage = Coverage(
            measured: Int32(known.measured), estimated: Int32(known.estimated), missing: Int32(known.missing),
            projected: Int32(known.projected))
        isHeld =
            billed.rated?.isUnknown ?? false
            || basis.held.contains { $0.isOf(billed.period, asOf: asOf, store.calendar) }
        do throws(BillingError) {
            let amounts = try tariffs.amounts(billed.request)
            (kwh, preVAT, vat, total) = (amounts.kwh, amounts.preVAT, amounts.vat, amounts.total)
            days = Int32(billed.soFar.days)
            projection = ((try? billed.projection(asOf: asOf, tariffs: tariffs)) ?? nil).map {
                Projection(low: $0.low, expected: $0.expected, high: $0.high)
            }
            refusal = nil
        } catch {
            switch error {
            case .kwhOutOfRange, .kwhAtChangeOutOfRange, .ratesDoNotAddUp: refusal = .noConsumption
            default: refusal = .noPrice
            }
        }
    }
}
