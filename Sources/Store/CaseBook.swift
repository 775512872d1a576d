import GRDB
import Metering
import VEE

/// Cases about what a meter shows now: they stay open while it shows it. Inside one transaction.
struct ShownCases {
    private let openCase: HotStatement
    private let passCase: HotStatement
    private let openDay: HotStatement
    private let passLive: HotStatement
    private let passDay: HotStatement
    private let leaveCase: HotStatement

    init(_ db: Database) throws {
        openCase = try HotStatement(
            db,
            """
            INSERT INTO meterCase(meter, kind, register, severity, state, text, found, opened, lastSeen)
            SELECT ?1, ?2, ?3, ?7, 'open', ?4, ?5, ?6, ?6 WHERE NOT EXISTS
              (SELECT 1 FROM meterCase WHERE meter = ?1 AND kind = ?2 AND register = ?3 AND closed >= ?6)
            ON CONFLICT(meter, kind, register) WHERE closed IS NULL AND lastDay IS NULL
            DO UPDATE SET text = excluded.text, found = excluded.found, lastSeen = excluded.lastSeen
            WHERE excluded.lastSeen > lastSeen
            """)
        passCase = try HotStatement(
            db,
            """
            UPDATE meterCase SET closed = ?4, state = 'passed'
            WHERE meter = ?1 AND kind = ?2 AND register = ?3 AND closed IS NULL AND lastDay IS NULL AND lastSeen < ?4
            """)
        openDay = try HotStatement(
            db,
            """
            INSERT INTO meterCase(meter, kind, register, severity, state, text, firstDay, lastDay, opened, lastSeen)
            VALUES(?1, ?2, ?3, 'warns', 'open', ?4, ?5, ?5, ?6, ?6) ON CONFLICT DO NOTHING
            """)
        passLive = try HotStatement(
            db,
            """
            UPDATE meterCase SET closed = ?3, state = 'passed'
            WHERE meter = ?1 AND (?2 = 0 OR register = ?2) AND kind IN ('decreased', 'above-ceiling', 'overflow')
              AND closed IS NULL AND lastDay IS NULL AND lastSeen < ?3
            """)
        leaveCase = try HotStatement(
            db,
            """
            UPDATE OR IGNORE meterCase SET firstDay = ?4, lastDay = ?5
            WHERE meter = ?1 AND kind = ?2 AND register = ?3 AND closed IS NULL AND lastDay IS NULL
            """)
        passDay = try HotStatement(
            db,
            """
            UPDATE meterCase SET closed = ?4, state = 'passed'
            WHERE meter = ?1 AND register = ?2 AND kind IN ('decreased', 'above-ceiling', 'overflow')
              AND closed IS NULL AND firstDay = ?3 AND lastDay = ?3 AND lastSeen < ?4
            """)
    }

    /// Something else explains what the meter showed, whichever register it was.
    func passReadings(of meter: MeterID, at instant: Instant) throws {
        try passLive.run(Int(meter.number), Self.stored(nil), instant)
    }

    /// A reading that cannot be true. A live one blocks its register until the dial goes on as it should or a fact
    /// explains it; a meter's own record of a day leaves the day to the readings around its midnight.
    func open(_ meter: MeterID, _ suspect: SuspectReading) throws {
        let kind = MeterCase.Kind(suspect.verdict)
        guard case .frozen(let day) = suspect.moment, suspect.verdict != .fromFuture else {
            return try open(meter, kind, of: suspect.register, suspect.sentence, at: suspect.answered)
        }
        try openDay.run(
            Int(meter.number), kind.rawValue, Self.stored(suspect.register), suspect.sentence, day, suspect.answered)
    }

    /// The dial has begun at 0 again. It was believed, so nothing waits for it; but it happens once in a meter's life.
    func openRollover(
        _ meter: MeterID, _ register: Register, from: Energy, to: Energy, on day: ServiceDay, at instant: Instant
    ) throws {
        try openDay.run(
            Int(meter.number), MeterCase.Kind.rollover.rawValue, Self.stored(register),
            "\(register.name) shows \(to) after \(from): taken for a dial that began at 0 again", day, instant)
    }

    /// The register has shown something that goes on as it should; a record in place of one that could not be true
    /// ends that day's case too.
    func pass(_ meter: MeterID, _ register: Register, after moment: Reading.Moment, at instant: Instant) throws {
        switch moment {
        case .live: try passLive.run(Int(meter.number), Self.stored(register), instant)
        case .frozen(let day):
            try pass(meter, MeterCase.Kind(.fromFuture), register, at: instant)
            try passDay.run(Int(meter.number), Self.stored(register), day, instant)
        }
    }

