import Metering
import Modbus

extension GatewayConversation {
    mutating func receive(_ bytes: UnsafeRawBufferPointer, at moment: Moment, into actions: inout Actions) {
        guard case .talking = state else { return }
        switch framing {
        case .tcp(let parser): receive(bytes, parser, at: moment, into: &actions)
        case .rtu(let parser): receive(bytes, parser, at: moment, into: &actions)
        }
        if strangersInARow >= Self.strangersInARowMax {
            close("\(strangersInARow) replies in a row that nobody asked for", at: moment, into: &actions)
        }
    }

    private mutating func receive(
        _ bytes: UnsafeRawBufferPointer, _ taken: consuming FrameParser, at moment: Moment, into actions: inout Actions
    ) {
        // Taken out for the call: the parser hands frames to a method that changes the rest of this value.
        framing = .tcp(FrameParser())
        var parser = taken
        do throws(FramingViolation) {
            // A frame that lost a byte would be completed by the first of the one behind it, be that another request's,
            // a copy, or one that nobody asked for; the violation behind it betrays that, before anything is believed.
            if !parser.isOneFrame(bytes) {
                var rehearsal = parser
                try rehearsal.consume(bytes) { _, _ in }
            }
            try parser.consume(bytes) { header, pdu in
                accept(header, pdu, at: moment, into: &actions)
            }
            framing = .tcp(parser)
        } catch {
            figures.framingViolations += 1
            close(error.description, at: moment, into: &actions)
        }
    }

    /// A serial frame names its unit only; the parser has compared it, and all else, with the one request in flight.
    private mutating func receive(
        _ bytes: UnsafeRawBufferPointer, _ taken: consuming RTUFrameParser, at moment: Moment,
        into actions: inout Actions
    ) {
        var parser = taken
        var replies: [(unit: UInt8, pdu: [UInt8])] = []
        do throws(RTUViolation) {
            try parser.consume(bytes) { unit, pdu in replies.append((unit, Array(pdu))) }
            framing = .rtu(parser)
            for reply in replies {
                let transaction = slots[0]?.transaction ?? 0
                reply.pdu.withUnsafeBytes {
                    accept(
                        MBAPHeader(transaction: transaction, unit: reply.unit), $0, at: moment, into: &actions)
                }
            }
        } catch {
            figures.framingViolations += 1
            close(error.description, at: moment, into: &actions)
        }
    }

    private mutating func accept(
        _ header: MBAPHeader, _ pdu: UnsafeRawBufferPointer, at moment: Moment, into actions: inout Actions
    ) {
        let slot = plan.hasNoTransactions ? 0 : Int(header.transaction & 0x0F)
        guard slot < slots.count, let pending = slots[slot],
            plan.hasNoTransactions || pending.transaction == header.transaction
        else { return stranger(header, at: moment) }
        // Another unit's answer under our transaction is a wrong-customer reading: drop it, the right one may follow.
        guard header.unit == plan.meters[pending.job.position].unit else {
            figures.wrongUnitReplies += 1
            strangersInARow += 1
            return
        }
        release(slot)
        heard(pending, at: moment)
        let reply = pending.range.reply(in: pdu)
        // What the gateway says for want of the unit's own word is no sign of the unit's life.
        let isOwnWord = reply != .exception(0x0A) && reply != .exception(0x0B)
        if isOwnWord { unitWasHeard(pending.job.position, at: moment) }
        switch reply {
        case .words(let words): take(words, for: pending, at: moment, into: &actions)
        case .exception(let code): refused(code, pending, at: moment, into: &actions)
        case .fault(let fault):
            figures.badReplies += 1
            fail(pending, .badReply(fault.description), at: moment, into: &actions)
        }
    }

    /// A reply that belongs to no pending request: dropped and counted.
    private mutating func stranger(_ header: MBAPHeader, at moment: Moment) {
        if let late = abandoned.firstIndex(where: { $0.transaction == header.transaction }) {
            figures.lateReplies += 1
            // It teaches how slow the gateway is, and that the line lives.
            patience.heard(after: moment.monotonic.nanoseconds - abandoned[late].sent.nanoseconds)
            silentPositions.removeAll(keepingCapacity: true)
        } else {
            figures.foreignReplies += 1
            strangersInARow += 1
        }
    }

