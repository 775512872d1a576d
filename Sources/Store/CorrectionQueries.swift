import Billing
import GRDB
import Metering

extension Store {
    /// Hands out what came to be known late, usage point by usage point in the order of their first import, each by
    /// the day it came to be known, all as of one moment. What is known late was noted from step 16 of the schema on.
    ///
    /// Bills are rated again where an index of theirs changed, and nowhere else.
    /// - Parameter limit: hands out so many at the most; `nil` is all.
    /// - Returns: how many there are besides those handed out.
    /// - Throws: what `body` throws, or `StoreError`.
    package func forEachCorrection(
        _ filter: CorrectionFilter, limit: Int?, tariffs: TariffBook, _ body: (Correction) throws -> Void
    ) throws -> Int {
        try read("looking for what came to be known late") { db in
            let rows = try HotStatement(db, LateRow.sql(ofOne: filter.usagePoint != nil))
            let since = filter.since ?? Instant(microseconds: .min)
            if let usagePoint = filter.usagePoint {
                try rows.start(since, Int(filter.register.rawValue), usagePoint)
            } else {
                try rows.start(since, Int(filter.register.rawValue))
            }
            var group: [LateRow] = []
            var (told, more) = (0, 0)
            func end() throws {
                guard let first = group.first else { return }
                defer { group.removeAll(keepingCapacity: true) }
                guard limit.map({ told < $0 }) ?? true else {
                    more += 1
                    return
                }
                guard let correction = try correction(group, at: first.usagePoint, filter.register, tariffs, db) else {
                    return
                }
                told += 1
                try body(correction)
            }
            while try rows.next() {
                let row = try LateRow(rows)
                if let last = group.last,
                    last.usagePoint != row.usagePoint || calendar.day(at: last.at) != calendar.day(at: row.at)
                {
                    try end()
                }
                group.append(row)
            }
            try end()
            return more
        }
    }

    /// `nil` where the indices count for nothing, being of days that another meter showed.
    private func correction(
        _ rows: [LateRow], at name: String, _ register: Register, _ tariffs: TariffBook, _ db: Database
    ) throws -> Correction? {
        let at = rows.map(\.at)
        let dayNumbers = rows.map(\.day)
        guard let usagePoint = try Self.usagePoint(name, db), let first = at.min(), let last = at.max(),
            let firstDay = dayNumbers.min(), let lastDay = dayNumbers.max()
        else { return nil }
        let (before, after) = (Hindsight(first - Instant.Span(microseconds: 1), calendar), Hindsight(last, calendar))
        func days(_ then: Hindsight) throws -> UsagePointDays {
            UsagePointDays(
                try Self.meters(of: name, db).map {
                    try Self.days(of: $0, register, from: firstDay.previous, through: lastDay.next, at: then, db)
                })
        }
        let (old, new) = (try days(before), try days(after))
        let indices = try LateSources(db, register: register).indices(rows, of: new)
        guard !indices.isEmpty else { return nil }
        let corrected = Set(dayNumbers).sorted()
        let energies = Set(corrected + corrected.map(\.previous)).sorted().compactMap { day in
            let (was, became) = (old.consumption(on: day), new.consumption(on: day))
            return was == became ? nil : Correction.Day(day: day, before: was, after: became)
        }
        func value(_ days: UsagePointDays, _ day: ServiceDay) -> [Energy?] {
            days.meters.map { $0.indices[day]?.index }
        }
        let moved = corrected.filter { value(old, $0) != value(new, $0) }
        return Correction(
            usagePoint: usagePoint, register: register, madeOn: after.today, indices: indices, days: energies,
            bills: register == .activeImport
                ? try bills(of: usagePoint, movedOn: moved, from: before, to: after, tariffs, db) : [])
    }

    /// An index ends the day before its own and begins its own: it is in the bills of both.
    private func bills(
        of usagePoint: UsagePoint, movedOn days: [ServiceDay], from before: Hindsight, to after: Hindsight,
        _ tariffs: TariffBook, _ db: Database
    ) throws -> [Correction.Bill] {
        guard let (_, calendar) = try Self.billed(usagePoint.name, db) else { return [] }
        let periods = Set(days.flatMap { [$0.previous, $0] }.map { calendar.period(containing: $0).period })
        return try periods.sorted { $0.from < $1.from }.compactMap { period in
            let asOf = min(period.through.next, after.today)
            guard period.from < asOf else { return nil }
            func rated(_ then: Hindsight) throws -> ProvisionalBill? {
                do {
                    let basis = try billBasis(of: usagePoint.name, asOf: asOf, at: then, tariffs: tariffs, db)
                    return try bill(on: basis, asOf: asOf, tariffs: tariffs).bill
                } catch is BillingError {
                    return nil
                } catch let error as StoreError {
                    switch error {
                    case .noIndex, .noConsumption: return nil
                    default: throw error
                    }
                }
            }
            let (old, new) = (try rated(before), try rated(after))
            return old == nil && new == nil
                ? nil : Correction.Bill(period: period, asOf: asOf, before: old, after: new)
        }
    }
}

