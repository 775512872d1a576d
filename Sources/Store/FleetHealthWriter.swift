import GRDB
import Metering

/// Keeps, per meter and kind, the latest failure and how often it came, and per gateway what its polls came to.
struct FleetHealthWriter {
    private let upsertFailure: HotStatement
    private let selectState: HotStatement
    private let setState: HotStatement
    private let addFailures: HotStatement

    init(_ db: Database) throws {
        // Only what is newer counts, so that an outcome handed over twice is counted once.
        upsertFailure = try HotStatement(
            db,
            """
            INSERT INTO failure(meter, kind, text, gateway, unit, firstSeen, lastSeen, count)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6, 1)
            ON CONFLICT(meter, kind) DO UPDATE SET text = excluded.text, gateway = excluded.gateway,
              unit = excluded.unit, lastSeen = excluded.lastSeen, count = count + 1
            WHERE excluded.lastSeen > lastSeen
            """)
        selectState = try HotStatement(db, "SELECT countedThrough FROM gatewayState WHERE gateway = ?")
        setState = try HotStatement(
            db,
            """
            INSERT INTO gatewayState(gateway, countedThrough, lastSuccess, lastFailure, lastFailureKind,
              lastFailureText, ok) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT(gateway) DO UPDATE SET countedThrough = excluded.countedThrough,
              lastSuccess = COALESCE(excluded.lastSuccess, lastSuccess),
              lastFailure = COALESCE(excluded.lastFailure, lastFailure),
              lastFailureKind = COALESCE(excluded.lastFailureKind, lastFailureKind),
              lastFailureText = COALESCE(excluded.lastFailureText, lastFailureText), ok = ok + excluded.ok
            """)
        addFailures = try HotStatement(
            db,
            """
            INSERT INTO gatewayFailure(gateway, kind, count) VALUES(?1, ?2, ?3)
            ON CONFLICT(gateway, kind) DO UPDATE SET count = count + excluded.count
            """)
    }

    private struct Tally {
        /// Outcomes up to here were counted by earlier batches.
        let countedBefore: Instant
        var through: Instant
        var lastSuccess: Instant?
        var lastFailure: (at: Instant, failure: PollFailure)?
        var ok = 0
        var failed: [String: Int] = [:]

        mutating func count(successAt instant: Instant) {
            guard instant > countedBefore else { return }
            ok += 1
            lastSuccess = max(lastSuccess ?? instant, instant)
            through = max(through, instant)
        }

        mutating func count(_ failure: PollFailure, at instant: Instant) {
            guard instant > countedBefore else { return }
            failed[failure.kind, default: 0] += 1
            if lastFailure.map({ $0.at <= instant }) ?? true { lastFailure = (instant, failure) }
            through = max(through, instant)
        }
    }

    /// Records outcomes; those of `unknown` meters are passed over. Returns how many are failures.
    ///
    /// A gateway's outcomes come in the order they were answered; those no later than the last one counted were
    /// handed over before.
    mutating func record(_ outcomes: [PollOutcome], unknown: Set<MeterID>, cache: StoreCache) throws -> Int {
        var failed: [(PollOutcome, PollFailure)] = []
        // By row of `gateway`, of which a province has some thousand: polls come from one after the other.
        var tallies: [Tally?] = []
        for outcome in outcomes {
            if !unknown.isEmpty, unknown.contains(outcome.meter) { continue }
            let gateway = row(ofGateway: outcome, cache)
            if let gateway {
                while tallies.count <= gateway { tallies.append(nil) }
                if tallies[gateway] == nil {
                    let before = try selectState.first(gateway) ? selectState.instant(0) : Instant(microseconds: .min)
                    tallies[gateway] = Tally(countedBefore: before, through: before)
                }
            }
            switch outcome.result {
            case .success:
                if let gateway { tallies[gateway]?.count(successAt: outcome.answered) }
            case .failure(let failure):
                failed.append((outcome, failure))
                if let gateway { tallies[gateway]?.count(failure, at: outcome.answered) }
            }
        }
        // Oldest first: the row of a meter and kind only moves on.
        for (outcome, failure) in failed.sorted(by: { $0.0.answered < $1.0.answered }) {
            try upsertFailure.run(
                Int(outcome.meter.number), failure.kind, failure.description, outcome.gateway, Int(outcome.unit),
                outcome.answered)
        }
        for (gateway, tally) in tallies.enumerated() {
            guard let tally, tally.through > tally.countedBefore else { continue }
            try setState.run(
                gateway, tally.through, tally.lastSuccess, tally.lastFailure?.at, tally.lastFailure?.failure.kind,
                tally.lastFailure?.failure.description, tally.ok)
            for (kind, count) in tally.failed { try addFailures.run(gateway, kind, count) }
        }
        return failed.count
    }

    /// The gateway that was asked: almost always the one that the registry has the meter behind.
    private func row(ofGateway outcome: PollOutcome, _ cache: StoreCache) -> Int? {
        if let installation = cache[outcome.meter], cache.name(ofGateway: installation.gateway) == outcome.gateway {
            return Int(installation.gateway)
        }
        return cache.row(ofGateway: outcome.gateway).map { Int($0) }
    }
}
