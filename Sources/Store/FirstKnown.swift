import GRDB
import Metering

/// When a day's first index became known: noted where no poll says so, and where the day had been closed by then.
struct FirstKnown: Hashable {
    let at: Instant
    /// The day had been counted without it.
    let wasClosed: Bool

    /// Of a meter's day: day, dial, at, wasClosed, registers.
    static let insert = """
        INSERT INTO firstKnown(day, series, at, wasClosed, registers) VALUES(?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET registers = registers | excluded.registers,
          wasClosed = MAX(wasClosed, excluded.wasClosed)
        """
}

/// A moment that has passed, as of which indices are asked for.
struct Hindsight: Hashable {
    let at: Instant
    /// The service day at that moment: no index of a later one was known.
    let today: ServiceDay

    init(_ at: Instant, _ calendar: ServiceCalendar) {
        self.at = at
        today = calendar.day(at: at)
    }
}

/// Tells which value the indices of one register had at some moment; lives inside one transaction.
///
/// Values that were replaced are in `audit` with the moment of their end. When a first value became known follows from
/// `firstKnown`, from the poll it stands on, or from the person who entered it. Of values from before step 16 that were
/// drawn at a day close, of those an earlier system handed over, and of those whose evidence was forgotten it is not
/// known: they count as known, unless they are certain not to have been, and are told by their days.
struct IndicesThen {
    private enum Since {
        case at(Instant)
        /// At some moment from then on.
        case notBefore(Instant)
        case unrecorded
    }

    private let place: SeriesPlace
    private let changes: IndexChanges
    private let lineages: LineageBook
    private let select: HotStatement

    init(_ db: Database, place: SeriesPlace, changes: IndexChanges) throws {
        self.place = place
        self.changes = changes
        lineages = try LineageBook(db)
        select = try HotStatement(
            db, "SELECT at FROM firstKnown WHERE day = ? AND series = ? AND registers & ? ORDER BY at DESC")
    }

    /// What was known of these days, from their indices as they are now; `undated` are the days of which it is not
    /// recorded since when.
    func indices(_ now: [DailyIndex], at then: Hindsight) throws -> (indices: [DailyIndex], undated: [ServiceDay]) {
        var known: [DailyIndex] = []
        var undated: [ServiceDay] = []
        for index in now where index.day <= then.today {
            let values = changes.values(on: index.day) ?? [(index, nil)]
            if let changed = values.last(where: { $0.occasion.map { $0.at <= then.at } ?? false }) {
                known.append(changed.index)
                continue
            }
            // The first one was a person's, who came later.
            guard let first = values.first, first.occasion == nil else { continue }
            switch try since(index.day) {
            case .at(let instant):
                guard instant <= then.at else { continue }
            case .notBefore(let instant):
                guard instant <= then.at else { continue }
                undated.append(index.day)
            case .unrecorded: undated.append(index.day)
            }
            known.append(first.index)
        }
        return (known, undated)
    }

    /// - Parameter depth: the ends of a gap are followed one step.
    private func since(_ day: ServiceDay, depth: Int = 0) throws -> Since {
        if try select.first(day, place.dial, 1 << Int(place.register.rawValue)) { return .at(select.instant(0)) }
        guard let lineage = try firstLineage(of: day) else { return .unrecorded }
        switch lineage.kind {
        case .record, .person: return .at(Instant(stored: lineage.first))
        case .readings: return .at(Instant(stored: lineage.second ?? lineage.first))
        case .indexAndReading: return .notBefore(Instant(stored: lineage.second ?? lineage.first))
        case .indices:
            guard depth == 0 else { return .unrecorded }
            // Both ends were known when it was drawn.
            let ends = try [lineage.first, lineage.second ?? lineage.first].compactMap { number -> Instant? in
                switch try since(ServiceDay(stored: number), depth: 1) {
                case .at(let instant), .notBefore(let instant): instant
                case .unrecorded: nil
                }
            }
            return ends.max().map { .notBefore($0) } ?? .unrecorded
        }
    }

    private func firstLineage(of day: ServiceDay) throws -> LineageEntry? {
        if let entry = try lineages.firstEntry(place.register, dial: place.dial, day: day) { return entry }
        // Stores from before step 6 have it here, unless a better source of the same value took its row.
        guard changes.values(on: day).map({ $0.count < 2 || $0[1].index.revision > 1 }) ?? true else { return nil }
        return try lineages.entry(of: place.series, place.register, dial: place.dial, day: day, revision: 1)
    }
}
