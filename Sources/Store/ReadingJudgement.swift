import GRDB
import Metering
import VEE

/// Judges readings one after the other beside what is known of their register, and writes what follows from them:
/// indices, evidence, the dial. Lives inside one transaction.
struct ReadingJudgement {
    private let boundary: DayBoundary
    private var calendar: ServiceCalendar { boundary.calendar }
    private let insertReading: HotStatement
    private let selectSuspect: HotStatement
    private let selectSuspectSince: HotStatement
    private let selectLatestSuspects: HotStatement
    private var indices: IndexWriter
    private var evidence: PollEvidence
    private let loadProfiles: LoadProfileBook
    private let cases: ShownCases
    private let startIndices: StartIndexCheck
    /// Rows of load profiles that could not be read.
    private(set) var aside: [DamagedRow] = []
    private var readingsStored = 0
    private var suspectsStored = 0
    var report = IngestReport()

    init(_ db: Database, boundary: DayBoundary) throws {
        self.boundary = boundary
        insertReading = try HotStatement(
            db,
            """
            INSERT INTO reading(answered, series, moment, took, idx, verdict, origin, unit, txn, words)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """)
        selectSuspect = try HotStatement(
            db,
            """
            SELECT 1 FROM reading WHERE series = ? AND moment = ? AND idx = ?
              AND verdict >= \(ReadingVerdict.decreased.rawValue) AND verdict <> \(ReadingVerdict.foreignMeter.rawValue)
            """)
        selectSuspectSince = try HotStatement(db, Self.suspectSince)
        selectLatestSuspects = try HotStatement(db, Self.latestSuspects)
        indices = try IndexWriter(db)
        evidence = try PollEvidence(db)
        loadProfiles = try LoadProfileBook(db, calendar: boundary.calendar)
        cases = try ShownCases(db)
        startIndices = try StartIndexCheck(db)
    }

    /// Of a series, after one moment and before another, above an index, impossible by itself: when answered, how long
    /// it took, the index.
    private static let suspectSince = """
        SELECT answered, took, idx FROM reading
        WHERE series = ? AND moment = 0 AND \(ReadingVerdict.isAgainstDial)
          AND verdict <> \(ReadingVerdict.unconfirmed.rawValue)
          AND answered > ? AND answered < ? AND idx > ?
        ORDER BY answered DESC LIMIT 1
        """

    /// Of a series, after one moment and before another, of any kind: the last two.
    private static let latestSuspects = """
        SELECT answered, took, idx, verdict FROM reading
        WHERE series = ? AND moment = 0 AND \(ReadingVerdict.isAgainstDial) AND answered > ? AND answered < ?
        ORDER BY answered DESC LIMIT 2
        """

    /// Takes the next reading of the meter at hand, of the register at `position` of its dial. Returns whether the dial
    /// was changed by it, for whoever calls this to save it.
    mutating func take(
        _ reading: Reading, of poll: PollStamp, meter: MeterID, dial: inout MeterDial, position: Int,
        at installation: StoreCache.Installation, cache: inout StoreCache
    ) throws -> Bool {
        let found = dial.evidence(poll, reading.index, words: reading.words)
        let place = Place(
            meter: meter, position: position, installation: installation, limits: cache.limits(of: installation))
        let (firstDay, lastDay) = (dial.entries[position].firstDay, dial.entries[position].lastDay)
        let isMoved =
            switch reading.moment {
            case .live: try takeLive(found, &dial, at: place, cache: &cache)
            case .frozen(let day): try takeFrozen(found, day: day, &dial, at: place, cache: &cache)
            }
        if installation.isExchanged {
            let entry = dial.entries[position]
            if let first = entry.firstDay, firstDay == nil, installation.hasGap(before: first) {
                try indices.noteGap(beside: first, series: entry.series)
            }
            if let last = entry.lastDay, lastDay != last, installation.hasGap(after: last) {
                try indices.noteGap(beside: last, series: entry.series)
            }
        }
        try startIndices.look(
            at: dial.entries[position], of: meter, stretchedFrom: (firstDay, lastDay), in: indices, cache: &cache,
            at: found.answered)
        return isMoved
    }

    /// Keeps a reading of a meter that is not the registered one: nobody's index, evidence of a case.
    mutating func quarantine(
        _ reading: Reading, of poll: PollStamp, dial: inout MeterDial, position: Int, cache: inout StoreCache
    ) throws {
        report.quarantined += 1
        let found = dial.evidence(poll, reading.index, words: reading.words)
        try keep(
            found, dial, position: position, moment: reading.moment.number, verdict: .foreignMeter, cache: &cache)
    }

