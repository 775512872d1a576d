import GRDB
import Metering
import Packing

/// The one way to a stored index, wherever its day is kept; lives inside one transaction.
///
/// Reads from `hot` and from chunks, and writes to them on behalf of `IndexWriter`, which decides. What was written is
/// held back for a while: whoever wrote calls `finish`.
final class IndexBook {
    private let db: Database
    let places: IndexPlaces
    private var open: ForwardRows?
    private var updateOpen: HotStatement?
    private var new: NewIndices?
    private var selectChunk: [ChunkPeriod.Kind: HotStatement] = [:]
    private var chunk: OpenChunk?

    /// The chunk looked at last: mostly the next question is about the same one.
    private struct OpenChunk {
        let period: ChunkPeriod
        let series: Int64
        /// By day.
        var indices: [DailyIndex] = []
        var isChanged = false
    }

    init(_ db: Database) throws {
        self.db = db
        places = try IndexPlaces(db)
    }

    // MARK: - Reading

    /// The index known for a day; `nil` where there is none.
    func index(of series: Int64, on day: ServiceDay) throws -> DailyIndex? {
        switch places.place(of: day, series) {
        case .chunk(let period): return try indices(of: series, in: period).first { $0.day == day }
        case .open: return try openIndex(of: series, on: day)
        }
    }

    /// The indices known from `first` to `last`, both inclusive, by day. The span should be no longer than that of the
    /// series: an open day costs a look each.
    func indices(of series: Int64, from first: ServiceDay, through last: ServiceDay) throws -> [DailyIndex] {
        var found: [DailyIndex] = []
        var day = first
        while day <= last {
            switch places.place(of: day, series) {
            case .chunk(let period):
                found += try indices(of: series, in: period).filter { first <= $0.day && $0.day <= last }
                day = period.end
            case .open:
                if let index = try openIndex(of: series, on: day) { found.append(index) }
                day = day.next
            }
        }
        return found
    }

    /// The days that have indices at all, at least; `nil` in an empty store.
    static func days(_ db: Database) throws -> (first: ServiceDay, last: ServiceDay)? {
        var days: [ServiceDay] = []
        let open = try HotStatement(db, "SELECT (SELECT MIN(day) FROM hot), (SELECT MAX(day) FROM hot)")
        if try open.first(), let first = open.optionalDay(0), let last = open.optionalDay(1) { days += [first, last] }
        for kind in [ChunkPeriod.Kind.week, .month] {
            // One of them by itself is a look at the table's end; both in one SELECT go through the whole.
            let table = ChunkTable.name(kind)
            let ends = try HotStatement(db, "SELECT (SELECT MIN(key) FROM \(table)), (SELECT MAX(key) FROM \(table))")
            guard try ends.first(), let first = ends.optionalInteger(0), let last = ends.optionalInteger(1) else {
                continue
            }
            for key in [first, last] {
                guard let period = ChunkPeriod(kind, ofKey: key) else {
                    throw DamagedRow(table: ChunkTable.name(kind), key: key)
                }
                days += [period.first, period.last]
            }
        }
        guard let first = days.min(), let last = days.max() else { return nil }
        return (first, last)
    }

    private func openIndex(of series: Int64, on day: ServiceDay) throws -> DailyIndex? {
        if let new, new.holds(series) { try flushNew() }
        if open == nil {
            open = try ForwardRows(
                db,
                """
                SELECT series, day, idx, q, bound, revision FROM hot WHERE day = ? AND series >= ? ORDER BY series
                """)
        }
        guard let open, try open.find(series, on: day) else { return nil }
        return try open.rows.openIndex(of: series)
    }

    private func indices(of series: Int64, in period: ChunkPeriod) throws -> [DailyIndex] {
        if let chunk, chunk.period == period, chunk.series == series { return chunk.indices }
        try flushChunk()
        var opened = OpenChunk(period: period, series: series)
        let select = try Self.prepared(
            &selectChunk[period.kind], db, "SELECT body FROM \(ChunkTable.name(period.kind)) WHERE key = ?")
        if try select.first(period.key(of: series)) {
            try ChunkTable.read(select, column: 0, period, series, into: &opened.indices)
        }
        chunk = opened
        return opened.indices
    }

    // MARK: - Writing

    /// The first index of a day; whoever calls this knows that there is none.
    func insert(_ index: DailyIndex, series: Int64) throws {
        switch places.place(of: index.day, series) {
        case .chunk(let period):
            try change(series, in: period) { indices in
                indices.insert(index, at: indices.firstIndex { $0.day > index.day } ?? indices.count)
            }
        case .open:
            if new == nil { new = try NewIndices(db) }
            new?.append(index, series: series)
            if new?.isFull ?? false { try flushNew() }
        }
    }

    /// Takes the place of the index known for the day.
    func replace(with index: DailyIndex, series: Int64) throws {
        switch places.place(of: index.day, series) {
        case .chunk(let period):
            try change(series, in: period) { indices in
                guard let position = indices.firstIndex(where: { $0.day == index.day }) else { return }
                indices[position] = index
            }
        case .open:
            let update = try Self.prepared(
                &updateOpen, db, "UPDATE hot SET idx = ?, q = ?, bound = ?, revision = ? WHERE day = ? AND series = ?")
            try update.run(
                index.index, Int(index.quality.rawValue), index.errorBound, index.revision, index.day, series)
            open?.forget()
        }
    }

    private func flushNew() throws {
        if let new, let open, let day = open.day, new.holds(day) { open.forget() }
        try new?.flush()
    }

    private func change(_ series: Int64, in period: ChunkPeriod, _ body: (inout [DailyIndex]) -> Void) throws {
        _ = try indices(of: series, in: period)
        guard var changed = chunk else { preconditionFailure("a chunk was just opened") }
        // Not held twice while it is altered.
        chunk = nil
        body(&changed.indices)
        changed.isChanged = true
        chunk = changed
    }

    private func flushChunk() throws {
        guard let written = chunk, written.isChanged else { return }
        try ChunkTable.put(written.indices, written.period, written.series, db)
        chunk?.isChanged = false
    }

    /// Nothing is held back any more.
    func finish() throws {
        try flushNew()
        try flushChunk()
    }

    private static func prepared(_ statement: inout HotStatement?, _ db: Database, _ sql: String) throws -> HotStatement
    {
        if let statement { return statement }
        let made = try HotStatement(db, sql)
        statement = made
        return made
    }
}