/// A value that a closed day's index was given: a row of `audit`, or of `firstKnown` where it was the first.
private struct LateRow {
    struct Change {
        let before: DailyIndex?
        let after: DailyIndex
        let occasion: IndexOccasion
    }

    let usagePoint: String
    let series: Int64
    let day: ServiceDay
    let at: Instant
    /// `nil` for the first value, unless a person entered it.
    let change: Change?

    init(_ row: HotStatement) throws {
        usagePoint = row.text(1)
        series = row.integer(2)
        at = row.instant(3)
        day = row.day(4)
        change =
            row.optionalInteger(5) == nil
            ? nil
            : Change(
                before: row.optionalInteger(10) == nil ? nil : try row.dailyIndex(9), after: try row.dailyIndex(4),
                occasion: IndexOccasion(row, from: 14))
    }

    /// From ?1 on, of register ?2, at usage point ?3 or at all of them. A better source of the same value is no news.
    static func sql(ofOne isOfOne: Bool) -> String {
        // Those of one are few, and found by their series; the sign keeps the index by time from being taken.
        func condition(_ table: String) -> String {
            isOfOne ? "\(table).series IN (\(seriesOfOne)) AND +\(table).at >= ?1" : "\(table).at >= ?1"
        }
        return """
            SELECT usagePoint.id AS point, usagePoint.name, series.id, at AS since, day,
              newIdx, newQ, newBound, newRevision, day, oldIdx, oldQ, oldBound, oldRevision, \(IndexOccasion.columns)
            FROM audit JOIN series ON series.id = audit.series \(joined)
            WHERE wasClosed = 1 AND \(condition("audit")) AND series.register = ?2
              AND (oldRevision IS NULL OR newRevision > oldRevision)
            UNION ALL
            SELECT usagePoint.id, usagePoint.name, series.id, at, day,
              NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
            FROM firstKnown JOIN series AS own ON own.id = firstKnown.series
            JOIN series ON series.meter = own.meter AND series.register = ?2 \(joined)
            WHERE wasClosed = 1 AND \(condition("firstKnown")) AND registers & (1 << ?2)
              AND NOT EXISTS(SELECT 1 FROM audit WHERE audit.series = series.id AND audit.day = firstKnown.day
                AND audit.at = firstKnown.at AND oldRevision IS NULL)
            ORDER BY point, since, day
            """
    }

    private static let seriesOfOne = """
        SELECT series.id FROM usagePoint JOIN installation ON installation.usagePoint = usagePoint.id
        JOIN series ON series.meter = installation.meter WHERE usagePoint.name = ?3
        """

    private static let joined = """
        JOIN installation ON installation.meter = series.meter
        JOIN usagePoint ON usagePoint.id = installation.usagePoint
        """
}

/// Finds what brought late values.
private struct LateSources {
    private let register: Register
    private let lineages: LineageBook
    private let selectPoll: HotStatement

    init(_ db: Database, register: Register) throws {
        self.register = register
        lineages = try LineageBook(db)
        selectPoll = try HotStatement(
            db,
            """
            SELECT gateway, unit, txn FROM poll JOIN origin ON origin.id = poll.origin
            WHERE answered = ? AND series = ?
            """)
    }

    /// Of those rows whose days their meters showed.
    func indices(_ rows: [LateRow], of days: UsagePointDays) throws -> [Correction.Index] {
        try rows.compactMap { row in
            guard let meter = days.meters.first(where: { $0.series?.series == row.series }), let place = meter.series,
                let now = meter.indices[row.day]
            else { return nil }
            let (dial, serial) = (meter.meter.installation.dial, meter.meter.installation.serial)
            if let change = row.change {
                return Correction.Index(
                    serial: serial, occasion: change.occasion, poll: try poll(row.at, place.dial),
                    before: change.before.map(dial.shown), after: dial.shown(change.after))
            }
            let first = meter.changes.values(on: row.day)?.first?.index ?? now
            let lineage = try lineages.firstEntry(register, dial: place.dial, day: row.day)
            return Correction.Index(
                serial: serial, occasion: IndexOccasion(lineage, at: row.at), poll: try poll(row.at, place.dial),
                before: nil, after: dial.shown(first))
        }
    }

    private func poll(_ answered: Instant, _ dial: Int64) throws -> Correction.Poll? {
        guard try selectPoll.first(answered, dial) else { return nil }
        return Correction.Poll(
            gateway: selectPoll.text(0), unit: UInt8(clamping: selectPoll.integer(1)),
            transaction: UInt16(clamping: selectPoll.integer(2)))
    }
}
