import GRDB
import Metering
import Packing

/// Where a day's half hours are kept: one answer for each series and day, as with indices. Days before `weeksEnd` are
/// in weeks' chunks, later ones in days' chunks. A folding under way has moved the week that begins at `weeksEnd` for
/// the series up to `through`.
struct LoadProfilePlaces: Equatable {
    enum Place: Hashable {
        case day(ServiceDay)
        case week(ChunkPeriod)
    }

    var weeksEnd: ServiceDay
    /// Inclusive; 0 where nothing is under way.
    var through: Int64

    init(_ db: Database) throws {
        let row = try HotStatement(db, "SELECT weeksEnd, through FROM loadFolding")
        guard try row.first(), (0...ChunkPeriod.seriesMax).contains(row.integer(1)) else {
            throw DamagedRow(table: "loadFolding", key: 1)
        }
        weeksEnd = row.day(0)
        through = row.integer(1)
    }

    func place(of day: ServiceDay, _ series: Int64) -> Place {
        let week = ChunkPeriod(.week, containing: day)
        return week.first < weeksEnd || (week.first == weeksEnd && series <= through) ? .week(week) : .day(day)
    }

    func save(_ db: Database) throws {
        try HotStatement(db, "UPDATE loadFolding SET weeksEnd = ?, through = ?").run(weeksEnd, through)
    }
}

extension LoadProfilePlaces.Place {
    var table: String {
        switch self {
        case .day: "loadDay"
        case .week: "loadWeek"
        }
    }

    /// The row of a series' chunk: the day's number, or the week's as `weekChunk` has it, above 24 bits of series.
    func key(of series: Int64) -> Int64 {
        switch self {
        case .day(let day): ChunkPeriod.dayKey(day, series)
        case .week(let week): week.key(of: series)
        }
    }

    /// What the chunk is packed under.
    func chunkKey(of series: Int64) -> ChunkKey {
        switch self {
        case .day(let day): ChunkKey(series: series, firstDay: day, days: 1)
        case .week(let week): week.chunkKey(of: series)
        }
    }

    var days: Range<Int32> {
        switch self {
        case .day(let day): day.number..<day.next.number
        case .week(let week): week.first.number..<week.end.number
        }
    }

    var first: ServiceDay { ServiceDay(number: days.lowerBound) }
    var end: ServiceDay { ServiceDay(number: days.upperBound) }
}
