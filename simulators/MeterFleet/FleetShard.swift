import Dispatch
import Glibc
import Metering
import Modbus
import Reactor

/// Serves some of a fleet's gateways on one serial queue: listeners and connections in one epoll set, latency by one
/// timer. What a gateway does is `GatewayWire`'s; here it is only done.
actor FleetShard {
    /// Both ways between the process's time and civil time.
    struct Clock: Sendable {
        /// Civil time now.
        let now: @Sendable () -> Instant
        /// The monotonic nanoseconds at which civil time will have come to an instant; `nil` where nobody knows.
        let monotonic: @Sendable (Instant) -> UInt64?
    }

    /// A gateway, its listening socket, and the address where that listens.
    struct Post: Sendable {
        let gateway: SimulatedGateway
        let listener: Int32
        let address: SocketAddress
    }

    private nonisolated let executor: QueueExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let clock: Clock
    private let connectionsMax: Int

    private var set: EpollSet?
    private var timer: (any DispatchSourceTimer)?
    private var timerDue = UInt64.max
    private var lanes: [Lane] = []
    private var connections: [Connection] = []
    private var freeSlots: [Int] = []
    private var openCount = 0
    /// Lanes by the time they want to be woken. An entry that is no lane's `wakes` has been overtaken.
    private var wakes = DueQueue<Int>()
    /// Kept from event to event, so that its room is made once.
    private var spareActions = GatewayWire.Actions()

    private struct Lane {
        let post: Post
        var wire: GatewayWire
        /// Where its connections lie.
        var slots = ByConnection<Int>()
        var connectionsEver: UInt64 = 0
        var isListening = true
        /// Monotonic nanoseconds of its earliest entry in `wakes`.
        var wakes = UInt64.max

        /// In one access to the lane: to ask its wire from outside would copy all of it, for each request.
        mutating func happen(
            _ event: GatewayWire.Event, at nanoseconds: UInt64, _ civil: () -> Instant,
            into actions: inout GatewayWire.Actions
        ) -> (nanoseconds: UInt64?, civil: Instant?) {
            wire.handle(event, at: nanoseconds, civil: civil(), into: &actions)
            return wire.wake()
        }
    }

    private struct Connection {
        var descriptor: Int32 = -1
        var generation: UInt32 = 0
        var lane = 0
        var number = ConnectionNumber(0)
        /// What the socket has not taken yet. Nothing is read meanwhile.
        var unsent: [UInt8] = []
    }

    /// Neighbours within this time are woken in one turn.
    private static let turnNanoseconds: UInt64 = 200_000

    init(label: String, connectionsMax: Int, clock: Clock) {
        executor = QueueExecutor(label: label)
        self.connectionsMax = connectionsMax
        self.clock = clock
    }

    // MARK: - Start and stop

    /// Takes over listening sockets and serves them until `stop`.
    func start(_ posts: [Post], calendar: ServiceCalendar, seed: UInt64) throws(SocketError) {
        let set = try EpollSet()
        for post in posts {
            try set.add(post.listener, token: ConnectionToken.listenerBit | UInt64(lanes.count), .read)
            lanes.append(Lane(post: post, wire: GatewayWire(post.gateway, calendar: calendar, seed: seed)))
        }
        set.watch(on: executor.queue) { [weak self] in self?.assumeIsolated { $0.drain() } }
        self.set = set
        let timer = DispatchSource.makeTimerSource(queue: executor.queue)
        timer.setEventHandler { [weak self] in self?.assumeIsolated { $0.wakeDue() } }
        timer.activate()
        self.timer = timer
        for lane in lanes.indices { happen(.wake, on: lane) }
    }

    /// Closes every socket. Requests under way get no answer.
    func stop() {
        timer?.cancel()
        timer = nil
        for slot in connections.indices where connections[slot].descriptor >= 0 { close(slot) }
        for lane in lanes { Glibc.close(lane.post.listener) }
        lanes = []
        set = nil
    }

    // MARK: - Events

    private func happen(_ event: GatewayWire.Event, on lane: Int, at nanoseconds: UInt64? = nil) {
        // Taken out: a send that fails is an event of its own.
        var actions = GatewayWire.Actions()
        swap(&actions, &spareActions)
        let (now, civil) = (nanoseconds ?? DispatchTime.now().uptimeNanoseconds, clock.now)
        let wake = lanes[lane].happen(event, at: now, civil, into: &actions)
        actions.bytes.withUnsafeBytes { bytes in
            for step in actions.steps { perform(step, bytes, on: lane) }
        }
        actions.removeAll()
        swap(&actions, &spareActions)
        schedule(lane, wake)
    }

    private func drain() {
        guard let set else { return }
        set.drain { rawToken, readiness in
            guard rawToken & ConnectionToken.listenerBit == 0 else {
                return accept(Int(rawToken & ~ConnectionToken.listenerBit))
            }
            let token = ConnectionToken(rawValue: rawToken)
            guard isOpen(token) else { return }
            if readiness.canWrite { sendUnsent(token.slot) }
            guard readiness.canRead, isOpen(token), connections[token.slot].unsent.isEmpty else { return }
            read(token)
        }
    }

    private func isOpen(_ token: ConnectionToken) -> Bool {
        connections[token.slot].descriptor >= 0 && connections[token.slot].generation == token.generation
    }

    /// At most 64 a turn: what waits longer makes the listener ready again.
    private func accept(_ lane: Int) {
        for _ in 0..<64 where lanes[lane].isListening {
            guard let descriptor = StreamSocket.accept(from: lanes[lane].post.listener) else { return }
            guard openCount < connectionsMax else {
                Glibc.close(descriptor)
                continue
            }
            let slot = freeSlots.popLast() ?? connections.count
            if slot == connections.count { connections.append(Connection()) }
            let generation = (connections[slot].generation + 1) & ConnectionToken.generationMask
            lanes[lane].connectionsEver += 1
            let number = ConnectionNumber(lanes[lane].connectionsEver)
            connections[slot] = Connection(
                descriptor: descriptor, generation: generation, lane: lane, number: number)
            lanes[lane].slots.append(slot, for: number)
            openCount += 1
            do {
                let token = ConnectionToken(slot: slot, generation: generation)
                try set?.add(descriptor, token: token.rawValue, .read)
            } catch {
                // Out of kernel memory for watches: the client sees its connection closed and tries again.
                close(slot)
                continue
            }
            happen(.opened(number), on: lane)
        }
    }

    private func read(_ token: ConnectionToken) {
        let (lane, number) = (connections[token.slot].lane, connections[token.slot].number)
        withUnsafeTemporaryAllocation(byteCount: 8192, alignment: 1) { buffer in
            switch StreamSocket.receive(into: buffer, from: connections[token.slot].descriptor) {
            case .bytes(let count):
                happen(.received(number, UnsafeRawBufferPointer(rebasing: buffer[..<count])), on: lane)
            case .wouldBlock: break
            case .closed, .failed: lose(token.slot)
            }
        }
    }

    // MARK: - Steps

    private func perform(_ step: GatewayWire.Actions.Step, _ bytes: UnsafeRawBufferPointer, on lane: Int) {
        switch step {
        case .send(let connection, let range):
            // It may have failed since, in a step before this one.
            guard let slot = slot(of: connection, lane) else { return }
            send(UnsafeRawBufferPointer(rebasing: bytes[range]), slot)
        case .close(let connection):
            if let slot = slot(of: connection, lane) { close(slot) }
        case .reset(let connection), .refuse(let connection):
            if let slot = slot(of: connection, lane) { close(slot, resetting: true) }
        case .listen(let isOpen):
            listen(lane, isOpen)
        }
    }

    private func slot(of connection: ConnectionNumber, _ lane: Int) -> Int? {
        lanes[lane].slots.position(of: connection).map { lanes[lane].slots[$0] }
    }

    private func listen(_ lane: Int, _ isOpen: Bool) {
        guard lanes[lane].isListening != isOpen, let set else { return }
        let post = lanes[lane].post
        if isOpen {
            do {
                try StreamSocket.listenAgain(post.listener, on: post.address)
                try set.add(post.listener, token: ConnectionToken.listenerBit | UInt64(lane), .read)
            } catch {
                // Somebody took the port meanwhile: this gateway stays out of reach, as one does that lost its address.
                return
            }
        } else {
            set.remove(post.listener)
            StreamSocket.deafen(post.listener)
        }
        lanes[lane].isListening = isOpen
    }

    private func close(_ slot: Int, resetting: Bool = false) {
        let connection = connections[slot]
        set?.remove(connection.descriptor)
        if resetting { StreamSocket.reset(connection.descriptor) } else { Glibc.close(connection.descriptor) }
        lanes[connection.lane].slots.remove(connection.number)
        connections[slot] = Connection(generation: connection.generation)
        freeSlots.append(slot)
        openCount -= 1
    }

    /// The connection has ended without the gateway's doing.
    private func lose(_ slot: Int) {
        let (lane, number) = (connections[slot].lane, connections[slot].number)
        close(slot)
        happen(.closed(number), on: lane)
    }

    private func send(_ bytes: UnsafeRawBufferPointer, _ slot: Int) {
        guard connections[slot].unsent.isEmpty else { return connections[slot].unsent.append(contentsOf: bytes) }
        switch StreamSocket.send(bytes, on: connections[slot].descriptor) {
        case .bytes(let count) where count == bytes.count: break
        case .bytes(let count): keep(bytes.dropFirst(count), slot)
        case .wouldBlock: keep(bytes[...], slot)
        case .closed, .failed: lose(slot)
        }
    }

    /// Keeps what the socket does not take until it can write again.
    private func keep(_ bytes: Slice<UnsafeRawBufferPointer>, _ slot: Int) {
        connections[slot].unsent.append(contentsOf: bytes)
        watch(slot, .write)
    }

    private func sendUnsent(_ slot: Int) {
        let unsent = connections[slot].unsent
        connections[slot].unsent = []
        unsent.withUnsafeBytes { send($0, slot) }
        if connections[slot].descriptor >= 0, connections[slot].unsent.isEmpty { watch(slot, .read) }
    }

    private func watch(_ slot: Int, _ interest: EpollSet.Interest) {
        let token = ConnectionToken(slot: slot, generation: connections[slot].generation)
        do {
            try set?.modify(connections[slot].descriptor, token: token.rawValue, interest)
        } catch {
            lose(slot)
        }
    }

    // MARK: - Time

    private func schedule(_ lane: Int, _ wake: (nanoseconds: UInt64?, civil: Instant?)) {
        var due = wake.nanoseconds ?? .max
        if let civil = wake.civil.flatMap(clock.monotonic) {
            // A turn later: one that came before its civil instant would find nothing to do, again and again.
            due = min(due, civil + 2 * Self.turnNanoseconds)
        }
        guard due < lanes[lane].wakes else { return }
        lanes[lane].wakes = due
        wakes.insert(lane, due: due)
        setTimer()
    }

    private func wakeDue() {
        timerDue = .max
        let horizon = DispatchTime.now().uptimeNanoseconds + Self.turnNanoseconds
        while let due = wakes.earliest, let lane = wakes.removeDue(at: horizon) {
            guard lanes.indices.contains(lane), lanes[lane].wakes == due else { continue }
            lanes[lane].wakes = .max
            happen(.wake, on: lane, at: horizon)
        }
        setTimer()
    }

    private func setTimer() {
        guard let earliest = wakes.earliest, earliest < timerDue else { return }
        timerDue = earliest
        timer?.schedule(deadline: DispatchTime(uptimeNanoseconds: earliest), leeway: .nanoseconds(0))
    }
}

/// A connection's place in its shard, with a generation: the place may be taken by another one since.
struct ConnectionToken: Hashable, Sendable {
    let slot: Int
    let generation: UInt32

    init(slot: Int, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }

    /// As it travels with a socket in the set: the top bit tells listeners apart.
    init(rawValue: UInt64) {
        slot = Int(rawValue & 0xFFFF_FFFF)
        generation = UInt32(truncatingIfNeeded: rawValue >> 32) & Self.generationMask
    }

    var rawValue: UInt64 { UInt64(generation & Self.generationMask) << 32 | UInt64(slot) }

    static let generationMask: UInt32 = 0x7FFF_FFFF
    static let listenerBit: UInt64 = 1 << 63
}
