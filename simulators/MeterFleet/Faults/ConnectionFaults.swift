import Metering
import Modbus

/// What the faults of connections have made of one.
struct LineState: Sendable {
    /// Requests that have come.
    var requestCount: UInt64 = 0
    /// Nothing comes any more, and no end either.
    var isMute = false
    /// The gateway has forgotten this connection: whoever speaks on it is reset.
    var isForgotten = false
    /// Requests since the connection began or a silence ended.
    var requestsSinceSilence = 0
    /// Monotonic nanoseconds.
    var silentUntil: UInt64 = 0
    /// Before this nothing more can leave: bytes are still under way. Monotonic nanoseconds.
    var sendableAt: UInt64 = 0
    /// The last frame sent, as Modbus/TCP.
    var lastFrame: [UInt8] = []
    /// Answers held back until one of another unit comes.
    var held: [HeldAnswer] = []
    /// A frame held back for company.
    var joined: (bytes: [UInt8], ordinal: UInt64)?
    var serial = SerialRequests()
}

/// An answer that is late until another unit's comes.
struct HeldAnswer: Hashable, Sendable {
    let unit: UInt8
    let bytes: [UInt8]
    let side: FaultKind.Side
}

/// How a gateway can be reached: what its windows have done so far.
struct Reach: Sendable {
    var isListening = true
    /// Of the faults that change with civil time alone, by their place: whether their window was open at last sight.
    var wasOpen: [Int: Bool] = [:]
    /// The next opening or closing of a window at which the gateway must act by itself.
    var nextEdge: Instant?
}

extension GatewayWire {
    mutating func handleFaulty(_ event: Event, at moment: WireMoment, into actions: inout Actions) {
        // The port first: who is reset may be back before the next step is done.
        followListening(at: moment, into: &actions)
        followWindows(at: moment, into: &actions)
        switch event {
        case .opened(let connection): open(connection, at: moment, into: &actions)
        case .received(let connection, let bytes): receive(bytes, from: connection, at: moment, into: &actions)
        case .closed(let connection): lines.remove(connection)
        case .wake: doDue(at: moment, into: &actions)
        }
        followListening(at: moment, into: &actions)
    }

    // MARK: - Windows

    /// What happens to connections when a window opens or closes.
    private mutating func followWindows(at moment: WireMoment, into actions: inout Actions) {
        for (place, peril) in perils.enumerated() {
            let kind = peril.fault.kind
            guard kind.changesReach else { continue }
            let isOpen = peril.fault.schedule.isOpen(at: moment.civil, moment.local)
            defer { reach.wasOpen[place] = isOpen }
            guard isOpen != reach.wasOpen[place] ?? false else { continue }
            switch kind {
            case .gatewayDead(.reset) where isOpen:
                for connection in lines.numbers {
                    lines.remove(connection)
                    actions.add(.reset(connection))
                }
            case .gatewayDead(.silent):
                for position in 0..<lines.count {
                    if isOpen { lines[position].state.isMute = true } else { lines[position].state.isForgotten = true }
                }
            case .halfOpen where isOpen:
                for position in 0..<lines.count { lines[position].state.isMute = true }
            default: break
            }
        }
        if reach.nextEdge.map({ $0 <= moment.civil }) ?? true {
            reach.nextEdge = perils.filter { $0.fault.kind.changesReach }
                .compactMap { $0.fault.schedule.edge(after: moment.civil, in: calendar) }.min()
        }
    }

    private mutating func followListening(at moment: WireMoment, into actions: inout Actions) {
        let isListening = !perils.contains { peril in
            guard peril.fault.schedule.isOpen(at: moment.civil, moment.local) else { return false }
            switch peril.fault.kind {
            case .gatewayDead(.reset), .halfOpen(.refuse): return true
            case .connectionLimit(let limit, .refuse): return lines.count >= limit
            default: return false
            }
        }
        guard isListening != reach.isListening else { return }
        reach.isListening = isListening
        actions.add(.listen(isListening))
    }

    // MARK: - Connections

    private mutating func open(_ connection: ConnectionNumber, at moment: WireMoment, into actions: inout Actions) {
        guard reach.isListening else { return actions.add(.refuse(connection)) }
        var line = Line()
        var garbage: [UInt8] = []
        for peril in perils where isOpen(peril, at: moment) {
            switch peril.fault.kind {
            case .connectionLimit(let limit, .drop) where lines.count >= limit:
                return actions.add(.close(connection))
            case .gatewayDead(.silent), .halfOpen(.silent):
                line.state.isMute = true
            case .garbageOnConnect(let count):
                let chance = peril.chance.of(Int64(bitPattern: connection.rawValue))
                guard peril.fault.schedule.happens(chance) else { continue }
                garbage += (0..<count).map { UInt8(chance.of(Int64($0) + 1).number(in: 0...255)) }
            default: break
            }
        }
        lines.append(line, for: connection)
        if !garbage.isEmpty, !line.state.isMute { actions.addSegment(garbage, alone: true, to: connection) }
    }

    func isOpen(_ peril: Peril, at moment: WireMoment) -> Bool {
        peril.fault.schedule.isOpen(at: moment.civil, moment.local)
    }

    private mutating func receive(
        _ bytes: UnsafeRawBufferPointer, from connection: ConnectionNumber, at moment: WireMoment,
        into actions: inout Actions
    ) {
        guard let position = lines.position(of: connection) else { return }
        guard !lines[position].state.isForgotten else {
            lines.remove(connection)
            return actions.add(.reset(connection))
        }
        guard !lines[position].state.isMute else { return }
        var requests: [Request] = []
        var isInStep = true
        switch gateway.transport {
        case .tcp:
            do {
                try lines[position].parser.consume(bytes) { header, pdu in
                    requests.append(Request(connection: connection, header: header, pdu: Array(pdu)))
                }
            } catch {
                isInStep = false
            }
        case .rtuOverTCP:
            for (unit, pdu) in lines[position].state.serial.consume(bytes, at: moment.nanoseconds) {
                requests.append(
                    Request(connection: connection, header: MBAPHeader(transaction: 0, unit: unit), pdu: pdu))
            }
        }
        // All are taken in before the first is answered, so that they know of one another.
        for request in requests { admit(request, at: moment) }
        doDue(at: moment, into: &actions)
        guard let position = lines.position(of: connection) else { return }
        if !isInStep || lines[position].waitingCount > Self.waitingMax {
            lines.remove(connection)
            actions.add(.close(connection))
        }
    }
}

extension FaultKind {
    /// Whether an edge of the fault's window changes who is connected or can be.
    fileprivate var changesReach: Bool {
        switch self {
        case .gatewayDead, .halfOpen, .connectionLimit: true
        default: false
        }
    }
}
