import GRDB
import Metering

extension Store {
    /// Hands out the indices of every register that has any from `first` to `last`, both inclusive: register after
    /// register in the order in which they were first heard, each by day, in one pass over the days' tables. For those
    /// who go through everybody: a bill run, a feed.
    ///
    /// A register of which a chunk cannot be read comes without those days (`damages`).
    ///
    /// A consistent view of the file, which the write-ahead log must keep as long as this takes: for a slow taker ask
    /// for less.
    package func forEachRegister(
        from first: ServiceDay, through last: ServiceDay, _ body: (MeterID, Register, [DailyIndex]) throws -> Void
    ) throws {
        try read("reading every register from \(first) to \(last)") { db in
            let walk = try IndexWalk(db, from: first, through: last, damaged: { try self.note($0, db) })
            // In the order of the series, as the walk goes.
            let owners = try HotStatement(db, "SELECT id, meter, register FROM series ORDER BY id")
            try owners.start()
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