    /// Seen at `instant`: opened, or brought up to date. Handed over again, it changes nothing.
    func open(
        _ meter: MeterID, _ kind: MeterCase.Kind, of register: Register? = nil, _ text: String, found: String? = nil,
        severity: MeterCase.Severity = .blocks, at instant: Instant
    ) throws {
        try openCase.run(
            Int(meter.number), kind.rawValue, Self.stored(register), text, found, instant, severity.rawValue)
    }

    /// It is no longer so, but the days on which it was are not made good by that: the case is about them from now on,
    /// and a person's to end.
    func leave(
        _ meter: MeterID, _ kind: MeterCase.Kind, _ register: Register?, on days: ClosedRange<ServiceDay>
    ) throws {
        try leaveCase.run(
            Int(meter.number), kind.rawValue, Self.stored(register), days.lowerBound, days.upperBound)
    }

    /// Ended, where there is one: at `instant` it is no longer so.
    func pass(_ meter: MeterID, _ kind: MeterCase.Kind, _ register: Register? = nil, at instant: Instant) throws {
        try passCase.run(Int(meter.number), kind.rawValue, Self.stored(register), instant)
    }

    private static func stored(_ register: Register?) -> Int { Int(register?.rawValue ?? 0) }
}

/// A reading that was kept as evidence and is no index, as a case tells of it.
struct SuspectReading {
    let register: Register
    let moment: Reading.Moment
    let index: Energy
    let verdict: ReadingVerdict
    /// What the dial showed before; `nil` for a record of its own.
    let previous: Energy?
    let answered: Instant

    var sentence: String {
        let what =
            switch moment {
            case .live: "\(register.name) shows \(index)"
            case .frozen(let day): "\(register.name), its record of \(day) shows \(index)"
            }
        let beside = previous.map { " after \($0)" } ?? ""
        return switch verdict {
        case .decreased: what + beside + ": the dial went back"
        case .aboveCeiling: what + beside + ": more than such a meter passes in the time"
        case .overflow: what + ": more than its dial can show"
        case .fromFuture: what + ", a day that has not begun: its calendar is ahead"
        case .accepted, .late, .foreignMeter, .unconfirmed, .wrongClock: what + beside
        }
    }
}

/// Cases about days that are over, which rules open. Inside one transaction.
struct DayCases {
    /// What a rule found, and whose it is.
    struct Found {
        let meter: MeterID
        let register: Register
        let kind: MeterCase.Kind
        let severity: MeterCase.Severity
        let days: ClosedRange<ServiceDay>
        let energy: Energy?
        let usual: Energy?
        let text: String
    }

    private struct Key: Hashable {
        let meter: Int64
        let kind: String
        let register: Int64

        init(_ found: Found) {
            (meter, kind, register) = (
                Int64(found.meter.number), found.kind.rawValue, Int64(found.register.rawValue)
            )
        }

        init(_ row: HotStatement, from column: Int32) {
            (meter, kind, register) = (row.integer(column), row.text(column + 1), row.integer(column + 2))
        }
    }

    private let db: Database

    init(_ db: Database) { self.db = db }

    /// Makes the cases of the days or periods that end on `day` those that were found; run again it changes nothing.
    ///
    /// One that a person has ended stays ended while its energy is the one that the person looked at, else it is open
    /// again. One that is found no more has passed, unless a person has ended it.
    /// - Parameter kinds: of the rules that looked; cases of others stay.
    func settle(_ found: [Found], endingOn day: ServiceDay, kinds: Set<String>, at instant: Instant) throws {
        let upsert = try HotStatement(
            db,
            """
            INSERT INTO meterCase(meter, kind, register, severity, state, text, firstDay, lastDay, energy, usual,
              opened, lastSeen) VALUES(?1, ?2, ?3, ?4, 'open', ?5, ?6, ?7, ?8, ?9, ?10, ?10)
            ON CONFLICT(lastDay, kind, meter, register) WHERE lastDay IS NOT NULL
            DO UPDATE SET severity = excluded.severity, text = excluded.text, firstDay = excluded.firstDay,
              energy = excluded.energy, usual = excluded.usual, lastSeen = MAX(lastSeen, excluded.lastSeen),
              state = CASE WHEN closed IS NULL THEN state ELSE 'open' END, closed = NULL
            WHERE energy IS NOT excluded.energy OR firstDay <> excluded.firstDay OR state = 'passed'
              OR severity <> excluded.severity
            """)
        let reopened = try HotStatement(
            db,
            """
            INSERT INTO caseAct(meterCase, at, act, who, why)
            SELECT id, ?1, 'reopened', 'meterd',
              CASE WHEN energy IS NOT ?2 THEN 'the days took ' || COALESCE(?2 || ' Wh', 'what nobody knows') || ', not '
                || COALESCE(energy || ' Wh', 'what nobody knew')
                ELSE 'it is about other days, or of another severity, than it was' END FROM meterCase
            WHERE lastDay = ?3 AND kind = ?4 AND meter = ?5 AND register = ?6
              AND (energy IS NOT ?2 OR severity <> ?7 OR firstDay <> ?8)
              AND closed IS NOT NULL AND state <> 'passed'
            """)
        let known = try HotStatement(
            db,
            """
            SELECT meter, kind, register, id FROM meterCase
            WHERE lastDay = ? AND closed IS NULL AND kind IN (SELECT value FROM json_each(?))
            """)
        for one in found {
            let (meter, kind, register) = (Int(one.meter.number), one.kind.rawValue, Int(one.register.rawValue))
            try reopened.run(
                instant, one.energy, day, kind, meter, register, one.severity.rawValue, one.days.lowerBound)
            try upsert.run(
                meter, kind, register, one.severity.rawValue, one.text, one.days.lowerBound, day, one.energy,
                one.usual, instant)
        }
        let still = Set(found.map(Key.init))
        var past: [Int64] = []
        try known.start(day, JSONSet.text(of: kinds.sorted()))
        while try known.next() {
            if !still.contains(Key(known, from: 0)) { past.append(known.integer(3)) }
        }
        let pass = try HotStatement(db, "UPDATE meterCase SET closed = MAX(opened, ?), state = 'passed' WHERE id = ?")
        for id in past { try pass.run(instant, id) }
    }

