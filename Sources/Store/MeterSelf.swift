import GRDB
import Metering

/// What a meter last showed of itself.
package struct MeterSelf: Hashable, Sendable {
    package let serial: String?
    package let firmware: String?
    package let identitySeen: Instant?
    /// Its clock less ours.
    package let clockOffset: Instant.Span?
    package let clockSeen: Instant?
}

/// Writes what meters show of themselves, and the cases that come of it. Of their clocks see `MeterClocks`.
struct MeterSelfWriter {
    private let upsertIdentity: HotStatement
    private let cases: ShownCases

    init(_ db: Database) throws {
        upsertIdentity = try HotStatement(
            db,
            """
            INSERT INTO meterFact(meter, serial, firmware, identitySeen) VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT(meter) DO UPDATE SET serial = excluded.serial,
              firmware = COALESCE(excluded.firmware, firmware), identitySeen = excluded.identitySeen
            WHERE excluded.identitySeen > COALESCE(identitySeen, 0)
            """)
        cases = try ShownCases(db)
    }

    /// Handed over again, an outcome changes nothing.
    func record(_ outcome: PollOutcome) throws {
        guard let facts = outcome.facts else { return }
        let meter = Int(outcome.meter.number)
        if facts.serial != nil || facts.firmware != nil {
            try upsertIdentity.run(meter, facts.serial, facts.firmware, outcome.answered)
        }
        switch facts.standing {
        case .proven: try cases.pass(outcome.meter, .identity, at: outcome.answered)
        case .foreign:
            guard case .failure(let failure) = outcome.result else { return }
            try cases.open(
                outcome.meter, .identity, failure.description, found: facts.serial, at: outcome.answered)
            // What it showed until it was asked for its name is another's dial.
            try cases.passReadings(of: outcome.meter, at: outcome.answered)
        case .implausible(let why):
            try cases.open(outcome.meter, .profile, why, found: facts.serial, at: outcome.answered)
        case .plausible: try cases.pass(outcome.meter, .profile, at: outcome.answered)
        case .unasked: break
        }
    }
}

extension Store {
    /// What the meter last showed of itself; `nil` when it was never asked.
    package func meterSelf(_ meter: MeterID) throws -> MeterSelf? {
        try read("reading what a meter shows of itself") { db in
            let row = try HotStatement(
                db, "SELECT serial, firmware, identitySeen, clockOffset, clockSeen FROM meterFact WHERE meter = ?")
            guard try row.first(Int(meter.number)) else { return nil }
            return MeterSelf(
                serial: row.optionalText(0), firmware: row.optionalText(1), identitySeen: row.optionalInstant(2),
                clockOffset: row.optionalInteger(3).map { Instant.Span(microseconds: $0) },
                clockSeen: row.optionalInstant(4))
        }
    }
}
