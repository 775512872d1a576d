import GRDB
import Metering

extension Store {
    /// Cases in the order asked for.
    /// - Parameter limit: at most so many.
    package func cases(
        _ filter: CaseFilter = CaseFilter(), order: CaseOrder = .stake, limit: Int
    ) throws -> [MeterCase] {
        try read("reading the cases") { db in try Self.cases(filter, order: order, limit: limit, db) }
    }

    /// How many there are.
    package func caseCount(_ filter: CaseFilter = CaseFilter()) throws -> Int {
        try read("counting the cases") { db in
            let selection = CaseSelection(filter)
            let count = try HotStatement(db, "SELECT COUNT(*) FROM \(CaseSelection.tables) WHERE \(selection.sql)")
            try selection.bind(to: count)
            return try count.next() ? Int(count.integer(0)) : 0
        }
    }

    /// How many live ones there are of each kind and severity, most first.
    package func liveCaseCounts() throws -> [CaseCount] {
        try read("counting the live cases") { db in
            let rows = try HotStatement(
                db,
                """
                SELECT kind, severity, COUNT(*) AS number FROM meterCase WHERE closed IS NULL
                GROUP BY kind, severity ORDER BY number DESC, kind
                """)
            return try Self.counts(rows)
        }
    }

    /// How often each rule found something in the days or periods that end on `day`, whatever became of it.
    package func findings(of day: ServiceDay) throws -> [CaseCount] {
        try read("counting what rules found") { db in
            let rows = try HotStatement(
                db,
                """
                SELECT kind, severity, COUNT(*) AS number FROM meterCase WHERE lastDay = ?
                GROUP BY kind, severity ORDER BY number DESC, kind
                """)
            return try Self.counts(rows, day)
        }
    }

    /// What was done about a case, oldest first.
    package func acts(on id: Int64) throws -> [CaseAct] {
        try read("reading what was done about case \(id)") { db in
            let rows = try HotStatement(db, "SELECT act, at, who, why FROM caseAct WHERE meterCase = ? ORDER BY id")
            try rows.start(id)
            var acts: [CaseAct] = []
            while try rows.next() {
                guard let kind = CaseAct.Kind(rawValue: rows.text(0)) else {
                    throw DamagedRow(table: "caseAct", key: id)
                }
                acts.append(CaseAct(kind: kind, at: rows.instant(1), who: rows.text(2), why: rows.text(3)))
            }
            return acts
        }
    }

    private static func counts<each Value: HotBindable>(
        _ rows: HotStatement, _ values: repeat each Value
    ) throws -> [CaseCount] {
        try rows.start(repeat each values)
        var counts: [CaseCount] = []
        while try rows.next() {
            guard let severity = MeterCase.Severity(rawValue: rows.text(1)) else { continue }
            counts.append(
                CaseCount(
                    kind: MeterCase.Kind(rawValue: rows.text(0)), severity: severity, count: Int(rows.integer(2))))
        }
        return counts
    }

    static func cases(_ filter: CaseFilter, order: CaseOrder, limit: Int, _ db: Database) throws -> [MeterCase] {
        let selection = CaseSelection(filter)
        let rows = try HotStatement(
            db,
            """
            SELECT \(CaseSelection.columns) FROM \(CaseSelection.tables) WHERE \(selection.sql)
            ORDER BY \(CaseSelection.order(order)) LIMIT ?11
            """)
        try selection.bind(to: rows, max(0, limit))
        var all: [MeterCase] = []
        while try rows.next() { all.append(try CaseSelection.meterCase(rows)) }
        return all
    }
}

/// So many cases of a kind.
package struct CaseCount: Hashable, Sendable {
    package let kind: MeterCase.Kind
    package let severity: MeterCase.Severity
    package let count: Int
}

/// A filter as SQL: one statement for all, whatever is asked for.
struct CaseSelection {
    private let filter: CaseFilter

    init(_ filter: CaseFilter) { self.filter = filter }

    static let tables = """
        meterCase JOIN installation ON installation.meter = meterCase.meter
        JOIN usagePoint ON usagePoint.id = installation.usagePoint
        JOIN gateway ON gateway.id = installation.gateway
        """

