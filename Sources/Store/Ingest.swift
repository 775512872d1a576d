import GRDB
import Metering
import VEE

extension Store {
    /// Judges a batch of poll outcomes and stores what they say, in one transaction; durable when this returns.
    ///
    /// Idempotent: a batch that is handed over again, whole or in part, changes nothing. Live readings of one register
    /// are expected in the order they were answered (one gateway, one connection); in a batch they are sorted.
    /// - Throws: `StoreError`; then nothing of the batch was kept and it may be handed over again.
    package func ingest(_ outcomes: [PollOutcome]) throws -> IngestReport {
        guard !outcomes.isEmpty else { return IngestReport() }
        return try cache.withLock { cache in
            do {
                return try write("storing \(outcomes.count) poll outcomes") { db in
                    try cache.refresh(db, ceilings: ceilings)
                    var ingest = try Ingest(db, boundary: boundary)
                    return try ingest.run(outcomes, cache: &cache)
                }
            } catch {
                // The cache may know of rows that were rolled back.
                cache = StoreCache()
                throw error
            }
        }
    }
}

/// One batch inside its transaction.
private struct Ingest {
    private let db: Database
    private let boundary: DayBoundary
    private var calendar: ServiceCalendar { boundary.calendar }
    private let selectDial: HotStatement
    private let setDial: HotStatement
    private let insertSeries: HotStatement
    private let insertOrigin: HotStatement
    private let insertReading: HotStatement
    private let selectSuspect: HotStatement
    private let selectSuspectSince: HotStatement
    private let selectLineage: HotStatement
    private var indices: IndexWriter
    private var health: FleetHealthWriter
    private let cases: MeterCaseWriter
    private var report = IngestReport()
    private var readingsStored = 0
    private var suspectsStored = 0
    private var lastOrigin: (key: StoreCache.Origin, id: Int64)?

    init(_ db: Database, boundary: DayBoundary) throws {
        self.db = db
        self.boundary = boundary
        selectDial = try HotStatement(
            db, "SELECT requested, answered, idx, origin, unit, txn, words FROM dial WHERE series = ?")
        setDial = try HotStatement(
            db,
            """
            INSERT INTO dial(series, requested, answered, idx, origin, unit, txn, words) VALUES(?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT(series) DO UPDATE SET requested = excluded.requested, answered = excluded.answered,
              idx = excluded.idx, origin = excluded.origin, unit = excluded.unit, txn = excluded.txn,
              words = excluded.words
            """)
        insertSeries = try HotStatement(db, "INSERT INTO series(meter, register) VALUES(?, ?)")
        insertOrigin = try HotStatement(db, "INSERT INTO origin(gateway, profile) VALUES(?, ?)")
        insertReading = try HotStatement(
            db,
            """
            INSERT INTO reading(answered, series, moment, took, idx, verdict, origin, unit, txn, words)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """)
        selectSuspect = try HotStatement(
            db, "SELECT 1 FROM reading WHERE series = ? AND moment = ? AND idx = ? AND verdict >= 10")
        selectSuspectSince = try HotStatement(db, Self.suspectSince)
        selectLineage = try HotStatement(
            db, "SELECT kind, first FROM lineage WHERE day = ? AND series = ? AND revision = ?")
        indices = try IndexWriter(db)
        health = try FleetHealthWriter(db)
        cases = try MeterCaseWriter(db)
    }

    /// Of a series, after one moment and before another: when answered, how long it took, the index.
    static let suspectSince = """
        SELECT answered, took, idx FROM reading
        WHERE series = ? AND moment = 0 AND verdict >= 10 AND verdict <> 14 AND answered > ? AND answered < ?
        ORDER BY answered DESC LIMIT 1
        """

    /// A reading with the poll it came by, as the tables keep it.
    private struct Evidence {
        let requested: Instant
        let answered: Instant
        let index: Energy
        let origin: Int64
        let unit: UInt8
        let transaction: UInt16
        let words: [UInt8]

        var dial: DialReading { DialReading(requested: requested, answered: answered, index: index) }
    }

