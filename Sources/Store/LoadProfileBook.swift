import GRDB
import Metering
import Packing
import VEE

/// The one way to a load profile's half hours, to read and to write them; lives inside one transaction.
///
/// A half hour is written once and never replaced: it is what the readings around it showed, and what a meter or a
/// person says later of a day is the daily index's matter.
struct LoadProfileBook {
    private let places: LoadProfilePlaces
    private let calendar: ServiceCalendar
    private let db: Database

    init(_ db: Database, calendar: ServiceCalendar) throws {
        self.init(db, places: try LoadProfilePlaces(db), calendar: calendar)
    }

    init(_ db: Database, places: LoadProfilePlaces, calendar: ServiceCalendar) {
        self.places = places
        self.calendar = calendar
        self.db = db
    }

    // MARK: - Reading

    /// The half hours of a series from `first` to `last`, both included, in their order.
    /// - Throws: `DamagedRow`.
    func halfHours(of series: Int64, from first: ServiceDay, through last: ServiceDay) throws -> [HalfHourIndex] {
        var found: [HalfHourIndex] = []
        var day = first
        while day <= last {
            let place = places.place(of: day, series)
            for index in try read(place, series) ?? [] where index.day >= first && index.day <= last {
                found.append(index)
            }
            day = place.end
        }
        return found
    }

    /// The series that may have half hours of a day.
    func kept(on day: ServiceDay, in series: ClosedRange<Int64>) throws -> Set<Int64> {
        var found: Set<Int64> = []
        // While a folding is under way some have the day here and some there.
        for place in Set([series.lowerBound, series.upperBound].map { places.place(of: day, $0) }) {
            let rows = try HotStatement(db, "SELECT key FROM \(place.table) WHERE key BETWEEN ? AND ?")
            try rows.start(place.key(of: series.lowerBound), place.key(of: series.upperBound))
            while try rows.next() { found.insert(ChunkPeriod.series(ofKey: rows.integer(0))) }
        }
        return found
    }

    /// What a half hour took, multiplier applied; `nil` where `next` is not the index of the one after it.
    func consumption(of index: HalfHourIndex, until next: HalfHourIndex?, multiplier: Int64) -> Energy? {
        var end = (day: index.day, halfHour: index.halfHour + 1)
        if end.halfHour == calendar.halfHours(in: end.day) { end = (end.day.next, 0) }
        guard let next, next.day == end.day, next.halfHour == end.halfHour else { return nil }
        return MeterDays.energy(from: index.index, to: next.index, multiplier: multiplier)
    }

    /// `nil` where there is no row.
    private func read(_ place: LoadProfilePlaces.Place, _ series: Int64) throws -> [HalfHourIndex]? {
        let row = try HotStatement(db, "SELECT body FROM \(place.table) WHERE key = ?")
        guard try row.first(place.key(of: series)) else { return nil }
        return try Self.unpack(row, column: 0, place, series, calendar)
    }

    /// - Throws: `DamagedRow`.
    static func unpack(
        _ row: HotStatement, column: Int32, _ place: LoadProfilePlaces.Place, _ series: Int64,
        _ calendar: ServiceCalendar
    ) throws -> [HalfHourIndex] {
        var found: [HalfHourIndex] = []
        do {
            try row.withBytes(column) { bytes throws(UnreadableBody) in
                let slots = calendar.halfHours(from: place.first, to: place.end)
                try ProfileChunk.read(bytes, key: place.chunkKey(of: series), slots: slots) { indices in
                    found.reserveCapacity(indices.count)
                    var (day, start, end) = (place.first, 0, calendar.halfHours(in: place.first))
                    for index in indices {
                        while index.slot >= end {
                            day = day.next
                            (start, end) = (end, end + calendar.halfHours(in: day))
                        }
                        found.append(
                            HalfHourIndex(
                                day: day, halfHour: index.slot - start, index: index.index, quality: index.quality))
                    }
                }
            }
        } catch {
            throw place.damaged(series)
        }
        return found
    }

    // MARK: - Writing

    /// Writes half hours of one series, in their order. One that stands already stays as it is.
    /// - Parameter today: for a row that is found damaged: it is put aside, and its place begins anew.
    /// - Returns: those rows.
    func write(_ indices: [HalfHourIndex], of series: Int64, today: ServiceDay) throws -> [DamagedRow] {
        var aside: [DamagedRow] = []
        var rest = indices[...]
        while let next = rest.first {
            let place = places.place(of: next.day, series)
            let part = rest.prefix { place.days.contains($0.day.number) }
            rest = rest.dropFirst(part.count)
            var known: [HalfHourIndex]?
            do { known = try read(place, series) } catch let damaged as DamagedRow {
                try ChunkTable.setAside(damaged, at: today, db)
                aside.append(damaged)
            }
            try put(Self.merged(known ?? [], part), place, series)
        }
        return aside
    }

    private static func merged(_ known: [HalfHourIndex], _ new: ArraySlice<HalfHourIndex>) -> [HalfHourIndex] {
        guard let last = known.last, let first = new.first, first.position <= last.position else {
            return known + new
        }
        let taken = Set(known.map(\.position))
        return (known + new.filter { !taken.contains($0.position) }).sorted { $0.position < $1.position }
    }

    /// Packs half hours of one place and writes them as its row.
    func put(_ indices: [HalfHourIndex], _ place: LoadProfilePlaces.Place, _ series: Int64) throws {
        var starts: [Int32: Int] = [:]
        var slots = 0
        for day in place.days {
            starts[day] = slots
            slots += calendar.halfHours(in: ServiceDay(number: day))
        }
        var body: [UInt8] = []
        try ProfileChunk.append(
            indices.map {
                SlotIndex(slot: starts[$0.day.number, default: 0] + $0.halfHour, index: $0.index, quality: $0.quality)
            }, key: place.chunkKey(of: series), slots: slots, to: &body)
        try HotStatement(db, "INSERT OR REPLACE INTO \(place.table)(key, body) VALUES(?, ?)")
            .run(place.key(of: series), body)
    }
}

extension HalfHourIndex {
    /// In time.
    fileprivate var position: Int64 { Int64(day.number) << 8 | Int64(halfHour) }
}

extension LoadProfilePlaces.Place {
    func damaged(_ series: Int64) -> DamagedRow {
        DamagedRow(table: table, key: key(of: series), series: series, period: period)
    }

    private var period: ChunkPeriod? {
        switch self {
        case .day: nil
        case .week(let week): week
        }
    }
}
