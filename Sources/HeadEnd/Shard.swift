import Dispatch
import Glibc
import Logging
import Metering
import Reactor

/// The sockets of many gateways on one serial queue: it performs what their conversations decide.
/// Everything here is reachable on that queue only, which the compiler sees to.
package actor Shard {
    private nonisolated let executor: QueueExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let rhythm: PollSchedule.Rhythm
    private let proof: ProofPolicy
    private var clock: LineClock
    private let outcomes: OutcomeQueue
    private let logger: Logger
    private let set: EpollSet
    private let timer: any DispatchSourceTimer
    private var timerSetFor = MonotonicTime.never
    private var lines: [Line] = []
    private var places: [String: Int] = [:]
    private var free: [Int] = []
    private var random: SeededRandom
    private var wakes = Heap<Wake>()
    /// What one conversation wants done; its outcomes gather over a batch of events.
    private var actions = GatewayConversation.Actions()
    private var demands: [MeterID: [CheckedContinuation<[PollOutcome], Never>]] = [:]
    private var mayAsk = true
    /// What the lines have to send once the batch of events has been looked at, one letter after the other.
    private var outgoing: [UInt8] = []
    private var letters: [Letter] = []
    private var isDraining = false
    /// Room for what one socket has to say, used for each in turn.
    private let received = ReceiveBuffer(byteCount: 16_384)
    private var isRunning = false
    /// Lines with a request in flight, counted along so that stopping looks at no line twice.
    private var busyLines = 0
    private var stopped: CheckedContinuation<Void, Never>?
    /// No longer than this is waited for requests in flight when stopping.
    private var stopBy = MonotonicTime.never
    private static let stopMilliseconds = 20_000

    /// Opens the shard's epoll set; `start` begins to poll.
    package init(
        number: Int, rhythm: PollSchedule.Rhythm, proof: ProofPolicy, clock: ServiceClock, outcomes: OutcomeQueue,
        logger: Logger, seed: UInt64
    ) throws {
        executor = QueueExecutor(label: "meterd.shard.\(number)")
        self.rhythm = rhythm
        self.proof = proof
        self.clock = LineClock(clock)
        self.outcomes = outcomes
        self.logger = logger
        set = try EpollSet()
        timer = DispatchSource.makeTimerSource(queue: executor.queue)
        random = SeededRandom(seed: seed)
    }

    package func start() {
        isRunning = true
        set.watch(on: executor.queue) { [weak self] in self?.assumeIsolated { $0.drain() } }
        timer.setEventHandler { [weak self] in self?.assumeIsolated { $0.wakeLines() } }
        timer.activate()
        for line in lines.indices { handle(.wake, line, at: clock.now()) }
        passOn()
    }

    /// Makes no new request, waits for those in flight (at most their time-outs, and 20 s), closes every connection.
    package func stop() async {
        // From here on nobody is asked, so nobody is read.
        isRunning = false
        for line in lines.indices { lines[line].conversation.stop() }
        stopBy = LineClock.monotonicNow().adding(milliseconds: Self.stopMilliseconds)
        if busyLines > 0 {
            await withCheckedContinuation { stopped = $0 }
        }
        for line in lines.indices where lines[line].socket >= 0 { hangUp(line) }
        for waiting in demands.values { for continuation in waiting { continuation.resume(returning: []) } }
        demands = [:]
        timer.cancel()
        passOn()
    }

    // MARK: - The registry

    /// Takes over a gateway as the registry now has it. One that is unchanged is not disturbed; changed meters are
    /// taken in beside the others; a changed endpoint begins anew. Returns whether anything changed.
    @discardableResult
    package func adopt(_ plan: GatewayPlan, owed: OwedDays = [:]) -> Bool {
        let now = clock.now()
        if let line = places[plan.gateway.name] {
            let old = lines[line].conversation.plan
            if old.isSame(as: plan) { return false }
            if old.isSameLine(as: plan) {
                let wasQuiet = lines[line].conversation.isQuiet
                let unread = lines[line].conversation.adopt(plan, owed: owed, at: now.moment)
                for meter in unread { answer(meter, []) }
                countBusy(line, wasQuiet: wasQuiet)
                if isRunning { handle(.wake, line, at: now) }
                return true
            }
            retire(line)
        }
        let place = free.popLast() ?? lines.count
        let conversation = GatewayConversation(
            plan, owed: owed, rhythm: rhythm, proof: proof, seed: random.next(), at: now.civil)
        let line = Line(
            conversation: conversation,
            address: SocketAddress(numericHost: plan.gateway.host, port: plan.gateway.port),
            generation: place < lines.count ? lines[place].generation &+ 1 : 0)
        if place < lines.count { lines[place] = line } else { lines.append(line) }
        places[plan.gateway.name] = place
        if isRunning { handle(.wake, place, at: now) }
        return true
    }

    /// Closes the lines of gateways that the registry no longer has.
    package func keepOnly(_ names: Set<String>) -> Int {
        let gone = places.filter { !names.contains($0.key) }
        for line in gone.values { retire(line) }
        return gone.count
    }

    private func retire(_ line: Int) {
        hangUp(line)
        places[lines[line].conversation.plan.gateway.name] = nil
        for meter in lines[line].conversation.plan.meters { answer(meter.meter, []) }
        if !lines[line].conversation.isQuiet { busyLines -= 1 }
        lines[line].conversation = GatewayConversation(
            GatewayPlan(gateway: lines[line].conversation.plan.gateway, meters: []), rhythm: rhythm, proof: .off,
            seed: 0, at: clock.now().civil)
        lines[line].isRetired = true
        lines[line].wakeAt = .never
        free.append(line)
    }

    /// Names of the gateways whose lines this shard serves.
    package var gatewayNames: [String] { Array(places.keys) }

    // MARK: - Operators

    /// Reads all dials of a meter now; `nil` when the meter is not behind this shard's gateways. Ends within the
    /// gateway's time-outs.
    package func read(_ meter: MeterID, of gateway: String) async -> [PollOutcome]? {
        guard isRunning, let line = places[gateway] else { return nil }
        let now = clock.now()
        guard lines[line].conversation.demand(meter, at: now.moment) else { return nil }
        return await withCheckedContinuation { continuation in
            demands[meter, default: []].append(continuation)
            handle(.wake, line, at: now)
            passOn()
        }
    }

    /// Meters about which something was suspicious: they prove themselves anew.
    package func doubt(_ meters: [MeterID: String]) {
        for (meter, gateway) in meters {
            if let line = places[gateway] { lines[line].conversation.doubt(meter) }
        }
    }

    private func answer(_ meter: MeterID, _ outcomes: [PollOutcome]) {
        for continuation in demands.removeValue(forKey: meter) ?? [] { continuation.resume(returning: outcomes) }
    }

    // MARK: - What is known of the lines

    package func state() -> LineState {
        let now = clock.now()
        var state = LineState()
        for line in lines where !line.isRetired {
            state.add(line.conversation, isConnected: line.isConnected, at: now.moment)
        }
        return state
    }

    // MARK: - Events

    private func drain() {
        for _ in 0..<EpollSet.looksMax {
            let count = set.look()
            isDraining = true
            for place in 0..<count {
                foresee(place, of: count)
                happened(set.event(place))
            }
            isDraining = false
            sendLetters()
            if count < EpollSet.eventsMax { break }
        }
        passOn()
    }

    /// Has the memory of the lines fetched whose events come next. A handful of events ahead is time enough, and little
    /// enough to stay in the cache until then.
    private func foresee(_ place: Int, of count: Int) {
        if place + 6 < count { lines.prefetch(line(of: place + 6)) }
        if place + 4 < count { lines[line(of: place + 4)].conversation.prefetchLists() }
        if place + 2 < count { lines[line(of: place + 2)].conversation.prefetchMeters() }
    }

    private func line(of place: Int) -> Int { Int(truncatingIfNeeded: set.event(place).token & 0xFFFF_FFFF) }

    private func happened(_ event: EpollSet.Event) {
        let line = Int(truncatingIfNeeded: event.token & 0xFFFF_FFFF)
        guard lines[line].socket >= 0, lines[line].generation == UInt32(event.token >> 32) else { return }
        guard lines[line].isConnected else { return finishConnecting(line) }
        if event.readiness.canWrite { sendRest(line) }
        if event.readiness.canRead { read(line) }
    }

    /// After a batch of events, not within it: a peer that is woken once takes many requests, and the same code runs
    /// for many lines in a row. The letters lie side by side, where a buffer a line would be a cache miss each.
    private func sendLetters() {
        guard !letters.isEmpty else { return }
        // Taken out, and with them their room: a send that fails is an event, which may have something to send.
        var (bytes, sorted): ([UInt8], [Letter]) = ([], [])
        swap(&bytes, &outgoing)
        swap(&sorted, &letters)
        var start = 0
        for letter in sorted {
            if lines[letter.line].generation == letter.generation { send(bytes[start..<letter.end], letter.line) }
            start = letter.end
        }
        bytes.removeAll(keepingCapacity: true)
        sorted.removeAll(keepingCapacity: true)
        swap(&bytes, &outgoing)
        swap(&sorted, &letters)
    }

    private func wakeLines() {
        timerSetFor = .never
        mayAsk = !outcomes.isFull
        if let step = clock.step() {
            logger.warning(
                """
                the system clock was set by \(step) s; readings are dated by the new time, and indices drawn \
                across the step are judged with it
                """)
        }
        let monotonic = LineClock.monotonicNow()
        while let wake = wakes.first, wake.at <= monotonic {
            wakes.removeFirst()
            guard lines[wake.line].wakeAt == wake.at else { continue }
            lines[wake.line].wakeAt = .never
            // An answer that came in time is not late because we are.
            if lines[wake.line].isConnected, lines[wake.line].conversation.hasExpired(at: monotonic) { read(wake.line) }
            handle(.wake, wake.line, at: clock.now())
        }
        arm(at: LineClock.monotonicNow())
        passOn()
    }

    /// One read: what is left fires again, and a busy line does not keep its neighbours waiting.
    private func read(_ line: Int) {
        switch StreamSocket.receive(into: received.bytes, from: lines[line].socket) {
        case .bytes(let count): handle(.received(received.first(count)), line, at: clock.now())
        case .wouldBlock: break
        case .closed: drop(line, "the gateway closed the connection")
        case .failed(let error): drop(line, error.description)
        }
    }

    private func finishConnecting(_ line: Int) {
        if let error = StreamSocket.connectError(of: lines[line].socket) {
            hangUp(line)
            return handle(.connectFailed(error.description), line, at: clock.now())
        }
        lines[line].isConnected = true
        watch(line)
        handle(.connected, line, at: clock.now())
    }

    // MARK: - Actions

    /// Lets the conversation decide and performs what it says. Each action may be an event in turn.
    private func handle(_ event: GatewayConversation.Event, _ line: Int, at now: LineClock.Now) {
        actions.removeAllButOutcomes()
        let wasQuiet = lines[line].conversation.isQuiet
        lines[line].conversation.handle(event, at: now.moment, mayAsk: mayAsk, into: &actions)
        countBusy(line, wasQuiet: wasQuiet)
        if !actions.demands.isEmpty {
            let ended = actions.demands
            for demand in ended { answer(demand.meter, demand.outcomes) }
        }
        if let why = actions.close {
            logger.debug("gateway \(lines[line].conversation.plan.gateway.name): closed: \(why)")
            hangUp(line)
        }
        let shouldConnect = actions.shouldConnect
        if !actions.bytes.isEmpty {
            if isDraining {
                outgoing += actions.bytes
                letters.append(Letter(line: line, generation: lines[line].generation, end: outgoing.count))
            } else {
                send(actions.bytes[...], line)
            }
        }
        if shouldConnect { connect(line) }
        plan(line, at: now)
        if stopped != nil { finishStopping() }
    }

    private func countBusy(_ line: Int, wasQuiet: Bool) {
        let isQuiet = lines[line].conversation.isQuiet
        if isQuiet != wasQuiet { busyLines += isQuiet ? -1 : 1 }
    }

    private func connect(_ line: Int) {
        guard let address = lines[line].address else { return resolve(line) }
        do {
            lines[line].socket = try StreamSocket.connect(to: address)
            lines[line].generation &+= 1
            try set.add(lines[line].socket, token: token(line), .write)
        } catch {
            hangUp(line)
            handle(.connectFailed("\(error)"), line, at: clock.now())
        }
    }

    /// Asks the resolver on a thread of its own, each time a connection is made: a gateway may have moved.
    private func resolve(_ line: Int) {
        lines[line].generation &+= 1
        let generation = lines[line].generation
        let gateway = lines[line].conversation.plan.gateway
        DispatchQueue.global().async {
            let address = SocketAddress(host: gateway.host, port: gateway.port)
            Task { await self.resolved(line, generation, address) }
        }
    }

    private func resolved(_ line: Int, _ generation: UInt32, _ address: SocketAddress?) {
        guard lines[line].generation == generation, !lines[line].isRetired, lines[line].socket < 0 else { return }
        guard let address else {
            let host = lines[line].conversation.plan.gateway.host
            return handle(.connectFailed("host \(host) not found"), line, at: clock.now())
        }
        lines[line].address = address
        connect(line)
        lines[line].address = nil
        passOn()
    }

    private func sendRest(_ line: Int) {
        var rest: [UInt8] = []
        swap(&rest, &lines[line].unsent)
        send(rest[...], line)
        // Where it failed a new connection may be under way already, which waits to be told that it stands.
        if lines[line].isConnected { watch(line) }
    }

    /// Sends what the socket takes; the rest waits for it, behind what waits already.
    private func send(_ bytes: ArraySlice<UInt8>, _ line: Int) {
        guard !bytes.isEmpty, lines[line].socket >= 0 else { return }
        var sent = 0
        if lines[line].unsent.isEmpty {
            let socket = lines[line].socket
            switch bytes.withUnsafeBytes({ StreamSocket.send($0, on: socket) }) {
            case .bytes(let count): sent = count
            case .wouldBlock: break
            case .closed: return drop(line, "the gateway closed the connection")
            case .failed(let error): return drop(line, error.description)
            }
        }
        guard sent < bytes.count else { return }
        lines[line].unsent += bytes.dropFirst(sent)
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
        handle(.closed(why), line, at: clock.now())
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
        guard !actions.outcomes.isEmpty else { return }
        outcomes.append(actions.outcomes)
        actions.outcomes.removeAll(keepingCapacity: true)
        mayAsk = !outcomes.isFull
    }

    private func finishStopping() {
        guard let waiting = stopped else { return }
        guard busyLines == 0 || LineClock.monotonicNow() >= stopBy else { return }
        stopped = nil
        waiting.resume()
    }

    // MARK: - Time

    /// Sees to it that the line is looked at again when its conversation next has something to do.
    private func plan(_ line: Int, at now: LineClock.Now) {
        guard !lines[line].isRetired else { return }
        let (deadline, due) = actions.wake
        var at = deadline
        if let due {
            let byCivil = clock.monotonic(at: due, from: now)
            switch actions.isTalking {
            case true: at = min(deadline, max(byCivil, actions.earliestSend))
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
}