    mutating func run(_ outcomes: [PollOutcome], cache: inout StoreCache) throws -> IngestReport {
        let lastClosed = try lastClosedDay()
        for place in order(outcomes, cache: cache) {
            guard case .success(let readings) = outcomes[place.outcome].result else { continue }
            try store(readings[place.reading], of: outcomes[place.outcome], cache: &cache)
        }
        let known =
            report.unknownMeters.isEmpty
            ? outcomes : outcomes.filter { !report.unknownMeters.contains($0.meter) }
        report.failures = try health.record(known, gateways: cache.gateways)
        for outcome in known where outcome.facts != nil && !report.misdirected.contains(outcome.meter) {
            try cases.record(outcome)
        }
        report.indices = indices.inserted
        report.revisions = indices.revised
        report.confirmations = indices.confirmed
        if let lastClosed { report.reopenedDays = indices.touched.filter { $0 <= lastClosed }.sorted() }
        try indices.addTotals(readings: readingsStored, suspects: suspectsStored)
        return report
    }

    /// All readings of known meters: by time answered, then meter, register and day, so that neighbours in the tables
    /// are written one after the other and a dial sees its readings in order.
    private mutating func order(_ outcomes: [PollOutcome], cache: StoreCache) -> [Place] {
        var places: [Place] = []
        places.reserveCapacity(outcomes.count)
        for (position, outcome) in outcomes.enumerated() {
            guard let installation = cache.installations[outcome.meter] else {
                report.unknownMeters.insert(outcome.meter)
                continue
            }
            guard installation.gateway == outcome.gateway, installation.unit == outcome.unit else {
                report.misdirected.insert(outcome.meter)
                continue
            }
            guard case .success(let readings) = outcome.result else { continue }
            for (count, reading) in readings.enumerated() {
                places.append(
                    Place(
                        answered: outcome.answered.microseconds, meter: outcome.meter.number,
                        register: reading.register.rawValue, moment: Self.moment(reading.moment), outcome: position,
                        reading: count))
            }
        }
        places.sort {
            ($0.answered, $0.meter, $0.register, $0.moment) < ($1.answered, $1.meter, $1.register, $1.moment)
        }
        return places
    }

    /// A reading's place in the batch and what it is sorted by.
    private struct Place {
        let answered: Int64
        let meter: Int32
        let register: UInt8
        let moment: Int32
        let outcome: Int
        let reading: Int
    }

    private mutating func store(_ reading: Reading, of outcome: PollOutcome, cache: inout StoreCache) throws {
        guard let installation = cache.installations[outcome.meter] else { return }
        let key = StoreCache.SeriesKey(meter: outcome.meter, register: reading.register)
        if cache.series[key] == nil {
            try insertSeries.run(Int(outcome.meter.number), Int(reading.register.rawValue))
            cache.series[key] = StoreCache.Series(id: insertSeries.insertedID)
        }
        let evidence = Evidence(
            requested: outcome.requested, answered: max(outcome.requested, outcome.answered), index: reading.index,
            origin: try origin(of: outcome, cache: &cache), unit: outcome.unit, transaction: outcome.transaction,
            words: WordBytes.bytes(reading.words))
        guard var series = cache.series[key] else { return }
        if outcome.isQuarantined {
            report.quarantined += 1
            let moment = Int(Self.moment(reading.moment))
            return try keep(evidence, series: series.id, moment: moment, verdict: .foreignMeter)
        }
        let suspectsBefore = report.suspects
        defer { if report.suspects > suspectsBefore { report.suspectMeters[outcome.meter] = outcome.gateway } }
        switch reading.moment {
        case .live: try storeLive(evidence, series: &series, installation: installation)
        case .frozen(let day): try storeFrozen(evidence, day: day, series: &series, installation: installation)
        }
        if series.isChanged {
            try indices.save(&series)
            cache.series[key] = series
        }
    }

