import GRDB
import Metering
import Packing

/// Reads and writes `dial`, one row a meter; lives inside one transaction. What was saved is held back for a while:
/// whoever saves calls `flush`.
final class DialTable {
    private let bodies: ForwardRows
    private let selectKey: HotStatement
    private let put: GroupInsert
    private let insertSeries: HotStatement
    private var writer = PackedWriter()
    /// Saved and not written yet.
    private var rows: [Row] = []

    private struct Row {
        let key: Int64
        let answered: Instant?
        /// Of the writer's bytes.
        let body: Range<Int>
    }

    private static let rowsMax = 64

    init(_ db: Database) throws {
        bodies = try ForwardRows(db, "SELECT series, body FROM dial WHERE series >= ? ORDER BY series")
        selectKey = try HotStatement(db, "SELECT MIN(id) FROM series WHERE meter = ?")
        put = try GroupInsert(
            db, into: "dial(series, answered, body)", row: "(?, ?, ?)", replaces: true)
        insertSeries = try HotStatement(db, "INSERT INTO series(meter, register) VALUES(?, ?)")
    }

    /// The meter's first series, which its dial is known by; `nil` for a meter that never showed an index.
    func key(of meter: MeterID) throws -> Int64? {
        try selectKey.first(Int(meter.number)) ? selectKey.optionalInteger(0) : nil
    }

    /// - Throws: `DamagedRow` where the row is not there or its body cannot be read.
    func dial(_ key: Int64) throws -> MeterDial {
        if rows.contains(where: { $0.key == key }) { try flush() }
        guard try bodies.find(key) else { throw DamagedRow(table: "dial", key: key, series: key) }
        return try Self.body(bodies.rows, column: 1, key: key)
    }

    func dial(of meter: MeterID) throws -> MeterDial? { try key(of: meter).map { try dial($0) } }

    /// One meter's dial, for those who only look; `nil` for a meter that never showed an index.
    static func dial(of meter: MeterID, _ db: Database) throws -> MeterDial? {
        let select = try HotStatement(
            db, "SELECT series, body FROM dial WHERE series = (SELECT MIN(id) FROM series WHERE meter = ?)")
        guard try select.first(Int(meter.number)) else { return nil }
        return try body(select, column: 1, key: select.integer(0))
    }

    static func body(_ row: HotStatement, column: Int32, key: Int64) throws -> MeterDial {
        do {
            return try row.withBytes(column) { bytes throws(UnreadableBody) in
                try MeterDial(body: bytes, key: key)
            }
        } catch {
            throw DamagedRow(table: "dial", key: key, series: key)
        }
    }

    /// The position of a register's entry, made, with its series, where the meter never showed it. Whoever calls this
    /// saves the dial in the same transaction.
    func position(of register: Register, in dial: inout MeterDial, meter: MeterID) throws -> Int {
        if let known = dial.position(of: register) { return known }
        try insertSeries.run(Int(meter.number), Int(register.rawValue))
        dial.entries.append(MeterDial.Entry(register: register, series: insertSeries.insertedID))
        return dial.entries.count - 1
    }

    /// Writes the dial under its key, by the next `flush` at the latest.
    func save(_ dial: MeterDial) throws {
        let start = writer.count
        dial.write(to: &writer)
        rows.append(Row(key: dial.key, answered: dial.answered, body: start..<writer.count))
        if rows.count == Self.rowsMax { try flush() }
    }

    /// Writes what was saved.
    func flush() throws {
        try writer.bytes.withUnsafeBytes { bytes in
            try put.run(rows) { statement, row in
                try statement.bindNext(
                    row.key, row.answered, BorrowedBytes(UnsafeRawBufferPointer(rebasing: bytes[row.body])))
            }
        }
        rows.removeAll(keepingCapacity: true)
        writer.removeAll()
        bodies.forget()
    }
}
