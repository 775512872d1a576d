import Dispatch
import Glibc
import Metering
import Modbus
import Reactor

/// Serves some of a fleet's gateways on one serial queue: listeners and connections in one epoll set, latency by one
/// timer. An answer's dial is looked at when the answer is made, not when the request came.
actor FleetShard {
    private nonisolated let executor: QueueExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Civil time; asked once for what came in one read or fell due at once.
    private let now: @Sendable () -> Instant
    private let calendar: ServiceCalendar
    private let connectionsMax: Int

    private var set: EpollSet?
    private var timer: (any DispatchSourceTimer)?
    private var timerDue = UInt64.max
    private var lanes: [Lane] = []
    private var connections: [Connection] = []
    private var freeSlots: [Int] = []
    private var openCount = 0
    private var waiting = DueRequests()
    private var arrivals: UInt64 = 0
    /// Room for one reply's words, kept for the next.
    private var words: [UInt16] = []

    private struct Lane {
        let gateway: SimulatedGateway
        let listener: Int32
        var latency: GatewayLatency
    }

    private struct Connection {
        var descriptor: Int32 = -1
        var generation: UInt32 = 0
        var lane = 0
        var parser = FrameParser(lengths: 2...254)
        /// Answers that the socket has not taken yet.
        var unsent: [UInt8] = []
        /// Requests that wait for their latency.
        var waitingCount = 0
        /// Nothing is read while the peer does not take its answers.
        var isWriteBlocked = false
    }

    /// A gateway's queue of requests; a client that sends more without waiting is cut off.
    private static let waitingMax = 256

    init(
        label: String, calendar: ServiceCalendar, connectionsMax: Int, now: @escaping @Sendable () -> Instant
    ) {
        executor = QueueExecutor(label: label)
        self.calendar = calendar
        self.connectionsMax = connectionsMax
        self.now = now
    }

    // MARK: - Start and stop

    /// Takes over listening sockets and serves them until `stop`.
    func start(_ gateways: [(SimulatedGateway, listener: Int32)]) throws(SocketError) {
        let set = try EpollSet()
        for (gateway, listener) in gateways {
            try set.add(listener, token: ConnectionToken.listenerBit | UInt64(lanes.count), .read)
            lanes.append(Lane(gateway: gateway, listener: listener, latency: GatewayLatency(gateway)))
        }
        set.watch(on: executor.queue) { [weak self] in self?.assumeIsolated { $0.drain() } }
        self.set = set
        let timer = DispatchSource.makeTimerSource(queue: executor.queue)
        timer.setEventHandler { [weak self] in self?.assumeIsolated { $0.answerDue() } }
        timer.activate()
        self.timer = timer
    }

    /// Closes every socket. Requests under way get no answer.
    func stop() {
        timer?.cancel()
        timer = nil
        for slot in connections.indices where connections[slot].descriptor >= 0 { close(slot) }
        for lane in lanes { Glibc.close(lane.listener) }
        lanes = []
        set = nil
    }

    // MARK: - Sockets

    private func drain() {
        guard let set else { return }
        set.drain { rawToken, readiness in
            guard rawToken & ConnectionToken.listenerBit == 0 else {
                return accept(Int(rawToken & ~ConnectionToken.listenerBit))
            }
            let token = ConnectionToken(rawValue: rawToken)
            guard isOpen(token) else { return }
            if readiness.canWrite { flush(token.slot) }
            guard readiness.canRead, isOpen(token), !connections[token.slot].isWriteBlocked else { return }
            read(token)
        }
    }

    private func isOpen(_ token: ConnectionToken) -> Bool {
        connections[token.slot].descriptor >= 0 && connections[token.slot].generation == token.generation
    }

    /// At most 64 a turn: what waits longer makes the listener ready again.
    private func accept(_ lane: Int) {
        for _ in 0..<64 {
            guard let descriptor = StreamSocket.accept(from: lanes[lane].listener) else { return }
            guard openCount < connectionsMax else {
                Glibc.close(descriptor)
                continue
            }
            let slot = freeSlots.popLast() ?? connections.count
            if slot == connections.count { connections.append(Connection()) }
            let generation = (connections[slot].generation + 1) & ConnectionToken.generationMask
            connections[slot] = Connection(descriptor: descriptor, generation: generation, lane: lane)
            openCount += 1
            do {
                let token = ConnectionToken(slot: slot, generation: generation)
                try set?.add(descriptor, token: token.rawValue, .read)
            } catch {
                // Out of kernel memory for watches: the client sees its connection closed and tries again.
                close(slot)
            }
        }
    }

    private func close(_ slot: Int) {
        set?.remove(connections[slot].descriptor)
        Glibc.close(connections[slot].descriptor)
        connections[slot] = Connection(generation: connections[slot].generation)
        freeSlots.append(slot)
        openCount -= 1
    }

    private func read(_ token: ConnectionToken) {
        let transfer = withUnsafeTemporaryAllocation(byteCount: 8192, alignment: 1) { buffer in
            let transfer = StreamSocket.receive(into: buffer, from: connections[token.slot].descriptor)
            guard case .bytes(let count) = transfer else { return transfer }
            if !take(UnsafeRawBufferPointer(rebasing: buffer[..<count]), from: token) { return .closed }
            return transfer
        }
        switch transfer {
        case .bytes: flush(token.slot)
        case .wouldBlock: break
        case .closed, .failed:
            // What was asked before the end is still answered, as far as the socket takes it.
            flush(token.slot)
            if isOpen(token) { close(token.slot) }
        }
    }

    /// Cuts the bytes into requests; those without latency are answered at once. False when the stream is out of step
    /// or the client asks too much: then the connection must be closed.
    private func take(_ bytes: UnsafeRawBufferPointer, from token: ConnectionToken) -> Bool {
        let slot = token.slot
        let lane = connections[slot].lane
        let isImmediate = lanes[lane].gateway.latencyMilliseconds == 0
        // Taken out while frames are handed on: answering them touches the same connection.
        var parser = connections[slot].parser
        connections[slot].parser = FrameParser(lengths: 2...254)
        var unsent = connections[slot].unsent
        connections[slot].unsent = []
        // Asked after the bytes came: a dial must not be older than the request for it, however fast the clock runs.
        var moment: CivilMoment?
        var requests: [(MBAPHeader, [UInt8])] = []
        var isInStep = true
        do {
            try parser.consume(bytes) { header, pdu in
                guard isImmediate else { return requests.append((header, Array(pdu))) }
                let at = moment ?? CivilMoment(now(), in: calendar)
                moment = at
                lanes[lane].gateway.answer(header, pdu, at: at, words: &words, to: &unsent)
            }
        } catch {
            isInStep = false
        }
        connections[slot].parser = parser
        connections[slot].unsent = unsent
        if !requests.isEmpty { enqueue(requests, from: token, lane: lane) }
        return isInStep && connections[slot].waitingCount <= Self.waitingMax
    }

    /// Sends what is unsent; what the socket does not take waits until it can write again.
    private func flush(_ slot: Int) {
        var unsent = connections[slot].unsent
        guard !unsent.isEmpty else { return }
        connections[slot].unsent = []
        let descriptor = connections[slot].descriptor
        switch unsent.withUnsafeBytes({ StreamSocket.send($0, on: descriptor) }) {
        case .bytes(let count) where count == unsent.count:
            unsent.removeAll(keepingCapacity: true)
            connections[slot].unsent = unsent
            watch(slot, blocked: false)
        case .bytes(let count):
            connections[slot].unsent = Array(unsent[count...])
            watch(slot, blocked: true)
        case .wouldBlock:
            connections[slot].unsent = unsent
            watch(slot, blocked: true)
        case .closed, .failed:
            close(slot)
        }
    }

    private func watch(_ slot: Int, blocked: Bool) {
        guard connections[slot].isWriteBlocked != blocked else { return }
        connections[slot].isWriteBlocked = blocked
        let token = ConnectionToken(slot: slot, generation: connections[slot].generation)
        do {
            try set?.modify(connections[slot].descriptor, token: token.rawValue, blocked ? .write : .read)
        } catch {
            close(slot)
        }
    }

    // MARK: - Latency

    private func enqueue(_ requests: [(MBAPHeader, [UInt8])], from token: ConnectionToken, lane: Int) {
        let arrived = DispatchTime.now().uptimeNanoseconds
        for (header, pdu) in requests {
            let due = lanes[lane].latency.due(arrived: arrived)
            arrivals += 1
            waiting.insert(
                DueRequest(due: due, arrival: arrivals, connection: token, header: header, pdu: pdu))
        }
        connections[token.slot].waitingCount += requests.count
        schedule()
    }

    private func answerDue() {
        timerDue = .max
        // A little ahead, so that neighbours are answered in one turn.
        let horizon = DispatchTime.now().uptimeNanoseconds + 200_000
        var moment: CivilMoment?
        var answered: [Int: ConnectionToken] = [:]
        while let request = waiting.removeDue(at: horizon) {
            guard isOpen(request.connection) else { continue }
            let slot = request.connection.slot
            let at = moment ?? CivilMoment(now(), in: calendar)
            moment = at
            connections[slot].waitingCount -= 1
            let gateway = lanes[connections[slot].lane].gateway
            request.pdu.withUnsafeBytes { pdu in
                gateway.answer(request.header, pdu, at: at, words: &words, to: &connections[slot].unsent)
            }
            answered[slot] = request.connection
        }
        for (slot, token) in answered where isOpen(token) && !connections[slot].isWriteBlocked { flush(slot) }
        schedule()
    }

    private func schedule() {
        guard let earliest = waiting.earliest, earliest < timerDue else { return }
        timerDue = earliest
        timer?.schedule(deadline: DispatchTime(uptimeNanoseconds: earliest), leeway: .nanoseconds(0))
    }
}
