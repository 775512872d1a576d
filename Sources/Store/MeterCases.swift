import GRDB
import Metering

/// Something about a meter that a person has to look into: it shows another serial than the registry, or values that
/// its profile cannot mean. Opened by what the meter shows, closed by it too, or by a new registry.
package struct MeterCase: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Another meter hangs there, or the registry is wrong: an exchange nobody has told.
        case identity
        /// The meter's own voltages, frequency or tariffs contradict its profile.
        case profile
    }

    package let kind: Kind
    package let meter: MeterID
    package let serial: String
    package let usagePoint: String
    package let gateway: String
    package let unit: UInt8
    package let text: String
    /// The serial number it shows; `nil` where it shows none.
    package let found: String?
    package let opened: Instant
    package let lastSeen: Instant
}

/// What a meter last showed of itself.
package struct MeterSelf: Hashable, Sendable {
    package let serial: String?
    package let firmware: String?
    package let identitySeen: Instant?
    /// Its clock less ours.
    package let clockOffset: Instant.Span?
    package let clockSeen: Instant?
}

/// Writes what meters show of themselves, and the cases that come of it.
struct MeterCaseWriter {
    private let upsertIdentity: HotStatement
    private let upsertClock: HotStatement
    private let open: HotStatement
    private let close: HotStatement

    init(_ db: Database) throws {
        upsertIdentity = try HotStatement(
            db,
            """
            INSERT INTO meterFact(meter, serial, firmware, identitySeen) VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT(meter) DO UPDATE SET serial = excluded.serial,
              firmware = COALESCE(excluded.firmware, firmware), identitySeen = excluded.identitySeen
            WHERE excluded.identitySeen > COALESCE(identitySeen, 0)
            """)
        upsertClock = try HotStatement(
            db,
            """
            INSERT INTO meterFact(meter, clockOffset, clockSeen) VALUES(?1, ?2, ?3)
            ON CONFLICT(meter) DO UPDATE SET clockOffset = excluded.clockOffset, clockSeen = excluded.clockSeen
            WHERE excluded.clockSeen > COALESCE(clockSeen, 0)
            """)
        open = try HotStatement(
            db,
            """
            INSERT INTO meterCase(meter, kind, text, found, opened, lastSeen)
            SELECT ?1, ?2, ?3, ?4, ?5, ?5 WHERE NOT EXISTS
              (SELECT 1 FROM meterCase WHERE meter = ?1 AND kind = ?2 AND closed >= ?5)
            ON CONFLICT(meter, kind) WHERE closed IS NULL DO UPDATE SET text = excluded.text, found = excluded.found,
              lastSeen = excluded.lastSeen WHERE excluded.lastSeen > lastSeen
            """)
        close = try HotStatement(
            db, "UPDATE meterCase SET closed = ?3 WHERE meter = ?1 AND kind = ?2 AND closed IS NULL AND lastSeen < ?3")
    }

    /// Handed over again, an outcome changes nothing.
    func record(_ outcome: PollOutcome) throws {
        guard let facts = outcome.facts else { return }
        let meter = Int(outcome.meter.number)
        if facts.serial != nil || facts.firmware != nil {
            try upsertIdentity.run(meter, facts.serial, facts.firmware, outcome.answered)
        }
        if let offset = facts.clockOffset { try upsertClock.run(meter, offset.microseconds, outcome.answered) }
        switch facts.standing {
        case .proven: try close.run(meter, MeterCase.Kind.identity.rawValue, outcome.answered)
        case .foreign:
            guard case .failure(let failure) = outcome.result else { return }
            try open.run(
                meter, MeterCase.Kind.identity.rawValue, failure.description, facts.serial, outcome.answered)
        case .implausible(let why):
            try open.run(meter, MeterCase.Kind.profile.rawValue, why, facts.serial, outcome.answered)
        case .plausible: try close.run(meter, MeterCase.Kind.profile.rawValue, outcome.answered)
        case .unasked: break
        }
    }
}

extension Store {
    /// Cases that are open, newest first.
    package func openCases(limit: Int) throws -> [MeterCase] {
        try read("reading the open cases") { db in
            let rows = try HotStatement(
                db,
                """
                SELECT kind, meterCase.meter, installation.serial, usagePoint.name, gateway.name, unit, text, found,
                  opened, lastSeen
                FROM meterCase JOIN installation ON installation.meter = meterCase.meter
                JOIN usagePoint ON usagePoint.id = installation.usagePoint
                JOIN gateway ON gateway.id = installation.gateway
                WHERE closed IS NULL AND removedOn IS NULL ORDER BY opened DESC, meterCase.id DESC LIMIT ?
                """)
            try rows.start(max(0, limit))
            var all: [MeterCase] = []
            while try rows.next() {
                guard let kind = MeterCase.Kind(rawValue: rows.text(0)) else { continue }
                all.append(
                    MeterCase(
                        kind: kind, meter: MeterID(Int32(clamping: rows.integer(1))), serial: rows.text(2),
                        usagePoint: rows.text(3), gateway: rows.text(4), unit: UInt8(clamping: rows.integer(5)),
                        text: rows.text(6), found: rows.optionalText(7), opened: rows.instant(8),
                        lastSeen: rows.instant(9)))
            }
            return all
        }
    }

    /// How many cases are open.
    package func openCaseCount() throws -> Int {
        try read("counting the open cases") { db in
            let count = try HotStatement(
                db,
                """
                SELECT COUNT(*) FROM meterCase JOIN installation ON installation.meter = meterCase.meter
                WHERE closed IS NULL AND removedOn IS NULL
                """)
            return try count.first() ? Int(count.integer(0)) : 0
        }
    }

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
