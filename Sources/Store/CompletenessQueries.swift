import GRDB
import Metering

extension Store {
    /// Counts a day as it stands now, closed or not; the energy is that known so far.
    /// Looks at every installation: for a page that refreshes, `completenessHistory` is the cheap one.
    package func completeness(of day: ServiceDay) throws -> Completeness {
        try read("counting \(day)") { db in
            var all = Completeness(day: day)
            for district in try count(db, day: day) { all.add(district.completeness) }
            all.closedAt = try Self.closedDays(db, from: day, through: day).first?.closedAt
            return all
        }
    }

    /// The same by district, in the order of their names.
    package func completenessByDistrict(of day: ServiceDay) throws -> [DistrictCompleteness] {
        try read("counting \(day) by district") { db in try count(db, day: day) }
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

    /// A day's usage points against its indices. On the day of installation the fitter's start index stands in for a
    /// missing one, and the end index closes the day of removal.
    /// - Parameter each: is shown the usage points one after the other.
    func count(
        _ db: Database, day: ServiceDay, each: (DialledDay) -> Void = { _ in }
    ) throws -> [DistrictCompleteness] {
        try Self.count(db, day: day, damaged: { try self.note($0, db) }, each: each)
    }

    /// The same of any file of a store.
    /// - Parameter damaged: given what cannot be read; its meter counts as missing.
    static func count(
        _ db: Database, day: ServiceDay, damaged: @escaping (DamagedRow) throws -> Void,
        each: (DialledDay) -> Void = { _ in }
    ) throws -> [DistrictCompleteness] {
        var districts: [String: Completeness] = [:]
        try DialledDays.forEach(on: day, .activeImport, db, damaged: damaged) { meter in
            districts[meter.district, default: Completeness(day: day)].count(
                meter.index, consumption: meter.consumption)
            each(meter)
        }
        return districts.map { DistrictCompleteness(district: $0, completeness: $1) }
            .sorted { $0.district.utf8.lexicographicallyPrecedes($1.district.utf8) }
    }
}

extension Completeness {
    /// One more usage point that should have an index.
    fileprivate mutating func count(_ index: DailyIndex?, consumption: Energy?) {
        expected += 1
        switch index?.quality {
        case .frozen: frozen += 1
        case .measured: measured += 1
        case .estimated: estimated += 1
        case .edited: edited += 1
        case nil: missing += 1
        }
        if let consumption { energy = energy + consumption }
    }
}
