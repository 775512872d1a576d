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

    private let book: IndexBook
    private let insertAudit: HotStatement
    private let unsettle: HotStatement
    private let addToTotal: HotStatement
    private let reopen: HotStatement
    private let selectClosed: HotStatement
    private var askedLast: (day: ServiceDay, isClosed: Bool)?
    /// Where each index comes from; whoever writes indices calls its `finish` after each meter.
    var lineages: LineageBook
    private(set) var inserted = 0
    private(set) var revised = 0
    private(set) var confirmed = 0
    /// Days on which anything changed.
    private var touched: Set<ServiceDay> = []
    private var lastTouched: ServiceDay?

    /// Whether days beside a new index are noted for the day close; off while the day close itself writes.
    private let notesGaps: Bool

    init(_ db: Database, notesGaps: Bool = true) throws {
        self.notesGaps = notesGaps
        book = try IndexBook(db)
        insertAudit = try HotStatement(
            db,
            """
            INSERT INTO audit(at, source, reason, series, day, oldIdx, oldQ, oldBound, oldRevision,
              newIdx, newQ, newBound, newRevision, who, wasClosed)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        unsettle = try HotStatement(db, "INSERT INTO unsettled(series, day) VALUES(?, ?) ON CONFLICT DO NOTHING")
        lineages = try LineageBook(db)
        addToTotal = try HotStatement(db, "UPDATE total SET count = count + ? WHERE name = ?")
        reopen = try HotStatement(
            db, "INSERT INTO reopenedDay SELECT day FROM closedDay WHERE day = ? ON CONFLICT DO NOTHING")
        selectClosed = try HotStatement(db, "SELECT 1 FROM closedDay WHERE day = ?")
    }

    /// The index known for a day; `nil` where there is none.
    func index(of series: Int64, on day: ServiceDay) throws -> DailyIndex? { try book.index(of: series, on: day) }

    /// The indices known from `first` to `last`, both inclusive, by day.
    func indices(of series: Int64, from first: ServiceDay, through last: ServiceDay) throws -> [DailyIndex] {
        try book.indices(of: series, from: first, through: last)
    }

    /// The index known for a day; nothing is looked up for a day that the series does not reach.
    func index(of entry: MeterDial.Entry, on day: ServiceDay) throws -> DailyIndex? {
        guard let firstDay = entry.firstDay, let lastDay = entry.lastDay, firstDay <= day, day <= lastDay else {
            return nil
        }
        return try index(of: entry.series, on: day)
    }

    /// Writes an index as the qualities allow. `isPersonal` lets it take the place of any other. An index that is
    /// inserted may stretch the entry's span, which its dial must be saved with.
    @discardableResult
    mutating func write(
        _ index: DailyIndex, of entry: inout MeterDial.Entry, lineage: LineageEntry, on occasion: IndexOccasion,
        isPersonal: Bool = false
    ) throws -> Outcome {
        let series = entry.series
        guard let existing = try self.index(of: entry, on: index.day) else {
            let isLate = try isClosed(index.day)
            lineages.noteFirst(
                lineage, day: index.day, register: entry.register,
                known: isLate || !lineage.kind.tellsWhen ? FirstKnown(at: occasion.at, wasClosed: isLate) : nil)
            try insert(index, of: &entry)
            return .inserted
        }
        guard isPersonal || index.quality.mayReplace(existing.quality) else { return .kept }
        let isEqual = existing.index == index.index
        if isEqual {
            let isBetter = isPersonal ? existing.quality != .edited : index.quality.rawValue < existing.quality.rawValue
            guard isBetter else { return .kept }
        }
        // The same value from a better source is no new revision: nothing a bill was made from has changed.
        let revision = isEqual ? existing.revision : existing.revision + 1
        try book.replace(
            with: DailyIndex(
                day: index.day, index: index.index, quality: index.quality, errorBound: index.errorBound,
                revision: revision), series: series)
        try insertAudit.run(
            occasion.at, occasion.source, occasion.reason, series, index.day, existing.index,
            Int(existing.quality.rawValue), existing.errorBound, existing.revision, index.index,
            Int(index.quality.rawValue), index.errorBound, revision, occasion.who, try isClosed(index.day) ? 1 : 0)
        try lineages.note(lineage, day: index.day, series: series, revision: revision)
        // Estimates beside it may have been drawn from the old value. An estimate itself supports no other.
        if index.quality != .estimated, try hasEstimateBeside(index.day, series) {
            try unsettle.run(series, index.day)
        }
        touch(index.day)
        if isEqual {
            confirmed += 1
            return .confirmed
        }
        revised += 1
        return .revised
    }

    /// Writes an index whose evidence stays with the system it comes from, unless the day has one.
    mutating func adopt(_ index: DailyIndex, of entry: inout MeterDial.Entry) throws {
        guard try self.index(of: entry, on: index.day) == nil else { return }
        try insert(
            DailyIndex(day: index.day, index: index.index, quality: index.quality, errorBound: index.errorBound),
            of: &entry)
    }

    private mutating func insert(_ index: DailyIndex, of entry: inout MeterDial.Entry) throws {
        try book.insert(index, series: entry.series)
        try noteGap(around: index.day, entry)
        entry.firstDay = min(entry.firstDay ?? index.day, index.day)
        entry.lastDay = max(entry.lastDay ?? index.day, index.day)
        inserted += 1
        touch(index.day)
    }

    /// Notes a person's reason for an index where none was before; a replaced one is noted with its old value.
    mutating func recordFirst(_ index: DailyIndex, series: Int64, on occasion: IndexOccasion) throws {
        try insertAudit.run(
            occasion.at, occasion.source, occasion.reason, series, index.day, Int?.none, Int?.none, Int?.none,
            Int?.none, index.index, Int(index.quality.rawValue), index.errorBound, index.revision, occasion.who,
            try isClosed(index.day) ? 1 : 0)
    }

    /// A batch writes one day mostly, so the table is asked only when that changes. No day is closed meanwhile.
    private mutating func isClosed(_ day: ServiceDay) throws -> Bool {
        if let askedLast, askedLast.day == day { return askedLast.isClosed }
        let isClosed = try selectClosed.first(day)
        askedLast = (day, isClosed)
        return isClosed
    }

    /// A batch writes one day mostly, so the set is asked only when that changes.
    private mutating func touch(_ day: ServiceDay) {
        guard day != lastTouched else { return }
        lastTouched = day
        touched.insert(day)
    }

    /// Notes a day beside which the day close should look for a gap.
    func noteGap(beside day: ServiceDay, series: Int64) throws { try unsettle.run(series, day) }

    /// A new index that does not simply follow the last one has a gap, or estimates, beside it.
    private func noteGap(around day: ServiceDay, _ entry: MeterDial.Entry) throws {
        guard notesGaps, let lastDay = entry.lastDay, lastDay != day.previous else { return }
        try unsettle.run(entry.series, day)
    }

    private func hasEstimateBeside(_ day: ServiceDay, _ series: Int64) throws -> Bool {
        for neighbour in [day.previous, day.next] {
            if try index(of: series, on: neighbour)?.quality == .estimated { return true }
        }
        return false
    }

    /// Ends the writing: nothing is held back any more, the sizes that `counts` reports without counting rows are up to
    /// date, and closed days that changed are noted: whoever dies now leaves them noted.
    mutating func finish(readings: Int = 0, suspects: Int = 0) throws {
        try book.finish()
        try lineages.flush()
        for (name, count) in [("hot", inserted), ("revision", revised), ("reading", readings), ("suspect", suspects)]
        where count > 0 {
            try addToTotal.run(count, name)
        }
        for day in touched { try reopen.run(day) }
    }
}
