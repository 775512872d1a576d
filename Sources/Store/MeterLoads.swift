import GRDB
import Metering
import VEE

/// Writes the loads that meters show beside their dials, and the cases of dials that stand still under them. Inside one
/// transaction.
struct MeterLoads {
    private let select: HotStatement
    private let save: HotStatement
    private let selectBlocked: HotStatement
    private let selectEnded: HotStatement
    private let calendar: ServiceCalendar
    private let indices: IndexBook
    private let cases: ShownCases

    init(_ db: Database, calendar: ServiceCalendar) throws {
        self.calendar = calendar
        select = try HotStatement(db, "SELECT since, seen, sights, load, idx FROM standingDial WHERE meter = ?")
        save = try HotStatement(
            db,
            """
            INSERT INTO standingDial(meter, since, seen, sights, load, idx) VALUES(?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT(meter) DO UPDATE SET since = excluded.since, seen = excluded.seen, sights = excluded.sights,
              load = excluded.load, idx = excluded.idx
            """)
        selectBlocked = try HotStatement(
            db, "SELECT 1 FROM meterCase WHERE meter = ? AND closed IS NULL AND severity = 'blocks'")
        selectEnded = try HotStatement(
            db,
            """
            SELECT 1 FROM meterCase
            WHERE meter = ? AND kind = 'static' AND closed IS NOT NULL AND state <> 'passed' AND opened >= ?
            """)
        indices = try IndexBook(db)
        cases = try ShownCases(db)
    }

    /// - Parameters:
    ///   - load: in W.
    ///   - dials: where the meter's own is looked up, as it stands after this batch.
    func record(_ load: Int64, of meter: MeterID, at instant: Instant, dials: DialTable) throws {
        guard load >= StandingDial.least else { return }
        let key = Int(meter.number)
        var before: StandingDial?
        if try select.first(key) {
            before = StandingDial(
                since: select.instant(0), seen: select.instant(1), sights: Int(select.integer(2)),
                load: select.integer(3), index: select.optionalEnergy(4))
        }
        // Handed over again, or late.
        guard before.map({ $0.seen < instant }) ?? true else { return }
        // Of a meter whose readings are held back it is not known where its dial stands, and so not that it moved.
        let isHeldBack = try selectBlocked.first(key)
        let index = isHeldBack ? nil : try importIndex(of: meter, dials)
        let standing =
            isHeldBack
            ? before?.heldBack(at: instant) ?? .seen(after: nil, load: load, index: nil, at: instant)
            : .seen(after: before, load: load, index: index, at: instant)
        try save.run(key, standing.since, standing.seen, standing.sights, standing.load, standing.index)
        guard !isHeldBack else { return }
        if standing.isFault, let index {
            // What a person has said of this standstill holds until the dial has moved.
            guard try !selectEnded.first(key, standing.since) else { return }
            try cases.open(
                meter, .static, of: .activeImport,
                "import stands at \(index), though \(standing.load) W and more were seen \(standing.sights) times",
                severity: .holds, at: instant)
        } else if let before, before.isFault {
            let days = calendar.day(at: before.since)...calendar.day(at: instant)
            try cases.leave(meter, .static, .activeImport, on: days)
        }
    }

    /// What the dial has counted as far as is known: its last reading, or the last day of its own.
    private func importIndex(of meter: MeterID, _ dials: DialTable) throws -> Energy? {
        guard let entry = try dials.dial(of: meter)?.entries.first(where: { $0.register == .activeImport }) else {
            return nil
        }
        if let last = entry.last { return last.index }
        return try entry.lastDay.flatMap { try indices.index(of: entry.series, on: $0)?.index }
    }
}