    private mutating func heard(_ pending: Pending, at moment: Moment) {
        let latency = moment.monotonic.nanoseconds - pending.sent.nanoseconds
        patience.heard(after: latency)
        figures.latency.add(microseconds: latency / 1000)
        let pause = pause(for: pending.job)
        concluded(pending, at: moment, pause: pause)
        lineIsAlive(at: moment)
        lastAnswer = moment.monotonic
        nextSend = pause > 0 ? moment.monotonic.adding(milliseconds: pause) : .zero
    }

    /// What one request costs the line, as the forecast needs it.
    private mutating func concluded(_ pending: Pending, at moment: Moment, pause: Int) {
        let since = max(pending.sent, lastAnswer).nanoseconds
        let cost = moment.monotonic.nanoseconds - since + Int64(pause) * 1_000_000
        pace = pace == 0 ? cost : pace + (cost - pace) / 8
        if pending.isProbe { probeEnded(pending, at: moment) }
    }

    // MARK: - Refusals

    private mutating func refused(
        _ code: UInt8, _ pending: Pending, at moment: Moment, into actions: inout Actions
    ) {
        figures.exceptions += 1
        switch code {
        case 0x0A, 0x0B:
            // Spoken by the gateway: no way to the unit, or no word from it. Says nothing of the register.
            unitWasSilent(pending.job.position, isFinal: code == 0x0A, at: moment)
            fail(pending, .exception(code), at: moment, into: &actions)
        case 0x01...0x03:
            // Asking the same again changes nothing.
            if case .proof(let step) = pending.purpose {
                proofRefused(Int(step), for: pending, at: moment, into: &actions)
            } else if pending.purpose != .lifeSign, case .live(let block) = pending.job.task, code != 0x01 {
                liveRefused(code, Int(block), pending, at: moment, into: &actions)
            } else {
                fail(pending, .exception(code), .notThere, at: moment, into: &actions)
            }
        case 0x05, 0x06:
            fail(pending, .exception(code), at: moment, into: &actions)
        default:
            // The meter lives and will not, or cannot: only the sweep tries again soon.
            let result: JobResult = pending.job.lane == .midnight ? .failed : .later
            fail(pending, .exception(code), result, at: moment, into: &actions)
        }
    }

    /// A block with a register that the meter does not have is read value by value once; what is missing is
    /// remembered, and never takes its neighbours with it.
    private mutating func liveRefused(
        _ code: UInt8, _ block: Int, _ pending: Pending, at moment: Moment, into actions: inout Actions
    ) {
        let values = plan.meters[pending.job.position].model.live[block].values
        let key = holeKey(pending.job.position)
        let value: Int
        if case .value(let asked) = pending.purpose {
            value = Int(asked)
        } else if values.count > 1 {
            // A sibling of the same firmware may have had it split meanwhile.
            if !holes.isSplit(key, block: UInt8(block), at: moment.civil) {
                holes.split(key, block: UInt8(block), at: moment.civil)
            }
            return schedule.putBack(pending.job.with(value: 0), at: moment.civil)
        } else {
            value = 0
        }
        // The import dial must be there: its absence is told each time, and never learnt.
        if values[value].register == .activeImport {
            holes.deny(key)
        } else if code == 0x02 {
            holes.remember(key, block: UInt8(block), missing: value, at: moment.civil)
        }
        if !values[value].isOptional || code != 0x02 {
            report(
                .failure(.exception(code)), position: pending.job.position, transaction: pending.transaction,
                requested: pending.requested, at: moment, into: &actions)
        }
        goOn(pending.job, after: value, at: moment)
    }

