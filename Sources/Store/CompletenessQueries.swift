import GRDB
import Metering

extension Store {
    /// Counts a day as it stands now, closed or not; the energy is that known so far.
    /// Looks at every installation: for a page that refreshes, `completenessHistory` is the cheap one.
    package func completeness(of day: ServiceDay) throws -> Completeness {
        try read("counting \(day)") { db in
            var all = Completeness(day: day)
            for district in try Self.count(db, day: day) { all.add(district.completeness) }
            all.closedAt = try Self.closedDays(db, from: day, through: day).first?.closedAt
            return all
        }
    }

    /// The same by district, in the order of their names.
    package func completenessByDistrict(of day: ServiceDay) throws -> [DistrictCompleteness] {
        try read("counting \(day) by district") { db in try Self.count(db, day: day) }
    }

    /// Closed days as they were counted when they were closed, oldest first; both ends inclusive.
    package func completenessHistory(from: ServiceDay, through: ServiceDay) throws -> [Completeness] {
        try read("reading the closed days") { db in try Self.closedDays(db, from: from, through: through) }
    }

    package func lastClosedDay() throws -> ServiceDay? {
        try read("looking for the last closed day") { db in
            let statement = try HotStatement(db, "SELECT MAX(day) FROM closedDay")
            return try statement.first() ? statement.optionalDay(0) : nil
        }
    }

    static func closedDays(_ db: Database, from: ServiceDay, through: ServiceDay) throws -> [Completeness] {
        let statement = try HotStatement(
            db,
            """
            SELECT day, closedAt, expected, frozen, measured, estimated, edited, missing, energy FROM closedDay
            WHERE day BETWEEN ? AND ? ORDER BY day
            """)
        try statement.start(from, through)
        var days: [Completeness] = []
        while try statement.next() {
            var counted = Completeness(day: statement.day(0))
            counted.closedAt = statement.instant(1)
            counted.expected = Int(statement.integer(2))
            counted.frozen = Int(statement.integer(3))
            counted.measured = Int(statement.integer(4))
            counted.estimated = Int(statement.integer(5))
            counted.edited = Int(statement.integer(6))
            counted.missing = Int(statement.integer(7))
            counted.energy = statement.energy(8)
            days.append(counted)
        }
        return days
    }

    /// A day's installations against its indices. On the day of installation the fitter's start index stands in for a
    /// missing one, and on the day of removal the end index closes the day before.
    static func count(_ db: Database, day: ServiceDay) throws -> [DistrictCompleteness] {
        let statement = try HotStatement(
            db,
            """
            SELECT district, COUNT(*), SUM(q = 1), SUM(q = 2), SUM(q = 3), SUM(q = 4), SUM(q IS NULL),
              COALESCE(SUM(CASE WHEN ABS(1.0 * (finish - start) * multiplier) <= 1e15
                THEN (finish - start) * multiplier END), 0)
            FROM (
              SELECT usagePoint.district AS district, multiplier,
                COALESCE(this.q, CASE WHEN installedOn = ?1 AND startIndex IS NOT NULL THEN 4 END) AS q,
                COALESCE(this.idx, CASE WHEN installedOn = ?1 THEN startIndex END) AS start,
                CASE WHEN removedOn = ?1 + 1 THEN endIndex ELSE next.idx END AS finish
              FROM installation
              JOIN usagePoint ON usagePoint.id = installation.usagePoint
              LEFT JOIN series ON series.meter = installation.meter AND series.register = 1
              LEFT JOIN hot AS this ON this.day = ?1 AND this.series = series.id
              LEFT JOIN hot AS next ON next.day = ?1 + 1 AND next.series = series.id
              WHERE installedOn <= ?1 AND (removedOn IS NULL OR removedOn > ?1)
            )
            GROUP BY district ORDER BY district
            """)
        try statement.start(day)
        var districts: [DistrictCompleteness] = []
        while try statement.next() {
            var counted = Completeness(day: day)
            counted.expected = Int(statement.integer(1))
            counted.frozen = Int(statement.integer(2))
            counted.measured = Int(statement.integer(3))
            counted.estimated = Int(statement.integer(4))
            counted.edited = Int(statement.integer(5))
            counted.missing = Int(statement.integer(6))
            counted.energy = statement.energy(7)
            districts.append(DistrictCompleteness(district: statement.text(0), completeness: counted))
        }
        return districts
    }
}
