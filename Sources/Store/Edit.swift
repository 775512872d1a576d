import GRDB
import Metering
import VEE

extension Store {
    /// Writes a person's index for a day, as a new revision where one is known; it stays until a person changes it.
    /// Estimates beside it are redrawn at the next day close. Where only suspect readings followed the last accepted
    /// one, the next reading is taken as the dial's first.
    /// - Parameters:
    ///   - index: what the dial showed at the day's first instant, before the multiplier.
    ///   - reason: why, in the person's words; kept in the audit.
    /// - Throws: `StoreError.unknownUsagePoint`, `.nothingInService` or `.indexRefused`.
    @discardableResult
    package func edit(
        usagePoint: String, register: Register, day: ServiceDay, index: Energy, reason: String, at instant: Instant
    ) throws -> DailyIndex {
        func refused(_ why: String) -> StoreError { .indexRefused(usagePoint: usagePoint, day: day, why: why) }
        return try cache.withLock { cache in
            // Its copy of the series' span is out of date after this, whatever comes of it.
            cache = StoreCache()
            return try write("editing the index of \(day) at usage point \(usagePoint)") { db in
                guard try Self.usagePoint(usagePoint, db) != nil else {
                    throw StoreError.unknownUsagePoint(usagePoint)
                }
                guard
                    let meter = try Self.meters(of: usagePoint, db)
                        .first(where: { $0.installation.isInService(on: day) })
                else { throw StoreError.nothingInService(usagePoint: usagePoint, day: day) }
                let span = DialLimits(
                    ceilingWatts: StoreCache.noCeilingWatts, digits: meter.installation.digits
                ).span
                guard day <= calendar.day(at: instant) else {
                    throw refused("that day has not begun; give the day at whose 00:00 the dial was read")
                }
                guard index >= .zero else { throw refused("it is negative; give what the dial showed, 0 Wh or more") }
                guard span.map({ index < $0 }) ?? true else {
                    throw refused("the dial has \(meter.installation.digits) digits; \(index) does not fit on it")
                }
                guard reason.contains(where: { !$0.isWhitespace }) else {
                    throw refused("no reason given; say why in a sentence")
                }
                var series = try Self.series(of: meter.id, register, db)
                var writer = try IndexWriter(db)
                let edited = DailyIndex(day: day, index: index, quality: .edited, errorBound: .zero)
                let outcome = try writer.write(
                    edited, series: &series, lineage: .person(at: instant),
                    on: IndexWriter.Occasion(at: instant, source: "edit", reason: reason), isPersonal: true)
                if outcome == .inserted {
                    try writer.recordFirst(edited, series: series.id, at: instant, reason: reason)
                }
                // A dial that only suspects followed would stay deaf: a person has looked, so it begins anew.
                try HotStatement(
                    db,
                    """
                    DELETE FROM dial WHERE series = ?1 AND EXISTS(
                      SELECT 1 FROM reading WHERE series = ?1 AND moment = 0 AND verdict >= 10
                        AND reading.answered > dial.answered)
                    """
                ).run(series.id)
                try writer.save(&series)
                try writer.addTotals()
                try StoreCache.advanceGeneration(db, at: instant)
                return try writer.index(of: series.id, on: day) ?? edited
            }
        }
    }

    /// A register's row, made where the meter never showed it.
    private static func series(of meter: MeterID, _ register: Register, _ db: Database) throws -> StoreCache.Series {
        let select = try HotStatement(
            db, "SELECT id, firstDay, lastDay FROM series WHERE meter = ? AND register = ?")
        let number = Int(meter.number)
        if try !select.first(number, Int(register.rawValue)) {
            try HotStatement(db, "INSERT INTO series(meter, register) VALUES(?, ?)").run(number, Int(register.rawValue))
            _ = try select.first(number, Int(register.rawValue))
        }
        return StoreCache.Series(
            id: select.integer(0), firstDay: select.optionalDay(1), lastDay: select.optionalDay(2))
    }
}
