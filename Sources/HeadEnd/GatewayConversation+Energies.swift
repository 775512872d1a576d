import Metering
import Modbus

/// A look at a meter that keeps the energy of each day instead of its dial: today's record, the dial, today's record
/// again, then the records of the days that are owed. `DayIndices` makes the indices of past midnights from it.
struct EnergyLook: Sendable {
    var before: DayEnergy?
    var dial: [Reading] = []
    var after: DayEnergy?
    var days: [DayEnergyRecord] = []
    /// Records before today that are wanted; at least yesterday's, which shows when the meter's day changes.
    let daysBack: Int
}

extension GatewayConversation {
    /// The request of a look's next step (the job's `value`); `nil` where the model has no such words.
    mutating func energyRange(for job: PollJob, day: ServiceDay, at civil: Instant) -> WordRange? {
        let model = plan.meters[job.position].model
        guard let energies = model.energies, let dial = model.energyDial else { return nil }
        if job.value == 0 {
            let oldest = schedule.oldestOwed(job.position, or: day)
            let back = min(energies.days - 1, max(1, calendar.day(at: civil) - oldest))
            energyLooks[job.position] = EnergyLook(daysBack: back)
        }
        guard let look = energyLooks[job.position] else { return nil }
        switch job.value {
        case 0, 2: return range(of: energies, daysBack: 0, count: 1)
        case 1: return dial.range
        default:
            let from = look.days.count + 1
            return range(of: energies, daysBack: from, count: min(energies.recordsMax, look.daysBack - from + 1))
        }
    }

    /// libmodbus cannot read files: a serial line takes the copy in the register space.
    private func range(of energies: DailyEnergies, daysBack: Int, count: Int) -> WordRange? {
        plan.gateway.transport == .rtu
            ? energies.mirrorRange(daysBack: daysBack, count: count) : energies.range(daysBack: daysBack, count: count)
    }

    mutating func takeEnergies(
        _ words: [UInt16], _ energies: DailyEnergies, _ day: ServiceDay, _ pending: Pending, at moment: Moment,
        into actions: inout Actions
    ) {
        let position = pending.job.position
        guard var look = energyLooks[position] else { return schedule.finished(pending.job, .failed, at: moment.civil) }
        switch pending.job.value {
        case 0, 2:
            guard case .day(let today)? = energies.records(in: words, calendar: calendar).first else {
                return endLook(
                    .failure(.absent("no record of today's energy")), day, pending, at: moment, into: &actions)
            }
            if pending.job.value == 0 { look.before = today } else { look.after = today }
        case 1:
            let meter = plan.meters[position]
            let kept = energies.registers
            look.dial = (meter.model.energyDial?.readings(from: words, multiplier: meter.multiplier).readings ?? [])
                .filter { kept.contains($0.register) }
        default:
            look.days += energies.records(in: words, calendar: calendar)
        }
        energyLooks[position] = look
        guard pending.job.value >= 3, look.days.count >= look.daysBack else {
            figures.answers += 1
            return schedule.putBack(pending.job.with(value: min(pending.job.value + 1, 3)), at: moment.civil)
        }
        endLook(indices(from: look, of: plan.meters[position], at: moment), day, pending, at: moment, into: &actions)
    }

    private func indices(
        from look: EnergyLook, of meter: MeterPlan, at moment: Moment
    ) -> Result<[Reading], PollFailure> {
        guard let before = look.before, let after = look.after else { return .failure(.absent("no energy of today")) }
        switch DayIndices.derive(todayBefore: before, dial: look.dial, todayAfter: after, days: look.days) {
        case .failure(let refusal): return .failure(.absent(refusal.description))
        case .success(let indices):
            let today = calendar.day(at: moment.civil)
            let own = indices.readings.filter { reading in
                guard case .frozen(let day) = reading.moment else { return false }
                return day <= today && meter.isInService(on: day)
            }
            return own.isEmpty ? .failure(.absent("no day on which this meter was installed here")) : .success(own)
        }
    }

    private mutating func endLook(
        _ result: Result<[Reading], PollFailure>, _ day: ServiceDay, _ pending: Pending, at moment: Moment,
        into actions: inout Actions
    ) {
        let position = pending.job.position
        energyLooks[position] = nil
        report(
            result, position: position, transaction: pending.transaction, requested: pending.requested, at: moment,
            into: &actions)
        switch result {
        case .success(let readings):
            figures.answers += 1
            schedule.settle(position)
            // A past day that this look did not reach is not in the meter; today's may be there the next time.
            let isThere = readings.contains { $0.moment == .frozen(day) }
            schedule.finished(pending.job, isThere ? .done : .notThere, at: moment.civil)
        case .failure:
            // Most often the dial moved between the three looks, and will stand still the next time.
            figures.absences += 1
            schedule.finished(pending.job, .failed, at: moment.civil)
        }
    }
}
