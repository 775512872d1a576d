import GRDB

/// An insert that takes its rows some at a time: most of what one costs is spent around the row.
struct GroupInsert {
    private static let rowsMax = 16
    private let many: HotStatement
    private let one: HotStatement

    /// - Parameters:
    ///   - table: with its columns, `origin(gateway, profile)`.
    ///   - row: the values of a row, `(?, ?)`.
    ///   - conflict: what follows them, if anything.
    init(_ db: Database, into table: String, row: String, conflict: String = "") throws {
        func statement(_ count: Int) throws -> HotStatement {
            let rows = Array(repeating: row, count: count).joined(separator: ", ")
            return try HotStatement(db, "INSERT INTO \(table) VALUES \(rows) \(conflict)")
        }
        many = try statement(Self.rowsMax)
        one = try statement(1)
    }

    /// Writes the rows in their order; `bind` binds the values of one with `bindNext`.
    func run<Row>(_ rows: some RandomAccessCollection<Row>, bind: (HotStatement, Row) throws -> Void) throws {
        var rest = rows[...]
        while !rest.isEmpty {
            let group = rest.prefix(rest.count >= Self.rowsMax ? Self.rowsMax : 1)
            try write(group, bind)
            rest = rest.dropFirst(group.count)
        }
    }

    /// The same until a group has a row whose place is taken; of that group none is written. Without a `conflict`.
    /// - Returns: how many were written.
    func runUntilTaken<Row>(
        _ rows: some RandomAccessCollection<Row>, bind: (HotStatement, Row) throws -> Void
    ) throws -> Int {
        var rest = rows[...]
        while !rest.isEmpty {
            let group = rest.prefix(rest.count >= Self.rowsMax ? Self.rowsMax : 1)
            do { try write(group, bind) } catch let failure as SQLiteFailure where failure.isTakenKey { break }
            rest = rest.dropFirst(group.count)
        }
        return rows.count - rest.count
    }

    private func write<Row>(
        _ group: some RandomAccessCollection<Row>, _ bind: (HotStatement, Row) throws -> Void
    ) throws {
        let statement = group.count == 1 ? one : many
        statement.reset()
        for row in group { try bind(statement, row) }
        try statement.runBound()
    }
}
