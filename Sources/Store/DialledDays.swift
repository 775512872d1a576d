import GRDB
import Metering
import VEE

/// A usage point's register on one day: the dial at the day's first instant, as far as it is known.
struct DialledDay {
    /// Row of `usagePoint`.
    let usagePointID: Int64
    let usagePoint: String
    /// What `DialledDays.Place` was asked for.
    let place: String
    let district: String
    /// In service on the day; where none is, the one that left.
    let meter: MeterID
    let category: String
    /// On the day of an exchange the old meter's, where it has one; else the new one's.
    let index: DailyIndex?
    /// That of `index`; `nil` too for the fitter's.
    let series: Int64?
    /// Of the whole day that starts at `index`, multipliers applied; `nil` where a part of it is not known.
    let consumption: Energy?
    /// One of the indices that `consumption` is made from is an estimate.
    let hasEstimate: Bool

    /// A transformer station's own meter: nobody's consumption.
    var isStation: Bool { category == UsagePoint.stationCategory }
}

/// Every usage point with a meter on a day: what a count of the day and a feed of it are made from.
///
/// `UsagePointDays` says the same of one usage point over many days; a test holds the two against each other.
enum DialledDays {
    /// Something that usage points may be told apart by; reading it costs time for each.
    enum Place: String {
        case district, station, gateway, profile
        /// The empty text for all.
        case nowhere

        fileprivate var sql: String {
            switch self {
            case .district: "usagePoint.district"
            case .station: "usagePoint.station"
            case .gateway: "COALESCE((SELECT name FROM gateway WHERE gateway.id = installation.gateway), '')"
            case .profile: "profile"
            case .nowhere: "''"
            }
        }
    }

    /// Hands out each usage point that has a meter in service on `day`, or whose meter leaves that day, once and
    /// whether it has an index or not, in one pass over the day and the next. What cannot be read is not known, and
    /// `damaged` is told.
    static func forEach(
        on day: ServiceDay, _ register: Register, by place: Place = .nowhere, _ db: Database,
        damaged: @escaping (DamagedRow) throws -> Void, _ body: (DialledDay) throws -> Void
    ) throws {
        let columns = columns(place)
        var leaving = try partsLeaving(on: day, register, columns, db, damaged: damaged)
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
            try walk.go(to: heard.integer(12))
            let own = part(heard, on: day, register, of: heard.integer(12), walk.indices)
            try body(dialled(own, on: day, taking: &leaving))
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
            try body(dialled(part(unheard, on: day, register, of: nil, []), on: day, taking: &leaving))
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
        on day: ServiceDay, _ register: Register, _ columns: String, _ db: Database,
        damaged: (DamagedRow) throws -> Void
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
            if let series = rows.optionalInteger(12) {
                do { index = try book.index(of: series, on: day) } catch let found as DamagedRow {
                    try damaged(found)
                }
            }
            leaving[rows.integer(0)] = part(
                rows, on: day, register, of: rows.optionalInteger(12), index.map { [$0] } ?? [])
        }
        return leaving
    }

    /// Twelve of them.
    private static func columns(_ place: Place) -> String {
        """
        usagePoint.id, usagePoint.name, \(place.sql), multiplier, installedOn, removedOn, startIndex, endIndex, digits,
        installation.meter, category, district
        """
    }

    /// - Parameters:
    ///   - series: `nil` for a register that the meter never showed.
    ///   - own: the indices of the day and the next that the meter has itself.
    private static func part(
        _ row: HotStatement, on day: ServiceDay, _ register: Register, of series: Int64?, _ own: [DailyIndex]
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
        var hasEstimate = false
        if let start, var end = index(of: day.next) {
            hasEstimate = start.quality == .estimated || end.quality == .estimated
            // A fitter reads what the dial shows.
            if day == stay.removedOn { end = dial.counted(end, nearest: start.index) }
            consumption = MeterDays.energy(from: start.index, to: end.index, multiplier: row.integer(3))
        }
        return Part(
            stay: stay,
            dialled: DialledDay(
                usagePointID: row.integer(0), usagePoint: row.text(1), place: row.text(2), district: row.text(11),
                meter: MeterID(Int32(clamping: row.integer(9))), category: row.text(10),
                index: start.map(dial.shown), series: start == nil ? nil : series, consumption: consumption,
                hasEstimate: hasEstimate))
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
            usagePointID: own.usagePointID, usagePoint: own.usagePoint, place: own.place, district: own.district,
            meter: own.meter, category: own.category, index: old.index ?? own.index,
            series: old.index == nil ? own.series : old.series, consumption: consumption,
            hasEstimate: old.hasEstimate || own.hasEstimate)
    }
}
