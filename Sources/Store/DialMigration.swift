import GRDB
import Metering

/// Turns the rows of a dial for each register into one for each meter: step 6 of the schema.
enum DialMigration {
    static func run(_ db: Database) throws {
        let rows = try HotStatement(
            db,
            """
            SELECT series.meter, series.id, series.register, firstDay, lastDay,
              requested, answered, idx, origin, unit, txn, words
            FROM series LEFT JOIN oldDial ON oldDial.series = series.id ORDER BY series.meter, series.id
            """)
        let dials = try DialTable(db)
        var dial = MeterDial()
        var meter: Int64?
        try rows.start()
        while try rows.next() {
            if rows.integer(0) != meter {
                if meter != nil { try dials.save(dial) }
                dial = MeterDial()
                meter = rows.integer(0)
            }
            var entry = MeterDial.Entry(register: try rows.register(2), series: rows.integer(1))
            entry.firstDay = rows.optionalDay(3)
            entry.lastDay = rows.optionalDay(4)
            if let answered = rows.optionalInstant(6) {
                let poll = PollStamp(
                    requested: rows.instant(5), answered: answered, origin: rows.integer(8),
                    unit: UInt8(clamping: rows.integer(9)), transaction: UInt16(clamping: rows.integer(10)))
                entry.last = dial.evidence(poll, rows.energy(7), bytes: rows.bytes(11))
            }
            dial.entries.append(entry)
        }
        if meter != nil { try dials.save(dial) }
        try dials.flush()
    }
}
