import GRDB
import Metering

/// What an index was made from.
package enum IndexBasis: Hashable, Sendable {
    /// The meter's own record, read at this instant.
    case record(Instant)
    /// Two live readings, by when they were answered.
    case readings(Instant, Instant)
    /// The indices of two days.
    case indices(ServiceDay, ServiceDay)
    /// The index of a day and the live reading answered at an instant.
    case indexAndReading(ServiceDay, Instant)
    /// A person's entry.
    case person(Instant)
}

/// An index as it stands, or as it stood before a better one came.
package struct StoredIndex: Hashable, Sendable {
    package let meter: MeterID
    package let register: Register
    package let index: DailyIndex
    package let isReplaced: Bool
    /// `nil` where nothing is kept of it, which is wrong.
    package let basis: IndexBasis?
}

/// Everything that is stored, one after the other, for those who hold it whole against something else.
extension Store {
    /// Hands out every index, replaced ones too, by day, series and revision.
    package func forEachIndex(_ body: (StoredIndex) throws -> Void) throws {
        try read("reading every index") { db in
            let rows = try HotStatement(
                db,
                """
                WITH every(series, day, idx, q, bound, revision, isReplaced) AS (
                  SELECT series, day, idx, q, bound, revision, 0 FROM hot
                  UNION ALL
                  SELECT series, day, oldIdx, oldQ, oldBound, oldRevision, 1 FROM audit
                  WHERE oldIdx IS NOT NULL AND oldRevision < newRevision
                )
                SELECT every.day, idx, q, bound, every.revision, meter, register, isReplaced, kind, first, second
                FROM every JOIN series ON series.id = every.series
                LEFT JOIN lineage ON lineage.day = every.day AND lineage.series = every.series
                  AND lineage.revision = every.revision
                ORDER BY every.day, every.series, every.revision
                """)
            try rows.start()
            while try rows.next() {
                try body(
                    StoredIndex(
                        meter: MeterID(Int32(clamping: rows.integer(5))), register: try rows.register(6),
                        index: try rows.dailyIndex(), isReplaced: rows.integer(7) != 0, basis: Self.basis(rows, from: 8)
                    ))
            }
        }
    }

    private static func basis(_ row: HotStatement, from column: Int32) -> IndexBasis? {
        let first = row.integer(column + 1)
        let second = row.integer(column + 2)
        func day(_ number: Int64) -> ServiceDay { ServiceDay(number: Int32(clamping: number)) }
        switch LineageKind(rawValue: Int(row.integer(column))) {
        case .record: return .record(Instant(microseconds: first))
        case .readings: return .readings(Instant(microseconds: first), Instant(microseconds: second))
        case .indices: return .indices(day(first), day(second))
        case .indexAndReading: return .indexAndReading(day(first), Instant(microseconds: second))
        case .person: return .person(Instant(microseconds: first))
        case nil: return nil
        }
    }

    /// Hands out every reading that was kept with its words, suspects too, by when it was answered.
    package func forEachReading(_ body: (MeterID, Register, StoredReading) throws -> Void) throws {
        try read("reading every reading") { db in
            let rows = try HotStatement(
                db,
                """
                SELECT meter, register, moment, idx, verdict, gateway, unit, txn, profile, answered - took, answered,
                  words
                FROM reading JOIN series ON series.id = reading.series JOIN origin ON origin.id = reading.origin
                ORDER BY answered, reading.series, moment
                """)
            try rows.start()
            while try rows.next() {
                let meter = MeterID(Int32(clamping: rows.integer(0)))
                try body(meter, try rows.register(1), try StoredReading(rows, from: 2))
            }
        }
    }

    /// Hands out every row of every table as text, by table, then by text. Two stores with the same rows hold the
    /// same.
    package func forEachRow(_ body: (_ table: String, _ row: String) throws -> Void) throws {
        try read("reading every row") { db in
            let tables = try HotStatement(db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            try tables.start()
            var names: [String] = []
            while try tables.next() { names.append(tables.text(0)) }
            for name in names {
                let columns = try HotStatement(db, "SELECT name FROM pragma_table_info(?)")
                try columns.start(name)
                var quoted: [String] = []
                while try columns.next() { quoted.append("quote(\(columns.text(0)))") }
                let content = try HotStatement(
                    db, "SELECT \(quoted.joined(separator: " || ',' || ")) AS line FROM \(name) ORDER BY line")
                try content.start()
                while try content.next() { try body(name, content.text(0)) }
            }
        }
    }
}

extension StoredReading {
    /// Ten columns from `column` on: moment, idx, verdict, gateway, unit, txn, profile, requested, answered, words.
    init(_ row: HotStatement, from column: Int32) throws {
        guard let verdict = ReadingVerdict(rawValue: Int(row.integer(column + 2))) else {
            throw UnknownCode(column: "reading.verdict", code: row.integer(column + 2))
        }
        self.init(
            moment: row.integer(column) == 0 ? .live : .frozen(row.day(column)), index: row.energy(column + 1),
            verdict: verdict, gateway: row.text(column + 3), unit: UInt8(clamping: row.integer(column + 4)),
            transaction: UInt16(clamping: row.integer(column + 5)), profile: row.text(column + 6),
            requested: row.instant(column + 7), answered: row.instant(column + 8),
            words: WordBytes.words(row.bytes(column + 9)))
    }
}
