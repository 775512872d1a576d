import GRDB
import Metering
import VEE

/// A usage point's register on one day: the dial at the day's first instant, as far as it is known.
struct DialledDay {
    /// Row of `usagePoint`.
    let usagePointID: Int64
    let usagePoint: String
    let district: String
    let category: String
    /// On the day of an exchange the old meter's, where it has one; else the new one's.
    let index: DailyIndex?
    /// Of the whole day that starts at `index`, multipliers applied; `nil` where a part of it is not known.
    let consumption: Energy?
}

/// Every usage point with a meter on a day: what a count of the day and a feed of it are made from.
///
/// `UsagePointDays` says the same of one usage point over many days; a test holds the two against each other.
enum DialledDays {
    /// Hands out each usage point that has a meter in service on `day`, or whose meter leaves that day, once and
    /// whether it has an index or not, in one pass over the day and the next. What cannot be read is not known, and
    /// `damaged` is told.
    static func forEach(
        on day: ServiceDay, _ register: Register, _ db: Database, damaged: @escaping (DamagedRow) throws -> Void,
        _ body: (DialledDay) throws -> Void
    ) throws {
        var leaving = try partsLeaving(on: day, register, db, damaged: damaged)
        let walk = try IndexWalk(db, from: day, through: day.next, damaged: damaged)
        // In the order of the series, as the walk goes.
        let heard = try HotStatement(
            db,
            """
            SELECT \(columns), series.id FROM series
            JOIN installation ON installation.meter = series.meter
            JOIN usagePoint ON usagePoint.id = installation.usagePoint
            WHERE series.register = ?2 AND installedOn <= ?1 AND (removedOn IS NULL OR removedOn > ?1)
            ORDER BY series.id
            """)
        try heard.start(day, Int(register.rawValue))
        while try heard.next() {
            try walk.go(to: heard.integer(10))
            try body(dialled(part(heard, on: day, register, walk.indices), on: day, taking: &leaving))
        }
        let unheard = try HotStatement(
            db,
            """
            SELECT \(columns) FROM installation
            JOIN usagePoint ON usagePoint.id = installation.usagePoint
            WHERE installedOn <= ?1 AND (removedOn IS NULL OR removedOn > ?1)
              AND NOT EXISTS(SELECT 1 FROM series WHERE series.meter = installation.meter AND register = ?2)
            """)
        try unheard.start(day, Int(register.rawValue))
        while try unheard.next() {
            try body(dialled(part(unheard, on: day, register, []), on: day, taking: &leaving))
        }
        // Nobody came in their place.
        for part in leaving.values { try body(part.dialled) }
    }

    /// What one meter has of a usage point's day.
    private struct Part {
        let stay: MeterStay
        let dialled: DialledDay
    }

    /// The meters that leave on `day`, by the rows of their usage points. They are few, and read beforehand, so that
    /// those who came in their place find them.
    private static func partsLeaving(
        on day: ServiceDay, _ register: Register, _ db: Database, damaged: (DamagedRow) throws -> Void
    ) throws -> [Int64: Part] {
        let rows = try HotStatement(
            db,
            """
            SELECT \(columns), series.id FROM installation
            JOIN usagePoint ON usagePoint.id = installation.usagePoint
            LEFT JOIN series ON series.meter = installation.meter AND series.register = ?2
            WHERE removedOn = ?1 AND installedOn < ?1 ORDER BY series.id
            """)
        let book = try IndexBook(db)
        var leaving: [Int64: Part] = [:]
        try rows.start(day, Int(register.rawValue))
        while try rows.next() {
            var index: DailyIndex?
            if let series = rows.optionalInteger(10) {
                do { index = try book.index(of: series, on: day) } catch let found as DamagedRow {
                    try damaged(found)
                }
            }
            leaving[rows.integer(0)] = part(rows, on: day, register, index.map { [$0] } ?? [])
        }
        return leaving
    }

    private static let columns =
        """
        usagePoint.id, usagePoint.name, district, multiplier, installedOn, removedOn, startIndex, endIndex, digits,
        category
        """

    /// - Parameter own: the indices of the day and the next that the meter has itself.
    private static func part(
        _ row: HotStatement, on day: ServiceDay, _ register: Register, _ own: [DailyIndex]
    ) -> Part {
        let stay = MeterStay(
            installedOn: row.day(4), removedOn: row.optionalDay(5), startIndex: row.optionalEnergy(6),
            endIndex: row.optionalEnergy(7))
        func index(of day: ServiceDay) -> DailyIndex? {
            own.first { $0.day == day } ?? stay.fittersIndex(of: day, register)
        }
        let start = index(of: day)
        let dial = DialLimits(ceilingWatts: StoreCache.noCeilingWatts, digits: Int(row.integer(8)))
        var consumption: Energy?
        if let start, var end = index(of: day.next) {
            // A fitter reads what the dial shows.
            if day == stay.removedOn { end = dial.counted(end, nearest: start.index) }
            consumption = MeterDays.energy(from: start.index, to: end.index, multiplier: row.integer(3))
        }
        return Part(
            stay: stay,
            dialled: DialledDay(
                usagePointID: row.integer(0), usagePoint: row.text(1), district: row.text(2), category: row.text(9),
                index: start.map(dial.shown), consumption: consumption))
    }

    /// The day of a usage point from the part of the meter in service, and that of the meter it came after, if any.
    private static func dialled(_ part: Part, on day: ServiceDay, taking leaving: inout [Int64: Part]) -> DialledDay {
        let own = part.dialled
        guard part.stay.installedOn == day, let old = leaving.removeValue(forKey: own.usagePointID)?.dialled else {
            return own
        }
        var consumption: Energy?
        if let before = old.consumption, let after = own.consumption { consumption = before + after }
        return DialledDay(
            usagePointID: own.usagePointID, usagePoint: own.usagePoint, district: own.district,
            category: own.category, index: old.index ?? own.index, consumption: consumption)
    }
}
