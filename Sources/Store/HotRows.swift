import GRDB
import Metering

/// Rows of `hot` that are known to have no row in their place, gathered and written some at a time: most of what an
/// insert costs is spent around the row. Whoever reads `hot` meanwhile flushes it first.
struct NewIndices {
    private struct Row {
        let series: Int64
        let index: DailyIndex
    }

    private static let rowsMax = 16
    private let insertMany: HotStatement
    private let insertOne: HotStatement
    private var rows: [Row] = []

    init(_ db: Database) throws {
        let row = "(?, ?, ?, ?, ?, 1)"
        let columns = "INSERT INTO hot(day, series, idx, q, bound, revision) VALUES"
        insertMany = try HotStatement(
            db, columns + Array(repeating: row, count: Self.rowsMax).joined(separator: ", "))
        insertOne = try HotStatement(db, columns + row)
        rows.reserveCapacity(Self.rowsMax)
    }

    func holds(_ series: Int64) -> Bool { rows.contains { $0.series == series } }

    /// The first index of a day; whoever calls this knows that there is none.
    mutating func append(_ index: DailyIndex, series: Int64) throws {
        rows.append(Row(series: series, index: index))
        if rows.count == Self.rowsMax { try flush() }
    }

    mutating func flush() throws {
        defer { rows.removeAll(keepingCapacity: true) }
        guard rows.count == Self.rowsMax else {
            for row in rows {
                try insertOne.run(
                    row.index.day, row.series, row.index.index, Int(row.index.quality.rawValue), row.index.errorBound)
            }
            return
        }
        insertMany.reset()
        for row in rows {
            try insertMany.bindNext(
                row.index.day, row.series, row.index.index, Int(row.index.quality.rawValue), row.index.errorBound)
        }
        try insertMany.runBound()
    }
}
