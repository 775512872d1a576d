import Metering
import Modbus

/// Whether a meter is believed: model words and serial number before its first reading, once a day, after a long
/// outage of the line, and after anything suspicious. A meter that shows another identity is a foreign one: its
/// readings are kept apart, its days are nobody's (design §5).
extension GatewayConversation {
    /// A sweep is not held up by a proof that has grown old in the night; daytime polls renew it before that.
    private static let ageMax: [PollJob.Lane: Instant.Span] = [
        .midnight: .hours(48), .backfill: .hours(48), .daytime: .hours(20),
    ]

    /// Something about this meter is suspicious: it proves itself anew before its next reading counts.
    package mutating func doubt(_ meter: MeterID) {
        guard let position = plan.meters.firstIndex(where: { $0.meter == meter }) else { return }
        oweAgain(position)
        guard policy != .off else { return }
        standings[position].state = .unknown
        beginProofAnew(position)
        unprovenFrom = min(unprovenFrom ?? position, position)
    }

    /// What was suspicious may have been its last record: the meter keeps it, and is asked for it again in a cadence.
    private mutating func oweAgain(_ position: Int) {
        guard let day = standings[position].lastRecord else { return }
        schedule.owe(position, day)
    }

    /// What a meter has shown of itself so far counts only together with the rest: another may answer from now on.
    mutating func beginProofAnew(_ position: Int) {
        guard standings[position].step != 0 || checks[position] != nil else { return }
        standings[position].step = 0
        checks[position] = nil
    }

    /// The proof request that must be answered before `job` may be; `nil` when the meter is believed, or cannot be.
    mutating func proofDue(for job: PollJob, at civil: Instant) -> Int? {
        if policy == .off { return nil }
        if case .demand = job.task { return nil }
        guard isProofDue(job.position, lane: job.lane, at: civil) else { return nil }
        return step(of: job.position, from: Int(standings[job.position].step))
    }

    private mutating func isProofDue(_ position: Int, lane: PollJob.Lane, at civil: Instant) -> Bool {
        let standing = standings[position]
        let age = civil - standing.provenAt
        switch standing.state {
        case .unknown: return true
        // Looked at anew once a slot: somebody may have put the right meter back.
        case .foreign: return age.microseconds > rhythm.cadence.microseconds / 2
        case .proven:
            if needsWitness {
                needsWitness = false
                standings[position].step = 0
                return true
            }
            return standing.outage != outage || age > Self.ageMax[lane, default: .hours(20)]
        }
    }

    /// The first of the model's proof requests from `step` on that applies to this meter.
    private func step(of position: Int, from step: Int) -> Int? {
        let requests = plan.meters[position].model.proof
        return requests.indices.dropFirst(step).first { applies(requests[$0], to: position) }
    }

    private func applies(_ request: ModelPlan.ProofRequest, to position: Int) -> Bool {
        switch request.kind {
        case .identity(let namesModel): policy == .serial || namesModel
        case .clock, .firmware: true
        // Once a day is enough, and nothing is held up by it: not before the first readings, nor after an outage.
        case .load: standings[position].state == .proven && standings[position].outage == outage
        case .check: !standings[position].isChecked
        }
    }

    /// When the line is idle: a meter that has yet to prove itself.
    mutating func nextUnproven(at civil: Instant) -> PollJob? {
        guard let from = unprovenFrom else { return nil }
        let today = calendar.day(at: civil)
        for position in plan.meters.indices.dropFirst(from) {
            let standing = standings[position]
            guard standing.state == .unknown || standing.outage != outage, step(of: position, from: 0) != nil,
                plan.meters[position].isInService(on: today), !schedule.isParked(position),
                !asked.contains(position)
            else { continue }
            unprovenFrom = position + 1
            return PollJob(position: position, task: .proof, lane: .daytime)
        }
        unprovenFrom = nil
        return nil
    }

