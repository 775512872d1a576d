import Metering
import Modbus

/// The conversation with one gateway: a state machine without clock, socket or queue. Events and the moment come in,
/// actions go out; the shard performs them, and a simulation can just as well.
///
/// It never believes a reply that does not fit a pending request by transaction, unit, function and count
/// (design §5): such a reply is dropped and counted, and a late one leaves the stream in step. It believes no meter
/// before it has shown who it is, and lets no silent unit cost its neighbours more than a bounded share of the line.
///
/// Connection and time are here; `GatewayConversation+Asking` chooses requests, `+Listening` takes answers apart,
/// `+Proof` decides whether a meter is believed.
package struct GatewayConversation: Sendable {
    package enum Event {
        /// The schedule or a deadline may have something to do.
        case wake
        case connected
        case connectFailed(String)
        case received(UnsafeRawBufferPointer)
        /// The peer closed, or the socket failed.
        case closed(String)
    }

    /// What the shard is asked to do. Reused from event to event, so that a busy line allocates nothing.
    package struct Actions: Sendable {
        package var bytes: [UInt8] = []
        package var outcomes: [PollOutcome] = []
        /// Meters whose operator's read has ended, with all that it brought.
        package var demands: [(meter: MeterID, outcomes: [PollOutcome])] = []
        package var shouldConnect = false
        /// Why the connection must be closed now.
        package var close: String?
        /// When the line must be looked at again.
        package var wake: (monotonic: MonotonicTime, civil: Instant?) = (.never, nil)
        package var isTalking = false
        package var earliestSend = MonotonicTime.zero

        package init() {}

        package mutating func removeAll() {
            outcomes.removeAll(keepingCapacity: true)
            removeAllButOutcomes()
        }

        mutating func removeAllButOutcomes() {
            // Asked first: to empty what is empty costs as much as to empty anything.
            if !bytes.isEmpty { bytes.removeAll(keepingCapacity: true) }
            if !demands.isEmpty { demands.removeAll(keepingCapacity: true) }
            shouldConnect = false
            close = nil
        }
    }

    enum State {
        /// No connection; none is tried before this time.
        case resting(until: MonotonicTime)
        case connecting(deadline: MonotonicTime)
        case talking
    }

    /// What an answer is for.
    enum Purpose: Sendable, Equatable {
        case data
        /// One value of a split block: what is known of the block may change before the answer comes.
        case value(UInt8)
        /// One of the model's proof requests.
        case proof(step: UInt8)
        /// Any answer shows that the unit lives; its words are not used.
        case lifeSign
    }

    struct Pending {
        let job: PollJob
        let purpose: Purpose
        let range: WordRange
        let transaction: UInt16
        let sent: MonotonicTime
        let requested: Instant
        /// Nanoseconds that its answer may take.
        let timeout: Int64
        let isProbe: Bool
    }

    package internal(set) var plan: GatewayPlan
    package internal(set) var figures = LineFigures()
    var schedule: PollSchedule
    let rhythm: PollSchedule.Rhythm
    let policy: ProofPolicy
    var calendar: ServiceCalendar { rhythm.calendar }
    var state = State.resting(until: .zero)
    var framing: LineFraming
    /// Why the connection has to be made anew before anything else is asked.
    var mustReconnect: String?
    private var backoff: Backoff
    var random: SeededRandom

    /// One place a request in flight; its number is the low four bits of the transaction.
    var slots: [Pending?]
    package internal(set) var inFlight = 0
    /// Positions of the meters that are being asked; each once.
    var asked: [Int] = []
    /// The other twelve bits. A transaction that was given up is passed over while its late reply may still come.
    var generation: UInt16 = 0
    /// Transactions given up and when they were sent, youngest last: their replies are late, not foreign.
    var abandoned: [(transaction: UInt16, sent: MonotonicTime)] = []
    var lastAnswer = MonotonicTime.zero
    var nextSend = MonotonicTime.zero
    var patience: Patience
    /// Smoothed nanoseconds from one concluded request to the next on a busy line.
    var pace: Int64 = 0

    // What is known of each meter, by its position in the plan.
    var breakers: [UnitBreaker]
    var standings: [MeterStanding]
    /// The firmwares that meters of this line have shown.
    var firmwares: [String] = []
    var holes = HoleMemory()
    /// What new meters have shown so far for their profile's self-check.
    var checks: [Int: [[DecodedValue]]] = [:]
    /// Indices that are being derived from energies of days.
    var energyLooks: [Int: EnergyLook] = [:]
    /// Operators' reads under way, with what they have brought so far.
    var demands: [Int: [PollOutcome]] = [:]

    /// Meters that timed out since anybody answered: many of them are the line's fault, not theirs.
    var silentPositions: [Int] = []
    var strangersInARow = 0
    var hasAnsweredSinceConnect = false
    var hasToldOutage = false
    /// Where to look for the next meter that has to prove itself; `nil` when none has to.
    var unprovenFrom: Int?
    /// Counts the long outages of this line.
    var outage: UInt16 = 0
    var lastHeard: MonotonicTime?
    /// After a reconnect one meter is asked who it is before anything else.
    var needsWitness = false
    var lastWitness: MonotonicTime?
    /// No probe of a silent unit before this time, while others wait.
    var nextProbe = MonotonicTime.zero
    /// All that is due belongs to meters that are being asked already.
    var isWaitingForBusyMeters = false
    package internal(set) var isStopping = false

    /// Kept after a gateway hung up on a request, so that closing and asking never become a race.
    private static let reconnectMilliseconds = 20
    /// So many meters silent in a row, and nobody else heard: the connection is dead (half open, wedged adapter).
    static let silentMetersMax = 3
    static let strangersInARowMax = 8
    static let abandonedMax = 64
    /// Tries of one request on which the gateway hangs up.
    private static let hangUpsMax: UInt8 = 3
    /// A line that was silent for so long may be another gateway's now: every meter behind it proves itself anew.
    private static let outageSeconds: Int64 = 600
    private static let witnessSeconds: Int64 = 60

    package init(
        _ plan: GatewayPlan, owed: OwedDays = [:], rhythm: PollSchedule.Rhythm, proof: ProofPolicy = .serial,
        seed: UInt64, at civil: Instant
    ) {
        self.plan = plan
        self.rhythm = rhythm
        policy = proof
        schedule = PollSchedule(meters: plan.meters, owed: owed, rhythm: rhythm, at: civil)
        backoff = Backoff(seed: seed)
        random = SeededRandom(seed: seed &+ 1)
        framing = LineFraming(plan.gateway.transport)
        patience = Patience(ceilingMilliseconds: plan.gateway.timeoutMilliseconds)
        breakers = Array(repeating: UnitBreaker(), count: plan.meters.count)
        standings = plan.meters.map { MeterStanding(isChecked: !$0.isNew) }
        slots = Array(repeating: nil, count: Self.depth(of: plan))
        unprovenFrom = proof == .off ? nil : 0
    }

    /// Without transaction ids only one request can be told from another: itself.
    private static func depth(of plan: GatewayPlan) -> Int {
        plan.hasNoTransactions ? 1 : min(max(plan.gateway.depth, 1), 16)
    }

    package var isTalking: Bool {
        if case .talking = state { return true }
        return false
    }

    /// Nothing in flight: the connection may be closed without losing an answer.
    package var isQuiet: Bool { inFlight == 0 }

    package func backlog(at civil: Instant) -> Int { schedule.backlog(at: civil) }

    /// Units that do not answer and are only probed.
    package var unitsOut: Int { schedule.parkedCount }

    /// Meters that showed another identity than the registry names.
    package var foreignMeters: Int { standings.reduce(0) { $0 + ($1.state == .foreign ? 1 : 0) } }

    /// No new request from now on; those in flight are still awaited.
    package mutating func stop() { isStopping = true }

    // MARK: - When to be woken

    /// By the monotonic clock (deadline, pause, rest) and by the civil one (next due job). Probes of silent units have
    /// no wake of their own: a line is looked at once a second at least.
    package func wake() -> (monotonic: MonotonicTime, civil: Instant?) {
        let due = isStopping ? nil : unprovenFrom != nil ? Instant(microseconds: .min / 2) : schedule.nextDue
        switch state {
        case .resting(let until): return (due == nil ? .never : until, due)
        case .connecting(let deadline): return (deadline, nil)
        case .talking:
            var deadline = MonotonicTime.never
            for slot in slots { if let slot { deadline = min(deadline, self.deadline(of: slot)) } }
            return (deadline, inFlight < slots.count && !isWaitingForBusyMeters ? due : nil)
        }
    }

    /// A request in flight has had its time. What has arrived meanwhile should be looked at before it is given up.
    package func hasExpired(at monotonic: MonotonicTime) -> Bool {
        guard inFlight > 0, isTalking else { return false }
        return slots.contains { $0.map { deadline(of: $0) <= monotonic } ?? false }
    }

    /// Not before this time may another request be sent (the pause some meters need).
    package var earliestSend: MonotonicTime { nextSend }

    // MARK: - Events

    /// Lets `event` happen; what is to be done is added to `actions`. With `mayAsk` false (the store is behind) no
    /// new request is made.
    package mutating func handle(_ event: Event, at moment: Moment, mayAsk: Bool, into actions: inout Actions) {
        switch event {
        case .wake: break
        case .connected: connected(at: moment)
        case .connectFailed(let why): unreachable(why, at: moment, into: &actions)
        case .received(let bytes): receive(bytes, at: moment, into: &actions)
        case .closed(let why): disconnected(why, at: moment, into: &actions)
        }
        checkDeadlines(at: moment, into: &actions)
        if mayAsk, !isStopping { ask(at: moment, into: &actions) }
        actions.wake = wake()
        actions.isTalking = isTalking
        actions.earliestSend = nextSend
    }

    private mutating func connected(at moment: Moment) {
        guard case .connecting = state else { return }
        state = .talking
        framing.reset()
        mustReconnect = nil
        figures.connects += 1
        hasAnsweredSinceConnect = false
        silentPositions.removeAll(keepingCapacity: true)
        strangersInARow = 0
        // A late reply of the connection before cannot come over this one; a random start keeps apart what a gateway
        // may have kept in its own queue.
        abandoned.removeAll(keepingCapacity: true)
        generation = UInt16(truncatingIfNeeded: random.next()) & 0x0FFF
        lastAnswer = moment.monotonic
        nextSend = moment.monotonic.adding(milliseconds: plan.gateway.pauseMilliseconds)
        if policy != .off { noticeOutage(at: moment) }
    }

    private mutating func noticeOutage(at moment: Moment) {
        let silence = lastHeard.map { (moment.monotonic.nanoseconds - $0.nanoseconds) / 1_000_000_000 }
        if silence.map({ $0 >= Self.outageSeconds }) ?? true {
            outage &+= 1
            unprovenFrom = 0
            patience.reset()
            for position in standings.indices { beginProofAnew(position) }
        } else if lastWitness.map({ moment.monotonic >= $0.adding(milliseconds: Int(Self.witnessSeconds * 1000)) })
            ?? true
        {
            needsWitness = true
        }
    }

    private mutating func unreachable(_ why: String, at moment: Moment, into actions: inout Actions) {
        figures.connectFailures += 1
        state = .resting(until: moment.monotonic.adding(milliseconds: backoff.afterFailure()))
        // Every waiting meter is told once an outage; after that one line an attempt says that it lasts.
        let waiting = schedule.duePositions(at: moment.civil, most: hasToldOutage ? 1 : .max)
        if !waiting.isEmpty { hasToldOutage = true }
        for position in waiting {
            report(
                .failure(.noConnection(why)), position: position, transaction: 0, requested: moment.civil,
                at: moment, into: &actions)
        }
        for position in demands.keys.sorted() {
            concludeDemand(position, .failure(.noConnection(why)), at: moment, into: &actions)
        }
    }

    private mutating func disconnected(_ why: String, at moment: Moment, into actions: inout Actions) {
        let wasBusy = inFlight > 0
        // Most gateways work on one request at a time: the oldest is the one that it hung up on.
        let suspect = slots.compactMap { $0 }.min { $0.sent < $1.sent || ($0.sent == $1.sent && $0.order < $1.order) }
        for slot in slots.indices {
            guard let pending = slots[slot] else { continue }
            release(slot)
            // A gateway that answered and then hung up (some do after each answer) has not refused this request: it
            // is put back, for each connection that answers once makes progress.
            let isSuspect = pending.transaction == suspect?.transaction
            if hasAnsweredSinceConnect, !isSuspect || pending.job.attempt + 1 < Self.hangUpsMax {
                let job = isSuspect ? pending.job.with(attempt: pending.job.attempt + 1) : pending.job
                schedule.putBack(job, at: moment.civil)
            } else {
                fail(pending, .noConnection(why), at: moment, into: &actions)
            }
        }
        // A gateway that closes an idle line is asked again at once; one that hangs up unheard is given a rest.
        let rest = hasAnsweredSinceConnect ? (wasBusy ? Self.reconnectMilliseconds : 0) : backoff.afterFailure()
        state = .resting(until: moment.monotonic.adding(milliseconds: rest))
    }

    mutating func close(_ why: String, at moment: Moment, into actions: inout Actions) {
        actions.close = why
        actions.bytes.removeAll(keepingCapacity: true)
        disconnected(why, at: moment, into: &actions)
    }

    /// Somebody answered in step.
    mutating func lineIsAlive(at moment: Moment) {
        if !silentPositions.isEmpty { silentPositions.removeAll(keepingCapacity: true) }
        strangersInARow = 0
        hasAnsweredSinceConnect = true
        hasToldOutage = false
        lastHeard = moment.monotonic
        backoff.reset()
    }

    // MARK: - Deadlines

    private mutating func checkDeadlines(at moment: Moment, into actions: inout Actions) {
        switch state {
        case .connecting(let deadline) where deadline <= moment.monotonic:
            actions.close = "no connection within \(plan.gateway.timeoutMilliseconds) ms"
            unreachable("no connection within \(plan.gateway.timeoutMilliseconds) ms", at: moment, into: &actions)
        case .talking where mustReconnect != nil:
            close(mustReconnect ?? "", at: moment, into: &actions)
        case .talking where inFlight > 0:
            var hasTimedOut = false
            for slot in slots.indices {
                guard let pending = slots[slot], deadline(of: pending) <= moment.monotonic else { continue }
                release(slot)
                hasTimedOut = true
                timedOut(pending, at: moment, into: &actions)
            }
            guard hasTimedOut else { return }
            if silentPositions.count >= min(Self.silentMetersMax, max(1, trustedCount(at: moment.civil))) {
                figures.silentConnections += 1
                // The first to fall silent on a line that had answered may have wedged it: were it forgiven too, it
                // would do so for ever.
                for position in silentPositions.dropFirst(hasAnsweredSinceConnect ? 1 : 0) {
                    breakers[position].forgive()
                }
                close("\(silentPositions.count) meters in a row silent, and no other heard", at: moment, into: &actions)
            } else if plan.hasNoTransactions {
                close("a request unanswered on a line without transaction ids", at: moment, into: &actions)
            }
        default:
            break
        }
    }

    private mutating func timedOut(_ pending: Pending, at moment: Moment, into actions: inout Actions) {
        abandoned.append((pending.transaction, pending.sent))
        if abandoned.count > Self.abandonedMax { abandoned.removeFirst() }
        patience.timedOut()
        let position = pending.job.position
        if case .frozen = pending.job.task, pending.purpose == .data, standings[position].historyTimeouts < .max {
            standings[position].historyTimeouts += 1
        }
        // A unit known to be silent says nothing about the line, unless there is no other.
        let isWitness = !schedule.isParked(position) || trustedCount(at: moment.civil) == 0
        if isWitness, !silentPositions.contains(position) { silentPositions.append(position) }
        unitWasSilent(position, isFinal: false, at: moment)
        fail(pending, .timeout, at: moment, into: &actions)
    }

    /// Behind a serial bus the n-th answer takes n times as long: a request's time runs from the answer before it,
    /// within the time that all places together may take.
    private func deadline(of pending: Pending) -> MonotonicTime {
        let places = Int64(plan.gateway.timeoutMilliseconds * slots.count) * 1_000_000
        let most = pending.sent.adding(nanoseconds: max(places, pending.timeout))
        return min(max(pending.sent, lastAnswer).adding(nanoseconds: pending.timeout), most)
    }

    mutating func release(_ slot: Int) {
        if let position = slots[slot]?.job.position, let place = asked.firstIndex(of: position) {
            asked.swapAt(place, asked.count - 1)
            asked.removeLast()
        }
        slots[slot] = nil
        inFlight -= 1
        isWaitingForBusyMeters = false
    }

    // MARK: - Units that keep silent

    /// Meters that can speak for the line: in service today and not known to be silent. One that has left, or is still
    /// to come, is never asked and must not count.
    private func trustedCount(at civil: Instant) -> Int {
        let today = calendar.day(at: civil)
        return plan.meters.indices.count { plan.meters[$0].isInService(on: today) && !schedule.isParked($0) }
    }

    mutating func unitWasSilent(_ position: Int, isFinal: Bool, at moment: Moment) {
        let verdict = breakers[position].silent(isFinal: isFinal, cadence: rhythm.cadence, jitter: random.next())
        if case .open(let span) = verdict {
            schedule.park(position, probe: moment.civil + span)
            beginProofAnew(position)
        }
    }

    mutating func unitWasHeard(_ position: Int, at moment: Moment) {
        breakers[position].heard()
        if schedule.isParked(position) { schedule.restore(position, at: moment.civil) }
    }

    /// A probe has ended: what it cost is earned back by 24 times as long without one, so that silent units take no
    /// more than 4 % of a busy line.
    mutating func probeEnded(_ pending: Pending, at moment: Moment) {
        let cost = moment.monotonic.nanoseconds - pending.sent.nanoseconds
        nextProbe = moment.monotonic.adding(nanoseconds: cost * 24)
    }
}

extension GatewayConversation.Pending {
    /// The order in which requests were sent at one moment.
    fileprivate var order: UInt16 { transaction >> 4 }
}
