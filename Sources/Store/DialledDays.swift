import GRDB
import Metering
import VEE

/// A usage point's register on one day: the dial at the day's first instant, as far as it is known.
struct DialledDay {
    /// Row of `usagePoint`.
    let usagePointID: Int64
    /// What was asked for.
    let place: String
    let district: String
    /// In service on the day; where none is, the one that left.
    let meter: MeterID
    let category: String
    /// On the day of an exchange the old meter's, where it has one; else the new one's.
    let index: DailyIndex?
    /// That of `index`; `nil` too for the fitter's.
    let series: Int64?
    /// Of the whole day that starts at `index`, multipliers applied; `nil` where a part of it is not known.
    let consumption: Energy?
    /// One of the indices that `consumption` is made from is an estimate.
    let hasEstimate: Bool
    /// A meter of which the fitter read less, or more, than it shows itself beside that.
    var contradicted: MeterID?

    /// A transformer station's own meter: nobody's consumption.
    var isStation: Bool { category == UsagePoint.stationCategory }
}

/// Every usage point with a meter on a day: what a count of the day and a feed of it are made from.
///
/// `UsagePointDays` says the same of one usage point over many days; a test holds the two against each other.
enum DialledDays {
    /// Hands out each usage point that has a meter in service on `day`, or whose meter leaves that day, once and
    /// whether it has an index or not, in one pass over the day and the next. What cannot be read is not known, and
    /// `damaged` is told.
    static func forEach(
        on day: ServiceDay, _ register: Register, by place: DayMeters.Place = .nowhere, _ db: Database,
        damaged: @escaping (DamagedRow) throws -> Void, _ body: (DialledDay) throws -> Void
    ) throws {
        let meters = try DayMeters(on: day, by: place, db)
        func part(_ meter: DayMeter, of series: Int64?, _ own: [DailyIndex], near: DailyIndex? = nil) -> Part {
            Self.part(meter, of: meters, on: day, register, series, own, near: near)
        }
        var leaving: [Int64: Part] = [:]
        let book = try IndexBook(db)
        for meter in meters.leaving {
            let series = try Self.series(of: meter, register, db)
            let index = try series.flatMap { try Self.index(of: $0, on: day, in: book, damaged: damaged) }
            // Where the meter fell silent before it left, the fitter's word follows on what it showed last.
            let near =
                index == nil && meter.stay.endIndex != nil
                ? try series.flatMap {
                    try Self.nearest($0, from: day - GapSettlement.fittersReachDays, through: day, book, damaged).last
                } : nil
            leaving[meter.usagePointID] = part(meter, of: series, index.map { [$0] } ?? [], near: near)
        }
        var isHeard = [Bool](repeating: false, count: meters.inService.count)
        let walk = try IndexWalk(db, from: day, through: day.next, damaged: damaged)
        let heard = try DaySeries(of: meters, register, db)
        while let (series, position) = try heard.next() {
            isHeard[position] = true
            try walk.go(to: series)
            let meter = meters.inService[position]
            let isAlone = meter.stay.installedOn == day && meter.stay.startIndex != nil
            let near =
                isAlone && walk.indices.isEmpty
                ? try Self.nearest(
                    series, from: day.next, through: day + GapSettlement.fittersReachDays, book, damaged
                ).first : nil
            let own = part(meter, of: series, walk.indices, near: near)
            try body(dialled(own, on: day, taking: &leaving))
        }
        for (position, meter) in meters.inService.enumerated() where !isHeard[position] {
            try body(dialled(part(meter, of: nil, []), on: day, taking: &leaving))
        }
        // Nobody came in their place.
        for part in leaving.values { try body(part.dialled) }
    }

    /// What one meter has of a usage point's day.
    private struct Part {
        let stay: MeterStay
        let dialled: DialledDay
    }

    /// Of a meter that leaves: few do, and each is looked up.
    private static func series(of meter: DayMeter, _ register: Register, _ db: Database) throws -> Int64? {
        let row = try HotStatement(db, "SELECT id FROM series WHERE meter = ? AND register = ?")
        return try row.first(Int(meter.meter.number), Int(register.rawValue)) ? row.integer(0) : nil
    }

    private static func index(
        of series: Int64, on day: ServiceDay, in book: IndexBook, damaged: (DamagedRow) throws -> Void
    ) throws -> DailyIndex? {
        do { return try book.index(of: series, on: day) } catch let found as DamagedRow {
            try damaged(found)
            return nil
        }
    }

    /// What a meter that came or left has shown itself in these days.
    private static func nearest(
        _ series: Int64, from first: ServiceDay, through last: ServiceDay, _ book: IndexBook,
        _ damaged: (DamagedRow) throws -> Void
    ) throws -> [DailyIndex] {
        do {
            return try book.indices(of: series, from: first, through: last).filter { $0.quality != .estimated }
        } catch let found as DamagedRow {
            try damaged(found)
            return []
        }
    }

    /// - Parameters:
    ///   - series: `nil` for a register that the meter never showed.
    ///   - own: the indices of the day and the next that the meter has itself.
    ///   - near: where there are none, its own index that is nearest to the fitter's word.
    private static func part(
        _ meter: DayMeter, of meters: DayMeters, on day: ServiceDay, _ register: Register, _ series: Int64?,
        _ own: [DailyIndex], near: DailyIndex?
    ) -> Part {
        let stay = meter.stay
        func index(of day: ServiceDay) -> DailyIndex? {
            own.first { $0.day == day } ?? stay.fittersIndex(of: day, register)
        }
        let start = index(of: day)
        let dial = DialLimits(ceilingWatts: StoreCache.noCeilingWatts, digits: Int(meter.digits))
        var consumption: Energy?
        var (hasEstimate, isContradicted) = (false, false)
        if let start, var end = index(of: day.next) {
            hasEstimate = start.quality == .estimated || end.quality == .estimated
            // A fitter reads what the dial shows.
            if day == stay.removedOn { end = dial.counted(end, nearest: start.index) }
            consumption = MeterDays.energy(from: start.index, to: end.index, multiplier: meter.multiplier)
            isContradicted = end.index < start.index && (start.quality == .edited || end.quality == .edited)
        } else if let near, let word = day == stay.removedOn ? index(of: day.next) : start {
            isContradicted =
                near.day <= day
                ? dial.counted(word, nearest: near.index).index < near.index : word.index > near.index
        }
        return Part(
            stay: stay,
            dialled: DialledDay(
                usagePointID: meter.usagePointID, place: meters.place(of: meter), district: meters.district(of: meter),
                meter: meter.meter, category: meters.category(of: meter), index: start.map(dial.shown),
                series: start == nil ? nil : series, consumption: consumption, hasEstimate: hasEstimate,
                contradicted: isContradicted ? meter.meter : nil))
    }

    /// The day of a usage point from the part of the meter in service, and that of the meter it came after, if any.
    private static func dialled(_ part: Part, on day: ServiceDay, taking leaving: inout [Int64: Part]) -> DialledDay {
        let own = part.dialled
        guard part.stay.installedOn == day, let old = leaving.removeValue(forKey: own.usagePointID)?.dialled else {
            return own
        }
        var consumption: Energy?
        if let before = old.consumption, let after = own.consumption { consumption = before + after }
        return DialledDay(
            usagePointID: own.usagePointID, place: own.place, district: own.district, meter: own.meter,
            category: own.category, index: old.index ?? own.index,
            series: old.index == nil ? own.series : old.series, consumption: consumption,
            hasEstimate: old.hasEstimate || own.hasEstimate, contradicted: old.contradicted ?? own.contradicted)
    }
}
