import Logging
import Metering
import Reactor

/// The collecting system: all gateways, spread over shards, polled until it is stopped.
package final class HeadEnd: Sendable {
    private let shards: [Shard]
    private let rhythm: PollSchedule.Rhythm
    private let outcomes: OutcomeQueue
    private let logger: Logger

    /// Descriptors kept free beside one for each gateway: database, listeners, log, Dispatch.
    private static let reserveDescriptors = 256

    package init(
        rhythm: PollSchedule.Rhythm, proof: ProofPolicy = .serial, clock: ServiceClock, shards count: Int = 1,
        outcomes: OutcomeQueue, logger: Logger, seed: UInt64
    ) throws {
        var random = SeededRandom(seed: seed)
        shards = try (0..<max(1, count)).map { number in
            try Shard(
                number: number, rhythm: rhythm, proof: proof, clock: clock, outcomes: outcomes, logger: logger,
                seed: random.next())
        }
        self.rhythm = rhythm
        self.outcomes = outcomes
        self.logger = logger
    }

    // MARK: - The registry

    /// Takes over a gateway as the registry has it, before or after `start`; an unchanged one is not disturbed.
    /// Returns whether anything changed.
    @discardableResult
    package func adopt(_ plan: GatewayPlan, owed: OwedDays = [:]) async -> Bool {
        // This version speaks Modbus/TCP only; anything else would be garbage on the line.
        guard plan.gateway.transport == .tcp else {
            let (name, transport) = (plan.gateway.name, plan.gateway.transport.rawValue)
            logger.error(
                """
                gateway \(name): transport \(transport) is not collected by this version; \
                its \(plan.meters.count) meters count as missing
                """)
            return false
        }
        let isChanged = await shard(of: plan.gateway.name).adopt(plan, owed: owed)
        if isChanged { warnOfBudget(plan) }
        return isChanged
    }

    /// Lets go of gateways that the registry no longer has. Returns how many.
    package func keepOnly(_ names: Set<String>) async -> Int {
        var gone = 0
        for shard in shards { gone += await shard.keepOnly(names) }
        return gone
    }

    /// By name, so that a gateway stays where it is while others come and go.
    private func shard(of gateway: String) -> Shard {
        guard shards.count > 1 else { return shards[0] }
        let hash = gateway.utf8.reduce(into: UInt64(0)) { $0 = SeededRandom.mixed($0 ^ UInt64($1)) }
        return shards[Int(hash % UInt64(shards.count))]
    }

    /// A gateway whose units cannot all be silent within one cadence will be late exactly when it matters.
    private func warnOfBudget(_ plan: GatewayPlan) {
        let pause = max(
            plan.gateway.pauseMilliseconds, plan.meters.map(\.model.pauseMilliseconds).max() ?? 0)
        let requests = plan.meters.reduce(0) { $0 + max(1, $1.model.live.count) }
        let worst = Int64(requests) * Int64(plan.gateway.timeoutMilliseconds + pause)
        let cadence = rhythm.cadence.microseconds / 1000
        guard worst > cadence else { return }
        logger.warning(
            """
            gateway \(plan.gateway.name): \(requests) requests of up to \
            \(plan.gateway.timeoutMilliseconds + pause) ms each need \(worst / 1000) s when nobody answers, more than \
            the cadence of \(cadence / 1000) s; lower timeout_ms or pause_ms, lengthen the cadence, or split the line
            """)
    }

    // MARK: - Life

    /// Raises the open-file limit for as many lines as there are. Throws `OpenFileLimitError` when the hard limit is
    /// below that and the reserve.
    package func start() async throws {
        let state = await lines()
        try OpenFileLimit.raise(toAtLeast: state.gateways + Self.reserveDescriptors)
        for shard in shards { await shard.start() }
        logger.info("polling \(state.meters) meters behind \(state.gateways) gateways on \(shards.count) shard(s)")
    }

    /// Ends the requests in flight, closes the connections and writes what was learnt.
    package func stop() async {
        for shard in shards { await shard.stop() }
        let lost = await outcomes.flush()
        if lost > 0 { logger.error("\(lost) readings could not be written; the meters will be asked again") }
        logger.info("the head-end is quiet")
    }

    // MARK: - People

    /// Reads all dials of one meter ahead of everything else. `nil` when no such meter is polled behind `gateway`;
    /// an empty list when the head-end stopped meanwhile.
    package func read(_ meter: MeterID, behind gateway: String) async -> [PollOutcome]? {
        await shard(of: gateway).read(meter, of: gateway)
    }

    /// Meters (with their gateways) about which something was suspicious: they prove who they are before their next
    /// reading counts.
    package func doubt(_ meters: [MeterID: String]) async {
        for shard in shards { await shard.doubt(meters) }
    }

    package struct State: Sendable {
        package let lines: LineState
        package let waitingForStore: Int
        /// Why the store does not take readings; `nil` while it does.
        package let trouble: String?
    }

    package func state() async -> State {
        State(lines: await lines(), waitingForStore: outcomes.pendingCount, trouble: outcomes.trouble)
    }

    private func lines() async -> LineState {
        var total = LineState()
        for shard in shards { total += await shard.state() }
        return total
    }
}
