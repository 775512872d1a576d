import GRDB
import Metering

extension Store {
    /// How many months of indices may be chosen to be kept. The shortest leaves more than the days that rules look
    /// back: with closed days forgotten among those, a meter never read would seem to be awaited only since the first
    /// one kept (`DayCheck.beganOn`), and somebody would be told of a silence that nobody knows the length of.
    package static let indexMonths = 14...1200

    /// The day that lies in the first month kept.
    /// - Parameter months: one of `indexMonths`, of 31 days each.
    package static func firstKept(_ months: Int, today: ServiceDay) -> ServiceDay { today - months * 31 }

    /// Forgets what indices of days before `day` were made from: their polls with the words, and their lineage; and
    /// suspects and late readings of that time. The indices and their revisions stay.
    ///
    /// - Parameters:
    ///   - rowsMax: about how many rows of each table one call forgets, in one short transaction.
    /// - Returns: whether there is more to forget.
    package func forgetLineage(before day: ServiceDay, rowsMax: Int = 20_000) throws -> Bool {
        let instant = calendar.start(of: day)
        let places: [Forgetting] = [
            Forgetting("poll", "answered", instant.microseconds),
            Forgetting("reading", "answered", instant.microseconds),
            Forgetting("nightLineage", "day", Int64(day.number)), Forgetting("lineage", "day", Int64(day.number)),
            Forgetting("estimationMethod", "day", Int64(day.number)),
        ]
        // Mostly there is nothing, and asking needs no writer.
        guard try read("looking for lineage to forget", { db in try places.contains { try $0.hasAny(db) } }) else {
            return false
        }
        return try write("forgetting lineage from before \(day)") { db in
            var hasMore = false
            try KeptSince.note("evidence", day, db)
            for place in places {
                if try place.forget(rowsMax, db) { hasMore = true }
            }
            return hasMore
        }
    }

    /// Forgets the indices of whole months before the one that `day` lies in, with their revisions and day counts; the
    /// cases about those days, and those about no days that had ended by then, with what people did about them; and
    /// what became of alarms.
    ///
    /// - Returns: whether there is more to forget.
    package func forgetIndices(before day: ServiceDay, rowsMax: Int = 20_000) throws -> Bool {
        let month = ChunkPeriod(.month, containing: day)
        let began = calendar.start(of: month.first).microseconds
        let places: [Forgetting] = [
            Forgetting("chunk", "key", month.key(of: 0)),
            Forgetting("loadWeek", "key", ChunkPeriod(.week, containing: month.first).key(of: 0)),
            Forgetting("audit", "day", Int64(month.first.number)),
            Forgetting("firstKnown", "day", Int64(month.first.number)),
            Forgetting("closedDay", "day", Int64(month.first.number)),
            Forgetting("stationBalance", "day", Int64(month.first.number)),
            Forgetting("classDay", "day", Int64(month.first.number)),
            Forgetting("meterCase", "lastDay", Int64(month.first.number), with: "caseAct"),
            Forgetting("meterCase", "closed", began, where: "lastDay IS NULL", with: "caseAct"),
            Forgetting("alarmEvent", "at", began), Forgetting("collection", "day", Int64(month.first.number)),
        ]
        return try read("looking for indices to forget") { db in
            // What has not been compacted yet is not old enough to go.
            guard try month.first <= IndexPlaces(db).monthsEnd else { return false }
            return try places.contains { try $0.hasAny(db) }
        }
            && write("forgetting indices from before \(month.first)") { db in
                var hasMore = false
                try KeptSince.note("indices", month.first, db)
                for place in places {
                    if try place.forget(rowsMax, db) { hasMore = true }
                }
                return hasMore
            }
    }
}

extension Store {
    /// Forgets the runs of bills of which nothing was made on `day` or later, whatever day they are as of: a run of a
    /// province is some 60 MB. Those as of the same day go together. What bills are made from stays.
    ///
    /// - Returns: whether there is more to forget.
    package func forgetBillRuns(madeBefore day: ServiceDay, rowsMax: Int = 20_000) throws -> Bool {
        let oldest = try read("looking for runs of bills to forget") { db in
            let run = try HotStatement(
                db, "SELECT asOf FROM billRun GROUP BY asOf HAVING MAX(started) < ? ORDER BY MAX(started) LIMIT 1")
            return try run.first(calendar.start(of: day)) ? run.optionalDay(0) : nil
        }
        guard let oldest else { return false }
        return try write("forgetting the bills as of \(oldest)") { db in
            let next = try HotStatement(
                db, "SELECT usagePoint FROM runBill WHERE asOf = ? ORDER BY usagePoint LIMIT 1 OFFSET ?")
            guard try next.first(oldest, rowsMax) else {
                try HotStatement(db, "DELETE FROM runBill WHERE asOf = ?").run(oldest)
                try HotStatement(db, "DELETE FROM billRun WHERE asOf = ?").run(oldest)
                return true
            }
            try HotStatement(db, "DELETE FROM runBill WHERE asOf = ? AND usagePoint < ?").run(oldest, next.integer(0))
            return true
        }
    }
}

extension KeptSince {
    init(_ db: Database) throws {
        let row = try HotStatement(db, "SELECT firstKept FROM forgotten WHERE what = ?")
        func day(_ what: String) throws -> ServiceDay? { try row.first(what) ? row.day(0) : nil }
        self.init(indices: try day("indices"), evidence: try day("evidence"))
    }

    fileprivate static func note(_ what: String, _ day: ServiceDay, _ db: Database) throws {
        try HotStatement(
            db,
            """
            INSERT INTO forgotten VALUES(?, ?)
            ON CONFLICT DO UPDATE SET firstKept = MAX(firstKept, excluded.firstKept)
            """
        ).run(what, day)
    }
}

/// Rows of a table whose first key column lies before a value.
private struct Forgetting {
    private let table: String
    private let column: String
    private let end: Int64
    private let condition: String
    /// Has rows about rows of `table`, which go with them, under its name.
    private let child: String?

    init(_ table: String, _ column: String, _ end: Int64, where condition: String = "TRUE", with child: String? = nil) {
        self.table = table
        self.column = column
        self.end = end
        self.condition = condition
        self.child = child
    }

    private var rows: String { "FROM \(table) WHERE \(column) < ? AND \(condition)" }

    func hasAny(_ db: Database) throws -> Bool { try HotStatement(db, "SELECT 1 \(rows) LIMIT 1").first(end) }

    /// Deletes the oldest rows, about `rowsMax` of them: rows of the same value go together. Returns whether more
    /// are left.
    func forget(_ rowsMax: Int, _ db: Database) throws -> Bool {
        let next = try HotStatement(db, "SELECT \(column) \(rows) ORDER BY \(column) LIMIT 1 OFFSET ?")
        let hasMore = try next.first(end, rowsMax)
        let bound = hasMore ? next.integer(0) + 1 : end
        if let child { try HotStatement(db, "DELETE FROM \(child) WHERE \(table) IN (SELECT id \(rows))").run(bound) }
        try HotStatement(db, "DELETE \(rows)").run(bound)
        return hasMore
    }
}
