import Billing
import GRDB
import Metering

/// One customer's bill of a run: what it comes to, how much of it was measured, and with what the period may end.
package struct RunBill: Hashable, Sendable {
    /// Row of `usagePoint`.
    let usagePointID: Int64
    /// The whole billing period.
    package internal(set) var period: ClosedRange<ServiceDay>
    /// So many days of it are billed; 0 of a bill that was refused.
    package internal(set) var days: Int32 = 0
    package internal(set) var kwh: Int64 = 0
    package internal(set) var preVAT = Money.zero
    package internal(set) var vat = Money.zero
    package internal(set) var total = Money.zero
    /// `nil` where nothing of the period is left, or too little is known to tell it by.
    package internal(set) var projection: Projection?
    package internal(set) var coverage = Coverage()
    /// A case is open that holds it up.
    package internal(set) var isHeld = false
    /// Why there is no bill; `nil` where there is one.
    package internal(set) var refusal: Refusal?

    /// The whole period's total.
    package struct Projection: Hashable, Sendable {
        package let low: Money
        package let expected: Money
        package let high: Money
    }

    /// As `BillCoverage`; of days.
    package struct Coverage: Hashable, Sendable {
        package var measured: Int32 = 0
        package var estimated: Int32 = 0
        package var missing: Int32 = 0
        package var projected: Int32 = 0
    }

    package enum Refusal: String, Hashable, Sendable {
        /// No index of the period is known.
        case noIndex = "no-index"
        /// The indices known are no consumption, or one beyond any meter.
        case noConsumption = "no-consumption"
        /// The tariff files have no price, or none that may be used.
        case noPrice = "no-price"
        /// It has no meter in the period any more.
        case noMeter = "no-meter"
    }

    init(usagePointID: Int64, period: ClosedRange<ServiceDay>, refusal: Refusal? = nil) {
        (self.usagePointID, self.period, self.refusal) = (usagePointID, period, refusal)
    }
}

/// The rows of `runBill`, inside one transaction.
struct RunBillRows {
    private static let columns = """
        asOf, usagePoint, run, periodFrom, periodThrough, days, kwh, preVAT, vat, total, low, expected, high, measured,
        estimated, missing, projected, isHeld, refusal
        """
    private let insert: GroupInsert

    init(_ db: Database) throws {
        insert = try GroupInsert(
            db, into: "runBill(\(Self.columns))", row: "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    }

    func write(_ bills: [RunBill], asOf: ServiceDay, run: Int64) throws {
        try insert.run(bills) { row, bill in
            try row.bindNext(
                asOf, bill.usagePointID, run, bill.period.lowerBound, bill.period.upperBound, Int64(bill.days),
                bill.kwh,
                bill.preVAT.dong, bill.vat.dong, bill.total.dong, bill.projection?.low.dong,
                bill.projection?.expected.dong, bill.projection?.high.dong, Int64(bill.coverage.measured),
                Int64(bill.coverage.estimated), Int64(bill.coverage.missing), Int64(bill.coverage.projected),
                bill.isHeld ? 1 : 0, bill.refusal?.rawValue)
        }
    }

    /// The latest bill of each usage point, in the order of their rows.
    /// - Parameters:
    ///   - run: the latest one that counts.
    ///   - usagePoints: rows, both inclusive.
    static func forEach(
        asOf: ServiceDay, through run: Int64, usagePoints: ClosedRange<Int64> = 0...Int64.max, _ db: Database,
        _ body: (RunBill) throws -> Void
    ) throws {
        let rows = try HotStatement(
            db,
            """
            SELECT \(columns) FROM runBill WHERE asOf = ? AND usagePoint BETWEEN ? AND ? AND run <= ?
            ORDER BY usagePoint, run
            """)
        try rows.start(asOf, usagePoints.lowerBound, usagePoints.upperBound, run)
        var latest: RunBill?
        while try rows.next() {
            let bill = bill(rows)
            if let earlier = latest, earlier.usagePointID != bill.usagePointID { try body(earlier) }
            latest = bill
        }
        if let latest { try body(latest) }
    }

    private static func bill(_ row: HotStatement) -> RunBill {
        let (from, through) = (row.day(3), row.day(4))
        var bill = RunBill(
            usagePointID: row.integer(1), period: from...max(from, through),
            refusal: row.optionalText(18).map { RunBill.Refusal(rawValue: $0) ?? .noIndex })
        bill.days = Int32(clamping: row.integer(5))
        bill.kwh = row.integer(6)
        bill.preVAT = Money(dong: row.integer(7))
        bill.vat = Money(dong: row.integer(8))
        bill.total = Money(dong: row.integer(9))
        if let low = row.optionalInteger(10), let expected = row.optionalInteger(11),
            let high = row.optionalInteger(12)
        {
            bill.projection = RunBill.Projection(
                low: Money(dong: low), expected: Money(dong: expected), high: Money(dong: high))
        }
        bill.coverage = RunBill.Coverage(
            measured: Int32(clamping: row.integer(13)), estimated: Int32(clamping: row.integer(14)),
            missing: Int32(clamping: row.integer(15)), projected: Int32(clamping: row.integer(16)))
        bill.isHeld = row.integer(17) == 1
        return bill
    }
}
