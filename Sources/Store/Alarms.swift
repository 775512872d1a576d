import Alarms
import GRDB
import Metering

extension Store {
    /// All alarms that are not good, or not for long enough.
    package func alarmBoard() throws -> AlarmBoard {
        try read("reading the alarms") { db in try Self.alarmBoard(db) }
    }

    /// Takes in what was seen, and keeps what came of it. Where gateways or losses were looked at, alarms of stations
    /// and districts that are not among their signs are forgotten: the registry lost them.
    /// - Returns: what was raised or cleared, but for what another alarm explains.
    package func look(_ signs: [AlarmSign], at instant: Instant) throws -> [AlarmChange] {
        try write("keeping the alarms") { db in
            var board = try Self.alarmBoard(db)
            let before = board
            var changes = board.look(signs, at: instant)
            for kind in [Alarm.Kind.gatewaysLost, .districtLost, .stationLoss] {
                let subjects = Set(signs.lazy.map(\.alarm).filter { $0.kind == kind }.map(\.subject))
                if !subjects.isEmpty { changes += board.forget(kind, except: subjects) }
            }
            if board != before { try Self.save(board, db) }
            for change in changes { try Self.note(change.event(at: instant), db) }
            return changes.filter(board.isNews)
        }
    }

    /// - Parameters:
    ///   - who, note: not blank; in the person's words.
    /// - Throws: `StoreError.actRefused` where nobody answers for it, nothing is said, or no such alarm is raised.
    package func acknowledge(_ alarm: Alarm, by who: String, note: String, at instant: Instant) throws {
        try StoreError.refuseUnsigned(by: who, why: note)
        try write("acknowledging an alarm") { db in
            var board = try Self.alarmBoard(db)
            guard board.acknowledge(alarm, .init(who: who, at: instant, note: note)) else {
                throw StoreError.actRefused(why: "no alarm \(alarm) is raised; meterd alarms lists them")
            }
            try Self.save(board, db)
            try Self.note(AlarmEvent(at: instant, alarm: alarm, kind: .acknowledged, who: who, text: note), db)
        }
    }

    /// What happened to alarms from `from` on and before `end`, oldest first.
    package func alarmEvents(from: Instant, to end: Instant) throws -> [AlarmEvent] {
        try read("reading what became of alarms") { db in
            let rows = try HotStatement(
                db,
                "SELECT at, kind, subject, event, who, text FROM alarmEvent WHERE at >= ? AND at < ? ORDER BY at, id")
            try rows.start(from, end)
            var events: [AlarmEvent] = []
            while try rows.next() {
                guard let alarm = Alarm.Kind(rawValue: rows.text(1)),
                    let kind = AlarmEvent.Kind(rawValue: rows.text(3))
                else { continue }
                events.append(
                    AlarmEvent(
                        at: rows.instant(0), alarm: Alarm(alarm, rows.text(2)), kind: kind, who: rows.optionalText(4),
                        text: rows.optionalText(5)))
            }
            return events
        }
    }

    private static func note(_ event: AlarmEvent, _ db: Database) throws {
        try HotStatement(db, "INSERT INTO alarmEvent(at, kind, subject, event, who, text) VALUES(?, ?, ?, ?, ?, ?)")
            .run(
                event.at, event.alarm.kind.rawValue, event.alarm.subject, event.kind.rawValue, event.who, event.text)
    }

    private static func alarmBoard(_ db: Database) throws -> AlarmBoard {
        let rows = try HotStatement(
            db,
            """
            SELECT kind, subject, text, badSince, goodSince, raisedAt, seen, lastBad, parentKind, parentSubject,
              acknowledgedBy, acknowledgedAt, note FROM alarm
            """)
        try rows.start()
        var states: [AlarmState] = []
        while try rows.next() {
            // A kind of a newer version says nothing here, and is left alone until it is good there.
            guard let kind = Alarm.Kind(rawValue: rows.text(0)) else { continue }
            let parent = rows.optionalText(8).flatMap(Alarm.Kind.init(rawValue:)).map { Alarm($0, rows.text(9)) }
            let acknowledged = rows.optionalText(10).map {
                AlarmState.Acknowledgement(who: $0, at: rows.instant(11), note: rows.text(12))
            }
            states.append(
                AlarmState(
                    alarm: Alarm(kind, rows.text(1)), text: rows.text(2), badSince: rows.optionalInstant(3),
                    goodSince: rows.optionalInstant(4), raisedAt: rows.optionalInstant(5), seen: Int(rows.integer(6)),
                    lastBad: rows.optionalInstant(7), acknowledged: acknowledged, parent: parent))
        }
        return AlarmBoard(states)
    }

    private static func save(_ board: AlarmBoard, _ db: Database) throws {
        try HotStatement(db, "DELETE FROM alarm").run()
        let insert = try HotStatement(
            db, "INSERT INTO alarm VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        for state in board.states {
            try insert.run(
                state.alarm.kind.rawValue, state.alarm.subject, state.text, state.badSince, state.goodSince,
                state.raisedAt, state.seen, state.lastBad, state.parent?.kind.rawValue, state.parent?.subject,
                state.acknowledged?.who, state.acknowledged?.at, state.acknowledged?.note)
        }
    }

    /// The latest day that both ends are closed of; `nil` before the first, and while it waits to be judged, anew or
    /// for the first time.
    package func lastJudgedDay() throws -> ServiceDay? {
        try read("looking for the last judged day") { db in
            let row = try HotStatement(
                db,
                """
                SELECT day FROM (SELECT MAX(day) AS day FROM closedDay WHERE day < (SELECT MAX(day) FROM closedDay))
                WHERE day NOT IN (SELECT day FROM unjudgedDay)
                """)
            return try row.first() ? row.optionalDay(0) : nil
        }
    }

    /// How often a rule found something in each of the days before `day`, 28 at the most: of the days that were judged.
    package func findings(before day: ServiceDay, of rule: String) throws -> [Int] {
        try read("counting what a rule found") { db in
            let rows = try HotStatement(
                db,
                """
                SELECT (SELECT COUNT(*) FROM meterCase WHERE lastDay = closedDay.day AND kind = ?2) FROM closedDay
                WHERE day < ?1 AND day >= ?1 - 28 AND day NOT IN (SELECT day FROM unjudgedDay)
                """)
            try rows.start(day, rule)
            var counts: [Int] = []
            while try rows.next() { counts.append(Int(rows.integer(0))) }
            return counts
        }
    }

    /// The losses of each station that was balanced in the weeks before `last`, which is included: as many days as its
    /// usual losses and a look at the latest need, oldest first. A station of which none is known has none.
    /// - Parameter estimatedMost: see `StationBalance.lossThousandths`.
    package func stationLosses(through last: ServiceDay, estimatedMost: Int64) throws -> [String: [DayLoss]] {
        var losses: [String: [DayLoss]] = [:]
        for one in try stationBalances(from: last - (AlarmSign.lossDaysNeeded - 1), through: last) {
            let loss = one.balance.lossThousandths(estimatedMost: estimatedMost)
            losses[one.station, default: []] += loss.map { [DayLoss(day: one.day, thousandths: $0)] } ?? []
        }
        return losses
    }
}
