import Billing
import GRDB
import Metering

/// A bill of a run, with whose it is.
package struct RunBillOfCustomer: Hashable, Sendable {
    package let usagePoint: String
    package let customer: String
    package let district: String
    package let category: String
    package let bill: RunBill
}

/// A customer whose bill is another one in a later run.
package struct RunBillDifference: Hashable, Sendable {
    package let usagePoint: String
    package let district: String
    /// `nil` where there was none.
    package let before: RunBill?
    package let after: RunBill?

    /// Of the total, where there is a bill in both.
    package var difference: Money? {
        guard let before, let after, before.refusal == nil, after.refusal == nil else { return nil }
        return after.total - before.total
    }
}

extension Store {
    /// All runs that are kept, the latest last.
    package func billRuns() throws -> [BillRun] { try read("reading the runs of bills") { try Self.billRuns($0) } }

    static func billRuns(_ db: Database) throws -> [BillRun] {
        let rows = try HotStatement(
            db, "SELECT id, asOf, started, finished, billed, refused, changed FROM billRun ORDER BY id")
        try rows.start()
        var runs: [BillRun] = []
        while try rows.next() {
            runs.append(
                BillRun(
                    number: rows.integer(0), asOf: rows.day(1), started: rows.instant(2),
                    finished: rows.optionalInteger(3).map { Instant(stored: $0) }, billed: Int(rows.integer(4)),
                    refused: Int(rows.integer(5)), changed: Int(rows.integer(6))))
        }
        return runs
    }

    /// Calls `body` with every bill of a run as it was then, in the registry's order.
    package func forEachBill(of run: BillRun, _ body: (RunBillOfCustomer) throws -> Void) throws {
        try read("reading the bills of run \(run.number)") { db in
            // Both in the registry's order.
            let points = try HotStatement(
                db, "SELECT id, name, customer, district, category FROM usagePoint ORDER BY id")
            try points.start()
            var point: Int64 = .min
            try RunBillRows.forEach(asOf: run.asOf, through: run.number, db) { bill in
                while point < bill.usagePointID {
                    guard try points.next() else { throw DamagedRow(table: "usagePoint", key: bill.usagePointID) }
                    point = points.integer(0)
                }
                try body(
                    RunBillOfCustomer(
                        usagePoint: points.text(1), customer: points.text(2), district: points.text(3),
                        category: points.text(4), bill: bill))
            }
        }
    }

    /// Calls `body` with every customer whose bill differs between two runs, of the same day or not, in the registry's
    /// order.
    package func forEachDifference(
        from earlier: BillRun, to later: BillRun, _ body: (RunBillDifference) throws -> Void
    ) throws {
        try read("comparing the bills of runs \(earlier.number) and \(later.number)") { db in
            var before: [Int64: RunBill] = [:]
            if earlier.asOf == later.asOf {
                // What did not change has one row for both.
                let changed = try HotStatement(
                    db,
                    """
                    SELECT DISTINCT usagePoint FROM runBill WHERE asOf = ? AND run > ? AND run <= ? ORDER BY usagePoint
                    """)
                try changed.start(
                    later.asOf, min(earlier.number, later.number), max(earlier.number, later.number))
                var points: [Int64] = []
                while try changed.next() { points.append(changed.integer(0)) }
                let names = try BilledNames(db)
                for point in points {
                    func bill(_ run: Int64) throws -> RunBill? {
                        var found: RunBill?
                        try RunBillRows.forEach(asOf: later.asOf, through: run, usagePoints: point...point, db) {
                            found = $0
                        }
                        return found
                    }
                    try names.tell(try bill(earlier.number), try bill(later.number), body)
                }
                return
            }
            try RunBillRows.forEach(asOf: earlier.asOf, through: earlier.number, db) { before[$0.usagePointID] = $0 }
            let names = try BilledNames(db)
            try RunBillRows.forEach(asOf: later.asOf, through: later.number, db) { after in
                try names.tell(before.removeValue(forKey: after.usagePointID), after, body)
            }
            for (_, gone) in before.sorted(by: { $0.key < $1.key }) { try names.tell(gone, nil, body) }
        }
    }
}

private struct BilledNames {
    private let row: HotStatement

    init(_ db: Database) throws {
        row = try HotStatement(db, "SELECT name, customer, district, category FROM usagePoint WHERE id = ?")
    }

    func named(_ bill: RunBill) throws -> RunBillOfCustomer {
        guard try row.first(bill.usagePointID) else { throw DamagedRow(table: "usagePoint", key: bill.usagePointID) }
        return RunBillOfCustomer(
            usagePoint: row.text(0), customer: row.text(1), district: row.text(2), category: row.text(3), bill: bill)
    }

    func tell(
        _ before: RunBill?, _ after: RunBill?, _ body: (RunBillDifference) throws -> Void
    ) throws {
        guard before != after, let either = after ?? before else { return }
        let named = try named(either)
        try body(
            RunBillDifference(usagePoint: named.usagePoint, district: named.district, before: before, after: after))
    }
}