    private mutating func origin(of outcome: PollOutcome, cache: inout StoreCache) throws -> Int64 {
        let key = StoreCache.Origin(gateway: outcome.gateway, profile: outcome.profile)
        // A batch holds runs of one gateway and model.
        if let lastOrigin, lastOrigin.key == key { return lastOrigin.id }
        if cache.origins[key] == nil {
            try insertOrigin.run(outcome.gateway, outcome.profile)
            cache.origins[key] = insertOrigin.insertedID
        }
        guard let id = cache.origins[key] else { preconditionFailure("an origin was just written") }
        lastOrigin = (key, id)
        return id
    }

    // MARK: - Live readings

    private mutating func storeLive(
        _ evidence: Evidence, series: inout StoreCache.Series, installation: StoreCache.Installation
    ) throws {
        let previous = try dial(of: series.id)
        var verdict = judge(evidence.dial, after: previous?.dial, limits: installation.limits)
        if verdict == .accepted, let previous,
            let suspect = try suspect(since: previous, before: evidence, of: series.id),
            confirms(evidence.dial, suspect, limits: installation.limits)
        {
            verdict = .aboveCeiling(most: installation.limits.most(in: evidence.answered - previous.requested))
        }
        switch verdict {
        case .accepted:
            report.accepted += 1
            guard let previous else { return try moveDial(of: series.id, to: evidence) }
            let drawn = boundary.indices(from: previous.dial, to: evidence.dial, limits: installation.limits)
            let due = drawn.filter { installation.isInService(on: $0.day) }
            if !due.isEmpty {
                try keep(previous, series: series.id, moment: 0, verdict: .accepted)
                try keep(evidence, series: series.id, moment: 0, verdict: .accepted)
            }
            let occasion = IndexWriter.Occasion(
                at: evidence.answered, source: "live", reason: "readings around midnight")
            for index in due {
                try indices.write(
                    index, series: &series, lineage: .readings(previous.answered, evidence.answered), on: occasion)
            }
            // A poll during which midnight struck cannot stand for either side. The one before it stays the dial's
            // last word, so that the next draws that midnight; unless other midnights were drawn just now.
            if drawn.isEmpty, coversMidnight(evidence) { return }
            try moveDial(of: series.id, to: evidence)
        case .duplicate:
            report.duplicates += 1
        case .late:
            report.late += 1
            // Taken earlier, yet higher: the dial went back in between. Else it says nothing that the dial does not.
            guard let previous, evidence.index > previous.index else { return }
            try keep(evidence, series: series.id, moment: 0, verdict: .late)
        case let verdict:
            report.suspects += 1
            try keep(evidence, series: series.id, moment: 0, verdict: ReadingVerdict(verdict))
        }
    }

    /// The latest suspect reading above the dial since the last accepted one. A dial that moved no further than its
    /// step cannot stand where a suspect stood: then nothing is looked up.
    private func suspect(since dial: Evidence, before evidence: Evidence, of series: Int64) throws -> DialReading? {
        guard evidence.index - dial.index > DialLimits.step,
            try selectSuspectSince.first(series, dial.answered, evidence.answered)
        else { return nil }
        let answered = selectSuspectSince.instant(0)
        return DialReading(
            requested: answered - Instant.Span(microseconds: selectSuspectSince.integer(1)), answered: answered,
            index: selectSuspectSince.energy(2))
    }

    private func coversMidnight(_ evidence: Evidence) -> Bool {
        let next = calendar.start(of: calendar.day(at: evidence.requested).next)
        return evidence.requested < next && next < evidence.answered
    }

    private func dial(of series: Int64) throws -> Evidence? {
        guard try selectDial.first(series) else { return nil }
        return Evidence(
            requested: selectDial.instant(0), answered: selectDial.instant(1), index: selectDial.energy(2),
            origin: selectDial.integer(3), unit: UInt8(clamping: selectDial.integer(4)),
            transaction: UInt16(clamping: selectDial.integer(5)), words: selectDial.bytes(6))
    }

    private func moveDial(of series: Int64, to evidence: Evidence) throws {
        try setDial.run(
            series, evidence.requested, evidence.answered, evidence.index, evidence.origin, Int(evidence.unit),
            Int(evidence.transaction), evidence.words)
    }

