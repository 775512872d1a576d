import GRDB
import Metering

extension Store {
    /// Counts a day as it stands now, closed or not; the energy is that known so far.
    /// Looks at every installation: for a page that refreshes, `completenessHistory` is the cheap one.
    package func completeness(of day: ServiceDay) throws -> Completeness {
        try read("counting \(day)") { db in
            var all = try Self.count(db, day: day, damaged: { try self.note($0, db) })
            all.closedAt = try Self.closedDays(db, from: day, through: day).first?.closedAt
            return all
        }
    }

    /// The same by district, in the order of their names.
    package func completenessByDistrict(of day: ServiceDay) throws -> [DistrictCompleteness] {
        try read("counting \(day) by district") { db in
            try Self.countParts(db, day: day, by: .district, damaged: { try self.note($0, db) })
                .map { DistrictCompleteness(district: $0, completeness: $1) }
                .sorted { $0.district.utf8.lexicographicallyPrecedes($1.district.utf8) }
        }
    }

    /// The day cut into parts, worst first: the most missing, then the most estimated, then by name. What is added up
    /// over all parts of any cut is `total`.
    package func completeness(of day: ServiceDay, by cut: CompletenessCut) throws -> CompletenessParts {
        try read("counting \(day) by \(cut.rawValue)") { db in
            let damaged: (DamagedRow) throws -> Void = { try self.note($0, db) }
            let parts =
                if let place = cut.place {
                    try Self.countParts(db, day: day, by: place, damaged: damaged)
                        .map { CompletenessPart(name: $0, completeness: $1) }
                } else {
                    try MissingSearch(day, since: calendar.start(of: day), db, damaged: damaged).parts()
                }
            var total = Completeness(day: day)
            for part in parts { total.add(part.completeness) }
            total.closedAt = try Self.closedDays(db, from: day, through: day).first?.closedAt
            return CompletenessParts(cut: cut, total: total, parts: parts.sorted(by: CompletenessPart.isWorse))
        }
    }

    /// The meters that should have an index of the day and have none, with the reason: by reason, station, gateway and
    /// unit.
    package func missingMeters(on day: ServiceDay) throws -> [MissingMeter] {
        try read("looking for the missing meters of \(day)") { db in
            try MissingSearch(day, since: calendar.start(of: day), db, damaged: { try self.note($0, db) }).meters()
        }
    }

    /// Closed days as they were counted when they were closed, oldest first; both ends inclusive.
    package func completenessHistory(from: ServiceDay, through: ServiceDay) throws -> [Completeness] {
        try read("reading the closed days") { db in try Self.closedDays(db, from: from, through: through) }
    }

    package func lastClosedDay() throws -> ServiceDay? {
        try read("looking for the last closed day") { db in try Self.lastClosedDay(db) }
    }

    static func lastClosedDay(_ db: Database) throws -> ServiceDay? {
        let statement = try HotStatement(db, "SELECT MAX(day) FROM closedDay")
        return try statement.first() ? statement.optionalDay(0) : nil
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
    /// - Parameters:
    ///   - damaged: given what cannot be read; its meter counts as missing.
    ///   - body: given each, with its place.
    static func count(
        _ db: Database, day: ServiceDay, by place: DayMeters.Place = .nowhere,
        damaged: @escaping (DamagedRow) throws -> Void, each body: (DialledDay) -> Void = { _ in }
    ) throws -> Completeness {
        var all = Completeness(day: day)
        try DialledDays.forEach(on: day, .activeImport, by: place, db, damaged: damaged) { meter in
            all.count(meter)
            body(meter)
        }
        return all
    }

    private static func countParts(
        _ db: Database, day: ServiceDay, by place: DayMeters.Place, damaged: @escaping (DamagedRow) throws -> Void
    ) throws -> [String: Completeness] {
        var parts: [String: Completeness] = [:]
        try DialledDays.forEach(on: day, .activeImport, by: place, db, damaged: damaged) { meter in
            parts[meter.place, default: Completeness(day: day)].count(meter)
        }
        return parts
    }
}

extension Completeness {
    /// One more usage point that should have an index.
    mutating func count(_ meter: DialledDay) {
        expected += 1
        switch meter.index?.quality {
        case .frozen: frozen += 1
        case .measured: measured += 1
        case .estimated: estimated += 1
        case .edited: edited += 1
        case nil: missing += 1
        }
        if let consumption = meter.consumption, !meter.isStation { energy = energy + consumption }
    }
}