    /// Where a reading stands: its register in its meter's dial, and what the registry says of the meter.
    private struct Place {
        let meter: MeterID
        let position: Int
        let installation: StoreCache.Installation
        let limits: DialLimits
    }

    /// The meter at hand has no further reading in this batch.
    mutating func finish(dial: Int64) {
        evidence.finish(dial)
        indices.lineages.finish(dial)
    }

    /// The batch has no further reading.
    mutating func finish() throws {
        readingsStored += try evidence.flush()
        report.indices = indices.inserted
        report.revisions = indices.revised
        report.confirmations = indices.confirmed
        try indices.finish(readings: readingsStored, suspects: suspectsStored)
    }

    // MARK: - Live readings

    private mutating func takeLive(
        _ shown: Evidence, _ dial: inout MeterDial, at place: Place, cache: inout StoreCache
    ) throws -> Bool {
        let entry = dial.entries[place.position]
        let previous = entry.last
        let judgement = judge(shown.reading, after: previous?.reading, limits: place.limits)
        var (found, verdict) = (shown, judgement.verdict)
        found.index = judgement.reading.index
        if previous == nil, verdict == .accepted, let lastDay = entry.lastDay,
            let known = try indices.index(of: entry, on: lastDay)
        {
            // A dial that begins anew, by a person's word, has turned over as often as before.
            found.index = place.limits.counted(shown.index, nearest: known.index)
        }
        if verdict == .accepted, let previous, cache.suspects.contains(entry.series) {
            verdict = try judgeAfterSuspects(found, dial: previous, of: entry.series, limits: place.limits)
        }
        switch verdict {
        case .accepted:
            report.accepted += 1
            if cache.suspects.contains(entry.series) {
                try cases.pass(place.meter, entry.register, after: .live, at: found.answered)
            }
            if judgement.isRollover, let previous {
                report.rollovers += 1
                try cases.openRollover(
                    place.meter, entry.register, from: place.limits.shown(previous.index), to: shown.index,
                    on: calendar.day(at: found.answered), at: found.answered)
            }
            let drawn = try previous.map { try draw(from: $0, to: found, &dial, at: place) } ?? 0
            // A poll during which midnight struck cannot stand for either side. The one before it stays the dial's
            // last word, so that the next draws that midnight; unless other midnights were drawn just now.
            if previous != nil, drawn == 0, coversMidnight(found) { return false }
            if place.installation.hasLoadProfile, let previous {
                try drawHalfHours(from: previous, to: found, entry, at: place)
            }
            dial.entries[place.position].last = found
            return true
        case .duplicate:
            report.duplicates += 1
        case .late:
            report.late += 1
            // Taken earlier, yet higher: the dial went back in between. Else it says nothing that the dial does not.
            guard let previous, found.index > previous.index else { return false }
            try keep(found, dial, position: place.position, moment: 0, verdict: .late, cache: &cache)
        case let verdict:
            report.suspects += 1
            let isNew = try keep(
                found, dial, position: place.position, moment: 0, verdict: ReadingVerdict(verdict), cache: &cache)
            // A possible one that is held back is told of by the impossible ones before it.
            guard isNew, verdict != .unconfirmed else { return false }
            try cases.open(
                place.meter,
                SuspectReading(
                    register: entry.register, moment: .live, index: shown.index, verdict: ReadingVerdict(verdict),
                    previous: (previous?.index).map(place.limits.shown), answered: found.answered))
        }
        return false
    }

    /// Writes the indices of the midnights between two readings, those that are the meter's to show. Returns how many
    /// midnights lie between.
    private mutating func draw(
        from previous: Evidence, to found: Evidence, _ dial: inout MeterDial, at place: Place
    ) throws -> Int {
        let drawn = boundary.indices(from: previous.reading, to: found.reading, limits: place.limits)
        let lineage = LineageEntry.readings(previous.answered, found.answered)
        let occasion = IndexOccasion(lineage, at: found.answered)
        var isUsed = false
        for index in drawn where place.installation.showsIndex(of: index.day) {
            let outcome = try indices.write(
                index, of: &dial.entries[place.position], lineage: lineage, on: occasion)
            isUsed = isUsed || outcome != .kept
        }
        // A midnight of which the meter's own record is known needs no other evidence.
        if isUsed {
            let register = dial.entries[place.position].register
            evidence.keep(previous, register, moment: 0, of: dial)
            evidence.keep(found, register, moment: 0, of: dial)
        }
        return drawn.count
    }

