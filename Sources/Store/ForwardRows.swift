import GRDB
import Metering

/// Rows looked up by rising keys, as a batch does that goes through the tables in their order: where the next is a few
/// keys on, a step or two leads there, for a fraction of what looking it up costs.
///
/// What is known of the rows from the last key on is out of date once one of them is written: then `forget`.
final class ForwardRows {
    /// Keys that far on are stepped to; beyond, looking up costs less.
    private static let reach: Int64 = 12
    let rows: HotStatement
    /// What the statement was started with.
    private(set) var day: ServiceDay?
    /// Between the two there is no row; `end` is the current row's, `Int64.max` after the last. `nil` before the first
    /// look.
    private var known: (from: Int64, end: Int64)?

    /// - Parameter sql: of rows with this key and higher ones, rising; the key is the first column and the last
    ///   parameter, before which there may be the day.
    init(_ db: Database, _ sql: String) throws { rows = try HotStatement(db, sql) }

    /// Whether there is a row with this key; it is then the current one of `rows`.
    func find(_ key: Int64, on day: ServiceDay? = nil) throws -> Bool {
        if let known, day == self.day, known.from <= key {
            if key <= known.end { return key == known.end }
            if key - known.end <= Self.reach {
                var end = known.end
                while end < key { end = try rows.next() ? rows.integer(0) : .max }
                self.known = (key, end)
                return end == key
            }
        }
        self.day = day
        if let day { try rows.start(day, key) } else { try rows.start(key) }
        let end = try rows.next() ? rows.integer(0) : .max
        known = (key, end)
        return end == key
    }

    /// One of the rows may have been written.
    func forget() { known = nil }
}
