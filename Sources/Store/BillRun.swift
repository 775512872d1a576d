import Billing
import GRDB
import Metering
import VEE

/// A run of all bills as of a day.
package struct BillRun: Hashable, Sendable {
    package let number: Int64
    /// The bills count the days before this one.
    package let asOf: ServiceDay
    package let started: Instant
    /// `nil` for one that was broken off; the next run of its day goes on with it.
    package let finished: Instant?
    /// Usage points with a bill, and without one.
    package let billed: Int
    package let refused: Int
    /// So many are another bill than in the run before of the same day, or the first.
    package let changed: Int
}

/// What a district's customers come to.
package struct DistrictBills: Hashable, Sendable {
    package let district: String
    package var billed = 0
    package var refused = 0
    package var kwh: Int64 = 0
    package var preVAT = Money.zero
    package var vat = Money.zero
    package var total = Money.zero
    /// Days that are estimated, projected or missing, of all.
    package var daysToldOtherwise: Int64 = 0
    package var days: Int64 = 0

    fileprivate init(_ district: String) { self.district = district }

    fileprivate mutating func add(_ bill: RunBill) {
        guard bill.refusal == nil else {
            refused += 1
            return
        }
        billed += 1
        kwh += bill.kwh
        preVAT = preVAT + bill.preVAT
        vat = vat + bill.vat
        total = total + bill.total
        daysToldOtherwise += Int64(bill.coverage.estimated) + Int64(bill.coverage.missing)
        days += Int64(bill.coverage.measured) + Int64(bill.coverage.estimated) + Int64(bill.coverage.missing)
    }
}

extension Store {
    private static let billsInStep = 50_000

    /// Bills every customer as of a day, by the same rules as `provisionalBill`, and keeps what is new: a second run of
    /// the same day writes the bills that are others by then, and those only.
    ///
    /// Killed at any moment, the next run of the day goes on with the same number.
    /// - Returns: the run, and the sums of all its bills by district.
    /// - Throws: `StoreError`.
    package func runBills(
        asOf: ServiceDay, tariffs: TariffBook, at instant: Instant
    ) throws -> (run: BillRun, districts: [DistrictBills]) {
        let (points, last, held) = try read("looking for the usage points to bill") { db in
            (
                try BillRunPoints(asOf: asOf, db), try CountedRows.lastSeries(db), try Self.metersHeldUp(db)
            )
        }
        var bills = [RunBill?](repeating: nil, count: points.points.count)
        let ranges = last < 10_000 ? [0...last] : [0...last / 2, (last / 2 + 1)...last]
        let plain = try inParallel(ranges) { series in
            try read("billing the customers") { db in
                var part = BillRunPart(self, points, asOf: asOf, tariffs: tariffs, held: held)
                try part.run(series, db)
                return part.bills
            }
        }
        for (position, bill) in plain.joined() { bills[position] = bill }
        let others = points.points.indices.filter { bills[$0] == nil }
        let halves =
            others.count < 100 ? [others[...]] : [others[..<(others.count / 2)], others[(others.count / 2)...]]
        for (position, bill) in try inParallel(halves, { try billed(one: $0, points, asOf, tariffs) }).joined() {
            bills[position] = bill
        }
        // Whose last meter left before the period has none.
        let made = zip(points.points, bills).compactMap { point, bill in bill.map { (point, $0) } }
        return try keep(made.map(\.1), of: made.map(\.0), points, asOf: asOf, at: instant)
    }

    /// Usage points whose bills take more than the indices of one meter.
    private func billed(
        one positions: ArraySlice<Int>, _ points: BillRunPoints, _ asOf: ServiceDay, _ tariffs: TariffBook
    ) throws -> [(Int, RunBill?)] {
        try read("billing the customers") { db in
            let name = try HotStatement(db, "SELECT name FROM usagePoint WHERE id = ?")
            return try positions.map { position in
                let point = points.points[position]
                guard try name.first(point.usagePointID) else {
                    throw DamagedRow(table: "usagePoint", key: point.usagePointID)
                }
                let basis = try billBasis(of: name.text(0), asOf: asOf, at: nil, tariffs: tariffs, db)
                let period = basis.calendar.period(containing: asOf.previous).period
                let isSupplied = basis.meters.contains { $0.stay.removedOn.map { $0 >= period.from } ?? true }
                return (position, isSupplied ? RunBill(basis, point, asOf: asOf, self, tariffs) : nil)
            }
        }
    }

    private func keep(
        _ bills: [RunBill], of billed: [BillRunPoints.Point], _ points: BillRunPoints, asOf: ServiceDay,
        at instant: Instant
    ) throws -> (run: BillRun, districts: [DistrictBills]) {
        let run = try write("beginning a run of bills") { db in
            let open = try HotStatement(db, "SELECT id FROM billRun WHERE asOf = ? AND finished IS NULL")
            if try open.first(asOf) { return open.integer(0) }
            try HotStatement(db, "INSERT INTO billRun(asOf, started) VALUES(?, ?)").run(asOf, instant)
            return db.lastInsertedRowID
        }
        var districts = points.districts.map { DistrictBills($0) }
        for (point, bill) in zip(billed, bills) { districts[Int(point.district)].add(bill) }
        for start in stride(from: 0, to: bills.count, by: Self.billsInStep) {
            let step = bills[start..<min(bills.count, start + Self.billsInStep)]
            try write("keeping bills") { try Self.keep(step, asOf: asOf, run: run, $0) }
        }
        let kept = try write("keeping the run of bills") { db in
            let gone = try Self.withoutBill(bills, asOf: asOf, run: run, db)
            try RunBillRows(db).write(gone, asOf: asOf, run: run)
            // Of a run that was broken off, what it had kept by then counts too.
            let kept = try HotStatement(db, "SELECT COUNT(*) FROM runBill WHERE asOf = ? AND run = ?")
            _ = try kept.first(asOf, run)
            let refused = bills.count { $0.refusal != nil }
            try HotStatement(
                db, "UPDATE billRun SET finished = ?, billed = ?, refused = ?, changed = ? WHERE id = ?"
            ).run(instant, bills.count - refused, refused, kept.integer(0), run)
            return try Self.billRuns(db).first { $0.number == run }
        }
        guard let kept else {
            throw StoreError.damaged(path: path, doing: "keeping the run of bills", message: "run \(run) is not there")
        }
        return (kept, districts.filter { $0.billed + $0.refused > 0 }.sorted { $0.district < $1.district })
    }