    /// The answer to a proof request.
    mutating func prove(
        _ step: Int, _ words: [UInt16], for pending: Pending, at moment: Moment, into actions: inout Actions
    ) {
        let meter = plan.meters[pending.job.position]
        let request = meter.model.proof[step]
        guard isExpected(step, for: pending, at: moment) else { return }
        switch request.kind {
        case .identity: break
        case .firmware:
            let firmware = request.text(of: meter.model.identity?.firmware, in: words)
            return proven(step, serial: nil, firmware: firmware, for: pending, at: moment, into: &actions)
        case .clock(let clock):
            noteClock(clock, words, for: pending, at: moment, into: &actions)
            return proven(step, serial: nil, for: pending, at: moment, into: &actions)
        case .load:
            noteLoad(request.decode(words, multiplier: meter.multiplier), for: pending, at: moment, into: &actions)
            return proven(step, serial: nil, for: pending, at: moment, into: &actions)
        case .check:
            let values = request.decode(words, multiplier: meter.multiplier)
            checks[pending.job.position, default: []].append(values)
            return proven(step, serial: nil, for: pending, at: moment, into: &actions)
        }
        guard let identity = meter.model.identity else { return }
        var mismatch: IdentityMismatch?
        var serial: String?
        let firmware = request.text(of: identity.firmware, in: words)
        for value in request.values {
            let offset = Int(value.range.address - request.range.address)
            let own = Array(words[offset..<offset + Int(value.range.count)])
            if let check = identity.model, value == check.value, !check.accepts(own) {
                mismatch = .model(own.map(\.hex).joined(separator: " "))
            }
            if value == identity.serial {
                serial = identity.serialText(in: own)
                if policy == .serial { mismatch = mismatch ?? serialMismatch(serial, of: meter) }
            }
        }
        if let mismatch {
            foreign(mismatch, serial: serial, for: pending, at: moment, into: &actions)
        } else {
            proven(step, serial: serial, firmware: firmware, for: pending, at: moment, into: &actions)
        }
    }

    /// Whether the proof still stands where it stood when this was asked. A doubt that came meanwhile has it begin
    /// anew: then the answer says nothing, and the job goes on from there.
    private mutating func isExpected(_ step: Int, for pending: Pending, at moment: Moment) -> Bool {
        let position = pending.job.position
        if self.step(of: position, from: Int(standings[position].step)) == step { return true }
        if pending.job.task == .proof {
            schedule.finished(pending.job, .later, at: moment.civil)
        } else {
            schedule.putBack(pending.job, at: moment.civil)
        }
        return false
    }

    /// The meter's clock was looked at somewhere between request and answer: the middle is the fairest guess.
    private func noteClock(
        _ clock: MeterClock, _ words: [UInt16], for pending: Pending, at moment: Moment, into actions: inout Actions
    ) {
        guard case .instant(let shown) = clock.encoding.content(of: words, in: calendar) else { return }
        let took = moment.civil - pending.requested
        let ours = pending.requested + Instant.Span(microseconds: took.microseconds / 2)
        report(
            .success([]), facts: MeterFacts(standing: .unasked, clockOffset: shown - ours),
            position: pending.job.position, transaction: pending.transaction, requested: pending.requested, at: moment,
            into: &actions)
    }

    private func noteLoad(
        _ values: [DecodedValue], for pending: Pending, at moment: Moment, into actions: inout Actions
    ) {
        guard let watts = values.first?.watts else { return }
        report(
            .success([]), facts: MeterFacts(standing: .unasked, load: watts), position: pending.job.position,
            transaction: pending.transaction, requested: pending.requested, at: moment, into: &actions)
    }

    private func serialMismatch(_ serial: String?, of meter: MeterPlan) -> IdentityMismatch? {
        guard let serial else {
            return meter.model.identity?.serial?.isOptional == true ? nil : .silent
        }
        return Identity.serialMatches(serial, registered: meter.serial)
            ? nil : .serial(found: serial, registered: meter.serial)
    }

