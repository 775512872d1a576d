import Metering
import Modbus

/// What one gateway does on the wire: a state machine without clock, socket or queue. Events and the time come in,
/// actions go out; `FleetShard` performs them on sockets, a simulation on nothing but memory.
///
/// The same gateway, seed, events and times give the same actions, byte for byte.
package struct GatewayWire: Sendable {
    package enum Event {
        /// A client has connected. Numbers rise; one that was used never comes back.
        case opened(ConnectionNumber)
        /// The bytes are looked at during the call only.
        case received(ConnectionNumber, UnsafeRawBufferPointer)
        /// The client has closed, or its connection has failed. Requests under way get no answer.
        case closed(ConnectionNumber)
        /// The time that `wake()` named has come; harmless at any other.
        case wake
    }

    /// What is to be done, in this order. Reused from event to event: a busy gateway allocates nothing.
    package struct Actions: Sendable {
        package enum Step: Hashable, Sendable {
            /// One segment, to be written by itself: a range of `bytes`.
            case send(ConnectionNumber, Range<Int>)
            /// Hang up (FIN), after what was sent before. The wire has forgotten this connection.
            case close(ConnectionNumber)
            /// Tear down (RST). The wire has forgotten this connection.
            case reset(ConnectionNumber)
            /// The connection that has just opened is none: the client sees a refusal. The wire has forgotten it.
            case refuse(ConnectionNumber)
            /// From now on the gateway's port is open, or closed. It is open until the first of these steps; with a
            /// closed port nobody connects, and whoever still does is refused.
            case listen(Bool)
        }

        package fileprivate(set) var steps: [Step] = []
        package fileprivate(set) var bytes: [UInt8] = []
        /// Room for one reply's words.
        var words: [UInt16] = []

        package init() {}

        package mutating func removeAll() {
            steps.removeAll(keepingCapacity: true)
            bytes.removeAll(keepingCapacity: true)
        }
    }

    /// A client's connection, as the gateway sees it.
    struct Line: Sendable {
        var parser = FrameParser(lengths: 2...254)
        /// Requests that wait for their latency.
        var waitingCount = 0
    }

    /// A request that waits for its latency.
    struct Request: Sendable {
        let connection: ConnectionNumber
        let header: MBAPHeader
        let pdu: [UInt8]
    }

    package let gateway: SimulatedGateway
    private let calendar: ServiceCalendar
    private var latency: GatewayLatency
    private var lines = ByConnection<Line>()
    private var waiting = DueQueue<Request>()

    /// A gateway's queue of requests on one connection; a client that sends more without waiting is cut off.
    private static let waitingMax = 256

    /// - Parameters:
    ///   - calendar: whose midnights the meters keep.
    ///   - seed: the fleet's; what chance hangs on.
    package init(_ gateway: SimulatedGateway, calendar: ServiceCalendar = .vietnam, seed: UInt64) {
        self.gateway = gateway
        self.calendar = calendar
        latency = GatewayLatency(gateway)
    }

    package var connectionCount: Int { lines.count }

    /// When to be woken, on each of the two clocks; `nil` where there is nothing to wait for.
    package func wake() -> (nanoseconds: UInt64?, civil: Instant?) { (waiting.earliest, nil) }

    /// Lets `event` happen; what is to be done is added to `actions`.
    /// - Parameters:
    ///   - nanoseconds: monotonic time; latency runs on it.
    ///   - civil: civil time, asked at most once and only where an answer or a fault hangs on it. It must not be older
    ///     than the bytes of the event: a dial is looked at when its answer is made.
    package mutating func handle(
        _ event: Event, at nanoseconds: UInt64, civil: @autoclosure () -> Instant, into actions: inout Actions
    ) {
        switch event {
        case .opened(let connection):
            lines.append(Line(), for: connection)
        case .received(let connection, let bytes):
            receive(bytes, from: connection, at: nanoseconds, civil: civil, into: &actions)
        case .closed(let connection):
            lines.remove(connection)
        case .wake:
            answerDue(at: nanoseconds, civil: civil, into: &actions)
        }
    }

    // MARK: - Requests

    private mutating func receive(
        _ bytes: UnsafeRawBufferPointer, from number: ConnectionNumber, at nanoseconds: UInt64, civil: () -> Instant,
        into actions: inout Actions
    ) {
        guard let position = lines.position(of: number) else { return }
        let isImmediate = gateway.latencyMilliseconds == 0
        let start = actions.bytes.count
        // Taken out while frames are handed on: making an answer needs the rest of the wire.
        var parser = lines[position].parser
        lines[position].parser = FrameParser(lengths: 2...254)
        var moment: CivilMoment?
        var isInStep = true
        do {
            try parser.consume(bytes) { header, pdu in
                guard isImmediate else {
                    lines[position].waitingCount += 1
                    let request = Request(connection: number, header: header, pdu: Array(pdu))
                    return waiting.insert(request, due: latency.due(arrived: nanoseconds))
                }
                let at = moment ?? CivilMoment(civil(), in: calendar)
                moment = at
                gateway.answer(header, pdu, at: at, words: &actions.words, to: &actions.bytes)
            }
        } catch {
            isInStep = false
        }
        lines[position].parser = parser
        if actions.bytes.count > start { actions.steps.append(.send(number, start..<actions.bytes.count)) }
        if !isInStep || lines[position].waitingCount > Self.waitingMax {
            lines.remove(number)
            actions.steps.append(.close(number))
        }
    }

    private mutating func answerDue(at nanoseconds: UInt64, civil: () -> Instant, into actions: inout Actions) {
        var moment: CivilMoment?
        while let (request, _) = waiting.removeDue(at: nanoseconds) {
            guard let position = lines.position(of: request.connection) else { continue }
            lines[position].waitingCount -= 1
            let at = moment ?? CivilMoment(civil(), in: calendar)
            moment = at
            let start = actions.bytes.count
            request.pdu.withUnsafeBytes { pdu in
                gateway.answer(request.header, pdu, at: at, words: &actions.words, to: &actions.bytes)
            }
            actions.addSegment(from: start, to: request.connection)
        }
    }
}

extension GatewayWire.Actions {
    /// Makes a segment of the bytes from `start` on, or a longer one of the segment just before: answers that are due
    /// together leave together.
    fileprivate mutating func addSegment(from start: Int, to connection: ConnectionNumber) {
        guard bytes.count > start else { return }
        if case .send(connection, let range)? = steps.last, range.upperBound == start {
            steps[steps.count - 1] = .send(connection, range.lowerBound..<bytes.count)
        } else {
            steps.append(.send(connection, start..<bytes.count))
        }
    }
}