    /// Writes those of `bills`, in the order of their usage points, that differ from the latest ones.
    private static func keep(
        _ bills: ArraySlice<RunBill>, asOf: ServiceDay, run: Int64, _ db: Database
    ) throws {
        guard let first = bills.first, let last = bills.last else { return }
        var changed: [RunBill] = []
        var position = bills.startIndex
        try RunBillRows.forEach(
            asOf: asOf, through: run, usagePoints: first.usagePointID...last.usagePointID, db
        ) { kept in
            while position < bills.endIndex, bills[position].usagePointID < kept.usagePointID {
                changed.append(bills[position])
                position += 1
            }
            guard position < bills.endIndex, bills[position].usagePointID == kept.usagePointID else { return }
            if bills[position] != kept { changed.append(bills[position]) }
            position += 1
        }
        changed += bills[position...]
        // The run itself may have kept one before it was broken off, and another index came since.
        let remove = try HotStatement(db, "DELETE FROM runBill WHERE asOf = ? AND usagePoint = ? AND run = ?")
        for bill in changed { try remove.run(asOf, bill.usagePointID, run) }
        try RunBillRows(db).write(changed, asOf: asOf, run: run)
    }

    /// Usage points that had a bill in an earlier run of the day, and are none's now.
    private static func withoutBill(
        _ bills: [RunBill], asOf: ServiceDay, run: Int64, _ db: Database
    ) throws -> [RunBill] {
        var gone: [RunBill] = []
        var position = 0
        try RunBillRows.forEach(asOf: asOf, through: run, db) { kept in
            while position < bills.count, bills[position].usagePointID < kept.usagePointID { position += 1 }
            if position < bills.count, bills[position].usagePointID == kept.usagePointID { return }
            guard kept.refusal != .noMeter else { return }
            gone.append(RunBill(usagePointID: kept.usagePointID, period: kept.period, refusal: .noMeter))
        }
        return gone
    }

    /// Meters with an open case that holds bills up.
    private static func metersHeldUp(_ db: Database) throws -> Set<Int32> {
        let rows = try HotStatement(
            db, "SELECT DISTINCT meter FROM meterCase WHERE closed IS NULL AND severity <> 'warns'")
        try rows.start()
        var meters: Set<Int32> = []
        while try rows.next() { meters.insert(Int32(truncatingIfNeeded: rows.integer(0))) }
        return meters
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
    private var classes: [ClassKey: ClassMeans] = [:]
    private(set) var bills: [(Int, RunBill)] = []

    private struct ClassKey: Hashable {
        let category: Int32
        let district: Int32
        let from: ServiceDay
    }

    init(_ store: Store, _ points: BillRunPoints, asOf: ServiceDay, tariffs: TariffBook, held: Set<Int32>) {
        (self.store, self.points, self.asOf, self.tariffs, self.held) = (store, points, asOf, tariffs, held)
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
        while try rows.next() {
            guard let position = points.position(of: rows.integer(1)) else { continue }
            try walk.go(to: rows.integer(0))
            var indices = walk.indices
            if indices.count <= Self.nearDays {
                try earlier.go(to: rows.integer(0))
                indices = earlier.indices + indices
            }
            bills.append((position, try bill(points.points[position], indices, db)))
        }
    }

    private mutating func bill(_ point: BillRunPoints.Point, _ indices: [DailyIndex], _ db: Database) throws -> RunBill
    {
        let category = points.category(of: point)
        let usagePoint = UsagePoint(
            name: "", customer: "", district: points.district(of: point), category: category,
            householdHundredths: Int(point.householdHundredths), readingDay: Int(point.readingDay))
        let calendar = BillingCalendar(ReadingDays(usagePoint.readingDay))
        let period = calendar.period(containing: asOf.previous).period
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
            usagePoint: usagePoint, calendar: calendar, meters: [known],
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
        let whole = basis.calendar.period(containing: asOf.previous).period
        self.init(usagePointID: point.usagePointID, period: whole.from...whole.through, refusal: .noIndex)
        guard
            let billed = BilledPeriod(basis, asOf: asOf, rules: store.estimation, tariffs: tariffs)
        else { return }
        period = billed.period.from...billed.period.through
        let known = billed.dialled.coverage
        coverage = Coverage(
            measured: Int32(known.measured), estimated: Int32(known.estimated), missing: Int32(known.missing),
            projected: Int32(known.projected))
        isHeld = basis.held.contains { $0.isOf(billed.period, asOf: asOf, store.calendar) }
        do throws(BillingError) {
            let amounts = try tariffs.amounts(billed.request)
            (kwh, preVAT, vat, total) = (amounts.kwh, amounts.preVAT, amounts.vat, amounts.total)
            days = Int32(billed.soFar.days)
            projection = try billed.projection(asOf: asOf, tariffs: tariffs).map {
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
