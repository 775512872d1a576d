import GRDB
import Testing

@testable import Store

@Suite("rows written some at a time")
struct GroupInsertTests {
    /// Writes rows 1…40 where some stand already.
    /// - Returns: what the table holds in the end, and what was handed back.
    private func write(
        beside taken: [Int],
        into table: String = "CREATE TABLE plain(key INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT"
    ) throws -> (rows: [Int: String], taken: [Int]) {
        try DatabaseQueue().write { db in
            try db.execute(sql: table)
            for key in taken { try db.execute(sql: "INSERT INTO plain VALUES(?, 'before')", arguments: [key]) }
            var found: [Int] = []
            try GroupInsert(db, into: "plain(key, text)", row: "(?, ?)").run(1...40) { statement, key in
                try statement.bindNext(key, "new")
            } taken: { key, _ in
                found.append(key)
            }
            let rows = try Row.fetchAll(db, sql: "SELECT key, text FROM plain")
            return (Dictionary(uniqueKeysWithValues: rows.map { ($0["key"], $0["text"]) }), found)
        }
    }

    @Test(
        "those whose place is taken are handed back in their turn, all others are written once",
        arguments: [[], [1], [6], [16], [17], [40], [6, 7, 8], [1, 16, 17, 32, 33, 40], Array(1...40)],
        [
            "CREATE TABLE plain(key INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT",
            "CREATE TABLE plain(key INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID",
        ])
    func takenPlaces(taken: [Int], table: String) throws {
        let written = try write(beside: taken, into: table)
        #expect(written.taken == taken)
        let expected = (1...40).map { ($0, taken.contains($0) ? "before" : "new") }
        #expect(written.rows == Dictionary(uniqueKeysWithValues: expected))
    }

    @Test("a place that nobody expected to be taken is an error")
    func unexpected() throws {
        try DatabaseQueue().write { db in
            try db.execute(sql: "CREATE TABLE plain(key INTEGER PRIMARY KEY) STRICT")
            try db.execute(sql: "INSERT INTO plain VALUES(20)")
            let insert = try GroupInsert(db, into: "plain(key)", row: "(?)")
            #expect(throws: SQLiteFailure.self) { try insert.run(1...40) { try $0.bindNext($1) } }
        }
    }

    @Test("rows that replace take the place of those there")
    func replacing() throws {
        try DatabaseQueue().write { db in
            try db.execute(sql: "CREATE TABLE plain(key INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
            try db.execute(sql: "INSERT INTO plain VALUES(6, 'before'), (41, 'before')")
            try GroupInsert(db, into: "plain(key, text)", row: "(?, ?)", replaces: true).run(1...40) {
                try $0.bindNext($1, "new")
            }
            #expect(try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM plain WHERE text = 'new'") == 40)
            #expect(try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM plain") == 41)
        }
    }
}
