import HeadEnd
import MeterFleet
import Metering

/// What one seed stands for: a field, the network to it, and what befalls them and the daemon. All of it is settled
/// before the first event, so that it can be told, and held against what came of it.
package struct World: Sendable {
    package let seed: UInt64
    package let days: Int
    package let calendar = ServiceCalendar.vietnam
    /// Civil time at which the daemon is started for the first time.
    package let from: Instant
    /// The end, two hours after the last day was closed.
    package let through: Instant
    /// Nothing new goes wrong from here on, and what was wrong is over.
    package let calmFrom: Instant
    package var sites: [Site]
    package var daemon: DaemonFate
    package var usagePoints: [UsagePoint]
    /// As the registry is first imported.
    package var installations: [MeterInstallation]
    package var exchanges: [Exchange] = []

    /// Another meter takes a unit's place, and somebody tells the registry: in time, late, or before it is done.
    package struct Exchange: Sendable {
        package let site: Int
        package let unit: UInt8
        /// When the fitter does it.
        package let at: Instant
        /// When the registry is told.
        package let told: Instant
        /// The old row with its end, and the new one.
        package let rows: [MeterInstallation]
    }

    package var registry: Registry {
        Registry(gateways: sites.map(\.row), usagePoints: usagePoints, installations: installations)
    }

    package var rhythm: PollSchedule.Rhythm { PollSchedule.Rhythm(calendar: calendar, cadence: daemon.cadence) }

    package var meterCount: Int { sites.reduce(0) { $0 + $1.simulated.meters.count } }
}

/// One gateway: its row in the registry, what stands there, and how the way to it is from time to time.
package struct Site: Sendable {
    package struct Episode: Sendable {
        package let from: Instant
        package let to: Instant
        package var manners: NetworkManners
    }

    package var row: Gateway
    package var simulated: SimulatedGateway
    /// What happens to its meters themselves; `simulated` has it too.
    package var facts: [MeterFact] = []
    /// In order of time, none within another; calm between them.
    package var episodes: [Episode] = []
    /// The gateway hangs up on a line that nobody used for so long.
    package var idleClose: Instant.Span?

    package init(
        row: Gateway, simulated: SimulatedGateway, episodes: [Episode] = [], idleClose: Instant.Span? = nil
    ) {
        self.row = row
        self.simulated = simulated
        self.episodes = episodes
        self.idleClose = idleClose
    }
}

/// How the daemon is set, and what happens to it.
package struct DaemonFate: Sendable {
    package enum Manner: String, CaseIterable, Sendable {
        /// SIGTERM: what is in flight is awaited, what was read is written.
        case stop
        /// SIGKILL: what was not written is gone, the system closes the sockets.
        case kill
        /// The host loses power: nobody is told.
        case powerLoss
    }

    package struct Down: Sendable {
        package let at: Instant
        /// After so many more of its own events.
        package let after: Int
        package let manner: Manner
        package let lasting: Instant.Span
    }

    package struct StoreOutage: Sendable {
        package let from: Instant
        package let to: Instant
    }

    package var cadence = Instant.Span.minutes(30)
    package var proof = ProofPolicy.serial
    /// Outcomes wait so long for company, in milliseconds. 50 in production.
    package var batchMilliseconds: Int64 = 50
    package var batchMax = 10_000
    /// The lines stop asking when so many outcomes wait. 100,000 in production.
    package var pendingMax = 100_000
    /// How often lines with silent units, and all lines while the store is behind, are looked at. 1,000 and 200 in
    /// production, where idle lines are looked at each second too.
    package var lookMilliseconds: Int64 = 1000
    package var looksAtIdleLines = false
    package var downs: [Down] = []
    package var storeOutages: [StoreOutage] = []

    package init() {}
}

extension World: CustomStringConvertible {
    package var description: String {
        var lines = [
            "seed \(seed): \(calendar.text(from)) to \(calendar.text(through)), calm from \(calendar.text(calmFrom)); "
                + "\(sites.count) gateways, \(meterCount) meters",
            "  daemon: each \(daemon.cadence.seconds / 60) min, proof \(daemon.proof.rawValue), batches of "
                + "\(daemon.batchMilliseconds) ms, \(daemon.pendingMax) outcomes at most, looks each "
                + "\(daemon.lookMilliseconds) ms",
        ]
        for down in daemon.downs {
            lines.append(
                "  \(calendar.text(down.at)) and \(down.after) events: \(down.manner.rawValue) for "
                    + "\(down.lasting.seconds) s")
        }
        for outage in daemon.storeOutages {
            lines.append("  \(calendar.text(outage.from)) to \(calendar.text(outage.to)): the store takes nothing")
        }
        for exchange in exchanges {
            lines.append(
                "  \(calendar.text(exchange.at)): exchange at \(sites[exchange.site].row.name) unit \(exchange.unit), "
                    + "told \(calendar.text(exchange.told)) for \(exchange.rows[1].installedOn)")
        }
        for site in sites { lines += site.told(calendar) }
        return lines.joined(separator: "\n")
    }
}

extension Site {
    /// Frames lose their ends here, one way or another. Where their pieces come one by one as well, a reader that takes
    /// each frame as it is complete cannot know that its last bytes are the next one's first: so nothing is cut here.
    var losesBytes: Bool {
        episodes.contains { $0.manners.truncated > 0 }
            || simulated.faults.contains { if case .missingLastByte = $0.kind { true } else { false } }
    }

    /// Answers name other units than they are of. Where requests reach other units than they were meant for as well,
    /// the two mistakes could cancel out and another meter's words would be right in every byte.
    var misnamesUnits: Bool {
        episodes.contains { $0.manners.otherUnit > 0 }
            || simulated.faults.contains { if case .wrongUnit = $0.kind { true } else { false } }
    }

    /// The gateway itself sends in pieces.
    var sendsPieces: Bool {
        simulated.faults.contains { if case .pieces = $0.kind { true } else { false } }
    }

    fileprivate func told(_ calendar: ServiceCalendar) -> [String] {
        let meters = simulated.meters.units.compactMap { unit in
            simulated.meters[unit].map { "\(unit) \($0.model.profile.name)" }
        }
        var lines = [
            "  \(row.name): depth \(row.depth), time-out \(row.timeoutMilliseconds) ms, pause "
                + "\(row.pauseMilliseconds) ms, \(simulated.working.rawValue), latency "
                + "\(simulated.latencyMilliseconds) ms"
                + (idleClose.map { ", hangs up after \($0.seconds) s" } ?? "") + "; units "
                + meters.joined(separator: ", ")
        ]
        for fault in simulated.faults { lines.append("    \(fault.told(calendar))") }
        for fact in facts { lines.append("    \(fact.kind)" + Fault.which(fact.units)) }
        for episode in episodes {
            lines.append("    \(calendar.text(episode.from)) to \(calendar.text(episode.to)): \(episode.manners)")
        }
        return lines
    }
}

extension Fault {
    fileprivate static func which(_ units: Set<UInt8>?) -> String {
        units.map { ", units: [\($0.sorted().map(String.init).joined(separator: ", "))]" } ?? ""
    }

    fileprivate func told(_ calendar: ServiceCalendar) -> String {
        let which = Self.which(units)
        guard case .between(let from?, let to?) = schedule.window else { return "\(kind)\(which), always" }
        return "\(calendar.text(from)) to \(calendar.text(to)): \(kind)\(which), \(schedule.millionths / 10_000) %"
    }
}
