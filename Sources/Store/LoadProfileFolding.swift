import GRDB
import Metering
import Packing
import VEE

extension Store {
    /// Moves the half hours of a week that is over from days' chunks into weeks', of some thousand series in one short
    /// transaction: others write in between, and whoever dies goes on from here. `nil` when nothing is due. What comes
    /// later still goes where its day is.
    ///
    /// - Parameters:
    ///   - today: the day that has begun last.
    ///   - seriesMax: how many series one step moves at the most.
    /// - Throws: `StoreError`; then nothing of the step was done.
    package func foldLoadProfiles(today: ServiceDay, seriesMax: Int64 = 4096) throws -> CompactionStep? {
        guard logBytes <= logLimitBytes / 4 else { return nil }
        guard
            try read("looking for load profiles to fold", { db in try LoadProfileFolding(db, today: today, calendar) })
                != nil
        else { return nil }
        return try write("folding load profiles") { db in
            try LoadProfileFolding(db, today: today, calendar)?
                .step(seriesMax: seriesMax, damaged: { try self.note($0, db) })
        }
    }
}

/// A week that is due, inside one transaction.
private struct LoadProfileFolding {
    private var places: LoadProfilePlaces
    private let week: ChunkPeriod
    private let today: ServiceDay
    private let calendar: ServiceCalendar
    private let db: Database

    /// `nil` when nothing is due.
    init?(_ db: Database, today: ServiceDay, _ calendar: ServiceCalendar) throws {
        var places = try LoadProfilePlaces(db)
        if places.through == 0 {
            // Weeks of which nothing is kept need no folding.
            let first = try HotStatement(db, "SELECT MIN(key) FROM loadDay")
            guard try first.first(), let key = first.optionalInteger(0) else { return nil }
            places.weeksEnd = max(places.weeksEnd, ChunkPeriod(.week, containing: ChunkPeriod.day(ofKey: key)).first)
        }
        week = ChunkPeriod(.week, containing: places.weeksEnd)
        guard week.end + Store.weekRestDays <= today else { return nil }
        self.places = places
        self.today = today
        self.calendar = calendar
        self.db = db
    }

    func step(seriesMax: Int64, damaged: (DamagedRow) throws -> Void) throws -> CompactionStep {
        let last = try CountedRows.lastSeries(db)
        let series = (places.through + 1)...max(places.through + 1, min(places.through + seriesMax, last))
        let count = try move(series, damaged: damaged)
        var after = places
        let isFinished = series.upperBound >= last
        if isFinished {
            after.weeksEnd = week.end
            after.through = 0
        } else {
            after.through = series.upperBound
        }
        try after.save(db)
        return CompactionStep(period: "load profiles of \(week)", indices: count, isFinished: isFinished)
    }

    /// A day that cannot be read is put aside.
    private func move(_ series: ClosedRange<Int64>, damaged: (DamagedRow) throws -> Void) throws -> Int {
        var found: [Int64: [HalfHourIndex]] = [:]
        let rows = try HotStatement(db, "SELECT key, body FROM loadDay WHERE key BETWEEN ? AND ?")
        let delete = try HotStatement(db, "DELETE FROM loadDay WHERE key BETWEEN ? AND ?")
        var day = week.first
        while day < week.end {
            let place = LoadProfilePlaces.Place.day(day)
            let keys = (place.key(of: series.lowerBound), place.key(of: series.upperBound))
            try rows.start(keys.0, keys.1)
            while try rows.next() {
                let one = ChunkPeriod.series(ofKey: rows.integer(0))
                do {
                    found[one, default: []] += try LoadProfileBook.unpack(rows, column: 1, place, one, calendar)
                } catch let row as DamagedRow {
                    try damaged(row)
                    try ChunkTable.setAside(row, at: today, db)
                }
            }
            try delete.run(keys.0, keys.1)
            day = day.next
        }
        var after = places
        after.through = series.upperBound
        let book = LoadProfileBook(db, places: after, calendar: calendar)
        for one in found.keys.sorted() { try book.put(found[one] ?? [], .week(week), one) }
        return found.values.reduce(0) { $0 + $1.count }
    }
}
