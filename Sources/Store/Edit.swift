import GRDB
import Metering
import VEE

extension Store {
    /// Writes a person's index for a day, as a new revision where one is known; it stays until a person changes it. On
    /// the day of an exchange it is the old meter's; what the new one began with is the registry's to say.
    ///
    /// Estimates beside it are redrawn at the next day close. Cases about these days are ended by it. Where it is of
    /// the day of the last accepted reading or a later one, it also ends those about what the register shows now, and
    /// where only suspect readings followed, the next one is taken as the dial's first.
    /// - Parameters:
    ///   - index: what the dial showed at the day's first instant, before the multiplier.
    ///   - reason: why, in the person's words; kept in the audit.
    ///   - who: the person, as the operator's machine knows them; kept in the audit.
    /// - Throws: `StoreError.unknownUsagePoint`, `.nothingInService` or `.indexRefused`.
    @discardableResult
    package func edit(
        usagePoint: String, register: Register, day: ServiceDay, index: Energy, reason: String, by who: String,
        at instant: Instant
    ) throws -> DailyIndex {
        func refused(_ why: String) -> StoreError { .indexRefused(usagePoint: usagePoint, day: day, why: why) }
        return try writeHeldToParents("editing the index of \(day) at usage point \(usagePoint)") { db in
            guard try Self.usagePoint(usagePoint, db) != nil else {
                throw StoreError.unknownUsagePoint(usagePoint)
            }
            guard
                let meter = try Self.meters(of: usagePoint, db)
                    .first(where: { $0.installation.stay.showsIndex(of: day) })
            else { throw StoreError.nothingInService(usagePoint: usagePoint, day: day) }
            let span = DialLimits(
                ceilingWatts: StoreCache.noCeilingWatts, digits: meter.installation.digits
            ).span
            guard day <= calendar.day(at: instant) else {
                throw refused("that day has not begun; give the day at whose 00:00 the dial was read")
            }
            guard day.number > 0 else {
                throw refused("no day before 1970-01-02 is kept; look at the registry's dates")
            }
            guard index >= .zero else { throw refused("it is negative; give what the dial showed, 0 Wh or more") }
            guard index < span else {
                let digits = meter.installation.digits
                throw refused(
                    "the dial has \(digits == 0 ? 12 : digits) digits at the most; \(index) does not fit on it")
            }
            guard reason.contains(where: { !$0.isWhitespace }) else {
                throw refused("no reason given; say why in a sentence")
            }
            guard who.contains(where: { !$0.isWhitespace }) else { throw refused("nobody answers for it; say who") }
            let edited = DailyIndex(day: day, index: index, quality: .edited, errorBound: .zero)
            let occasion = IndexOccasion(at: instant, source: "edit", reason: reason, who: who)
            return try write(edited, register, of: meter, on: occasion, db)
        }
    }

    private func write(
        _ shown: DailyIndex, _ register: Register, of registered: RegisteredMeter, on occasion: IndexOccasion,
        _ db: Database
    ) throws -> DailyIndex {
        let meter = registered.id
        let dials = try DialTable(db)
        var dial = try dials.dial(of: meter) ?? MeterDial()
        let position = try dials.position(of: register, in: &dial, meter: meter)
        let series = dial.entries[position].series
        var writer = try IndexWriter(db)
        let known = try Self.neighbour(of: shown.day, dial.entries[position], writer)
        let edited = known.map { registered.installation.dial.counted(shown, nearest: $0) } ?? shown
        let outcome = try writer.write(
            edited, of: &dial.entries[position], lineage: .person(at: occasion.at), on: occasion, isPersonal: true)
        if outcome == .inserted {
            try writer.recordFirst(edited, series: series, on: occasion)
            // The first one of a series may have the fitter's before it or after it.
            try writer.noteGap(beside: edited.day, series: series)
        }
        writer.lineages.finish(dial.key)
        let last = dial.entries[position].last
        // A dispute about a day long past says nothing of what the dial shows now.
        let isOfNow = last.map { edited.day.next > calendar.day(at: $0.answered) } ?? true
        // A dial that only suspects followed would stay deaf: a person has looked, so it begins anew.
        if isOfNow, let last {
            let suspects = try HotStatement(
                db,
                """
                SELECT 1 FROM reading
                WHERE series = ? AND moment = 0 AND \(ReadingVerdict.isAgainstDial) AND answered > ?
                """)
            if try suspects.first(series, last.answered) { dial.entries[position].last = nil }
        }
        try CaseActWriter(db).edited(
            meter, register, edited.day, isOfNow: isOfNow, by: occasion.who ?? occasion.source, why: occasion.reason,
            at: occasion.at, db)
        try dials.save(dial)
        try dials.flush()
        try writer.finish()
        return registered.installation.dial.shown(try writer.index(of: series, on: edited.day) ?? edited)
    }

    /// What the dial had counted nearest to a day, two months away at the most.
    private static func neighbour(
        of day: ServiceDay, _ entry: MeterDial.Entry, _ writer: IndexWriter
    ) throws -> Energy? {
        for distance in 0...62 {
            for candidate in [day - distance, day + distance] {
                if let index = try writer.index(of: entry, on: candidate) { return index.index }
            }
        }
        return entry.last?.index
    }
}
