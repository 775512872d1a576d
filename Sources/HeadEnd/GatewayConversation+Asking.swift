import Metering
import Modbus

extension GatewayConversation {
    private struct Request {
        let range: WordRange
        let purpose: Purpose
    }

    mutating func ask(at moment: Moment, into actions: inout Actions) {
        switch state {
        case .resting(let until):
            guard until <= moment.monotonic, hasWork(at: moment.civil) else { return }
            state = .connecting(deadline: moment.monotonic.adding(milliseconds: plan.gateway.timeoutMilliseconds))
            actions.shouldConnect = true
        case .connecting:
            return
        case .talking:
            guard actions.close == nil, nextSend <= moment.monotonic else { return }
            while let slot = slots.firstIndex(where: { $0 == nil }) {
                guard let (job, isProbe) = nextJob(at: moment) else { return }
                guard let request = request(for: job, isProbe: isProbe, at: moment.civil) else { continue }
                send(request, for: job, isProbe: isProbe, slot: slot, at: moment, into: &actions)
                // A pause between requests leaves room for one in flight only.
                if pause(for: job) > 0 {
                    nextSend = .never
                    return
                }
            }
        }
    }

    private func hasWork(at civil: Instant) -> Bool {
        unprovenFrom != nil || schedule.nextDue.map { $0 <= civil } ?? false || schedule.dueProbe(at: civil) != nil
    }

    private mutating func send(
        _ request: Request, for job: PollJob, isProbe: Bool, slot: Int, at moment: Moment, into actions: inout Actions
    ) {
        let transaction = freshTransaction(slot: slot)
        framing.append(
            request.range, to: &actions.bytes, unit: plan.meters[job.position].unit, transaction: transaction)
        // History takes its time; a unit that kept silent, or a line in doubt, is given all of it.
        var isWhole = isProbe || job.attempt > 0 || breakers[job.position].isSuspect
        var timeout: Int64?
        if case .frozen = job.task {
            isWhole = true
            if request.purpose == .data { timeout = historyTimeout(of: job.position) }
        }
        slots[slot] = Pending(
            job: job, purpose: request.purpose, range: request.range, transaction: transaction,
            sent: moment.monotonic, requested: moment.civil, timeout: timeout ?? patience.timeout(isWhole: isWhole),
            isProbe: isProbe)
        inFlight += 1
        asked.append(job.position)
        figures.requests += 1
        if isProbe { figures.probes += 1 }
    }

    /// Nanoseconds that a meter's record may take: as long as any answer at first, four times as long after each
    /// time-out. Some meters search for a minute (quirks §12, §23).
    private func historyTimeout(of position: Int) -> Int64 {
        let most = max(patience.ceiling, Self.historyNanosecondsMax)
        return min(most, patience.ceiling << (2 * Int64(min(standings[position].historyTimeouts, 6))))
    }

    private static let historyNanosecondsMax: Int64 = 90_000_000_000

    private mutating func freshTransaction(slot: Int) -> UInt16 {
        while true {
            let transaction = generation << 4 | UInt16(slot)
            generation = (generation + 1) & 0x0FFF
            if abandoned.isEmpty || !abandoned.contains(where: { $0.transaction == transaction }) { return transaction }
        }
    }

    func pause(for job: PollJob) -> Int {
        max(plan.gateway.pauseMilliseconds, plan.meters[job.position].model.pauseMilliseconds)
    }

    // MARK: - Choosing

    private mutating func nextJob(at moment: Moment) -> (PollJob, isProbe: Bool)? {
        if schedule.parkedCount > 0, let probe = sharedProbe(at: moment) { return (probe, true) }
        if let job = schedule.next(at: moment.civil, passing: asked) { return (job, false) }
        if let unproven = nextUnproven(at: moment.civil) { return (unproven, false) }
        if let neighbour = neighbourOfSilent(at: moment.civil) { return (neighbour, true) }
        if schedule.parkedCount > 0, let probe = idleProbe(at: moment) { return (probe, true) }
        isWaitingForBusyMeters = inFlight > 0
        return nil
    }

    /// A meter fell silent, nobody was heard since, and nobody else's turn is near: another one is asked for a sign of
    /// life, so that a dead connection is found out in a few time-outs rather than in a cadence.
    private func neighbourOfSilent(at civil: Instant) -> PollJob? {
        guard !silentPositions.isEmpty, inFlight == 0 else { return nil }
        let today = calendar.day(at: civil)
        let neighbour = plan.meters.indices.first {
            plan.meters[$0].isInService(on: today) && !schedule.isParked($0) && !silentPositions.contains($0)
        }
        return neighbour.map { PollJob(position: $0, task: .proof, lane: .daytime) }
    }

