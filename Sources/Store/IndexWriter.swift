import GRDB
import Metering

/// The only hand that writes daily indices, inside one transaction.
///
/// A value is never lost: an equal one changes nothing, a different one of sufficient quality becomes the next
/// revision and the old one goes to `audit`. Days whose estimates hang on a changed index are noted in `unsettled`
/// for the day close.
struct IndexWriter {
    enum Outcome {
        /// The day's first index.
        case inserted
        /// A different value took the place of the one there.
        case revised
        /// The value there stays; it now stands on a better source.
        case confirmed
        /// What is there stays as it is.
        case kept
    }

    /// Why an index is written, for `audit`.
    struct Occasion {
        let at: Instant
        let source: String
        let reason: String
    }

    private let insert: HotStatement
    private let select: HotStatement
    private let update: HotStatement
    private let insertLineage: HotStatement
    private let insertAudit: HotStatement
    private let unsettle: HotStatement
    private let updateSeries: HotStatement
    private let addToTotal: HotStatement
    private(set) var inserted = 0
    private(set) var revised = 0
    private(set) var confirmed = 0
    /// Days on which anything changed.
    private(set) var touched: Set<ServiceDay> = []

    /// Whether days beside a new index are noted for the day close; off while the day close itself writes.
    private let notesGaps: Bool

    init(_ db: Database, notesGaps: Bool = true) throws {
        self.notesGaps = notesGaps
        insert = try HotStatement(
            db, "INSERT INTO hot(day, series, idx, q, bound, revision) VALUES(?, ?, ?, ?, ?, 1) ON CONFLICT DO NOTHING")
        select = try HotStatement(db, "SELECT day, idx, q, bound, revision FROM hot WHERE day = ? AND series = ?")
        update = try HotStatement(
            db, "UPDATE hot SET idx = ?, q = ?, bound = ?, revision = ? WHERE day = ? AND series = ?")
        insertLineage = try HotStatement(
            db, "INSERT OR REPLACE INTO lineage(day, series, revision, kind, first, second) VALUES(?, ?, ?, ?, ?, ?)")
        insertAudit = try HotStatement(
            db,
            """
            INSERT INTO audit(at, source, reason, series, day, oldIdx, oldQ, oldBound, oldRevision,
              newIdx, newQ, newBound, newRevision)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        unsettle = try HotStatement(db, "INSERT INTO unsettled(series, day) VALUES(?, ?) ON CONFLICT DO NOTHING")
        updateSeries = try HotStatement(db, "UPDATE series SET firstDay = ?, lastDay = ? WHERE id = ?")
        addToTotal = try HotStatement(db, "UPDATE total SET count = count + ? WHERE name = ?")
    }

    /// The index known for a day; `nil` where there is none.
    func index(of series: Int64, on day: ServiceDay) throws -> DailyIndex? {
        try select.first(day, series) ? try select.dailyIndex() : nil
    }

    /// Writes an index as the qualities allow. `isPersonal` lets it take the place of any other.
    @discardableResult
    mutating func write(
        _ index: DailyIndex, series: inout StoreCache.Series, lineage: LineageEntry, on occasion: Occasion,
        isPersonal: Bool = false
    ) throws -> Outcome {
        let isNew =
            try insert.run(
                index.day, series.id, index.index, Int(index.quality.rawValue), index.errorBound) == 1
        if isNew {
            try record(lineage, index.day, series.id, revision: 1)
            try noteGap(around: index.day, series: series)
            stretch(&series, to: index.day)
            inserted += 1
            touched.insert(index.day)
            return .inserted
        }
        guard let existing = try self.index(of: series.id, on: index.day) else { return .kept }
        guard isPersonal || index.quality.mayReplace(existing.quality) else { return .kept }
        let isEqual = existing.index == index.index
        if isEqual {
            let isBetter = isPersonal ? existing.quality != .edited : index.quality.rawValue < existing.quality.rawValue
            guard isBetter else { return .kept }
        }
        // The same value from a better source is no new revision: nothing a bill was made from has changed.
        let revision = isEqual ? existing.revision : existing.revision + 1
        try update.run(
            index.index, Int(index.quality.rawValue), index.errorBound, revision, index.day, series.id)
        try insertAudit.run(
            occasion.at, occasion.source, occasion.reason, series.id, index.day, existing.index,
            Int(existing.quality.rawValue), existing.errorBound, existing.revision, index.index,
            Int(index.quality.rawValue), index.errorBound, revision)
        try record(lineage, index.day, series.id, revision: revision)
        // Estimates beside it may have been drawn from the old value. An estimate itself supports no other.
        if index.quality != .estimated, try hasEstimateBeside(index.day, series.id) {
            try unsettle.run(series.id, index.day)
        }
        touched.insert(index.day)
        if isEqual {
            confirmed += 1
            return .confirmed
        }
        revised += 1
        return .revised
    }

    /// Notes a person's reason for an index where none was before; a replaced one is noted with its old value.
    func recordFirst(_ index: DailyIndex, series: Int64, at instant: Instant, reason: String) throws {
        try insertAudit.run(
            instant, "edit", reason, series, index.day, Int?.none, Int?.none, Int?.none, Int?.none, index.index,
            Int(index.quality.rawValue), index.errorBound, index.revision)
    }

    private func record(_ lineage: LineageEntry, _ day: ServiceDay, _ series: Int64, revision: Int) throws {
        try insertLineage.run(day, series, revision, lineage.kind.rawValue, lineage.first, lineage.second)
    }

    /// A new index that does not simply follow the last one has a gap, or estimates, beside it.
    private func noteGap(around day: ServiceDay, series: StoreCache.Series) throws {
        guard notesGaps, let lastDay = series.lastDay, lastDay != day.previous else { return }
        try unsettle.run(series.id, day)
    }

    private func hasEstimateBeside(_ day: ServiceDay, _ series: Int64) throws -> Bool {
        for neighbour in [day.previous, day.next] {
            if try index(of: series, on: neighbour)?.quality == .estimated { return true }
        }
        return false
    }

    private func stretch(_ series: inout StoreCache.Series, to day: ServiceDay) {
        let first = min(series.firstDay ?? day, day)
        let last = max(series.lastDay ?? day, day)
        guard first != series.firstDay || last != series.lastDay else { return }
        series.firstDay = first
        series.lastDay = last
        series.isChanged = true
    }

    /// Writes the days a series spans, where they changed.
    func save(_ series: inout StoreCache.Series) throws {
        guard series.isChanged else { return }
        try updateSeries.run(series.firstDay, series.lastDay, series.id)
        series.isChanged = false
    }

    /// Adds to the sizes that `counts` reports without counting rows.
    func addTotals(readings: Int = 0, suspects: Int = 0) throws {
        for (name, count) in [("hot", inserted), ("revision", revised), ("reading", readings), ("suspect", suspects)]
        where count > 0 {
            try addToTotal.run(count, name)
        }
    }
}
