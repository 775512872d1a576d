import Logging
import Metering
import Reactor
import Synchronization

/// The collecting system: all gateways, spread over shards, polled until it is stopped.
package final class HeadEnd: Sendable {
    private let shards: [Shard]
    private let rhythm: PollSchedule.Rhythm
    private let proof: ProofPolicy
    private let clock: ServiceClock
    private let outcomes: OutcomeQueue
    private let logger: Logger
    private let serial = Mutex(SerialLines())

    private struct SerialLines {
        var lines: [String: SerialLine] = [:]
        var isRunning = false
        var random: SeededRandom?
    }

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
        serial.withLock { $0.random = random }
        self.rhythm = rhythm
        self.proof = proof
        self.clock = clock
        self.outcomes = outcomes
        self.logger = logger
    }

    // MARK: - The registry

    /// Takes over a gateway as the registry has it, before or after `start`; an unchanged one is not disturbed.
    /// Returns whether anything changed.
    @discardableResult
    package func adopt(_ plan: GatewayPlan, owed: OwedDays = [:]) async -> Bool {
        let isChanged =
            plan.gateway.transport == .rtu
            ? await adoptSerial(plan, owed: owed) : await shard(of: plan.gateway.name).adopt(plan, owed: owed)
        if isChanged { warnOfBudget(plan) }
        return isChanged
    }

    /// Lets go of gateways that the registry no longer has. Returns how many.
    package func keepOnly(_ names: Set<String>) async -> Int {
        var gone = 0
        for shard in shards { gone += await shard.keepOnly(names) }
        let ended = serial.withLock { serial in
            let ended = serial.lines.filter { !names.contains($0.key) }
            for name in ended.keys { serial.lines[name] = nil }
            return ended.values
        }
        for line in ended { await line.stop() }
        return gone + ended.count
    }

    /// A serial line at this machine is its own thread; one whose endpoint changed begins anew.
    private func adoptSerial(_ plan: GatewayPlan, owed: OwedDays) async -> Bool {
        let name = plan.gateway.name
        if let line = serial.withLock({ $0.lines[name] }) {
            let (isTaken, isChanged) = line.adopt(plan, owed: owed)
            if isTaken { return isChanged }
            serial.withLock { $0.lines[name] = nil }
            await line.stop()
        }
        let seed = serial.withLock { $0.random?.next() ?? 0 }
        guard
            let line = SerialLine(
                plan, owed: owed, rhythm: rhythm, proof: proof, clock: clock, outcomes: outcomes, logger: logger,
                seed: seed)
        else {
            logger.error(
                """
                gateway \(name): host \(plan.gateway.host) names no serial line; write it as /dev/ttyUSB0:9600:8N1 \
                (its \(plan.meters.count) meters count as missing)
                """)
            return false
        }
        let isRunning = serial.withLock { serial in
            serial.lines[name] = line
            return serial.isRunning
        }
        if isRunning { line.start() }
        return true
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
        let lines = serial.withLock { serial in
            serial.isRunning = true
            return serial.lines.values
        }
        for line in lines { line.start() }
        logger.info("polling \(state.meters) meters behind \(state.gateways) gateways on \(shards.count) shard(s)")
    }

    /// Ends the requests in flight, closes the connections and writes what was learnt.
    package func stop() async {
        for shard in shards { await shard.stop() }
        for line in serial.withLock({ $0.isRunning ? Array($0.lines.values) : [] }) { await line.stop() }
        let lost = await outcomes.flush()
        if lost > 0 { logger.error("\(lost) readings could not be written; the meters will be asked again") }
        logger.info("the head-end is quiet")
    }

    // MARK: - People

    /// Reads all dials of one meter ahead of everything else. `nil` when no such meter is polled behind `gateway`;
    /// an empty list when the head-end stopped meanwhile.
    package func read(_ meter: MeterID, behind gateway: String) async -> [PollOutcome]? {
        if let line = serial.withLock({ $0.lines[gateway] }) { return await line.read(meter) }
        return await shard(of: gateway).read(meter, of: gateway)
    }

    /// Meters (with their gateways) about which something was suspicious: they prove who they are before their next
    /// reading counts.
    package func doubt(_ meters: [MeterID: String]) async {
        for shard in shards { await shard.doubt(meters) }
        let lines = serial.withLock { $0.lines }
        if !lines.isEmpty { for (meter, gateway) in meters { lines[gateway]?.doubt(meter) } }
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
        for line in serial.withLock({ Array($0.lines.values) }) { line.add(to: &total) }
        return total
    }
}