    /// The next value of a split block, or what follows the block.
    private mutating func goOn(_ job: PollJob, after value: Int, at moment: Moment) {
        guard case .live(let block) = job.task,
            let next = presentValue(from: value + 1, block: Int(block), of: job.position, at: moment.civil)
        else { return schedule.finished(job, .done, at: moment.civil) }
        schedule.putBack(job.with(value: UInt8(next)), at: moment.civil)
    }

    // MARK: - Words

    private mutating func take(
        _ words: [UInt16], for pending: Pending, at moment: Moment, into actions: inout Actions
    ) {
        switch pending.purpose {
        case .proof(let step): prove(Int(step), words, for: pending, at: moment, into: &actions)
        case .lifeSign: schedule.finished(pending.job, .done, at: moment.civil)
        case .data, .value: decode(words, for: pending, at: moment, into: &actions)
        }
    }

    private mutating func decode(
        _ words: [UInt16], for pending: Pending, at moment: Moment, into actions: inout Actions
    ) {
        let position = pending.job.position
        let model = plan.meters[position].model
        if case .frozen(let day) = pending.job.task, let energies = model.energies {
            return takeEnergies(words, energies, day, pending, at: moment, into: &actions)
        }
        let result: Result<[Reading], PollFailure>
        var facts: MeterFacts?
        var outcome = JobResult.done
        var splitValue: Int?
        switch pending.job.task {
        case .live(let number):
            if case .value(let asked) = pending.purpose {
                splitValue = Int(asked)
                result = dials(model.live[Int(number)].alone(Int(asked)), words, position)
            } else {
                result = dials(model.live[Int(number)], words, position)
            }
            if !holes.isEmpty, Self.hasImportDial(model.live[Int(number)], at: splitValue) {
                holes.affirm(holeKey(position))
            }
        case .demand(let block):
            result = dials(model.dials[Int(block)], words, position)
        case .frozen(let day):
            let record = model.frozen?.record(in: words, multiplier: plan.meters[position].multiplier)
            result = frozen(record, of: plan.meters[position], at: moment.civil)
            noteRecord(result, pending, at: moment)
            // What was asked for as today's is the newest of its records.
            if day == calendar.day(at: pending.requested), case .record(let newest, _)? = record {
                facts = MeterFacts(standing: .unasked, newestDay: newest)
            }
            if case .success(let readings) = result, !readings.contains(where: { $0.moment == .frozen(day) }) {
                // Midnight may have moved the records on while we asked: the day is still to be had.
                outcome = .failed
            }
        case .proof:
            preconditionFailure("a proof brings no dial")
        }
        if case .failure = result { outcome = .notThere }
        if outcome == .done { figures.answers += 1 } else { figures.absences += 1 }
        if case .demand(let block) = pending.job.task {
            answerDemand(block, result, pending, at: moment, into: &actions)
        } else {
            report(
                result, facts: facts, position: position, transaction: pending.transaction,
                requested: pending.requested, at: moment, into: &actions)
        }
        if let splitValue {
            goOn(pending.job, after: splitValue, at: moment)
        } else {
            schedule.finished(pending.job, outcome, at: moment.civil)
        }
    }

    private func dials(
        _ block: ReadBlock, _ words: [UInt16], _ position: Int
    ) -> Result<[Reading], PollFailure> {
        let (readings, absent) = block.readings(from: words, multiplier: plan.meters[position].multiplier)
        return readings.isEmpty ? .failure(.absent(absent.joined(separator: ", "))) : .success(readings)
    }

    /// Whether an answer to the block, or to one value of it, shows the import dial, which every meter has.
    private static func hasImportDial(_ block: ReadBlock, at value: Int?) -> Bool {
        if let value { return block.values[value].register == .activeImport }
        return block.values.contains { $0.register == .activeImport }
    }

