import Foundation
import GRDB
import Metering

/// A gateway and what its polls came to.
package struct GatewayHealth: Hashable, Sendable {
    package enum State: String, Hashable, Sendable {
        /// It answered within the span looked at, and nothing failed in it.
        case online
        /// It answered within the span, and some poll failed in it.
        case degraded
        /// It did not answer within the span, or never.
        case offline
    }

    package struct Failure: Hashable, Sendable {
        package let kind: String
        package let text: String
        package let at: Instant
    }

    package let gateway: Gateway
    /// Meters behind it that are in service.
    package let meters: Int
    package let lastSuccess: Instant?
    package let lastFailure: Failure?
    /// Polls that brought readings, ever.
    package let ok: Int64
    /// Polls that failed, ever, by kind (`PollFailure.kind`).
    package let failed: [String: Int64]
    package let state: State
}

/// The latest failure of a kind at a meter.
package struct MeterFailure: Hashable, Sendable {
    package let meter: MeterID
    package let serial: String
    package let usagePoint: String
    package let gateway: String
    package let unit: UInt8
    /// `PollFailure.kind`.
    package let kind: String
    package let text: String
    package let firstSeen: Instant
    package let lastSeen: Instant
    /// How often this kind came, ever.
    package let count: Int64
    /// No live reading of the meter was accepted since.
    package let isOngoing: Bool
}

/// Sizes, for `/metrics`.
package struct StoreCounts: Hashable, Sendable {
    /// Daily indices stored, one a register and day.
    package let indices: Int64
    /// Readings kept as evidence.
    package let readings: Int64
    /// Of these: kept but not believed.
    package let suspects: Int64
    /// Indices that took the place of a different value.
    package let revisions: Int64
    package let meters: Int64
    package let gateways: Int64
    package let fileBytes: Int64
    /// The write-ahead log beside the file.
    package let walBytes: Int64
    /// Polls that brought readings, over all gateways, ever.
    package let ok: Int64
    /// Polls that failed, by kind.
    package let failed: [String: Int64]
}

extension Store {
    /// All gateways, by name. `quiet` is the span before `now` in which a gateway should have answered: a few cadences.
    package func gateways(now: Instant, quiet: Instant.Span = .hours(2)) throws -> [GatewayHealth] {
        try read("reading the health of the gateways") { db in
            let failures = try HotStatement(db, "SELECT gateway, kind, count FROM gatewayFailure")
            try failures.start()
            var failed: [Int64: [String: Int64]] = [:]
            while try failures.next() {
                failed[failures.integer(0), default: [:]][failures.text(1)] = failures.integer(2)
            }
            let behind = try HotStatement(
                db,
                """
                SELECT gateway, COUNT(*) FROM installation
                WHERE installedOn <= ?1 AND (removedOn IS NULL OR removedOn > ?1) GROUP BY gateway
                """)
            try behind.start(calendar.day(at: now))
            var meters: [Int64: Int] = [:]
            while try behind.next() { meters[behind.integer(0)] = Int(behind.integer(1)) }

            let rows = try HotStatement(
                db,
                """
                SELECT gateway.id, lastSuccess, lastFailure, lastFailureKind, lastFailureText, COALESCE(ok, 0),
                  \(RegistryRows.gatewayColumns)
                FROM gateway LEFT JOIN gatewayState ON gatewayState.gateway = gateway.id ORDER BY gateway.name
                """)
            try rows.start()
            var all: [GatewayHealth] = []
            while try rows.next() {
                let id = rows.integer(0)
                let lastSuccess = rows.optionalInstant(1)
                let lastFailure = rows.optionalInstant(2).map {
                    GatewayHealth.Failure(kind: rows.text(3), text: rows.text(4), at: $0)
                }
                all.append(
                    GatewayHealth(
                        gateway: try RegistryRows.gateway(rows, from: 6), meters: meters[id] ?? 0,
                        lastSuccess: lastSuccess, lastFailure: lastFailure, ok: rows.integer(5),
                        failed: failed[id] ?? [:],
                        state: Self.state(lastSuccess, lastFailure?.at, since: now - quiet)))
            }
            return all
        }
    }

    private static func state(
        _ lastSuccess: Instant?, _ lastFailure: Instant?, since: Instant
    ) -> GatewayHealth.State {
        guard let lastSuccess, lastSuccess >= since else { return .offline }
        guard let lastFailure, lastFailure >= since else { return .online }
        return .degraded
    }

    /// The latest failures, newest first: at most one a meter and kind.
    package func latestFailures(limit: Int) throws -> [MeterFailure] {
        try read("reading the latest failures") { db in
            let rows = try HotStatement(
                db,
                """
                SELECT failure.meter, serial, usagePoint.name, failure.gateway, failure.unit, kind, text, firstSeen,
                  lastSeen, count,
                  COALESCE((SELECT MAX(answered) FROM series JOIN dial ON dial.series = series.id
                    WHERE series.meter = failure.meter) < lastSeen, 1)
                FROM failure JOIN installation ON installation.meter = failure.meter
                JOIN usagePoint ON usagePoint.id = installation.usagePoint
                ORDER BY lastSeen DESC LIMIT ?
                """)
            try rows.start(max(0, limit))
            var all: [MeterFailure] = []
            while try rows.next() {
                all.append(
                    MeterFailure(
                        meter: MeterID(Int32(clamping: rows.integer(0))), serial: rows.text(1),
                        usagePoint: rows.text(2), gateway: rows.text(3), unit: UInt8(clamping: rows.integer(4)),
                        kind: rows.text(5), text: rows.text(6), firstSeen: rows.instant(7),
                        lastSeen: rows.instant(8), count: rows.integer(9), isOngoing: rows.integer(10) != 0))
            }
            return all
        }
    }

    /// Sizes and totals; cheap, no table of readings is counted.
    package func counts() throws -> StoreCounts {
        try read("reading its sizes") { db in
            let totals = try HotStatement(db, "SELECT name, count FROM total")
            try totals.start()
            var total: [String: Int64] = [:]
            while try totals.next() { total[totals.text(0)] = totals.integer(1) }
            let failures = try HotStatement(db, "SELECT kind, SUM(count) FROM gatewayFailure GROUP BY kind")
            try failures.start()
            var failed: [String: Int64] = [:]
            while try failures.next() { failed[failures.text(0)] = failures.integer(1) }
            let rest = try HotStatement(
                db,
                """
                SELECT (SELECT COALESCE(SUM(ok), 0) FROM gatewayState), (SELECT COUNT(*) FROM gateway),
                  (SELECT COUNT(*) FROM installation), page_count * page_size
                FROM pragma_page_count, pragma_page_size
                """)
            _ = try rest.first()
            return StoreCounts(
                indices: total["hot"] ?? 0, readings: total["reading"] ?? 0, suspects: total["suspect"] ?? 0,
                revisions: total["revision"] ?? 0, meters: rest.integer(2), gateways: rest.integer(1),
                fileBytes: rest.integer(3), walBytes: logBytes, ok: rest.integer(0), failed: failed)
        }
    }
}
