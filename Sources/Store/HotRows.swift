import GRDB
import Metering

/// The rows of `hot`, an index each: the days that no chunk holds yet.
enum HotRows {
    static func firstDay(_ db: Database) throws -> ServiceDay? {
        let first = try HotStatement(db, "SELECT MIN(day) FROM hot")
        return try first.first() ? first.optionalDay(0) : nil
    }

    /// Of the days of a period.
    static func delete(_ period: ChunkPeriod, _ series: ClosedRange<Int64>, _ db: Database) throws {
        let delete = try HotStatement(db, "DELETE FROM hot WHERE day = ? AND series BETWEEN ? AND ?")
        for day in period.first...period.last { try delete.run(day, series.lowerBound, series.upperBound) }
    }
}

extension HotStatement {
    /// Columns 1 to 5 of a series' row of `hot`: day, idx, q, bound, revision.
    /// - Throws: `DamagedRow`.
    func openIndex(of series: Int64) throws -> DailyIndex {
        do { return try dailyIndex(1) } catch is UnknownCode {
            throw DamagedRow(table: "hot", key: ChunkPeriod.dayKey(day(1), series), series: series)
        }
    }
}

/// Rows of `hot` that are known to have no row in their place, gathered for a while. Whoever reads `hot` meanwhile
/// flushes them first.
struct NewIndices {
    private struct Row {
        let series: Int64
        let index: DailyIndex
    }

    private static let rowsMax = 16
    private let insert: GroupInsert
    private var rows: [Row] = []

    init(_ db: Database) throws {
        insert = try GroupInsert(db, into: "hot(day, series, idx, q, bound, revision)", row: "(?, ?, ?, ?, ?, 1)")
        rows.reserveCapacity(Self.rowsMax)
    }

    func holds(_ series: Int64) -> Bool { rows.contains { $0.series == series } }
    func holds(_ day: ServiceDay) -> Bool { rows.contains { $0.index.day == day } }
    var isFull: Bool { rows.count >= Self.rowsMax }

    /// The first index of a day; whoever calls this knows that there is none.
    mutating func append(_ index: DailyIndex, series: Int64) { rows.append(Row(series: series, index: index)) }

    mutating func flush() throws {
        defer { rows.removeAll(keepingCapacity: true) }
        try insert.run(rows) { statement, row in
            try statement.bindNext(
                row.index.day, row.series, row.index.index, Int(row.index.quality.rawValue), row.index.errorBound)
        }
    }
}