    /// A frozen record is booked to the day it carries itself, never to the one we asked for (design §5).
    private func frozen(
        _ record: FrozenRecord?, of meter: MeterPlan, at civil: Instant
    ) -> Result<[Reading], PollFailure> {
        switch record {
        case nil: return .failure(.absent("this model keeps no days"))
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

    /// Which day came, and that it came as fast as anything else.
    private mutating func noteRecord(
        _ result: Result<[Reading], PollFailure>, _ pending: Pending, at moment: Moment
    ) {
        let position = pending.job.position
        if case .success(let readings) = result, case .frozen(let day)? = readings.first?.moment {
            standings[position].lastRecord = day
        }
        if moment.monotonic.nanoseconds - pending.sent.nanoseconds < patience.ceiling {
            standings[position].historyTimeouts = 0
        }
    }

    // MARK: - Reporting

    mutating func fail(
        _ pending: Pending, _ failure: PollFailure, _ result: JobResult = .failed, at moment: Moment,
        into actions: inout Actions
    ) {
        if failure == .timeout {
            figures.timeouts += 1
            nextSend = .zero
            concluded(pending, at: moment, pause: 0)
            lastAnswer = max(lastAnswer, pending.sent)
        }
        if case .demand = pending.job.task {
            return concludeDemand(pending.job.position, .failure(failure), at: moment, into: &actions)
        }
        report(
            .failure(failure), position: pending.job.position, transaction: pending.transaction,
            requested: pending.requested, at: moment, into: &actions)
        schedule.finished(pending.job, result, at: moment.civil)
    }

    func report(
        _ result: Result<[Reading], PollFailure>, facts: MeterFacts? = nil, position: Int, transaction: UInt16,
        requested: Instant, at moment: Moment, into actions: inout Actions
    ) {
        actions.outcomes.append(
            outcome(
                result, facts: facts, position: position, transaction: transaction, requested: requested, at: moment))
    }

    private func outcome(
        _ result: Result<[Reading], PollFailure>, facts: MeterFacts? = nil, position: Int, transaction: UInt16,
        requested: Instant, at moment: Moment
    ) -> PollOutcome {
        PollOutcome(
            meter: plan.meters[position].meter, gateway: plan.gateway.name, unit: plan.meters[position].unit,
            transaction: transaction, profile: plan.meters[position].model.label, requested: requested,
            answered: moment.civil, result: result, facts: facts, isQuarantined: standings[position].state == .foreign)
    }

    // MARK: - An operator's read

    /// Reads all dials of a meter before anything else; `Actions.demands` has the end of it. `false` when this gateway
    /// has no such meter. A read of the same meter that is under way serves both.
    package mutating func demand(_ meter: MeterID, at moment: Moment) -> Bool {
        guard let position = plan.meters.firstIndex(where: { $0.meter == meter }) else { return false }
        if demands[position] == nil {
            demands[position] = []
            schedule.demand(position, at: moment.civil)
        }
        // Somebody waits: the gateway is tried at once, however long it has been away.
        if case .resting = state { state = .resting(until: moment.monotonic) }
        return true
    }

    /// Readings of an operator's read are his to see; only a believed meter's regular registers are stored too.
    private mutating func answerDemand(
        _ block: UInt8, _ result: Result<[Reading], PollFailure>, _ pending: Pending, at moment: Moment,
        into actions: inout Actions
    ) {
        let position = pending.job.position
        let whole = outcome(
            result, position: position, transaction: pending.transaction, requested: pending.requested, at: moment)
        demands[position]?.append(whole)
        if case .success(let readings) = result, standings[position].state == .proven || policy == .off {
            let regular = readings.filter { plan.meters[position].model.liveRegisters.contains($0.register) }
            if !regular.isEmpty {
                report(
                    .success(regular), position: position, transaction: pending.transaction,
                    requested: pending.requested, at: moment, into: &actions)
            }
        }
        guard Int(block) + 1 >= plan.meters[position].model.dials.count else { return }
        concludeDemand(position, nil, at: moment, into: &actions)
    }

    mutating func concludeDemand(
        _ position: Int, _ failure: Result<[Reading], PollFailure>?, at moment: Moment, into actions: inout Actions
    ) {
        guard var outcomes = demands.removeValue(forKey: position) else { return }
        if let failure {
            outcomes.append(
                outcome(failure, position: position, transaction: 0, requested: moment.civil, at: moment))
        }
        actions.demands.append((plan.meters[position].meter, outcomes))
    }
}
