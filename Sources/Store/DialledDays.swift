import GRDB
import Metering

/// One meter's register on one day: the dial at the day's first instant, as far as it is known.
struct DialledDay {
    /// Row of `usagePoint`.
    let usagePointID: Int64
    let usagePoint: String
    let district: String
    let index: DailyIndex?
    /// Of the day that starts at `index`, multiplier applied; `nil` where the next index is not known.
    let consumption: Energy?
}

/// Every meter in service on a day: what a count of the day and a feed of it are made from.
enum DialledDays {
    /// Hands out every installation in service on `day`, whether it has an index or not, in one pass over the day and
    /// the next. Where the meter was installed or removed that day, the fitter's word stands in. What cannot be read
    /// is not known, and `damaged` is told.
    static func forEach(
        on day: ServiceDay, _ register: Register, _ db: Database, damaged: @escaping (DamagedRow) throws -> Void,
        _ body: (DialledDay) throws -> Void
    ) throws {
        let walk = try IndexWalk(db, from: day, through: day.next, damaged: damaged)
        let isFitterRead = register == .activeImport
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
            try walk.go(to: heard.integer(8))
            try body(dialled(heard, on: day, walk.indices, isFitterRead: isFitterRead))
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
        while try unheard.next() { try body(dialled(unheard, on: day, [], isFitterRead: isFitterRead)) }
    }

    private static let columns =
        "usagePoint.id, usagePoint.name, district, multiplier, installedOn, removedOn, startIndex, endIndex"

    private static func dialled(
        _ row: HotStatement, on day: ServiceDay, _ indices: [DailyIndex], isFitterRead: Bool
    ) -> DialledDay {
        var index = indices.first { $0.day == day }
        if index == nil, isFitterRead, row.day(4) == day, let start = row.optionalEnergy(6) {
            index = DailyIndex(day: day, index: start, quality: .edited, errorBound: .zero)
        }
        let isLast = isFitterRead && row.optionalDay(5) == day.next
        let end = isLast ? row.optionalEnergy(7) : indices.first { $0.day == day.next }?.index
        var consumption: Energy?
        if let index, let end {
            consumption = MeterDays.energy(from: index.index, to: end, multiplier: row.integer(3))
        }
        return DialledDay(
            usagePointID: row.integer(0), usagePoint: row.text(1), district: row.text(2), index: index,
            consumption: consumption)
    }
}
