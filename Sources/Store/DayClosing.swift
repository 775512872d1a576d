import GRDB
import Metering

extension Store {
    /// Estimates what is missing between known indices, then counts the day and books it as closed.
    ///
    /// A day that is closed for the first time makes the day before it due for `judgeDays`, and gives that one its
    /// stations' balances.
    ///
    /// May be run again at any time with the same result. The energy of the day before, whose end this day's indices
    /// are, is brought up to date too. Other closed days that changed with it are left to `closeReopenedDays`.
    /// - Throws: `StoreError`; what was settled before stays, and the next run goes on from there.
    package func closeDay(_ day: ServiceDay, at instant: Instant) throws -> Completeness {
        try settleGaps(at: instant)
        return try write("closing \(day)") { db in
            try CaseActWriter(db).left(by: day, at: instant, db)
            if try Self.isClosed(day.previous, db) {
                _ = try book(day.previous, isWhole: true, at: instant, db)
            }
            return try book(day, isWhole: Self.isClosed(day.next, db), at: instant, db)
        }
    }

    /// Counts closed days again of which an index has changed since: by late readings, by a person, or by estimates
    /// that a later day brought. They are noted in the same transaction as the change, so that none is forgotten.
    /// - Parameter limit: so many at the most, the latest ones first.
    /// - Returns: those days; they cost nothing to look for.
    /// - Throws: `StoreError`; then the next run does it.
    package func closeReopenedDays(at instant: Instant, limit: Int = .max) throws -> [ServiceDay] {
        guard try !reopenedDays().isEmpty else { return [] }
        try settleGaps(at: instant)
        let days = try reopenedDays().suffix(limit)
        // A day's last index is the next day's first: with it the energy of the day before changes. One transaction
        // each: counting takes its time, and ingest must come in between.
        for day in Set(days + days.map(\.previous)).sorted() {
            try write("closing \(day) again") { db in
                // One that only comes along keeps its own mark: with that the day before it is due.
                if days.contains(day) { try HotStatement(db, "DELETE FROM reopenedDay WHERE day = ?").run(day) }
                try HotStatement(db, "INSERT INTO unjudgedDay VALUES(?) ON CONFLICT DO NOTHING").run(day)
                guard try Self.isClosed(day, db) else { return }
                _ = try book(day, isWhole: Self.isClosed(day.next, db), at: instant, db)
            }
        }
        return Array(days)
    }

    /// Takes back the close of days that have not begun: a clock that ran ahead for a moment had closed them. What
    /// rules found in them, and in the day before, whose end has not come yet, has passed unless a person has ended it.
    /// - Returns: the last of them; `nil` where there was none, which costs nothing.
    package func forgetClosedDays(after day: ServiceDay, at instant: Instant) throws -> ServiceDay? {
        guard let last = try lastClosedDay(), last > day else { return nil }
        try write("taking back the close of days after \(day)") { db in
            try DayCases(db).takeBack(from: day, at: instant)
            for table in ["closedDay", "reopenedDay", "unjudgedDay", "classDay", "stationBalance"] {
                try HotStatement(db, "DELETE FROM \(table) WHERE day > ?").run(day)
            }
        }
        return last
    }

    /// Closed days that have changed since they were counted, in order.
    package func reopenedDays() throws -> [ServiceDay] {
        try read("looking for reopened days") { db in
            let marked = try HotStatement(db, "SELECT day FROM reopenedDay ORDER BY day")
            var days: [ServiceDay] = []
            try marked.start()
            while try marked.next() { days.append(marked.day(0)) }
            return days
        }
    }

    private static func isClosed(_ day: ServiceDay, _ db: Database) throws -> Bool {
        try HotStatement(db, "SELECT 1 FROM closedDay WHERE day = ?").first(day)
    }

    /// Counts a day and writes it down; the time of closing moves only when a number does.
    /// - Parameter isWhole: the next day is closed too: then the stations are balanced.
    private func book(
        _ day: ServiceDay, isWhole: Bool, at instant: Instant, _ db: Database
    ) throws -> Completeness {
        let damaged: (DamagedRow) throws -> Void = { try self.note($0, db) }
        let ledger = isWhole ? try StationLedger(of: day, db) : nil
        let classes = ClassSums()
        var contradictions: [DayCases.Found] = []
        var counted = try Self.count(
            db, day: day, by: ledger == nil ? .nowhere : .station, damaged: damaged
        ) { meter in
            ledger?.count(meter)
            classes.add(meter)
            if let one = meter.contradiction(on: day) { contradictions.append(one) }
        }
        try DayCases(db).settle(
            contradictions, endingOn: day, kinds: [MeterCase.Kind.fitter.rawValue], at: instant)
        try ledger?.close(db, damaged: damaged)
        let before = try Self.closedDays(db, from: day, through: day).first
        counted.closedAt = before?.closedAt
        if let before, before == counted { return counted }
        if before == nil {
            try HotStatement(db, "INSERT INTO unjudgedDay VALUES(?) ON CONFLICT DO NOTHING").run(day.previous)
        }
        counted.closedAt = instant
        try HotStatement(
            db,
            """
            INSERT OR REPLACE INTO closedDay(day, closedAt, expected, frozen, measured, estimated, edited, missing,
              energy) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).run(
            day, instant, counted.expected, counted.frozen, counted.measured, counted.estimated, counted.edited,
            counted.missing, counted.energy)
        try classes.save(day, db)
        return counted
    }

    /// Works off `unsettled` in transactions short enough for ingest to come in between.
    private func settleGaps(at instant: Instant) throws {
        var last: GapSettlement.Mark? = nil
        repeat {
            last = try write("estimating gaps") { db in
                try GapSettlement(db, boundary: boundary, rules: estimation, at: instant)
                    .settle(after: last, limit: 2000, damaged: { try note($0, db) })
            }
        } while last != nil
    }
}

extension DialledDay {
    /// What a person read and what the meter showed beside it cannot both be: a person knows which.
    func contradiction(on day: ServiceDay) -> DayCases.Found? {
        contradicted.map { DayCases.Found.contradicted($0, on: day, energy: consumption) }
    }
}

extension DayCases.Found {
    static func contradicted(_ meter: MeterID, on day: ServiceDay, energy: Energy?) -> DayCases.Found {
        DayCases.Found(
            meter: meter, register: .activeImport, kind: .fitter, severity: .holds, days: day...day, energy: energy,
            usual: nil,
            text: "went back: the index that a person read of that day and its own beside it contradict each other")
    }
}
