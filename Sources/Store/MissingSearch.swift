import GRDB
import Metering

/// Finds the meters that a day misses, and why: one walk over the day, then one statement for each kind of fact, which
/// looks at the missing ones only. Inside one transaction.
struct MissingSearch {
    private struct Failure {
        let at: Instant
        let kind: String
        let text: String

        /// Nothing came back, from the meter at least: time-outs, and gateways that say so themselves.
        var isSilence: Bool {
            kind == PollFailure.timeout.kind || Self.silentTexts.contains(text)
        }
        private static let silentTexts = Set([0x0A, 0x0B].map { PollFailure.exception($0).description })
        var isNoConnection: Bool { kind == PollFailure.noConnection("").kind }
    }

    private struct Heard {
        let last: Instant?
        let isSince: Bool
    }

    private let day: ServiceDay
    private let since: Instant
    private let db: Database
    private let damaged: (DamagedRow) throws -> Void
    private let known: Completeness
    private let missing: [MeterID]

    /// - Parameters:
    ///   - since: the day's first instant.
    ///   - damaged: given what cannot be read; it counts as not known.
    init(
        _ day: ServiceDay, since: Instant, _ db: Database, damaged: @escaping (DamagedRow) throws -> Void
    ) throws {
        (self.day, self.since, self.db, self.damaged) = (day, since, db, damaged)
        var known = Completeness(day: day)
        var missing: [MeterID] = []
        try DialledDays.forEach(on: day, .activeImport, db, damaged: damaged) { meter in
            if meter.index == nil { missing.append(meter.meter) } else { known.count(meter) }
        }
        (self.known, self.missing) = (known, missing)
    }

    /// The day by reason; those that are known are one part.
    func parts() throws -> [CompletenessPart] {
        var reasons: [MissingReason: Completeness] = [:]
        for meter in try meters() { reasons[meter.reason, default: Completeness(day: day)].countMissing() }
        let missing = reasons.map { CompletenessPart(name: $0.name, reason: $0, completeness: $1) }
        return missing + (known.expected > 0 ? [CompletenessPart(name: "known", completeness: known)] : [])
    }

    /// By reason, station, gateway and unit.
    func meters() throws -> [MissingMeter] {
        guard !missing.isEmpty else { return [] }
        let ids = try JSONSet.text(of: missing.map(\.number))
        let (heard, failures) = (try heard(ids), try failures(ids))
        let (gateways, cases) = (try gateways(), try cases())
        let rows = try HotStatement(
            db,
            """
            SELECT meter, installation.gateway, usagePoint.name, serial, usagePoint.station, usagePoint.district,
              gateway.name, unit, profile
            FROM json_each(?) AS missing JOIN installation ON installation.meter = missing.value
            JOIN usagePoint ON usagePoint.id = installation.usagePoint
            JOIN gateway ON gateway.id = installation.gateway
            """)
        try rows.start(ids)
        var all: [MissingMeter] = []
        all.reserveCapacity(missing.count)
        while try rows.next() {
            let meter = rows.integer(0)
            let failure = failures[meter]
            let reason = Self.reason(
                gatewayAnswers: gateways[rows.integer(1)].map { $0 >= since } ?? false, refusal: cases[meter],
                heard: heard[meter], failure: failure)
            all.append(
                MissingMeter(
                    usagePoint: rows.text(2), serial: rows.text(3), station: rows.text(4), district: rows.text(5),
                    gateway: rows.text(6), unit: UInt8(clamping: rows.integer(7)), profile: rows.text(8),
                    reason: reason, lastHeard: heard[meter]?.last, lastFailure: failure?.text))
        }
        return all.sorted {
            ($0.reason.name, $0.station, $0.gateway, $0.unit, $0.usagePoint)
                < ($1.reason.name, $1.station, $1.gateway, $1.unit, $1.usagePoint)
        }
    }

    /// What lies nearest to us is told first: nobody can say anything of what lies behind it.
    private static func reason(
        gatewayAnswers: Bool, refusal: MeterCase.Kind?, heard: Heard?, failure: Failure?
    ) -> MissingReason {
        guard gatewayAnswers, failure.map({ !$0.isNoConnection }) ?? true else { return .gatewaySilent }
        if let refusal { return .refused(refusal) }
        if heard?.isSince ?? false { return .noBracket }
        guard let failure else { return .unasked }
        if heard == nil { return .neverHeard }
        return failure.isSilence ? .meterSilent : .unreadable
    }

    // MARK: - Facts, by the meter's or the gateway's row

    /// The last success of each gateway that had one.
    private func gateways() throws -> [Int64: Instant] {
        let rows = try HotStatement(db, "SELECT gateway, lastSuccess FROM gatewayState WHERE lastSuccess IS NOT NULL")
        try rows.start()
        var all: [Int64: Instant] = [:]
        while try rows.next() { all[rows.integer(0)] = rows.instant(1) }
        return all
    }

    /// The kind of the latest live case that keeps the import register's readings from counting, and was seen since, or
    /// that is about the meter's own record of the day.
    private func cases() throws -> [Int64: MeterCase.Kind] {
        let rows = try HotStatement(
            db,
            """
            SELECT meter, kind FROM meterCase
            WHERE closed IS NULL AND register IN (0, ?1) AND (severity = 'blocks' AND lastSeen >= ?2
              OR lastDay = ?3 AND firstDay = ?3 AND kind IN (SELECT value FROM json_each(?4)))
            ORDER BY lastDay IS NULL, lastSeen
            """)
        try rows.start(
            Int(Register.activeImport.rawValue), since, day, JSONSet.text(of: MeterCase.Kind.ofRecords.map(\.rawValue)))
        var all: [Int64: MeterCase.Kind] = [:]
        while try rows.next() { all[rows.integer(0)] = MeterCase.Kind(rawValue: rows.text(1)) }
        return all
    }

    /// Of meters that were ever heard. A meter that shows a record of a later day was heard since, too.
    private func heard(_ ids: String) throws -> [Int64: Heard] {
        let rows = try HotStatement(
            db,
            """
            SELECT series.meter, dial.series, dial.body FROM json_each(?) AS missing
            JOIN series ON series.meter = missing.value JOIN dial ON dial.series = series.id
            """)
        try rows.start(ids)
        var all: [Int64: Heard] = [:]
        while try rows.next() {
            do {
                let dial = try DialTable.body(rows, column: 2, key: rows.integer(1))
                let entry = dial[.activeImport]
                let isSince = dial.answered.map { $0 >= since } ?? false || entry?.lastDay.map { $0 >= day } ?? false
                all[rows.integer(0)] = Heard(last: dial.answered, isSince: isSince)
            } catch let found as DamagedRow {
                try damaged(found)
            }
        }
        return all
    }

    /// The latest of each meter since the day's first instant.
    private func failures(_ ids: String) throws -> [Int64: Failure] {
        let rows = try HotStatement(
            db,
            """
            SELECT failure.meter, lastSeen, kind, text FROM json_each(?) AS missing
            JOIN failure ON failure.meter = missing.value WHERE lastSeen >= ?
            """)
        try rows.start(ids, since)
        var all: [Int64: Failure] = [:]
        while try rows.next() {
            let failure = Failure(at: rows.instant(1), kind: rows.text(2), text: rows.text(3))
            if all[rows.integer(0)].map({ $0.at < failure.at }) ?? true { all[rows.integer(0)] = failure }
        }
        return all
    }
}

extension Completeness {
    fileprivate mutating func countMissing() {
        expected += 1
        missing += 1
    }
}
