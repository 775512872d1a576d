import GRDB

/// An insert that takes its rows some at a time: most of what one costs is spent around the row.
///
/// A statement that fails leaves what it wrote before, and whoever ran it rolls the transaction back (`OR FAIL`). To
/// take back the statement alone, SQLite would first copy aside each page that one of several rows touches.
struct GroupInsert {
    private static let rowsMax = 16
    private let many: HotStatement
    private let one: HotStatement

    /// - Parameters:
    ///   - table: with its columns, `origin(gateway, profile)`.
    ///   - row: the values of a row, `(?, ?)`.
    ///   - replaces: whether a row takes the place of the one with its key; for a table without another index.
    init(_ db: Database, into table: String, row: String, replaces: Bool = false) throws {
        func statement(_ count: Int) throws -> HotStatement {
            let rows = Array(repeating: row, count: count).joined(separator: ", ")
            return try HotStatement(db, "INSERT OR \(replaces ? "REPLACE" : "FAIL") INTO \(table) VALUES \(rows)")
        }
        many = try statement(Self.rowsMax)
        one = try statement(1)
    }

    /// Writes the rows in their order; `bind` binds the values of one with `bindNext`. A row whose key is taken goes to
    /// `taken` in its turn.
    func run<Row>(
        _ rows: some RandomAccessCollection<Row>, bind: (HotStatement, Row) throws -> Void,
        taken: (Row, SQLiteFailure) throws -> Void = { throw $1 }
    ) throws {
        var rest = rows[...]
        // One taken key seldom comes alone: the next row is tried by itself.
        var isAlone = false
        while let row = rest.first {
            let group = rest.prefix(!isAlone && rest.count >= Self.rowsMax ? Self.rowsMax : 1)
            let statement = group.count == 1 ? one : many
            statement.reset()
            for row in group { try bind(statement, row) }
            do {
                try statement.runBound()
                isAlone = false
                rest = rest.dropFirst(group.count)
            } catch let failure as SQLiteFailure where failure.isTakenKey {
                let written = statement.changes
                try taken(group.count == 1 ? row : rest[rest.index(rest.startIndex, offsetBy: written)], failure)
                isAlone = true
                rest = rest.dropFirst(written + 1)
            }
        }
    }
}