    /// Writes what the dial showed at the half hours between two readings, those of days whose index is the meter's to
    /// show. Rates are told apart by the half hour itself, so their registers need none.
    private mutating func drawHalfHours(
        from previous: Evidence, to found: Evidence, _ entry: MeterDial.Entry, at place: Place
    ) throws {
        switch entry.register {
        case .activeImport, .activeExport, .reactiveImport, .reactiveExport: break
        case .activeImportT1, .activeImportT2, .activeImportT3, .activeImportT4: return
        }
        let drawn = boundary.halfHours(from: previous.reading, to: found.reading, limits: place.limits)
            .filter { place.installation.showsIndex(of: $0.day) }
        aside += try loadProfiles.write(drawn, of: entry.series, today: calendar.day(at: found.answered))
    }

    /// What a reading that the ceiling allows is worth where suspects may have come since the last accepted one.
    private func judgeAfterSuspects(
        _ found: Evidence, dial: Evidence, of series: Int64, limits: DialLimits
    ) throws -> Verdict {
        // A dial that moved no further than its step cannot stand where a suspect stood: then nothing is looked up.
        guard found.index - dial.index > DialLimits.step else { return .accepted }
        let isNear = leavesNoRoom(found.reading, after: dial.reading)
        let suspects = isNear ? [] : try latestSuspects(since: dial, before: found, of: series)
        // One that talks sense and nonsense in turn has its possible reading before the last impossible one.
        let unconfirmed = suspects.first { $0.verdict == .unconfirmed }?.reading
        if let unconfirmed {
            if bearsOut(found.reading, unconfirmed, limits: limits) { return .accepted }
            if found.index == unconfirmed.index { return .duplicate }
        }
        if try selectSuspectSince.first(series, dial.answered, found.answered, dial.index),
            confirms(found.reading, Self.reading(selectSuspectSince), limits: limits)
        {
            return .aboveCeiling(most: limits.most(in: found.answered - dial.requested))
        }
        return suspects.isEmpty ? .accepted : .unconfirmed
    }

    /// The last two of any kind, the latest first.
    private func latestSuspects(
        since dial: Evidence, before found: Evidence, of series: Int64
    ) throws -> [(reading: DialReading, verdict: ReadingVerdict?)] {
        var suspects: [(reading: DialReading, verdict: ReadingVerdict?)] = []
        try selectLatestSuspects.start(series, dial.answered, found.answered)
        while try selectLatestSuspects.next() {
            suspects.append(
                (
                    Self.reading(selectLatestSuspects),
                    ReadingVerdict(rawValue: Int(clamping: selectLatestSuspects.integer(3)))
                ))
        }
        return suspects
    }

    /// Of a row that begins with when it was answered, how long it took and the index.
    private static func reading(_ row: HotStatement) -> DialReading {
        let answered = row.instant(0)
        return DialReading(
            requested: answered - Instant.Span(microseconds: row.integer(1)), answered: answered, index: row.energy(2))
    }

    private func coversMidnight(_ found: Evidence) -> Bool {
        let next = calendar.start(of: calendar.day(at: found.requested).next)
        return found.requested < next && next < found.answered
    }

    // MARK: - Frozen records

