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
}
