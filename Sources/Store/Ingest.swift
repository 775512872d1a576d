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
        let effort = Effort()
        try refuseEndlessLog(doing: "storing \(outcomes.count) poll outcomes")
        return try cache.withLock { cache in
            var without: Set<MeterID> = []
            while true {
                let known = without.isEmpty ? outcomes : outcomes.filter { !without.contains($0.meter) }
                var damaged: MeterID?
                do {
                    var report = try write("storing \(outcomes.count) poll outcomes") { db in
                        try cache.refresh(db, ceilings: ceilings, loadProfiles: loadProfiles)
                        var ingest = try Ingest(db, boundary: boundary)
                        do {
                            let report = try ingest.run(known, cache: &cache)
                            for row in ingest.aside { try note(row, db) }
                            return report
                        } catch let found as DamagedRow {
                            try note(found, db)
                            damaged = try found.meter(db)
                            throw found
                        }
                    }
                    report.damagedMeters = without
                    cache.settle()
                    effort.add(to: commits)
                    return report
                } catch {
                    // It knows of rows that were rolled back.
                    if cache.isAhead { cache = StoreCache() }
                    // One meter's damage is not the province's: all others are stored without it.
                    guard let damaged, without.insert(damaged).inserted else { throw error }
                }
            }
        }
    }

    /// Of the batches that `ingest` has stored.
    package var commitDurations: CommitDurations { commits.withLock { $0 } }
}

/// One batch inside its transaction: poll by poll, in the order of the tables.
private struct Ingest {
    private let insertOrigin: HotStatement
    private let dials: DialTable
    private var judgement: ReadingJudgement
    private var health: FleetHealthWriter
    private let cases: MeterSelfWriter
    private let clocks: MeterClocks
    private let loads: MeterLoads
    var aside: [DamagedRow] { judgement.aside }

    init(_ db: Database, boundary: DayBoundary) throws {
        insertOrigin = try HotStatement(db, "INSERT INTO origin(gateway, profile) VALUES(?, ?)")
        dials = try DialTable(db)
        judgement = try ReadingJudgement(db, boundary: boundary)
        health = try FleetHealthWriter(db)
        cases = try MeterSelfWriter(db)
        loads = try MeterLoads(db, calendar: boundary.calendar)
        clocks = try MeterClocks(db, calendar: boundary.calendar)
    }

    mutating func run(_ outcomes: [PollOutcome], cache: inout StoreCache) throws -> IngestReport {
        try recordClocks(outcomes, cache: &cache)
        let order = try order(outcomes, cache: &cache)
        var start = 0
        while start < order.count {
            let meter = outcomes[order[start].outcome].meter
            var end = start + 1
            while end < order.count, outcomes[order[end].outcome].meter == meter { end += 1 }
            try store(order[start..<end], of: meter, outcomes, cache: &cache)
            start = end
        }
        try judgement.finish()
        try dials.flush()
        var report = judgement.report
        report.failures = try health.record(outcomes, unknown: report.unknownMeters, cache: cache)
        for outcome in outcomes where outcome.facts != nil {
            guard !report.unknownMeters.contains(outcome.meter), !report.misdirected.contains(outcome.meter) else {
                continue
            }
            try cases.record(outcome)
            if let load = outcome.facts?.load, !outcome.isQuarantined {
                try loads.record(load, of: outcome.meter, at: outcome.answered, dials: dials)
            }
        }
        return report
    }

    /// Before any record of the batch is judged: a clock is looked at before the records that it dated are asked for.
    private func recordClocks(_ outcomes: [PollOutcome], cache: inout StoreCache) throws {
        for outcome in outcomes {
            guard let facts = outcome.facts, !outcome.isQuarantined, let installation = cache[outcome.meter],
                cache.name(ofGateway: installation.gateway) == outcome.gateway, installation.unit == outcome.unit,
                let sight = facts.clockOffset.map(ClockSight.offset) ?? facts.newestDay.map(ClockSight.newestDay)
            else { continue }
            try clocks.record(sight, of: outcome.meter, at: outcome.answered, dials: dials, cache: &cache)
        }
    }

    /// A poll's place in the batch and what it is sorted by.
    private struct Place {
        let dial: Int64
        let answered: Int64
        let outcome: Int
    }

