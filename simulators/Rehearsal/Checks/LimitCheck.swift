import HeadEnd
import Metering

/// Nothing grows with time or with trouble: the outcomes that wait, the schedule, the transactions given up, the bytes
/// of an unfinished frame.
package struct LimitCheck: Check {
    package let name = "limits"

    /// Jobs that one meter may have waiting: a daytime slot, a midnight's dials, its record, a backfill, a proof, an
    /// operator's read.
    private static let jobsAMeter = 6
    /// The longest memory of a meter, and the days the head-end looks back.
    private static let daysAMeter = 100
    /// `GatewayConversation`'s own.
    private static let abandonedMax = 64
    /// Header and longest PDU (Modbus/TCP), less one byte.
    private static let partialMax = 259

    package init() {}

    package func faults(in evidence: Evidence) throws -> [String] {
        var faults: [String] = []
        func hold(_ count: Int, to most: Int, _ what: String) {
            if count > most { faults.append("\(what): \(count), \(most) at the most") }
        }
        let world = evidence.world
        // What is in flight when the lines stop asking is still answered, and what cannot be asked is told.
        let inFlight = world.sites.reduce(0) { $0 + $1.row.depth * 4 }
        hold(
            evidence.record.limits.pendingMost, to: world.daemon.pendingMax + inFlight + world.meterCount * 2,
            "outcomes that wait for the store")
        for (gateway, held) in evidence.record.limits.heldMost.sorted(by: { $0.key < $1.key }) {
            guard let site = world.sites.first(where: { $0.row.name == gateway }) else { continue }
            let exchanged = world.exchanges.count { world.sites[$0.site].row.name == gateway }
            let meters = site.simulated.meters.count + exchanged
            hold(held.jobs, to: meters * Self.jobsAMeter, "\(gateway), jobs of \(meters) meters")
            hold(held.owedDays, to: meters * Self.daysAMeter, "\(gateway), days owed by \(meters) meters")
            hold(held.inFlight, to: site.row.depth, "\(gateway), requests in flight")
            hold(held.abandoned, to: Self.abandonedMax, "\(gateway), transactions given up")
            hold(held.partialBytes, to: Self.partialMax, "\(gateway), bytes of an unfinished frame")
        }
        return faults
    }
}
