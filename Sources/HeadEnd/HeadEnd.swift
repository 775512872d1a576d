import Logging
import Metering
import Reactor

/// The collecting system: all gateways, spread over shards, polled until it is stopped.
package final class HeadEnd: Sendable {
    private let shards: [Shard]
    private let outcomes: OutcomeQueue
    private let logger: Logger
    package let gatewayCount: Int
    package let meterCount: Int

    /// Descriptors kept free beside one for each gateway: database, listeners, log, Dispatch.
    private static let reserveDescriptors = 256

    /// Raises the open-file limit and prepares the shards.
    /// Throws `OpenFileLimitError` when the hard limit is below gateways + reserve.
    package init(
        plans: [GatewayPlan], rhythm: PollSchedule.Rhythm, clock: ServiceClock, shards count: Int = 1,
        outcomes: OutcomeQueue, logger: Logger, seed: UInt64
    ) throws {
        try OpenFileLimit.raise(toAtLeast: plans.count + Self.reserveDescriptors)
        // This version speaks Modbus/TCP only; anything else would be garbage on the line.
        let (spoken, unspoken) = (
            plans.filter { $0.gateway.transport == .tcp }, plans.filter { $0.gateway.transport != .tcp }
        )
        for plan in unspoken {
            let (name, transport) = (plan.gateway.name, plan.gateway.transport.rawValue)
            logger.error(
                """
                gateway \(name): transport \(transport) is not collected by this version; \
                its \(plan.meters.count) meters count as missing
                """)
        }
        let used = max(1, min(count, spoken.count))
        var random = SeededRandom(seed: seed)
        shards = try (0..<used).map { number in
            let own = spoken.enumerated().filter { $0.offset % used == number }.map(\.element)
            return try Shard(
                number: number, plans: own, rhythm: rhythm, clock: clock, outcomes: outcomes, logger: logger,
                seed: random.next())
        }
        self.outcomes = outcomes
        self.logger = logger
        gatewayCount = spoken.count
        meterCount = spoken.reduce(0) { $0 + $1.meters.count }
    }

    package func start() async {
        for shard in shards { await shard.start() }
        logger.info("polling \(meterCount) meters behind \(gatewayCount) gateways on \(shards.count) shard(s)")
    }

    /// Ends the requests in flight, closes the connections and writes what was learnt.
    package func stop() async {
        for shard in shards { await shard.stop() }
        let lost = await outcomes.flush()
        if lost > 0 { logger.error("\(lost) readings could not be written; the meters will be asked again") }
        logger.info("the head-end is quiet")
    }

    package struct State: Sendable {
        package let figures: LineFigures
        package let connected: Int
        package let inFlight: Int
        package let backlog: Int
        package let waitingForStore: Int
        /// Why the store does not take readings; `nil` while it does.
        package let trouble: String?
    }

    package func state() async -> State {
        var figures = LineFigures()
        var connected = 0
        var inFlight = 0
        var backlog = 0
        for shard in shards {
            figures += await shard.figures
            connected += await shard.connectedLines
            inFlight += await shard.inFlight
            backlog += await shard.backlog
        }
        return State(
            figures: figures, connected: connected, inFlight: inFlight, backlog: backlog,
            waitingForStore: outcomes.pendingCount,
            trouble: outcomes.trouble)
    }
}
