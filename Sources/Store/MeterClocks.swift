import GRDB
import Metering
import VEE

/// Writes what meters' clocks show, which of their records are not believed for it, and the cases that come of it.
/// Inside one transaction.
struct MeterClocks {
    private let calendar: ServiceCalendar
    private let upsert: HotStatement
    private let selectSeen: HotStatement
    private let saveDoubt: HotStatement
    private let count: HotStatement
    private let openDays: HotStatement
    private let indices: IndexBook
    private let cases: ShownCases

    init(_ db: Database, calendar: ServiceCalendar) throws {
        self.calendar = calendar
        upsert = try HotStatement(
            db,
            """
            INSERT INTO meterFact(meter, clockOffset, clockSeen) VALUES(?1, ?2, ?3)
            ON CONFLICT(meter) DO UPDATE SET clockOffset = excluded.clockOffset, clockSeen = excluded.clockSeen
            WHERE excluded.clockSeen > COALESCE(clockSeen, 0)
              AND (excluded.clockOffset IS NOT NULL OR clockOffset IS NULL)
            """)
        selectSeen = try HotStatement(db, "SELECT clockOffset, clockSeen FROM meterFact WHERE meter = ?")
        saveDoubt = try HotStatement(
            db,
            """
            INSERT INTO clockDoubt(meter, since, until, isOver) VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT(meter) DO UPDATE SET since = excluded.since, until = excluded.until, isOver = excluded.isOver
            """)
        count = try HotStatement(db, "UPDATE generation SET clocks = clocks + 1")
        openDays = try HotStatement(
            db,
            """
            INSERT INTO meterCase(meter, kind, register, severity, state, text, firstDay, lastDay, opened, lastSeen)
            VALUES(?1, 'clock', 1, 'holds', 'open', ?2, ?3, ?4, ?5, ?5) ON CONFLICT DO NOTHING
            """)
        indices = try IndexBook(db)
        cases = try ShownCases(db)
    }

    /// - Parameters:
    ///   - dials: where the meter's own dial is looked up, when its clock turns out to be wrong.
    ///   - cache: learns whose records are not believed.
    func record(
        _ sight: ClockSight, of meter: MeterID, at instant: Instant, dials: DialTable, cache: inout StoreCache
    ) throws {
        guard let offset = sight.offset(at: instant, in: calendar) else { return }
        let key = Int(meter.number)
        let isWrong = ClockDoubt.isWrong(offset)
        let before = cache.clockDoubts[meter]
        let isKnownWrong = before.map { !$0.isOver } ?? false
        if isWrong || isKnownWrong {
            let isKnown = try selectSeen.first(key)
            let seen = isKnown ? selectSeen.optionalInstant(1) : nil
            // Handed over again, or late: it says nothing that is not known.
            guard seen.map({ $0 < instant }) ?? true else { return }
            // The day may be right where the hour is not: a clock that can be read says more than its records.
            if case .newestDay = sight, !isWrong, isKnown, selectSeen.optionalInteger(0) != nil { return }
            var doubt: ClockDoubt
            if isWrong {
                let wasRight = seen != nil && !isKnownWrong
                doubt = .wrong(by: offset, at: instant, lastRight: wasRight ? seen : nil, before: before)
                try cases.open(meter, .clock, Self.sentence(sight, offset), at: instant)
                if !isKnownWrong, let dial = try dials.dial(of: meter) {
                    try hold(dial, of: meter, doubt, at: instant)
                }
            } else {
                doubt = before ?? ClockDoubt(since: instant, until: instant, isOver: true)
                doubt.end(at: instant)
                try cases.pass(meter, .clock, at: instant)
            }
            try saveDoubt.run(key, doubt.since, doubt.until, doubt.isOver ? 1 : 0)
            cache.learn(doubt, of: meter)
            if isWrong != isKnownWrong { try count.run() }
        }
        let shown: Int64? = if case .offset(let exact) = sight { exact.microseconds } else { nil }
        try upsert.run(key, shown, instant)
    }

    /// Records that were believed since the clock was last seen right may be of another instant: a person has to look
    /// at their days before they are billed for good.
    private func hold(_ dial: MeterDial, of meter: MeterID, _ doubt: ClockDoubt, at instant: Instant) throws {
        guard let entry = dial.entries.first(where: { $0.register == .activeImport }), let last = entry.lastDay else {
            return
        }
        let first = max(calendar.day(at: doubt.since).next, last - 62, entry.firstDay ?? last)
        guard first <= last else { return }
        let days = try (first...last).filter { try indices.index(of: entry.series, on: $0)?.quality == .frozen }
        guard let first = days.first, let last = days.last else { return }
        try openDays.run(
            Int(meter.number), "had its own records of \(first) to \(last) believed before its clock was seen wrong",
            first, last, instant)
    }

    /// `its clock is 24 h 0 min ahead: …`
    private static func sentence(_ sight: ClockSight, _ offset: Instant.Span) -> String {
        let minutes = offset.seconds.magnitude / 60
        let least = if case .newestDay = sight { "at least " } else { "" }
        return "its clock is \(least)\(minutes / 60) h \(minutes % 60) min \(offset > .zero ? "ahead" : "behind"): "
            + "its own records of days are not believed until it is right"
    }
}

extension Store {
    /// Whose own records are not believed, and since when.
    static func clockDoubts(_ db: Database) throws -> [MeterID: ClockDoubt] {
        let rows = try HotStatement(db, "SELECT meter, since, until, isOver FROM clockDoubt")
        try rows.start()
        var doubts: [MeterID: ClockDoubt] = [:]
        while try rows.next() {
            doubts[MeterID(Int32(clamping: rows.integer(0)))] = ClockDoubt(
                since: rows.instant(1), until: rows.instant(2), isOver: rows.integer(3) != 0)
        }
        return doubts
    }
}
