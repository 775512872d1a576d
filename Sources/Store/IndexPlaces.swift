import GRDB
import Metering
import Packing

/// A stretch of days that one chunk holds: a calendar month, or a week of one. Weeks begin on the 1st, 8th, 15th, 22nd
/// and 29th of a month, so that a month is always made of whole ones.
struct ChunkPeriod: Hashable {
    enum Kind: String {
        case week, month
    }

    let kind: Kind
    let first: ServiceDay
    /// Exclusive.
    let end: ServiceDay
    /// Months since 1970-01; of weeks five to a month.
    private let number: Int64

    /// The period of this kind that a day lies in.
    init(_ kind: Kind, containing day: ServiceDay) {
        let (year, month, dayOfMonth) = day.civil
        let months = Int64((year - 1970) * 12 + month - 1)
        let firstOfMonth = day - (dayOfMonth - 1)
        let endOfMonth = firstOfMonth + day.daysInMonth
        self.kind = kind
        switch kind {
        case .month:
            number = months
            first = firstOfMonth
            end = endOfMonth
        case .week:
            let week = (dayOfMonth - 1) / 7
            number = months * 5 + Int64(week)
            first = firstOfMonth + week * 7
            end = min(first + 7, endOfMonth)
        }
    }

    var dayCount: Int { end - first }
    var last: ServiceDay { end.previous }

    /// Seven days at most, or a month's.
    static let dayCountMax = 31

    /// Chunks of a period lie side by side, in the order of their series: what is written and read together.
    private static let seriesBits: Int64 = 24
    static let seriesMax: Int64 = 1 << seriesBits - 1

    /// The row of a series' chunk. Five bytes in the file as long as the month is before 2140.
    func key(of series: Int64) -> Int64 {
        precondition((0...Self.seriesMax).contains(series), "a chunk's key has room for 16,777,215 series")
        return number << Self.seriesBits | series
    }

    /// The period of a row; `nil` where no year from 1 to 9999 has it.
    init?(_ kind: Kind, ofKey key: Int64) {
        let number = key >> Self.seriesBits
        let months = kind == .month ? number : (number >= 0 ? number : number - 4) / 5
        let year = (months >= 0 ? months : months - 11) / 12
        let month = Int(months - year * 12) + 1
        guard let day = ServiceDay(year: Int(year) + 1970, month: month, day: 1) else { return nil }
        self.init(kind, containing: kind == .month ? day : day + Int(number - months * 5) * 7)
    }

    /// What a series' chunk of this period is packed under.
    func chunkKey(of series: Int64) -> ChunkKey { ChunkKey(series: series, firstDay: first, days: dayCount) }

    static func series(ofKey key: Int64) -> Int64 { key & seriesMax }

    /// The row of a series' chunk of one day, where a table has such; days before 1970 have none.
    static func dayKey(_ day: ServiceDay, _ series: Int64) -> Int64 {
        precondition((0...seriesMax).contains(series), "a chunk's key has room for 16,777,215 series")
        return Int64(day.number) << seriesBits | series
    }

    static func day(ofKey key: Int64) -> ServiceDay { ServiceDay(stored: key >> seriesBits) }
}

extension ChunkPeriod: CustomStringConvertible {
    /// `month 2025-05`, `week 2025-05-08`.
    var description: String { "\(kind.rawValue) \(kind == .month ? String("\(first)".prefix(7)) : "\(first)")" }
}

/// Where the index of a day is kept: one answer for each series and day, at any moment, so that none is ever found
/// twice or not at all.
///
/// Days before `monthsEnd` are in months' chunks, those from there to `weeksEnd` in weeks' chunks, later ones in rows
/// of `hot`. A compaction under way has moved its period for the series up to `through`. A day that arrives late goes
/// where its place is by then.
struct IndexPlaces: Equatable {
    enum Place: Hashable {
        case open
        case chunk(ChunkPeriod)
    }

    var monthsEnd: ServiceDay
    var weeksEnd: ServiceDay
    var underWay: ChunkPeriod?
    /// Inclusive; 0 where nothing is under way.
    var through: Int64

    /// Before the first compaction: all days are open.
    var isUntouched: Bool { weeksEnd == Self.start && underWay == nil }
    /// 0001-01-01, as the tables begin.
    private static let start = ServiceDay(number: -719_162)

    func place(of day: ServiceDay, _ series: Int64) -> Place {
        if day < monthsEnd { return .chunk(ChunkPeriod(.month, containing: day)) }
        if let underWay, series <= through, day >= underWay.first, day < underWay.end { return .chunk(underWay) }
        if day < weeksEnd { return .chunk(ChunkPeriod(.week, containing: day)) }
        return .open
    }

    init(_ db: Database) throws {
        let row = try HotStatement(db, "SELECT monthsEnd, weeksEnd, underWay, through FROM compaction")
        guard try row.first(), (0...ChunkPeriod.seriesMax).contains(row.integer(3)) else {
            throw DamagedRow(table: "compaction", key: 1)
        }
        monthsEnd = row.day(0)
        weeksEnd = row.day(1)
        through = row.integer(3)
        underWay = nil
        if let kind = row.optionalText(2) {
            guard let kind = ChunkPeriod.Kind(rawValue: kind) else { throw DamagedRow(table: "compaction", key: 1) }
            underWay = ChunkPeriod(kind, containing: kind == .month ? monthsEnd : weeksEnd)
        }
    }

    /// Moves both ends to where all that is due by `today` would have brought them: for a store without indices, in
    /// which nothing has to move with them.
    mutating func advance(to today: ServiceDay) {
        var month = ChunkPeriod(.month, containing: today)
        while month.end + Store.monthRestDays > today { month = ChunkPeriod(.month, containing: month.first.previous) }
        monthsEnd = max(monthsEnd, month.end)
        weeksEnd = max(weeksEnd, monthsEnd)
        while true {
            let week = ChunkPeriod(.week, containing: weeksEnd)
            guard week.end + Store.weekRestDays <= today else { return }
            weeksEnd = week.end
        }
    }

    func save(_ db: Database) throws {
        try HotStatement(db, "UPDATE compaction SET monthsEnd = ?, weeksEnd = ?, underWay = ?, through = ?")
            .run(monthsEnd, weeksEnd, underWay?.kind.rawValue, through)
    }
}
