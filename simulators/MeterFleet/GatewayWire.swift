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
        /// The time that `wake()` named has come; harmless at any other. Let one come first of all, too: a gateway may
        /// begin out of reach.
        case wake
    }

    /// A client's connection, as the gateway sees it.
    struct Line: Sendable {
        var parser = FrameParser(lengths: 2...254)
        /// Requests that wait for their latency.
        var waitingCount = 0
        /// What faults have made of it; untouched on a plain wire.
        var state = LineState()
    }

    /// A request on its way through the gateway.
    struct Request: Sendable {
        let connection: ConnectionNumber
        /// Its number on its connection, from 1: what chance hangs on.
        var ordinal: UInt64 = 0
        var header: MBAPHeader
        let pdu: [UInt8]
    }

    /// What waits for its time.
    enum Deed: Sendable {
        case answer(Request)
        /// A frame that was made before, alone in its segment.
        case send(ConnectionNumber, [UInt8])
        /// The frame held back for company since this request, if it is still alone.
        case sendJoined(ConnectionNumber, ordinal: UInt64)
    }

    /// A fault of this gateway with what its chance hangs on.
    struct Peril: Sendable {
        let fault: Fault
        let chance: Chance
    }

    /// Holds the gateway by reference: reading a whole one out of a struct that is being changed would copy it, for
    /// each request.
    private final class Plan: Sendable {
        let gateway: SimulatedGateway
        init(_ gateway: SimulatedGateway) { self.gateway = gateway }
    }

    private let plan: Plan
    let calendar: ServiceCalendar
    /// Nothing but latency stands between a request and its answer.
    private let isPlain: Bool
    let perils: [Peril]
    var latency: GatewayLatency
    var lines = ByConnection<Line>()
    var due = DueQueue<Deed>()
    var reach = Reach()
    /// Monotonic nanoseconds.
    var lastAnswer: UInt64?

    /// A gateway's queue of requests on one connection; a client that sends more without waiting is cut off.
    static let waitingMax = 256

    /// - Parameters:
    ///   - calendar: whose midnights the meters keep.
    ///   - seed: the fleet's; what chance hangs on, with the gateway's name, the fault and the request's number.
    package init(_ gateway: SimulatedGateway, calendar: ServiceCalendar = .vietnam, seed: UInt64) {
        plan = Plan(gateway)
        self.calendar = calendar
        latency = GatewayLatency(gateway)
        isPlain = gateway.faults.isEmpty && gateway.transport == .tcp
        let own = Chance(seed: seed).of(gateway.name)
        perils = gateway.faults.map { fault in
            Peril(
                fault: fault,
                chance: own.of(fault.kind.name.rawValue).of(Int64(bitPattern: fault.schedule.seed)))
        }
    }

    package var gateway: SimulatedGateway { plan.gateway }
    package var connectionCount: Int { lines.count }

    /// When to be woken, on each of the two clocks; `nil` where there is nothing to wait for.
    package func wake() -> (nanoseconds: UInt64?, civil: Instant?) { (due.earliest, reach.nextEdge) }

    /// Lets `event` happen; what is to be done is added to `actions`.
    /// - Parameters:
    ///   - nanoseconds: monotonic time; latency runs on it.
    ///   - civil: civil time, asked at most once and only where an answer or a fault hangs on it. It must not be older
    ///     than the bytes of the event: a dial is looked at when its answer is made.
    package mutating func handle(
        _ event: Event, at nanoseconds: UInt64, civil: @autoclosure () -> Instant, into actions: inout Actions
    ) {
        if isPlain {
            handlePlain(event, at: nanoseconds, civil: civil, into: &actions)
        } else {
            let civil = civil()
            let moment = WireMoment(
                nanoseconds: nanoseconds, civil: civil, local: CivilMoment(civil, in: calendar))
            handleFaulty(event, at: moment, into: &actions)
        }
    }

    // MARK: - A gateway in order

    private mutating func handlePlain(
        _ event: Event, at nanoseconds: UInt64, civil: () -> Instant, into actions: inout Actions
    ) {
        switch event {
        case .opened(let connection):
            lines.append(Line(), for: connection)
        case .received(let connection, let bytes):
            receivePlain(bytes, from: connection, at: nanoseconds, civil: civil, into: &actions)
        case .closed(let connection):
            lines.remove(connection)
        case .wake:
            answerDuePlain(at: nanoseconds, civil: civil, into: &actions)
        }
    }

    private mutating func receivePlain(
        _ bytes: UnsafeRawBufferPointer, from connection: ConnectionNumber, at nanoseconds: UInt64,
        civil: () -> Instant, into actions: inout Actions
    ) {
        guard let position = lines.position(of: connection) else { return }
        let isImmediate = plan.gateway.latencyMilliseconds == 0
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
                    let request = Request(connection: connection, header: header, pdu: Array(pdu))
                    return due.insert(.answer(request), due: latency.due(arrived: nanoseconds))
                }
                let at = moment ?? CivilMoment(civil(), in: calendar)
                moment = at
                plan.gateway.answer(header, pdu, at: at, words: &actions.words, to: &actions.bytes)
            }
        } catch {
            isInStep = false
        }
        lines[position].parser = parser
        actions.addSegment(from: start, to: connection)
        if !isInStep || lines[position].waitingCount > Self.waitingMax {
            lines.remove(connection)
            actions.add(.close(connection))
        }
    }

    private mutating func answerDuePlain(
        at nanoseconds: UInt64, civil: () -> Instant, into actions: inout Actions
    ) {
        var moment: CivilMoment?
        while let deed = due.removeDue(at: nanoseconds) {
            guard case .answer(let request) = deed, let position = lines.position(of: request.connection) else {
                continue
            }
            lines[position].waitingCount -= 1
            let at = moment ?? CivilMoment(civil(), in: calendar)
            moment = at
            let start = actions.bytes.count
            request.pdu.withUnsafeBytes { pdu in
                plan.gateway.answer(request.header, pdu, at: at, words: &actions.words, to: &actions.bytes)
            }
            actions.addSegment(from: start, to: request.connection)
        }
    }
}

/// The clocks a decision needs, looked at together.
struct WireMoment: Sendable {
    /// Monotonic.
    let nanoseconds: UInt64
    let civil: Instant
    /// The same as the meters' clocks show it.
    let local: CivilMoment

    func after(milliseconds: Int) -> UInt64 { nanoseconds + UInt64(milliseconds) * 1_000_000 }
}
