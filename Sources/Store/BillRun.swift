import Billing
import GRDB
import Metering

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

    package init(_ district: String) { self.district = district }

    /// Of another district.
    package mutating func add(_ other: DistrictBills) {
        billed += other.billed
        refused += other.refused
        kwh += other.kwh
        preVAT = preVAT + other.preVAT
        vat = vat + other.vat
        total = total + other.total
        daysToldOtherwise += other.daysToldOtherwise
        days += other.days
    }

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
    /// - Parameters:
    ///   - instant: when the run begins: what comes to be known later may be in its bills, until it is finished.
    ///   - finishing: asked for the moment at which it is.
    ///
    /// Killed at any moment, the next run of the day goes on with the same number.
    /// - Returns: the run, and the sums of all its bills by district.
    /// - Throws: `StoreError`.
    package func runBills(
        asOf: ServiceDay, tariffs: TariffBook, at instant: Instant, finishing: (() -> Instant)? = nil
    ) throws -> (run: BillRun, districts: [DistrictBills]) {
        let (points, last, held) = try read("looking for the usage points to bill") { db in
            (
                try BillRunPoints(asOf: asOf, db), try CountedRows.lastSeries(db), try Self.metersHeldUp(db)
            )
        }
        var bills = RunBills(count: points.points.count)
        let ranges = last < 10_000 ? [0...last] : [0...last / 2, (last / 2 + 1)...last]
        let plain = try inParallel(ranges) { series in
            try read("billing the customers") { db in
                var part = BillRunPart(self, points, asOf: asOf, tariffs: tariffs, held: held)
                try part.run(series, db)
                return part.made
            }
        }
        for part in plain { bills.add(part) }
        let others = points.points.indices.filter { bills[$0] == nil }
        let halves =
            others.count < 100 ? [others[...]] : [others[..<(others.count / 2)], others[(others.count / 2)...]]
        for part in try inParallel(halves, { try billed(one: $0, points, asOf, tariffs) }) { bills.add(part) }
        return try keep(bills, points, asOf: asOf, at: instant, finishing: finishing)
    }

    /// Usage points whose bills take more than the indices of one meter.
    private func billed(
        one positions: ArraySlice<Int>, _ points: BillRunPoints, _ asOf: ServiceDay, _ tariffs: TariffBook
    ) throws -> RunBills.Part {
        try read("billing the customers") { db in
            var part = RunBills.Part()
            let name = try HotStatement(db, "SELECT name FROM usagePoint WHERE id = ?")
            for position in positions {
                let point = points.points[position]
                guard try name.first(point.usagePointID) else {
                    throw DamagedRow(table: "usagePoint", key: point.usagePointID)
                }
                let basis = try billBasis(of: name.text(0), asOf: asOf, at: nil, tariffs: tariffs, db)
                let first = basis.whole.period.from
                // Whose last meter left before the period has no bill.
                guard basis.meters.contains(where: { $0.stay.removedOn.map { $0 >= first } ?? true }) else { continue }
                part.add(RunBill(basis, point, asOf: asOf, self, tariffs), at: position)
            }
            return part
        }
    }

    private func keep(
        _ bills: RunBills, _ points: BillRunPoints, asOf: ServiceDay, at instant: Instant,
        finishing: (() -> Instant)?
    ) throws -> (run: BillRun, districts: [DistrictBills]) {
        let run = try write("beginning a run of bills") { db in
            let open = try HotStatement(db, "SELECT id FROM billRun WHERE asOf = ? AND finished IS NULL")
            if try open.first(asOf) { return open.integer(0) }
            try HotStatement(db, "INSERT INTO billRun(asOf, started) VALUES(?, ?)").run(asOf, instant)
            return db.lastInsertedRowID
        }
        var districts = points.districts.map { DistrictBills($0) }
        var (billed, refused) = (0, 0)
        for start in stride(from: 0, to: points.points.count, by: Self.billsInStep) {
            let positions = start..<min(points.points.count, start + Self.billsInStep)
            for position in positions {
                guard let bill = bills[position] else { continue }
                districts[Int(points.points[position].district)].add(bill)
                if bill.refusal == nil { billed += 1 } else { refused += 1 }
            }
            let step = positions.compactMap { bills[$0] }
            try write("keeping bills") { try Self.keep(step[...], asOf: asOf, run: run, $0) }
        }
        let counts = (billed: billed, refused: refused)
        let kept = try write("keeping the run of bills") { db in
            let gone = try Self.withoutBill(bills, points, asOf: asOf, run: run, db)
            try RunBillRows(db).write(gone, asOf: asOf, run: run)
            // Of a run that was broken off, what it had kept by then counts too.
            let kept = try HotStatement(db, "SELECT COUNT(*) FROM runBill WHERE asOf = ? AND run = ?")
            _ = try kept.first(asOf, run)
            try HotStatement(
                db, "UPDATE billRun SET finished = ?, billed = ?, refused = ?, changed = ? WHERE id = ?"
            ).run(finishing?() ?? instant, counts.billed, counts.refused, kept.integer(0), run)
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
        _ bills: RunBills, _ points: BillRunPoints, asOf: ServiceDay, run: Int64, _ db: Database
    ) throws -> [RunBill] {
        let points = points.points
        var gone: [RunBill] = []
        var position = 0
        try RunBillRows.forEach(asOf: asOf, through: run, db) { kept in
            while position < points.count, points[position].usagePointID < kept.usagePointID { position += 1 }
            if position < points.count, points[position].usagePointID == kept.usagePointID, bills[position] != nil {
                return
            }
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
