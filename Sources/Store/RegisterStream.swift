import GRDB
import Metering

extension Store {
    /// Hands out the indices of every register that has any from `first` to `last`, both inclusive: register after
    /// register in the order in which they were first heard, each by day, in one pass over the days' tables. For those
    /// who go through everybody: a bill run, a feed.
    ///
    /// A register of which a chunk cannot be read comes without those days (`damages`).
    ///
    /// A consistent view of the file, which the write-ahead log must keep as long as this takes: a slow taker asks part
    /// by part, and one in a hurry has a thread for each.
    /// - Parameters:
    ///   - part: which of the parts, from 0; each has as many registers as the others, and a view of its own.
    ///   - parts: how many there are.
    package func forEachRegister(
        from first: ServiceDay, through last: ServiceDay, part: Int = 0, of parts: Int = 1,
        _ body: (MeterID, Register, [DailyIndex]) throws -> Void
    ) throws {
        precondition((0..<parts).contains(part), "part \(part) of \(parts)")
        try read("reading every register from \(first) to \(last)") { db in
            let most = try CountedRows.lastSeries(db)
            let (begin, end) = (most * Int64(part) / Int64(parts), most * Int64(part + 1) / Int64(parts))
            guard begin < end else { return }
            let walk = try IndexWalk(
                db, from: first, through: last, series: begin + 1...end, damaged: { try self.note($0, db) })
            // In the order of the series, as the walk goes.
            let owners = try HotStatement(
                db, "SELECT id, meter, register FROM series WHERE id BETWEEN ? AND ? ORDER BY id")
            try owners.start(begin + 1, end)
            while let series = try walk.next() {
                repeat {
                    guard try owners.next() else { throw DamagedRow(table: "series", key: series) }
                } while owners.integer(0) < series
                guard owners.integer(0) == series else { throw DamagedRow(table: "series", key: series) }
                guard !walk.indices.isEmpty else { continue }
                try body(MeterID(Int32(clamping: owners.integer(1))), try owners.register(2), walk.indices)
            }
        }
    }
}
