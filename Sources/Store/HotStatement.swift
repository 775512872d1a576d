import GRDB
import GRDBSQLite
import Synchronization

/// A refusal of SQLite on the raw calls; becomes a `StoreError` at the store's door.
struct SQLiteFailure: Error {
    /// Extended result code.
    let code: Int32
    let message: String

    /// Of SQLITE_CONSTRAINT_PRIMARYKEY, a macro that Swift does not import: a row has the key already.
    var isTakenKey: Bool { code == SQLITE_CONSTRAINT | 6 << 8 }
}

/// A value that can be bound to a raw statement.
protocol HotBindable {
    func bind(to statement: OpaquePointer, at position: Int32) -> Int32
}

/// A prepared statement on the raw C calls, for loops over many rows (1.3 to 1.7 times as fast as the wrapper's, and
/// without its traps: it resets before it binds, and checks what every bind says).
/// Lives inside one database access; never kept beyond it. What was prepared goes back to the connection then, for the
/// next access: preparing costs more than most statements do.
final class HotStatement {
    private let connection: OpaquePointer
    private let statement: OpaquePointer
    private let kept: Statement
    /// Parameters bound since the last reset.
    private var bound: Int32 = 0

    /// Addresses of the statements lent out at the moment, of all connections: one that is stepped through must not
    /// serve a second owner with the same SQL.
    private static let lent = Mutex(Set<UInt>())

    init(_ db: Database, _ sql: String) throws {
        guard let connection = db.sqliteConnection else {
            throw SQLiteFailure(code: SQLITE_MISUSE, message: "the connection is closed")
        }
        self.connection = connection
        // The connection keeps statements by their text: a copy for each further owner has a space more at its end.
        var text = sql
        while true {
            let known = try db.cachedStatement(sql: text)
            let address = UInt(bitPattern: known.sqliteStatement)
            if Self.lent.withLock({ $0.insert(address).inserted }) {
                kept = known
                statement = known.sqliteStatement
                return
            }
            text += " "
        }
    }

    deinit {
        sqlite3_reset(statement)
        // What was bound in place may be gone.
        sqlite3_clear_bindings(statement)
        let address = UInt(bitPattern: statement)
        _ = Self.lent.withLock { $0.remove(address) }
    }

    /// Binds all parameters and runs to the end; for statements without rows. Returns how many rows it changed.
    @discardableResult
    func run<each Value: HotBindable>(_ values: repeat each Value) throws -> Int {
        try start(repeat each values)
        return try runBound()
    }

    /// The id of the row that the last INSERT on this connection made. A RETURNING clause would say the same, but is a
    /// trigger inside: every page that such a statement writes is first copied to a journal of its own on disk.
    var insertedID: Int64 { sqlite3_last_insert_rowid(connection) }

    /// Binds all parameters and steps to the first row; `false` without one.
    func first<each Value: HotBindable>(_ values: repeat each Value) throws -> Bool {
        try start(repeat each values)
        return try next()
    }

    /// Binds all parameters; `next` then steps through the rows.
    func start<each Value: HotBindable>(_ values: repeat each Value) throws {
        reset()
        try bindNext(repeat each values)
        precondition(bound == sqlite3_bind_parameter_count(statement), "a parameter was left unbound")
    }

    // MARK: - Many rows in one statement

    /// Before the first `bindNext`. A statement that is not reset keeps its old values and says MISUSE to the bind. The
    /// code that reset returns is that of the last step, which was reported then.
    func reset() {
        sqlite3_reset(statement)
        bound = 0
    }

    /// Binds the next parameters.
    func bindNext<each Value: HotBindable>(_ values: repeat each Value) throws {
        for value in repeat each values {
            bound += 1
            guard value.bind(to: statement, at: bound) == SQLITE_OK else { throw Self.failure(of: connection) }
        }
    }

    /// Runs to the end with what was bound.
    @discardableResult
    func runBound() throws -> Int {
        precondition(bound == sqlite3_bind_parameter_count(statement), "a parameter was left unbound")
        while try next() {}
        return changes
    }

    /// How many rows the last INSERT, UPDATE or DELETE on this connection changed; of one that failed, those it changed
    /// before that and left changed (`OR FAIL`).
    var changes: Int { Int(sqlite3_changes(connection)) }

    /// `false` after the last row; the statement then holds no read lock any more.
    func next() throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(statement)
            return false
        default:
            let failure = Self.failure(of: connection)
            sqlite3_reset(statement)
            throw failure
        }
    }

    // MARK: - Columns of the current row, counted from 0

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    func optionalInteger(_ column: Int32) -> Int64? {
        sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : integer(column)
    }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(statement, column) else { return "" }
        let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
        return String(decoding: bytes, as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? {
        sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : text(column)
    }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }

    /// The bytes where SQLite has them; good inside `body` only.
    func withBytes<Value, Failure: Error>(
        _ column: Int32, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        guard let start = sqlite3_column_blob(statement, column) else {
            return try body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        return try body(
            UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }

    private static func failure(of connection: OpaquePointer) -> SQLiteFailure {
        SQLiteFailure(
            code: sqlite3_extended_errcode(connection), message: String(cString: sqlite3_errmsg(connection)))
    }
}

// MARK: - What can be bound

/// SQLite copies the bytes before the bind returns (SQLITE_TRANSIENT, a macro that Swift does not import).
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension Int64: HotBindable {
    func bind(to statement: OpaquePointer, at position: Int32) -> Int32 {
        sqlite3_bind_int64(statement, position, self)
    }
}

extension Int: HotBindable {
    func bind(to statement: OpaquePointer, at position: Int32) -> Int32 {
        sqlite3_bind_int64(statement, position, Int64(self))
    }
}

extension String: HotBindable {
    func bind(to statement: OpaquePointer, at position: Int32) -> Int32 {
        // In place where the text stands as UTF-8 already, which is nearly always.
        var text = self
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // Without an address it would be NULL, not the empty text.
                guard let start = characters.baseAddress else {
                    return sqlite3_bind_text(statement, position, "", 0, copied)
                }
                return sqlite3_bind_text(statement, position, start, Int32(characters.count), copied)
            }
        }
    }
}

extension [UInt8]: HotBindable {
    func bind(to statement: OpaquePointer, at position: Int32) -> Int32 {
        withUnsafeBytes { sqlite3_bind_blob(statement, position, $0.baseAddress, Int32($0.count), copied) }
    }
}

/// Bytes that SQLite reads where they are, without a copy. They must outlive the steps that follow the bind.
struct BorrowedBytes: HotBindable {
    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    func bind(to statement: OpaquePointer, at position: Int32) -> Int32 {
        // No destructor: SQLITE_STATIC.
        sqlite3_bind_blob(statement, position, bytes.baseAddress, Int32(bytes.count), nil)
    }
}

extension Optional: HotBindable where Wrapped: HotBindable {
    func bind(to statement: OpaquePointer, at position: Int32) -> Int32 {
        self?.bind(to: statement, at: position) ?? sqlite3_bind_null(statement, position)
    }
}