    // MARK: - Frozen records

    private mutating func storeFrozen(
        _ evidence: Evidence, day: ServiceDay, series: inout StoreCache.Series, installation: StoreCache.Installation
    ) throws {
        guard installation.isInService(on: day), day.number > 0 else {
            report.outsideService += 1
            return
        }
        let existing = try indices.index(of: series.id, on: day)
        if let existing, existing.quality == .frozen, existing.index == evidence.index {
            report.duplicates += 1
            return
        }
        if calendar.start(of: day) > evidence.answered {
            return try keepSuspect(evidence, day: day, series: series.id, verdict: .fromFuture)
        }
        let verdict = judgeFrozen(
            evidence.index, on: day, before: try frozenNeighbour(of: day, step: -1, series: series),
            after: try frozenNeighbour(of: day, step: 1, series: series), limits: installation.limits)
        guard !verdict.isSuspect else {
            return try keepSuspect(evidence, day: day, series: series.id, verdict: ReadingVerdict(verdict))
        }
        if let existing, try isSuperseded(evidence, by: existing, series: series.id) {
            report.late += 1
            try keep(evidence, series: series.id, moment: Int(day.number), verdict: .late)
            return
        }
        report.accepted += 1
        try keep(evidence, series: series.id, moment: Int(day.number), verdict: .accepted)
        try indices.write(
            DailyIndex(day: day, index: evidence.index, quality: .frozen, errorBound: .zero), series: &series,
            lineage: .record(answered: evidence.answered),
            on: IndexWriter.Occasion(at: evidence.answered, source: "frozen", reason: "the meter's own record"))
    }

    /// The nearest day with a frozen index on one side, at most two months away.
    private func frozenNeighbour(
        of day: ServiceDay, step: Int, series: StoreCache.Series
    ) throws -> DailyIndex? {
        guard let firstDay = series.firstDay, let lastDay = series.lastDay else { return nil }
        var candidate = step < 0 ? min(day.previous, lastDay) : max(day.next, firstDay)
        while candidate >= firstDay, candidate <= lastDay, abs(candidate - day) <= 62 {
            if let index = try indices.index(of: series.id, on: candidate), index.quality == .frozen { return index }
            candidate = candidate + step
        }
        return nil
    }

    /// Whether the frozen index of this day was read later than this record, as when a batch is handed over again.
    private func isSuperseded(_ evidence: Evidence, by existing: DailyIndex, series: Int64) throws -> Bool {
        guard existing.quality == .frozen, try selectLineage.first(existing.day, series, existing.revision) else {
            return false
        }
        return selectLineage.integer(0) == Int64(LineageKind.record.rawValue)
            && selectLineage.instant(1) >= evidence.answered
    }

    /// A meter repeats a wrong record at every poll; once is evidence enough.
    private mutating func keepSuspect(
        _ evidence: Evidence, day: ServiceDay, series: Int64, verdict: ReadingVerdict
    ) throws {
        report.suspects += 1
        guard try !selectSuspect.first(series, day, evidence.index) else { return }
        try keep(evidence, series: series, moment: Int(day.number), verdict: verdict)
    }

    // MARK: - Evidence

    /// `moment` is 0 for a live reading, else the number of the frozen record's day.
    private mutating func keep(_ evidence: Evidence, series: Int64, moment: Int, verdict: ReadingVerdict) throws {
        let stored = try insertReading.run(
            evidence.answered, series, moment, Int((evidence.answered - evidence.requested).microseconds),
            evidence.index, verdict.rawValue, evidence.origin, Int(evidence.unit), Int(evidence.transaction),
            evidence.words)
        readingsStored += stored
        if verdict.isSuspect { suspectsStored += stored }
    }

    private static func moment(_ moment: Reading.Moment) -> Int32 {
        switch moment {
        case .live: 0
        case .frozen(let day): day.number
        }
    }

    private func lastClosedDay() throws -> ServiceDay? {
        let statement = try HotStatement(db, "SELECT MAX(day) FROM closedDay")
        return try statement.first() ? statement.optionalDay(0) : nil
    }
}