    private mutating func takeFrozen(
        _ shown: Evidence, day: ServiceDay, _ dial: inout MeterDial, at place: Place, cache: inout StoreCache
    ) throws -> Bool {
        guard place.installation.showsIndex(of: day), day.number > 0 else {
            report.outsideService += 1
            return false
        }
        let entry = dial.entries[place.position]
        let existing = try indices.index(of: entry, on: day)
        if let existing, existing.quality == .frozen, place.limits.shown(existing.index) == shown.index {
            report.duplicates += 1
            return false
        }
        if let doubt = cache.clockDoubts[place.meter], doubt.covers(midnight: calendar.start(of: day)) {
            report.wrongClock += 1
            guard try !selectSuspect.first(entry.series, day, shown.index) else { return false }
            try keep(
                shown, dial, position: place.position, moment: day.number, verdict: .wrongClock, cache: &cache)
            return false
        }
        if calendar.start(of: day) > shown.answered {
            try keepSuspect(shown, day: day, dial, at: place, verdict: .fromFuture, cache: &cache)
            return false
        }
        let (verdict, counted) = judgeFrozen(
            shown.index, on: day, before: try frozenNeighbour(of: day, step: -1, entry),
            after: try frozenNeighbour(of: day, step: 1, entry), live: entry.last?.index, limits: place.limits)
        var found = shown
        found.index = counted
        guard !verdict.isSuspect else {
            try keepSuspect(found, day: day, dial, at: place, verdict: ReadingVerdict(verdict), cache: &cache)
            return false
        }
        if let existing, try isSuperseded(found, by: existing, entry, dial: dial) {
            report.late += 1
            try keep(found, dial, position: place.position, moment: day.number, verdict: .late, cache: &cache)
            return false
        }
        report.accepted += 1
        if cache.suspects.contains(entry.series) {
            try cases.pass(place.meter, entry.register, after: .frozen(day), at: found.answered)
        }
        evidence.keep(found, entry.register, moment: day.number, of: dial)
        let lineage = LineageEntry.record(answered: found.answered)
        let outcome = try indices.write(
            DailyIndex(day: day, index: found.index, quality: .frozen, errorBound: .zero),
            of: &dial.entries[place.position], lineage: lineage, on: IndexOccasion(lineage, at: found.answered))
        return outcome == .inserted
    }

    /// The nearest day with a frozen index on one side, at most two months away.
    private mutating func frozenNeighbour(of day: ServiceDay, step: Int, _ entry: MeterDial.Entry) throws -> DailyIndex?
    {
        guard let firstDay = entry.firstDay, let lastDay = entry.lastDay else { return nil }
        var candidate = step < 0 ? min(day.previous, lastDay) : max(day.next, firstDay)
        while candidate >= firstDay, candidate <= lastDay, abs(candidate - day) <= 62 {
            if let index = try indices.index(of: entry.series, on: candidate), index.quality == .frozen { return index }
            candidate = candidate + step
        }
        return nil
    }

    /// Whether the frozen index of this day was read later than this record, as when a batch is handed over again.
    private func isSuperseded(
        _ found: Evidence, by existing: DailyIndex, _ entry: MeterDial.Entry, dial: MeterDial
    ) throws -> Bool {
        guard existing.quality == .frozen,
            let lineage = try indices.lineages.entry(
                of: entry.series, entry.register, dial: dial.key, day: existing.day, revision: existing.revision)
        else { return false }
        return lineage.kind == .record && lineage.first >= found.answered.microseconds
    }

    /// A meter repeats a wrong record at every poll; once is evidence enough.
    private mutating func keepSuspect(
        _ found: Evidence, day: ServiceDay, _ dial: MeterDial, at place: Place, verdict: ReadingVerdict,
        cache: inout StoreCache
    ) throws {
        report.suspects += 1
        let entry = dial.entries[place.position]
        guard try !selectSuspect.first(entry.series, day, found.index),
            try keep(found, dial, position: place.position, moment: day.number, verdict: verdict, cache: &cache)
        else { return }
        try cases.open(
            place.meter,
            SuspectReading(
                register: entry.register, moment: .frozen(day), index: place.limits.shown(found.index),
                verdict: verdict, previous: nil, answered: found.answered))
    }

    // MARK: - Readings that no index stands on

    /// `moment` is 0 for a live reading, else the number of the frozen record's day. A reading that was believed once
    /// is evidence already, whatever it looks like when its batch is handed over again. Returns whether it is new.
    @discardableResult
    private mutating func keep(
        _ found: Evidence, _ dial: MeterDial, position: Int, moment: Int32, verdict: ReadingVerdict,
        cache: inout StoreCache
    ) throws -> Bool {
        let entry = dial.entries[position]
        guard try !evidence.holds(found, entry.register, moment: moment, dial: dial.key) else { return false }
        let stored = try insertReading.run(
            found.answered, entry.series, Int(moment), Int((found.answered - found.requested).microseconds),
            found.index, verdict.rawValue, found.poll.origin, Int(found.poll.unit), Int(found.poll.transaction),
            Array(dial.words(of: found)))
        readingsStored += stored
        guard verdict.isSuspect else { return stored > 0 }
        suspectsStored += stored
        if verdict.isAgainstDial { cache.learn(suspect: entry.series) }
        return stored > 0
    }
}
