import Metering
import Modbus

/// The conversation with one gateway: a state machine without clock, socket or queue. Events and the moment come in,
/// actions go out; the shard performs them, and a simulation can just as well.
///
/// It never believes a reply that does not fit a pending request by transaction, unit, function and count
/// (design §5): such a reply is dropped and counted, and a late one leaves the stream in step.
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
        package var shouldConnect = false
        /// Why the connection must be closed now.
        package var close: String?

        package init() {}

        package mutating func removeAll() {
            bytes.removeAll(keepingCapacity: true)
            outcomes.removeAll(keepingCapacity: true)
            shouldConnect = false
            close = nil
        }
    }

    private enum State {
        /// No connection; none is tried before this time.
        case resting(until: MonotonicTime)
        case connecting(deadline: MonotonicTime)
        case talking
    }

    private struct Pending {
        let job: PollJob
        let range: WordRange
        let transaction: UInt16
        let sent: MonotonicTime
        let requested: Instant
    }

    package let plan: GatewayPlan
    package private(set) var figures = LineFigures()
    private var schedule: PollSchedule
    private let calendar: ServiceCalendar
    private var state = State.resting(until: .zero)
    private var parser = FrameParser()
    private var backoff: Backoff

    /// One place a request in flight; its number is the low four bits of the transaction.
    private var slots: [Pending?]
    package private(set) var inFlight = 0
    /// The other twelve bits: a transaction returns after 4,096 requests, long after any late reply.
    private var generation: UInt16
    /// Transactions given up, youngest last: their replies are late, not foreign.
    private var abandoned: [UInt16] = []
    private var lastAnswer = MonotonicTime.zero
    private var nextSend = MonotonicTime.zero
    private var timeoutsInARow = 0
    private var strangersInARow = 0
    private var hasAnsweredSinceConnect = false
    package private(set) var isStopping = false

    private static let abandonedMax = 64
    /// Kept after a gateway hung up on a request, so that closing and asking never become a race.
    private static let reconnectMilliseconds = 20
    /// Unanswered requests in a row after which the connection is thought dead (half open, wedged adapter).
    private static let timeoutsInARowMax = 3
    private static let strangersInARowMax = 8

    package init(_ plan: GatewayPlan, rhythm: PollSchedule.Rhythm, seed: UInt64, at civil: Instant) {
        self.plan = plan
        calendar = rhythm.calendar
        schedule = PollSchedule(meters: plan.meters, rhythm: rhythm, at: civil)
        backoff = Backoff(seed: seed)
        var random = SeededRandom(seed: seed &+ 1)
        generation = UInt16(truncatingIfNeeded: random.next()) & 0x0FFF
        slots = Array(repeating: nil, count: min(max(plan.gateway.depth, 1), 16))
    }

    package var isTalking: Bool {
        if case .talking = state { return true }
        return false
    }

    /// Nothing in flight: the connection may be closed without losing an answer.
    package var isQuiet: Bool { inFlight == 0 }

    package func backlog(at civil: Instant) -> Int { schedule.backlog(at: civil) }

    /// No new request from now on; those in flight are still awaited.
    package mutating func stop() { isStopping = true }

    /// When to be woken: by the monotonic clock (deadline, pause, rest) and by the civil one (next due job).
    package func wake() -> (monotonic: MonotonicTime, civil: Instant?) {
        let due = isStopping ? nil : schedule.nextDue
        switch state {
        case .resting(let until): return (due == nil ? .never : until, due)
        case .connecting(let deadline): return (deadline, nil)
        case .talking:
            let deadline = slots.lazy.compactMap { $0.map(self.deadline) }.min() ?? .never
            return (deadline, inFlight < slots.count ? due : nil)
        }
    }

    /// Not before this time may another request be sent (the pause some meters need).
    package var earliestSend: MonotonicTime { nextSend }

    /// Lets `event` happen; what is to be done is added to `actions`. With `mayAsk` false (the store is behind) no
    /// new request is made.
    package mutating func handle(_ event: Event, at moment: Moment, mayAsk: Bool, into actions: inout Actions) {
        switch event {
        case .wake:
            break
        case .connected:
            guard case .connecting = state else { return }
            state = .talking
            parser.reset()
            figures.connects += 1
            hasAnsweredSinceConnect = false
            timeoutsInARow = 0
            strangersInARow = 0
            lastAnswer = moment.monotonic
            nextSend = moment.monotonic.adding(milliseconds: plan.gateway.pauseMilliseconds)
        case .connectFailed(let why):
            unreachable(why, at: moment, into: &actions)
        case .received(let bytes):
            receive(bytes, at: moment, into: &actions)
        case .closed(let why):
            disconnected(why, at: moment, into: &actions)
        }
        checkDeadlines(at: moment, into: &actions)
        if mayAsk, !isStopping { ask(at: moment, into: &actions) }
    }

    // MARK: - Connection

    private mutating func unreachable(_ why: String, at moment: Moment, into actions: inout Actions) {
        figures.connectFailures += 1
        let isFirst = backoff.failures == 0
        state = .resting(until: moment.monotonic.adding(milliseconds: backoff.afterFailure()))
        // Every waiting meter is told once an outage; after that one line an attempt says that it lasts.
        for position in schedule.duePositions(at: moment.civil, most: isFirst ? .max : 1) {
            report(
                .failure(.noConnection(why)), position: position, transaction: 0, requested: moment.civil,
                at: moment, into: &actions)
        }
    }

    private mutating func disconnected(_ why: String, at moment: Moment, into actions: inout Actions) {
        let wasBusy = inFlight > 0
        for slot in slots.indices {
            guard let pending = slots[slot] else { continue }
            release(slot)
            // A gateway that answered and then hung up (some do after each answer) has not refused this request: it
            // is put back, for each connection that answers once makes progress.
            if hasAnsweredSinceConnect {
                schedule.putBack(pending.job, at: moment.civil)
            } else {
                fail(pending, .noConnection(why), at: moment, into: &actions)
            }
        }
        abandoned.removeAll(keepingCapacity: true)
        // A gateway that closes an idle line is asked again at once; one that hangs up unheard is given a rest.
        let rest = hasAnsweredSinceConnect ? (wasBusy ? Self.reconnectMilliseconds : 0) : backoff.afterFailure()
        state = .resting(until: moment.monotonic.adding(milliseconds: rest))
    }

    private mutating func close(_ why: String, at moment: Moment, into actions: inout Actions) {
        actions.close = why
        actions.bytes.removeAll(keepingCapacity: true)
        disconnected(why, at: moment, into: &actions)
    }

    private mutating func checkDeadlines(at moment: Moment, into actions: inout Actions) {
        switch state {
        case .connecting(let deadline) where deadline <= moment.monotonic:
            actions.close = "no connection within \(plan.gateway.timeoutMilliseconds) ms"
            unreachable("no connection within \(plan.gateway.timeoutMilliseconds) ms", at: moment, into: &actions)
        case .talking:
            for slot in slots.indices {
                guard let pending = slots[slot], deadline(of: pending) <= moment.monotonic else { continue }
                release(slot)
                abandoned.append(pending.transaction)
                if abandoned.count > Self.abandonedMax { abandoned.removeFirst() }
                timeoutsInARow += 1
                fail(pending, .timeout, at: moment, into: &actions)
            }
            if timeoutsInARow >= Self.timeoutsInARowMax {
                close("\(timeoutsInARow) requests in a row unanswered", at: moment, into: &actions)
            }
        default:
            break
        }
    }

    /// Behind a serial bus the n-th answer takes n times as long: a request's time runs from the answer before it,
    /// within the time that all places together may take.
    private func deadline(of pending: Pending) -> MonotonicTime {
        let timeout = plan.gateway.timeoutMilliseconds
        let most = pending.sent.adding(milliseconds: timeout * slots.count)
        return min(max(pending.sent, lastAnswer).adding(milliseconds: timeout), most)
    }

    // MARK: - Asking

    private mutating func ask(at moment: Moment, into actions: inout Actions) {
        switch state {
        case .resting(let until):
            guard until <= moment.monotonic, let due = schedule.nextDue, due <= moment.civil else { return }
            state = .connecting(deadline: moment.monotonic.adding(milliseconds: plan.gateway.timeoutMilliseconds))
            actions.shouldConnect = true
        case .connecting:
            return
        case .talking:
            guard actions.close == nil, nextSend <= moment.monotonic else { return }
            while let slot = slots.firstIndex(where: { $0 == nil }), let job = schedule.next(at: moment.civil) {
                guard let range = range(of: job, at: moment.civil) else {
                    schedule.finished(job, .notThere, at: moment.civil)
                    continue
                }
                let transaction = generation << 4 | UInt16(slot)
                generation = (generation + 1) & 0x0FFF
                let unit = plan.meters[job.position].unit
                range.appendRequest(to: &actions.bytes, unit: unit, transaction: transaction)
                slots[slot] = Pending(
                    job: job, range: range, transaction: transaction, sent: moment.monotonic, requested: moment.civil)
                inFlight += 1
                figures.requests += 1
                // A pause between requests leaves room for one in flight only.
                if pause(for: job) > 0 {
                    nextSend = .never
                    return
                }
            }
        }
    }

    private func range(of job: PollJob, at civil: Instant) -> WordRange? {
        let model = plan.meters[job.position].model
        switch job.task {
        case .live(let block): return model.live[block].range
        case .frozen(let day):
            let slot = calendar.day(at: civil) - day
            return slot >= 0 ? model.frozen?.range(slot: slot) : nil
        }
    }

    private func pause(for job: PollJob) -> Int {
        max(plan.gateway.pauseMilliseconds, plan.meters[job.position].model.pauseMilliseconds)
    }

    private mutating func release(_ slot: Int) {
        slots[slot] = nil
        inFlight -= 1
    }

    // MARK: - Listening

    private mutating func receive(_ bytes: UnsafeRawBufferPointer, at moment: Moment, into actions: inout Actions) {
        guard case .talking = state else { return }
        // Taken out for the call: the parser hands frames to a method that changes the rest of this value.
        var parser = self.parser
        self.parser = FrameParser()
        do throws(FramingViolation) {
            try parser.consume(bytes) { header, pdu in
                accept(header, pdu, at: moment, into: &actions)
            }
            self.parser = parser
            if strangersInARow >= Self.strangersInARowMax {
                close("\(strangersInARow) replies in a row that nobody asked for", at: moment, into: &actions)
            }
        } catch {
            figures.framingViolations += 1
            close(error.description, at: moment, into: &actions)
        }
    }

    private mutating func accept(
        _ header: MBAPHeader, _ pdu: UnsafeRawBufferPointer, at moment: Moment, into actions: inout Actions
    ) {
        let slot = Int(header.transaction & 0x0F)
        guard slot < slots.count, let pending = slots[slot], pending.transaction == header.transaction else {
            if abandoned.contains(header.transaction) {
                figures.lateReplies += 1
                timeoutsInARow = 0
            } else {
                figures.foreignReplies += 1
                strangersInARow += 1
            }
            return
        }
        // Another unit's answer under our transaction is a wrong-customer reading: drop it, the right one may follow.
        guard header.unit == plan.meters[pending.job.position].unit else {
            figures.wrongUnitReplies += 1
            strangersInARow += 1
            return
        }
        release(slot)
        lastAnswer = moment.monotonic
        timeoutsInARow = 0
        strangersInARow = 0
        hasAnsweredSinceConnect = true
        backoff.reset()
        figures.latency.add(microseconds: (moment.monotonic.nanoseconds - pending.sent.nanoseconds) / 1000)
        let pause = pause(for: pending.job)
        nextSend = pause > 0 ? moment.monotonic.adding(milliseconds: pause) : .zero
        switch pending.range.reply(in: pdu) {
        case .words(let words): decode(words, for: pending, at: moment, into: &actions)
        case .exception(let code):
            figures.exceptions += 1
            // This variant of the model has no such register: absent, and no failure of the meter.
            if code == 0x02, isOptional(pending.job) {
                return schedule.finished(pending.job, .notThere, at: moment.civil)
            }
            // Function, address or count refused: asking again changes nothing. Anything else may pass.
            let result: JobResult = (0x01...0x03).contains(code) ? .notThere : .failed
            fail(pending, .exception(code), result, at: moment, into: &actions)
        case .fault(let fault):
            figures.badReplies += 1
            fail(pending, .badReply(fault.description), at: moment, into: &actions)
        }
    }

    private func isOptional(_ job: PollJob) -> Bool {
        guard case .live(let block) = job.task else { return false }
        return plan.meters[job.position].model.live[block].values.allSatisfy(\.isOptional)
    }

    private mutating func decode(
        _ words: [UInt16], for pending: Pending, at moment: Moment, into actions: inout Actions
    ) {
        let meter = plan.meters[pending.job.position]
        let result: Result<[Reading], PollFailure>
        var outcome = JobResult.done
        switch pending.job.task {
        case .live(let block):
            let (readings, absent) = meter.model.live[block].readings(from: words, multiplier: meter.multiplier)
            result = readings.isEmpty ? .failure(.absent(absent.joined(separator: ", "))) : .success(readings)
        case .frozen(let day):
            result = frozen(words, of: meter, at: moment.civil)
            if case .success(let readings) = result, !readings.contains(where: { $0.moment == .frozen(day) }) {
                // Midnight may have moved the records on while we asked: the day is still to be had.
                outcome = .failed
            }
        }
        if case .failure = result { outcome = .notThere }
        if outcome == .done { figures.answers += 1 } else { figures.absences += 1 }
        report(
            result, position: pending.job.position, transaction: pending.transaction, requested: pending.requested,
            at: moment, into: &actions)
        schedule.finished(pending.job, outcome, at: moment.civil)
    }

    /// A frozen record is booked to the day it carries itself, never to the one we asked for (design §5).
    private func frozen(_ words: [UInt16], of meter: MeterPlan, at civil: Instant) -> Result<[Reading], PollFailure> {
        guard let frozen = meter.model.frozen else { return .failure(.absent("this model keeps no days")) }
        switch frozen.record(in: words, multiplier: meter.multiplier) {
        case .empty: return .failure(.absent("frozen record not written yet"))
        case .unreadable(let why): return .failure(.badReply(why))
        case .record(let day, let readings):
            guard day <= calendar.day(at: civil) else {
                return .failure(.badReply("frozen record of \(day), a day that has not begun"))
            }
            guard meter.isInService(on: day) else {
                return .failure(.absent("frozen record of \(day), when this meter was not installed here"))
            }
            return readings.isEmpty ? .failure(.absent("frozen record of \(day) has no register")) : .success(readings)
        }
    }

    private mutating func fail(
        _ pending: Pending, _ failure: PollFailure, _ result: JobResult = .failed, at moment: Moment,
        into actions: inout Actions
    ) {
        if failure == .timeout {
            figures.timeouts += 1
            nextSend = .zero
        }
        report(
            .failure(failure), position: pending.job.position, transaction: pending.transaction,
            requested: pending.requested, at: moment, into: &actions)
        schedule.finished(pending.job, result, at: moment.civil)
    }

    private func report(
        _ result: Result<[Reading], PollFailure>, position: Int, transaction: UInt16, requested: Instant,
        at moment: Moment, into actions: inout Actions
    ) {
        let meter = plan.meters[position]
        actions.outcomes.append(
            PollOutcome(
                meter: meter.meter, gateway: plan.gateway.name, unit: meter.unit, transaction: transaction,
                profile: meter.model.label, requested: requested, answered: moment.civil, result: result))
    }
}