    /// This request speaks for the meter: the next one, or all is proven.
    private mutating func proven(
        _ step: Int, serial: String?, firmware: String? = nil, for pending: Pending, at moment: Moment,
        into actions: inout Actions
    ) {
        let position = pending.job.position
        if let firmware { standings[position].firmware = number(of: firmware) }
        if serial != nil || firmware != nil {
            let standing = serial == nil ? MeterFacts.Standing.unasked : .proven
            report(
                .success([]), facts: MeterFacts(standing: standing, serial: serial, firmware: firmware),
                position: position,
                transaction: pending.transaction, requested: pending.requested, at: moment, into: &actions)
        }
        if let next = self.step(of: position, from: step + 1) {
            standings[position].step = UInt8(next)
            return schedule.putBack(pending.job, at: moment.civil)
        }
        let requests = checks.removeValue(forKey: position) ?? []
        if !standings[position].isChecked, let why = contradiction(in: requests, of: position) {
            standings[position].wasImplausible = true
            return foreign(.implausible(why), serial: nil, for: pending, at: moment, into: &actions)
        }
        if !standings[position].isChecked, !requests.isEmpty {
            report(
                .success([]), facts: MeterFacts(standing: .plausible), position: position,
                transaction: pending.transaction, requested: pending.requested, at: moment, into: &actions)
        }
        standings[position].isChecked = true
        standings[position].state = .proven
        concludeProof(pending, at: moment)
    }

    /// How a meter's own values contradict its profile. Words in a wrong order come out as "not available" now and
    /// then: whoever was contradicted once is believed only for values that are right.
    private func contradiction(in requests: [[DecodedValue]], of position: Int) -> String? {
        switch ProfileCheck.judge(requests, of: plan.meters[position].model.profile) {
        case .failed(let sentences): sentences.joined(separator: "; ")
        case .nothingToCheck where standings[position].wasImplausible:
            "its values contradicted its profile before, and none of them is available now"
        case .passed, .nothingToCheck: nil
        }
    }

    private mutating func foreign(
        _ mismatch: IdentityMismatch, serial: String?, for pending: Pending, at moment: Moment,
        into actions: inout Actions
    ) {
        figures.mismatches += 1
        standings[pending.job.position].state = .foreign
        checks[pending.job.position] = nil
        var standing = MeterFacts.Standing.foreign
        if case .implausible(let why) = mismatch { standing = .implausible(why) }
        report(
            .failure(.identity(mismatch)), facts: MeterFacts(standing: standing, serial: serial),
            position: pending.job.position, transaction: pending.transaction, requested: pending.requested, at: moment,
            into: &actions)
        concludeProof(pending, at: moment)
    }

    /// The meter refuses a proof request for good (exceptions 1 to 3).
    mutating func proofRefused(_ step: Int, for pending: Pending, at moment: Moment, into actions: inout Actions) {
        guard isExpected(step, for: pending, at: moment) else { return }
        if plan.meters[pending.job.position].model.proof[step].isOptional {
            proven(step, serial: nil, for: pending, at: moment, into: &actions)
        } else {
            foreign(.silent, serial: nil, for: pending, at: moment, into: &actions)
        }
    }

    private mutating func concludeProof(_ pending: Pending, at moment: Moment) {
        let position = pending.job.position
        standings[position].step = 0
        standings[position].provenAt = moment.civil
        standings[position].outage = outage
        lastWitness = moment.monotonic
        if pending.job.task == .proof {
            schedule.finished(pending.job, .done, at: moment.civil)
        } else {
            schedule.putBack(pending.job, at: moment.civil)
        }
    }

    /// Firmwares are few, meters many: each is held once.
    private mutating func number(of firmware: String) -> UInt8 {
        if let known = firmwares.firstIndex(of: firmware) { return UInt8(known) + 1 }
        guard firmwares.count < 254 else { return 0 }
        firmwares.append(firmware)
        return UInt8(firmwares.count)
    }
}

extension ModelPlan.ProofRequest {
    /// The text of one of its values in the whole answer; `nil` where it holds no such value, or the meter shows none.
    fileprivate func text(of value: ProfileValue?, in words: [UInt16]) -> String? {
        guard let value, values.contains(value) else { return nil }
        let offset = Int(value.range.address - range.address)
        guard
            case .text(let text) = value.decode(words[offset..<offset + Int(value.range.count)], multiplier: 1).outcome
        else { return nil }
        return text
    }
}
