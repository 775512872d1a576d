import Dispatch
import Glibc
import Logging
import Metering
import Reactor

/// The sockets of many gateways on one serial queue: it performs what their conversations decide.
/// Everything here is reachable on that queue only, which the compiler sees to.
package actor Shard {
    private struct Line {
        var conversation: GatewayConversation
        let address: SocketAddress?
        var socket: Int32 = -1
        /// Grows with each socket, so that an event meant for its predecessor is recognised.
        var generation: UInt32 = 0
        var isConnected = false
        /// Bytes the socket has not taken yet.
        var unsent: [UInt8] = []
        /// What the epoll set was last asked to tell about this socket.
        var watched: EpollSet.Interest?
        /// When this line is looked at again; the wake heap may hold older entries for it.
        var wakeAt = MonotonicTime.never
    }

    private struct Wake: Comparable {
        let at: MonotonicTime
        let line: Int
        static func < (left: Wake, right: Wake) -> Bool { left.at < right.at }
    }

    private nonisolated let executor: QueueExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let clock: ServiceClock
    private let outcomes: OutcomeQueue
    private let logger: Logger
    private let set: EpollSet
    private let timer: any DispatchSourceTimer
    private var timerSetFor = MonotonicTime.never
    private var lines: [Line] = []
    private var wakes = Heap<Wake>()
    private var actions = GatewayConversation.Actions()
    private var gathered: [PollOutcome] = []
    private var mayAsk = true
    private var stopped: CheckedContinuation<Void, Never>?
    /// No longer than this is waited for requests in flight when stopping.
    private var stopBy = MonotonicTime.never
    private static let stopMilliseconds = 20_000

    /// Opens the shard's epoll set; `start` begins to poll.
    package init(
        number: Int, plans: [GatewayPlan], rhythm: PollSchedule.Rhythm, clock: ServiceClock, outcomes: OutcomeQueue,
        logger: Logger, seed: UInt64
    ) throws {
        executor = QueueExecutor(label: "meterd.shard.\(number)")
        self.clock = clock
        self.outcomes = outcomes
        self.logger = logger
        set = try EpollSet()
        timer = DispatchSource.makeTimerSource(queue: executor.queue)
        let civil = clock.civil(at: Self.realNow())
        var random = SeededRandom(seed: seed)
        for plan in plans {
            // Gateways are given by address; a name is resolved here, before any socket is served.
            let address = SocketAddress(host: plan.gateway.host, port: plan.gateway.port)
            if address == nil { logger.error("gateway \(plan.gateway.name): host \(plan.gateway.host) not found") }
            lines.append(
                Line(
                    conversation: GatewayConversation(plan, rhythm: rhythm, seed: random.next(), at: civil),
                    address: address))
        }
    }

    package func start() {
        set.watch(on: executor.queue) { [weak self] in self?.assumeIsolated { $0.drain() } }
        timer.setEventHandler { [weak self] in self?.assumeIsolated { $0.wakeLines() } }
        timer.activate()
        for line in lines.indices { handle(.wake, line, at: moment()) }
        passOn()
    }

    /// Makes no new request, waits for those in flight (at most their time-outs, and 20 s), closes every connection.
    package func stop() async {
        for line in lines.indices { lines[line].conversation.stop() }
        stopBy = Self.monotonicNow().adding(milliseconds: Self.stopMilliseconds)
        if lines.contains(where: { !$0.conversation.isQuiet }) {
            await withCheckedContinuation { stopped = $0 }
        }
        for line in lines.indices where lines[line].socket >= 0 { hangUp(line) }
        timer.cancel()
        passOn()
    }

    package var figures: LineFigures {
        lines.reduce(into: LineFigures()) { $0 += $1.conversation.figures }
    }

    package var connectedLines: Int { lines.reduce(0) { $0 + ($1.isConnected ? 1 : 0) } }

    package var inFlight: Int { lines.reduce(0) { $0 + $1.conversation.inFlight } }

    /// Jobs that are due and wait for their gateway.
    package var backlog: Int {
        let civil = moment().civil
        return lines.reduce(0) { $0 + $1.conversation.backlog(at: civil) }
    }

    // MARK: - Events

    private func drain() {
        set.drain { token, readiness in
            let line = Int(truncatingIfNeeded: token & 0xFFFF_FFFF)
            guard lines[line].socket >= 0, lines[line].generation == UInt32(token >> 32) else { return }
            if lines[line].isConnected {
                if readiness.canWrite { sendRest(line) }
                if readiness.canRead { read(line) }
            } else {
                finishConnecting(line)
            }
        }
        passOn()
    }

    private func wakeLines() {
        timerSetFor = .never
        mayAsk = !outcomes.isFull
        let now = moment()
        while let wake = wakes.first, wake.at <= now.monotonic {
            wakes.removeFirst()
            guard lines[wake.line].wakeAt == wake.at else { continue }
            lines[wake.line].wakeAt = .never
            handle(.wake, wake.line, at: moment())
        }
        arm(at: moment().monotonic)
        passOn()
    }

    /// One read: what is left fires again, and a busy line does not keep its neighbours waiting.
    private func read(_ line: Int) {
        withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 8) { buffer in
            switch StreamSocket.receive(into: buffer, from: lines[line].socket) {
            case .bytes(let count):
                handle(.received(UnsafeRawBufferPointer(rebasing: buffer[..<count])), line, at: moment())
            case .wouldBlock: break
            case .closed: drop(line, "the gateway closed the connection")
            case .failed(let error): drop(line, error.description)
            }
        }
    }

    private func finishConnecting(_ line: Int) {
        if let error = StreamSocket.connectError(of: lines[line].socket) {
            hangUp(line)
            return handle(.connectFailed(error.description), line, at: moment())
        }
        lines[line].isConnected = true
        watch(line)
        handle(.connected, line, at: moment())
    }

    // MARK: - Actions

    /// Lets the conversation decide and performs what it says. Each action may be an event in turn.
    private func handle(_ event: GatewayConversation.Event, _ line: Int, at moment: Moment) {
        actions.removeAll()
        lines[line].conversation.handle(event, at: moment, mayAsk: mayAsk, into: &actions)
        gathered += actions.outcomes
        if let why = actions.close {
            logger.debug("gateway \(lines[line].conversation.plan.gateway.name): closed: \(why)")
            hangUp(line)
        }
        let shouldConnect = actions.shouldConnect
        if !actions.bytes.isEmpty {
            lines[line].unsent += actions.bytes
            sendRest(line)
        }
        if shouldConnect { connect(line) }
        plan(line)
        finishStopping()
    }

    private func connect(_ line: Int) {
        guard let address = lines[line].address else {
            return handle(.connectFailed("host not found"), line, at: moment())
        }
        do {
            lines[line].socket = try StreamSocket.connect(to: address)
            lines[line].generation &+= 1
            try set.add(lines[line].socket, token: token(line), .write)
        } catch {
            hangUp(line)
            handle(.connectFailed("\(error)"), line, at: moment())
        }
    }

    private func sendRest(_ line: Int) {
        guard !lines[line].unsent.isEmpty, lines[line].socket >= 0 else { return }
        let transfer = lines[line].unsent.withUnsafeBytes { StreamSocket.send($0, on: lines[line].socket) }
        switch transfer {
        case .bytes(let count) where count == lines[line].unsent.count:
            lines[line].unsent.removeAll(keepingCapacity: true)
        case .bytes(let count):
            lines[line].unsent.removeFirst(count)
        case .wouldBlock:
            break
        case .closed:
            return drop(line, "the gateway closed the connection")
        case .failed(let error):
            return drop(line, error.description)
        }
        watch(line)
    }

    /// Asks to be told when the socket can be written, but only while something waits to be.
    private func watch(_ line: Int) {
        let interest: EpollSet.Interest = lines[line].unsent.isEmpty ? .read : [.read, .write]
        guard lines[line].socket >= 0, interest != lines[line].watched else { return }
        lines[line].watched = interest
        do {
            try set.modify(lines[line].socket, token: token(line), interest)
        } catch {
            drop(line, error.description)
        }
    }

    private func drop(_ line: Int, _ why: String) {
        hangUp(line)
        handle(.closed(why), line, at: moment())
    }

    private func hangUp(_ line: Int) {
        guard lines[line].socket >= 0 else { return }
        close(lines[line].socket)
        lines[line].socket = -1
        lines[line].isConnected = false
        lines[line].unsent.removeAll(keepingCapacity: true)
        lines[line].watched = nil
    }

    private func token(_ line: Int) -> UInt64 { UInt64(lines[line].generation) << 32 | UInt64(line) }

    /// Hands what was gathered to the store's queue, once a batch of events.
    private func passOn() {
        guard !gathered.isEmpty else { return }
        outcomes.append(gathered)
        gathered.removeAll(keepingCapacity: true)
        mayAsk = !outcomes.isFull
    }

    private func finishStopping() {
        guard let waiting = stopped else { return }
        guard lines.allSatisfy(\.conversation.isQuiet) || Self.monotonicNow() >= stopBy else { return }
        stopped = nil
        waiting.resume()
    }

    // MARK: - Time

    private func moment() -> Moment {
        Moment(monotonic: Self.monotonicNow(), civil: clock.civil(at: Self.realNow()))
    }

    /// Sees to it that the line is looked at again when its conversation next has something to do.
    private func plan(_ line: Int) {
        let now = moment()
        let (deadline, due) = lines[line].conversation.wake()
        var at = deadline
        if let due {
            let real = clock.real(at: due).microseconds - Self.realNow().microseconds
            let byCivil = MonotonicTime(nanoseconds: now.monotonic.nanoseconds + max(0, real) * 1000)
            switch lines[line].conversation.isTalking {
            case true: at = min(deadline, max(byCivil, lines[line].conversation.earliestSend))
            case false: at = max(deadline, byCivil)
            }
        }
        // Civil time may be set while we wait: never trust a plan for longer than a second. A full queue is looked
        // at again soon.
        let soon = now.monotonic.adding(milliseconds: mayAsk ? 1000 : 200)
        let least = mayAsk ? now.monotonic : now.monotonic.adding(milliseconds: 200)
        at = max(least, min(at, soon))
        guard at < lines[line].wakeAt || lines[line].wakeAt <= now.monotonic else { return }
        lines[line].wakeAt = at
        wakes.insert(Wake(at: at, line: line))
        arm(at: now.monotonic)
    }

    /// Sets the one timer for the earliest wake.
    private func arm(at now: MonotonicTime) {
        guard let first = wakes.first?.at, first < timerSetFor else { return }
        timerSetFor = first
        let nanoseconds = max(0, first.nanoseconds - now.nanoseconds)
        timer.schedule(deadline: .now() + .nanoseconds(Int(nanoseconds)), leeway: .microseconds(100))
    }

    private static func realNow() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    private static func monotonicNow() -> MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