    /// Ten parameters. Sets come as JSON, for a statement has a fixed number of parameters. Live cases are found by
    /// their index; the planner does not see that a set holds live states only.
    private static let all = """
        (?1 IS NULL OR meterCase.id IN (SELECT value FROM json_each(?1)))
        AND state IN (SELECT value FROM json_each(?2)) AND (?3 = 0 OR closed IS NULL)
        AND (?4 IS NULL OR kind IN (SELECT value FROM json_each(?4)))
        AND (?5 IS NULL OR severity IN (SELECT value FROM json_each(?5)))
        AND (?6 IS NULL OR usagePoint.name = ?6) AND (?7 IS NULL OR usagePoint.station = ?7)
        AND (?8 IS NULL OR usagePoint.district = ?8) AND (?9 IS NULL OR gateway.name = ?9)
        AND (?10 IS NULL OR ABS(energy - COALESCE(usual, 0)) <= ?10)
        """

    /// The few that some ids or one usage point have are looked up, not looked for among a province's.
    var sql: String {
        var parts: [String] = []
        if filter.ids != nil { parts.append("meterCase.id IN (SELECT value FROM json_each(?1))") }
        if filter.usagePoint != nil {
            parts.append(
                """
                meterCase.meter IN (SELECT meter FROM installation
                  WHERE usagePoint = (SELECT id FROM usagePoint WHERE name = ?6))
                """)
        }
        return (parts + [Self.all]).joined(separator: " AND ")
    }

    func bind<each More: HotBindable>(to statement: HotStatement, _ more: repeat each More) throws {
        try statement.start(
            filter.ids.map { try JSONSet.text(of: $0) }, JSONSet.text(of: filter.states.map(\.rawValue)),
            filter.states.isSubset(of: MeterCase.State.live) ? 1 : 0, filter.kinds.map { try JSONSet.text(of: $0) },
            filter.severities.map { try JSONSet.text(of: $0.map(\.rawValue)) },
            filter.usagePoint, filter.station, filter.district, filter.gateway, filter.deviationMost,
            repeat each more)
    }

    static func order(_ order: CaseOrder) -> String {
        switch order {
        case .stake:
            """
            CASE severity WHEN 'blocks' THEN 0 WHEN 'holds' THEN 1 ELSE 2 END,
            ABS(energy - COALESCE(usual, 0)) DESC, opened, meterCase.id
            """
        case .age: "opened, meterCase.id"
        case .newest: "opened DESC, meterCase.id DESC"
        }
    }

    static let columns = """
        meterCase.id, kind, severity, state, meterCase.meter, register, installation.serial, usagePoint.name,
        usagePoint.station, usagePoint.district, usagePoint.category, gateway.name, unit, text, found, firstDay,
        lastDay, energy, usual, opened, lastSeen, closed
        """

    static func meterCase(_ row: HotStatement) throws -> MeterCase {
        guard let severity = MeterCase.Severity(rawValue: row.text(2)),
            let state = MeterCase.State(rawValue: row.text(3))
        else { throw DamagedRow(table: "meterCase", key: row.integer(0)) }
        let (first, last) = (row.optionalDay(15), row.optionalDay(16))
        return MeterCase(
            id: row.integer(0), kind: MeterCase.Kind(rawValue: row.text(1)), severity: severity, state: state,
            meter: MeterID(Int32(clamping: row.integer(4))),
            register: row.integer(5) == 0 ? nil : try row.register(5), serial: row.text(6), usagePoint: row.text(7),
            station: row.text(8), district: row.text(9), category: row.text(10), gateway: row.text(11),
            unit: UInt8(clamping: row.integer(12)), text: row.text(13), found: row.optionalText(14),
            days: first.flatMap { first in last.flatMap { first <= $0 ? first...$0 : nil } },
            energy: row.optionalEnergy(17), usual: row.optionalEnergy(18), opened: row.instant(19),
            lastSeen: row.instant(20), closed: row.optionalInstant(21))
    }
}