    /// The cases of rules about days from `day` on have passed.
    func takeBack(from day: ServiceDay, at instant: Instant) throws {
        let shown = RuleBook.reserved.filter { $0 != MeterCase.Kind.fitter.rawValue }
        try HotStatement(
            db,
            """
            UPDATE meterCase SET closed = MAX(opened, ?1), state = 'passed'
            WHERE lastDay >= ?2 AND closed IS NULL AND kind NOT IN (SELECT value FROM json_each(?3))
            """
        ).run(instant, day, JSONSet.text(of: shown))
    }

    /// The meters of which somebody is told that nobody has read them.
    /// - Parameter last: only where the case ends on that day.
    func silent(kinds: [String], endingOn last: ServiceDay? = nil) throws -> Set<MeterID> {
        guard !kinds.isEmpty else { return [] }
        let rows = try HotStatement(
            db,
            """
            SELECT DISTINCT meter FROM meterCase
            WHERE closed IS NULL AND kind IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR lastDay = ?2)
            """)
        try rows.start(JSONSet.text(of: kinds), last)
        var meters: Set<MeterID> = []
        while try rows.next() { meters.insert(MeterID(Int32(clamping: rows.integer(0)))) }
        return meters
    }

    /// The last day, before `day`, on which somebody was told that nobody had read a meter, where that has not passed.
    func told(kinds: [String], before day: ServiceDay) throws -> [MeterID: ServiceDay] {
        guard !kinds.isEmpty else { return [:] }
        let rows = try HotStatement(
            db,
            """
            SELECT meter, MAX(lastDay) FROM meterCase
            WHERE lastDay >= ?1 AND lastDay < ?2 AND state <> 'passed' AND kind IN (SELECT value FROM json_each(?3))
            GROUP BY meter
            """)
        try rows.start(day - RecentDays.within, day, JSONSet.text(of: kinds))
        var told: [MeterID: ServiceDay] = [:]
        while try rows.next() { told[MeterID(Int32(clamping: rows.integer(0)))] = rows.day(1) }
        return told
    }

    /// Of a meter that has left by `day` nobody waits for a word.
    func passSilence(ofThoseWhoLeftBy day: ServiceDay, kinds: [String], at instant: Instant) throws {
        try HotStatement(
            db,
            """
            UPDATE meterCase SET closed = MAX(opened, ?1), state = 'passed'
            WHERE closed IS NULL AND kind IN (SELECT value FROM json_each(?2))
              AND EXISTS(SELECT 1 FROM installation WHERE installation.meter = meterCase.meter AND removedOn <= ?3)
            """
        ).run(instant, JSONSet.text(of: kinds), day)
    }

    /// They have been read since: at the end of `day`, which is later than what these cases are about.
    func passSilence(of meters: [MeterID], before day: ServiceDay, kinds: [String], at instant: Instant) throws {
        let pass = try HotStatement(
            db,
            """
            UPDATE meterCase SET closed = MAX(opened, ?4), state = 'passed'
            WHERE meter = ?1 AND closed IS NULL AND lastDay < ?2 AND kind IN (SELECT value FROM json_each(?3))
            """)
        let names = try JSONSet.text(of: kinds)
        for meter in meters { try pass.run(Int(meter.number), day, names, instant) }
    }
}
