import Dispatch
import Foundation
import Logging
import Metering
import Synchronization

/// One RS-485 line at this machine: a thread that performs what the line's conversation decides, as a shard does for
/// sockets. Schedule, breaker, proof and checks are the same; only the wire differs.
final class SerialLine: Sendable {
    private struct State {
        var conversation: GatewayConversation
        var isConnected = false
        var mayAsk = true
        var demands: [MeterID: [CheckedContinuation<[PollOutcome]?, Never>]] = [:]
        var stopped: CheckedContinuation<Void, Never>?
        var hasEnded = false
    }

    private let state: Mutex<State>
    private let name: SerialPort.Name
    private let clock: LineClock
    private let outcomes: OutcomeQueue
    private let logger: Logger
    /// Signalled when there is something new to decide before the next planned look.
    private let news = DispatchSemaphore(value: 0)

    /// `nil` when the plan's host does not name a serial line.
    init?(
        _ plan: GatewayPlan, owed: OwedDays, rhythm: PollSchedule.Rhythm, proof: ProofPolicy, clock: ServiceClock,
        outcomes: OutcomeQueue, logger: Logger, seed: UInt64
    ) {
        guard let name = SerialPort.Name(plan.gateway.host) else { return nil }
        self.name = name
        self.clock = LineClock(clock)
        self.outcomes = outcomes
        self.logger = logger
        let conversation = GatewayConversation(
            plan, owed: owed, rhythm: rhythm, proof: proof, seed: seed, at: self.clock.now().civil)
        state = Mutex(State(conversation: conversation))
    }

    func start() {
        let thread = Thread { self.run() }
        thread.name = "meterd.serial"
        thread.start()
    }

    /// Awaits the request in flight, then closes the port.
    func stop() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                state.conversation.stop()
                if !state.hasEnded { state.stopped = continuation }
                return state.hasEnded
            }
            if isOver { continuation.resume() }
            news.signal()
        }
    }

    // MARK: - Registry and people

    /// `false` when the plan names another endpoint: then this line must end and another begin.
    func adopt(_ plan: GatewayPlan, owed: OwedDays) -> (isTaken: Bool, isChanged: Bool) {
        let moment = clock.now().moment
        let (isTaken, isChanged, unread) = state.withLock { state in
            let old = state.conversation.plan
            if old.isSame(as: plan) { return (true, false, [CheckedContinuation<[PollOutcome]?, Never>]()) }
            guard old.isSameLine(as: plan) else { return (false, true, []) }
            let unread = state.conversation.adopt(plan, owed: owed, at: moment)
            return (true, true, unread.flatMap { state.demands.removeValue(forKey: $0) ?? [] })
        }
        for continuation in unread { continuation.resume(returning: []) }
        news.signal()
        return (isTaken, isChanged)
    }

    func read(_ meter: MeterID) async -> [PollOutcome]? {
        let moment = clock.now().moment
        return await withCheckedContinuation { continuation in
            let isAsked = state.withLock { state in
                guard !state.hasEnded, !state.conversation.isStopping, state.conversation.demand(meter, at: moment)
                else { return false }
                state.demands[meter, default: []].append(continuation)
                return true
            }
            if isAsked { news.signal() } else { continuation.resume(returning: nil) }
        }
    }

    func doubt(_ meter: MeterID) { state.withLock { $0.conversation.doubt(meter) } }

    func add(to total: inout LineState) {
        let moment = clock.now().moment
        total += state.withLock { state in
            var own = LineState()
            own.add(state.conversation, isConnected: state.isConnected, at: moment)
            return own
        }
    }

    // MARK: - The thread

    private func run() {
        var port: SerialPort?
        var actions = GatewayConversation.Actions()
        var reply: [UInt8] = []
        var next = Next.wake
        while true {
            let (now, wake) = decide(next, reply, into: &actions)
            next = .wake
            reply = []
            if let why = actions.close {
                logger.debug("serial line \(name.device): closed: \(why)")
                port?.close()
                port = nil
            }
            if actions.shouldConnect {
                do throws(SerialPort.OpenError) {
                    port = try SerialPort(name)
                    next = .connected
                } catch {
                    next = .connectFailed(error.description)
                }
            } else if !actions.bytes.isEmpty, let open = port {
                switch open.exchange(actions.bytes, microseconds: max(0, wake.nanoseconds - now.nanoseconds) / 1000) {
                case .frame(let bytes):
                    reply = bytes
                    next = .received
                case .silence: break
                case .broken(let why):
                    open.close()
                    port = nil
                    next = .closed(why)
                }
            } else {
                if isOver { break }
                let wait = max(0, min(1_000_000_000, wake.nanoseconds - now.nanoseconds))
                _ = news.wait(timeout: .now() + .nanoseconds(Int(wait)))
            }
        }
        port?.close()
        end()
    }

    private enum Next {
        case wake, connected, received
        case connectFailed(String)
        case closed(String)
    }

    /// Lets the conversation decide; hands on what it learnt. Returns the moment and when to look again.
    private func decide(
        _ next: Next, _ reply: [UInt8], into actions: inout GatewayConversation.Actions
    ) -> (now: MonotonicTime, wake: MonotonicTime) {
        let now = clock.now()
        actions.removeAll()
        let mayAsk = !outcomes.isFull
        let (wake, ended) = state.withLock { state in
            switch next {
            case .wake: state.conversation.handle(.wake, at: now.moment, mayAsk: mayAsk, into: &actions)
            case .connected:
                state.isConnected = true
                state.conversation.handle(.connected, at: now.moment, mayAsk: mayAsk, into: &actions)
            case .connectFailed(let why):
                state.conversation.handle(.connectFailed(why), at: now.moment, mayAsk: mayAsk, into: &actions)
            case .closed(let why):
                state.isConnected = false
                state.conversation.handle(.closed(why), at: now.moment, mayAsk: mayAsk, into: &actions)
            case .received:
                reply.withUnsafeBytes {
                    state.conversation.handle(.received($0), at: now.moment, mayAsk: mayAsk, into: &actions)
                }
            }
            if actions.close != nil { state.isConnected = false }
            var ended: [(CheckedContinuation<[PollOutcome]?, Never>, [PollOutcome])] = []
            for demand in actions.demands {
                for waiting in state.demands.removeValue(forKey: demand.meter) ?? [] {
                    ended.append((waiting, demand.outcomes))
                }
            }
            return (wakeTime(of: state.conversation, from: now), ended)
        }
        if !actions.outcomes.isEmpty { outcomes.append(actions.outcomes) }
        for (waiting, outcomes) in ended { waiting.resume(returning: outcomes) }
        return (now.monotonic, wake)
    }

    private func wakeTime(of conversation: GatewayConversation, from now: LineClock.Now) -> MonotonicTime {
        let (deadline, due) = conversation.wake()
        // A request in flight is waited for whole: nothing else can be said on a serial line meanwhile.
        if !conversation.isQuiet { return deadline }
        guard let due else { return deadline }
        let byCivil = clock.monotonic(at: due, from: now)
        return conversation.isTalking
            ? max(byCivil, conversation.earliestSend) : max(deadline, byCivil)
    }

    private var isOver: Bool { state.withLock { $0.conversation.isStopping && $0.conversation.isQuiet } }

    private func end() {
        let (stopped, demands) = state.withLock { state in
            state.hasEnded = true
            state.isConnected = false
            defer {
                state.demands = [:]
                state.stopped = nil
            }
            return (state.stopped, state.demands)
        }
        for waiting in demands.values { for continuation in waiting { continuation.resume(returning: []) } }
        stopped?.resume()
    }
}
