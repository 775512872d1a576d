import GRDB
import Metering
import Packing

/// What one step of a compaction did.
package struct CompactionStep: Hashable, Sendable {
    /// The days that are moved, `week 2025-05-08` or `month 2025-05`.
    package let period: String
    /// Indices moved by this step.
    package let indices: Int
    /// Whether it was the period's last.
    package let isFinished: Bool
}

extension Store {
    /// How old a period's last day must be before its days are moved. A week's days have been closed by then; a month
    /// has seen what most meters keep of their own past. What comes later still goes where its day is.
    static let weekRestDays = 2
    static let monthRestDays = 7
    /// How many rows one step moves at the most: a tenth of a second or so, for which ingest waits.
    static let rowsMax: Int64 = 65_536

    /// Moves the days of one period of some thousand series from rows into chunks, in one short transaction: others
    /// write in between, and whoever dies goes on from here. `nil` when nothing is due.
    ///
    /// - Parameters:
    ///   - today: the day that has begun last.
    ///   - seriesMax: how many series one step moves at the most.
    /// - Throws: `StoreError`; then nothing of the step was done.
    package func compact(today: ServiceDay, seriesMax: Int64 = 16_384) throws -> CompactionStep? {
        // What can wait does not feed a log that somebody holds.
        guard logBytes <= logLimitBytes / 4 else { return nil }
        // Mostly nothing is due, and asking needs no writer.
        guard
            try read("looking for days to compact", { try Compaction(places: IndexPlaces($0), today: today, $0) })
                != nil
        else { return nil }
        return try write("compacting") { db in
            try Compaction(places: IndexPlaces(db), today: today, db)?
                .step(seriesMax: seriesMax, damaged: { try self.note($0, db) })
        }
    }
}

/// A period that is due, inside one transaction.
private struct Compaction {
    private var places: IndexPlaces
    private let period: ChunkPeriod
    private let db: Database
    private let today: ServiceDay

    /// `nil` when nothing is due.
    init?(places: IndexPlaces, today: ServiceDay, _ db: Database) throws {
        var places = places
        self.db = db
        self.today = today
        if places.underWay == nil, places.weeksEnd == places.monthsEnd {
            // Before the first day there is nothing to go through month by month.
            guard let first = try HotRows.firstDay(db) else { return nil }
            places.monthsEnd = max(places.monthsEnd, ChunkPeriod(.month, containing: first).first)
            places.weeksEnd = places.monthsEnd
        }
        self.places = places
        if let underWay = places.underWay {
            period = underWay
            return
        }
        let month = ChunkPeriod(.month, containing: places.monthsEnd)
        let week = ChunkPeriod(.week, containing: places.weeksEnd)
        // An old month of which no week was made yet needs none.
        let isWhole = places.weeksEnd >= month.end || places.weeksEnd == places.monthsEnd
        if isWhole, month.end + Store.monthRestDays <= today {
            period = month
        } else if week.end + Store.weekRestDays <= today {
            period = week
        } else {
            return nil
        }
    }

    func step(seriesMax: Int64, damaged: @escaping (DamagedRow) throws -> Void) throws -> CompactionStep {
        let last = try CountedRows.lastSeries(db)
        let count = max(1, min(seriesMax, Store.rowsMax / rowsOfSeries))
        let series = (places.through + 1)...max(places.through + 1, min(places.through + count, last))
        let indices = try move(series, damaged: damaged)
        var after = places
        let isFinished = series.upperBound >= last
        if isFinished {
            after.underWay = nil
            after.through = 0
            if period.kind == .month { after.monthsEnd = period.end }
            after.weeksEnd = max(after.weeksEnd, period.end)
        } else {
            after.underWay = period
            after.through = series.upperBound
        }
        try after.save(db)
        return CompactionStep(period: period.description, indices: indices, isFinished: isFinished)
    }

    /// Rows of open days, or a month's weeks.
    private var rowsOfSeries: Int64 {
        let isOfWeeks = period.kind == .month && places.weeksEnd >= period.end
        return isOfWeeks ? Int64((period.dayCount + 6) / 7) : Int64(period.dayCount)
    }

    /// Every index of the period stands in its series' chunk, and nowhere else, when this returns. A chunk of a week
    /// that cannot be read is put aside.
    private func move(
        _ series: ClosedRange<Int64>, damaged: @escaping (DamagedRow) throws -> Void
    ) throws -> Int {
        var count = 0
        let insert = try HotStatement(db, "INSERT INTO \(ChunkTable.name(period.kind))(key, body) VALUES(?, ?)")
        var body: [UInt8] = []
        do {
            let walk = try IndexWalk(db, from: period.first, through: period.last, series: series) { found in
                try damaged(found)
                try ChunkTable.setAside(found, at: today, db)
            }
            while let next = try walk.next() {
                // All it had is damaged.
                guard !walk.indices.isEmpty else { continue }
                count += walk.indices.count
                body.removeAll(keepingCapacity: true)
                try IndexChunk.append(walk.indices, key: period.chunkKey(of: next), to: &body)
                try body.withUnsafeBytes { _ = try insert.run(period.key(of: next), BorrowedBytes($0)) }
            }
        }
        try HotRows.delete(period, series, db)
        if period.kind == .month { try ChunkTable.deleteWeeks(of: period, series, db) }
        return count
    }
}
