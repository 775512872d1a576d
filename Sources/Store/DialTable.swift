import GRDB
import Metering
import Packing

/// Reads and writes `dial`, one row a meter; lives inside one transaction.
struct DialTable {
    private let selectBody: HotStatement
    private let selectKey: HotStatement
    private let insert: HotStatement
    private let update: HotStatement
    private let insertSeries: HotStatement
    private var writer = PackedWriter()

    init(_ db: Database) throws {
        selectBody = try HotStatement(db, "SELECT body FROM dial WHERE series = ?")
        selectKey = try HotStatement(db, "SELECT MIN(id) FROM series WHERE meter = ?")
        insert = try HotStatement(db, "INSERT INTO dial(series, answered, body) VALUES(?, ?, ?)")
        update = try HotStatement(db, "UPDATE dial SET answered = ?, body = ? WHERE series = ?")
        insertSeries = try HotStatement(db, "INSERT INTO series(meter, register) VALUES(?, ?)")
    }

    /// The meter's first series, which its dial is known by; `nil` for a meter that never showed an index.
    func key(of meter: MeterID) throws -> Int64? {
        try selectKey.first(Int(meter.number)) ? selectKey.optionalInteger(0) : nil
    }

    /// - Throws: `DamagedRow` where the row is not there or its body cannot be read.
    func dial(_ key: Int64) throws -> MeterDial {
        guard try selectBody.first(key) else { throw DamagedRow(table: "dial", key: key, series: key) }
        return try Self.body(selectBody, column: 0, key: key)
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
                var reader = PackedReader(bytes)
                let dial = try MeterDial(reading: &reader)
                // Another meter's body in this row would have its days written.
                guard dial.entries.first?.series == key else { throw UnreadableBody() }
                return dial
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

    /// Writes the dial under its key.
    mutating func save(_ dial: MeterDial) throws {
        writer.removeAll()
        dial.write(to: &writer)
        try writer.bytes.withUnsafeBytes { bytes in
            let body = BorrowedBytes(bytes)
            if try update.run(dial.answered, body, dial.key) == 0 { try insert.run(dial.key, dial.answered, body) }
        }
    }
}