    /// While others wait, silent units have their small share of the line; a sweep and an operator wait for nobody.
    private func sharedProbe(at moment: Moment) -> PollJob? {
        guard nextProbe <= moment.monotonic, !isDue(.midnight, by: moment.civil), !isDue(.demand, by: moment.civil)
        else { return nil }
        return probe(at: moment)
    }

    /// When nothing else is due a probe costs nobody anything, if it ends before the next sweep begins.
    private func idleProbe(at moment: Moment) -> PollJob? {
        let ahead = Instant.Span(microseconds: patience.ceiling / 1000)
        return isDue(.midnight, by: moment.civil + ahead) ? nil : probe(at: moment)
    }

    private func probe(at moment: Moment) -> PollJob? {
        guard let position = schedule.dueProbe(at: moment.civil), !asked.contains(position) else { return nil }
        return PollJob(position: position, task: .proof, lane: .daytime)
    }

    private func isDue(_ lane: PollJob.Lane, by civil: Instant) -> Bool {
        schedule.nextDue(lane).map { $0 <= civil } ?? false
    }

    /// The request that brings `job` forward: its data, or before that what the meter still has to prove. `nil` when
    /// there is nothing to ask; the job is concluded then.
    private mutating func request(for job: PollJob, isProbe: Bool, at civil: Instant) -> Request? {
        let position = job.position
        if let step = proofDue(for: job, at: civil) {
            return Request(
                range: plan.meters[position].model.proof[step].range, purpose: .proof(step: UInt8(step)))
        }
        switch job.task {
        case .live(let block):
            if let request = liveRequest(Int(block), of: job, at: civil) { return request }
            schedule.finished(job, .notThere, at: civil)
        case .frozen(let day):
            // Another meter's records are nobody's days.
            guard standings[position].state != .foreign else {
                schedule.finished(job, .later, at: civil)
                return nil
            }
            if plan.meters[position].model.energies != nil {
                if let range = energyRange(for: job, day: day, at: civil) {
                    return Request(range: range, purpose: .data)
                }
                schedule.finished(job, .notThere, at: civil)
                return nil
            }
            let slot = calendar.day(at: civil) - day
            if slot >= 0, let range = plan.meters[position].model.frozen?.range(slot: slot) {
                return Request(range: range, purpose: .data)
            }
            schedule.finished(job, .notThere, at: civil)
        case .demand(let block):
            let dials = plan.meters[position].model.dials
            if Int(block) < dials.count { return Request(range: dials[Int(block)].range, purpose: .data) }
            schedule.finished(job, .notThere, at: civil)
        case .proof:
            // Nothing left to prove: of a probe any answer will do.
            if isProbe { return Request(range: plan.meters[position].model.lifeSign, purpose: .lifeSign) }
        }
        return nil
    }

    /// A live block whole, or the next of its values where it must be read one by one; `nil` when none is left.
    private mutating func liveRequest(_ block: Int, of job: PollJob, at civil: Instant) -> Request? {
        let read = plan.meters[job.position].model.live[block]
        guard !holes.isEmpty else { return Request(range: read.range, purpose: .data) }
        guard holes.isSplit(holeKey(job.position), block: UInt8(block), at: civil) else {
            return Request(range: read.range, purpose: .data)
        }
        guard let value = presentValue(from: Int(job.value), block: block, of: job.position, at: civil) else {
            return nil
        }
        return Request(range: read.values[value].range, purpose: .value(UInt8(value)))
    }

    /// The first value of a split block at or after `value` that the meter has.
    func presentValue(from value: Int, block: Int, of position: Int, at civil: Instant) -> Int? {
        let values = plan.meters[position].model.live[block].values
        let key = holeKey(position)
        return values.indices.dropFirst(value).first {
            !holes.isMissing(key, block: UInt8(block), value: $0, at: civil)
        }
    }

    func holeKey(_ position: Int) -> HoleMemory.Key {
        let meter = plan.meters[position]
        let firmware = Int(standings[position].firmware)
        return firmware == 0
            ? HoleMemory.Key(model: meter.model.label, firmware: nil, meter: meter.meter)
            : HoleMemory.Key(model: meter.model.label, firmware: firmwares[firmware - 1], meter: nil)
    }
}
