import Alarms
import GRDB
import Metering

extension Store {
    /// Keeps how far a day's collection is, in place of an earlier look. What it was at 06:00, or at the first look
    /// after that, stays; one that lies ahead is of a clock that was.
    package func note(_ look: CollectionLook) throws {
        let due = calendar.start(of: look.day) + CollectionLook.due
        try write("keeping how far the collection of \(look.day) is") { db in
            _ = try HotStatement(
                db,
                """
                INSERT INTO collection VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
                ON CONFLICT DO UPDATE SET at = excluded.at, expected = excluded.expected, valid = excluded.valid,
                  silent = excluded.silent, predicted = excluded.predicted, finish = excluded.finish
                WHERE at < ?8 OR at > excluded.at
                """
            ).run(look.day, look.at, look.expected, look.valid, look.silent, look.predicted, look.finish, due)
        }
    }

    /// The latest look at a day's collection until 06:00, or the first after it; `nil` where nobody has looked.
    package func collection(of day: ServiceDay) throws -> CollectionLook? {
        try read("looking how far the collection of \(day) was") { db in
            let row = try HotStatement(
                db, "SELECT at, expected, valid, silent, predicted, finish FROM collection WHERE day = ?")
            guard try row.first(day) else { return nil }
            return CollectionLook(
                day: day, at: row.instant(0), expected: Int(row.integer(1)), valid: Int(row.integer(2)),
                silent: Int(row.integer(3)), predicted: Int(row.integer(4)), finish: row.optionalInstant(5))
        }
    }
}