    /// The polls of known meters that brought readings: meter by meter in the order of the tables, which is that in
    /// which the meters were first heard, so that neighbours are written one after the other; of one meter in the
    /// order they were answered, so that a dial sees its readings in order.
    private mutating func order(_ outcomes: [PollOutcome], cache: inout StoreCache) throws -> [Place] {
        var places: [Place] = []
        places.reserveCapacity(outcomes.count)
        // Meters heard for the first time come last, each as one, in the order of their first poll.
        var new: [MeterID: Int64] = [:]
        for (position, outcome) in outcomes.enumerated() {
            guard let installation = cache[outcome.meter] else {
                judgement.report.unknownMeters.insert(outcome.meter)
                continue
            }
            guard cache.name(ofGateway: installation.gateway) == outcome.gateway, installation.unit == outcome.unit
            else {
                judgement.report.misdirected.insert(outcome.meter)
                continue
            }
            guard case .success(let readings) = outcome.result, !readings.isEmpty else { continue }
            var key = cache.dial(of: outcome.meter)
            if key == nil, new[outcome.meter] == nil, let found = try dials.key(of: outcome.meter) {
                cache.learn(dial: found, of: outcome.meter, isNew: false)
                key = found
            }
            if key == nil {
                let turn = new[outcome.meter] ?? Int64.max / 2 + Int64(new.count)
                new[outcome.meter] = turn
                key = turn
            }
            guard let key else { continue }
            places.append(Place(dial: key, answered: outcome.answered.microseconds, outcome: position))
        }
        places.sort { ($0.dial, $0.answered, $0.outcome) < ($1.dial, $1.answered, $1.outcome) }
        return places
    }

    /// One meter's polls of the batch: its dial is read and written once.
    private mutating func store(
        _ polls: ArraySlice<Place>, of meter: MeterID, _ outcomes: [PollOutcome], cache: inout StoreCache
    ) throws {
        guard let installation = cache[meter] else { return }
        let key = cache.dial(of: meter)
        var dial = try key.map { try dials.dial($0) } ?? MeterDial()
        let registersBefore = dial.entries.count
        var isMoved = false
        for place in polls {
            let outcome = outcomes[place.outcome]
            guard case .success(let readings) = outcome.result else { continue }
            let poll = PollStamp(
                requested: outcome.requested, answered: max(outcome.requested, outcome.answered),
                origin: try origin(of: outcome, at: installation.gateway, cache: &cache), unit: outcome.unit,
                transaction: outcome.transaction)
            let suspectsBefore = judgement.report.suspects
            for reading in Self.inOrder(readings) {
                let position = try dials.position(of: reading.register, in: &dial, meter: meter)
                if outcome.isQuarantined {
                    try judgement.quarantine(reading, of: poll, dial: &dial, position: position, cache: &cache)
                    continue
                }
                let isBelieved = try judgement.take(
                    reading, of: poll, meter: meter, dial: &dial, position: position, at: installation, cache: &cache)
                isMoved = isMoved || isBelieved
            }
            if judgement.report.suspects > suspectsBefore { judgement.report.suspectMeters[meter] = outcome.gateway }
        }
        if key == nil { cache.learn(dial: dial.key, of: meter, isNew: true) }
        judgement.finish(dial: dial.key)
        if isMoved || dial.entries.count > registersBefore { try dials.save(dial) }
    }

    /// By register, then by day: mostly they come so.
    private static func inOrder(_ readings: [Reading]) -> [Reading] {
        func precedes(_ one: Reading, _ other: Reading) -> Bool {
            (one.register.rawValue, one.moment.number) < (other.register.rawValue, other.moment.number)
        }
        let isSorted = zip(readings, readings.dropFirst()).allSatisfy { !precedes($1, $0) }
        return isSorted ? readings : readings.sorted(by: precedes)
    }

    /// The gateway is the installation's, as `order` has seen to.
    private func origin(of outcome: PollOutcome, at gateway: Int32, cache: inout StoreCache) throws -> Int64 {
        if let known = cache.origin(ofGateway: gateway, profile: outcome.profile) { return known }
        try insertOrigin.run(outcome.gateway, outcome.profile)
        let row = insertOrigin.insertedID
        cache.learn(origin: row, ofGateway: gateway, profile: outcome.profile, isNew: true)
        return row
    }
}

extension Reading.Moment {
    /// How the tables tell moments apart: 0 for a live reading, else the number of the frozen record's day.
    var number: Int32 {
        switch self {
        case .live: 0
        case .frozen(let day): day.number
        }
    }
}
