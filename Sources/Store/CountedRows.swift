import GRDB

/// Tables whose rows are counted up from 1 and never deleted, so that memory can be laid out by their numbers.
enum CountedRows {
    /// The highest number; one that is far from the count of rows is not believed.
    static func last(_ column: String, of table: String, _ db: Database) throws -> Int {
        let row = try HotStatement(db, "SELECT COALESCE(MAX(\(column)), 0), COUNT(*) FROM \(table)")
        _ = try row.first()
        let (last, count) = (row.integer(0), row.integer(1))
        guard (0...count * 2 + 1_000_000).contains(last) else { throw DamagedRow(table: table, key: last) }
        return Int(last)
    }

    /// The highest series, for which a chunk's key has room; 0 where there is none.
    static func lastSeries(_ db: Database) throws -> Int64 {
        let last = try HotStatement(db, "SELECT COALESCE(MAX(id), 0) FROM series")
        guard try last.first(), (0...ChunkPeriod.seriesMax).contains(last.integer(0)) else {
            throw DamagedRow(table: "series", key: last.integer(0))
        }
        return last.integer(0)
    }
}
