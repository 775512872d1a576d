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
            let owners = try HotStatement(
                db,
                """
                SELECT meter, register, (SELECT MIN(id) FROM series AS own WHERE own.meter = series.meter)
                FROM series WHERE id = ?
                """)
            let lineages = try LineageBook(db)
            for (series, index, isReplaced) in try Self.everyIndex(db) {
                guard try owners.first(series) else { throw DamagedRow(table: "series", key: series) }
                let register = try owners.register(1)
                let lineage = try lineages.entry(
                    of: series, register, dial: owners.integer(2), day: index.day, revision: index.revision)
                try body(
                    StoredIndex(
                        meter: MeterID(Int32(clamping: owners.integer(0))), register: register, index: index,
                        isReplaced: isReplaced, basis: lineage.map(Self.basis)))
            }
        }
    }

    private typealias EveryIndex = (series: Int64, index: DailyIndex, isReplaced: Bool)

    /// By day, series and revision.
    private static func everyIndex(_ db: Database) throws -> [EveryIndex] {
        var all: [EveryIndex] = []
        if let (first, last) = try IndexBook.days(db) {
            let walk = try IndexWalk(db, from: first, through: last)
            while let series = try walk.next() { all += walk.indices.map { (series, $0, false) } }
        }
        let replaced = try HotStatement(
            db,
            """
            SELECT day, oldIdx, oldQ, oldBound, oldRevision, series FROM audit
            WHERE oldIdx IS NOT NULL AND oldRevision < newRevision
            """)
        try replaced.start()
        while try replaced.next() { all.append((replaced.integer(5), try replaced.dailyIndex(), true)) }
        return all.sorted {
            ($0.index.day, $0.series, $0.index.revision) < ($1.index.day, $1.series, $1.index.revision)
        }
    }

    private static func basis(_ lineage: LineageEntry) -> IndexBasis {
        let first = lineage.first
        let second = lineage.second ?? first
        func day(_ number: Int64) -> ServiceDay { ServiceDay(stored: number) }
        return switch lineage.kind {
        case .record: .record(Instant(microseconds: first))
        case .readings: .readings(Instant(microseconds: first), Instant(microseconds: second))
        case .indices: .indices(day(first), day(second))
        case .indexAndReading: .indexAndReading(day(first), Instant(microseconds: second))
        case .person: .person(Instant(microseconds: first))
        }
    }

    /// Hands out every reading that was kept with its words, suspects too, by when it was answered.
    package func forEachReading(_ body: (MeterID, Register, StoredReading) throws -> Void) throws {
        try read("reading every reading") { db in
            // A poll's readings, known by their meter's first series, come as one row without a register.
            let rows = try HotStatement(
                db,
                """
                WITH every(answered, series, moment, register, idx, verdict, origin, unit, txn, took, content) AS (
                  SELECT answered, series, moment, register, idx, verdict, origin, unit, txn, took, words
                  FROM reading JOIN series ON series.id = reading.series
                  UNION ALL
                  SELECT answered, series, 0, NULL, 0, 1, origin, unit, txn, took, readings FROM poll
                )
                SELECT meter, every.register, moment, idx, verdict, gateway, unit, txn, profile, answered - took,
                  answered, content, every.series
                FROM every JOIN series ON series.id = every.series JOIN origin ON origin.id = every.origin
                ORDER BY answered, every.series, moment
                """)
            try rows.start()
            while try rows.next() {
                let meter = MeterID(Int32(clamping: rows.integer(0)))
                guard rows.optionalInteger(1) == nil else {
                    try body(meter, try rows.register(1), try StoredReading(rows, from: 2))
                    continue
                }
                let kept = try rows.withBytes(11) {
                    try KeptReadings.read($0, key: rows.integer(10), dial: rows.integer(12))
                }
                for reading in kept { try body(meter, reading.register, StoredReading(reading, pollIn: rows, from: 5)) }
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

    /// A reading that an index stands on, with its poll. Six columns from `column` on: gateway, unit, txn, profile,
    /// requested, answered.
    init(_ kept: KeptReading, pollIn row: HotStatement, from column: Int32) {
        self.init(
            moment: kept.moment == 0 ? .live : .frozen(ServiceDay(number: kept.moment)), index: kept.index,
            verdict: .accepted, gateway: row.text(column), unit: UInt8(clamping: row.integer(column + 1)),
            transaction: UInt16(clamping: row.integer(column + 2)), profile: row.text(column + 3),
            requested: row.instant(column + 4), answered: row.instant(column + 5), words: WordBytes.words(kept.words))
    }
}
