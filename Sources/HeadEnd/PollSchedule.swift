import Metering

/// Decides which meter of one gateway is asked next. Pure: civil time comes in, a job goes out.
///
/// Each meter has a daytime slot, pinned to absolute time by its own hash so that a restart neither stampedes nor
/// shifts the series; a sweep at 00:00 for what the meter does not freeze itself; and, where it does, the record of
/// each new day plus whatever days are still owed. A missed slot is skipped, a missed day never.
///
/// A meter that was parked (it does not answer) gets no job but a probe now and then; what it missed waits for it.
package struct PollSchedule: Sendable {
    /// How the rhythm is set (design §6.6 `head_end`).
    package struct Rhythm: Sendable {
        package let calendar: ServiceCalendar
        package let cadence: Instant.Span
        /// How long after 00:00 a meter is given to write its own record.
        package let freezeDelay: Instant.Span

        package init(
            calendar: ServiceCalendar, cadence: Instant.Span = .minutes(30),
            freezeDelay: Instant.Span = .minutes(1)
        ) {
            self.calendar = calendar
            self.cadence = cadence
            self.freezeDelay = freezeDelay
        }
    }

    /// What a parked meter has missed besides its days, which are owed.
    private struct Missed: Sendable {
        var daytime = false
        var midnight = false
        /// When it is tried again.
        var probe: Instant
    }

    private var meters: [MeterPlan]
    private let rhythm: Rhythm
    /// One heap a lane, most urgent lane first. The daytime lane's holds what its rota does not: second tries, further
    /// blocks, what was put back or had to wait.
    private var lanes = Lanes()
    private var rota: Rota
    /// By position: a daytime job of the meter is out, or waits in its lane; its slots pass by meanwhile.
    private var isUnderWay: [Bool] = []
    /// Days still owed by each meter. The last is fetched next: new days are put there, failed ones at the front.
    private var owed: [Int: [ServiceDay]] = [:]
    /// Meters whose backfill waits in its lane or is under way: at most one each.
    private var backfilling: Set<Int> = []
    private var parked: [Int: Missed] = [:]
    /// Tries of one job before its slot is given up (the day stays owed).
    private static let attemptsMax: [PollJob.Lane: Int] = [.demand: 1, .midnight: 3, .backfill: 3, .daytime: 2]

    /// Civil time when it was last looked at, to notice a clock that was put back.
    private var lastLook: Instant
    /// A clock put back by more than this has the schedule made anew; less than this is waited out.
    private static let stepBack = Instant.Span.minutes(1)
    private var making: UInt8 = 0

    package init(meters: [MeterPlan], owed: OwedDays = [:], rhythm: Rhythm, at civil: Instant) {
        self.meters = meters
        self.rhythm = rhythm
        lastLook = civil
        rota = Rota(cadence: rhythm.cadence)
        setRota(after: civil)
        for position in meters.indices { plan(position, owed: owed[meters[position].meter] ?? [], at: civil) }
    }

    // MARK: - Planning

    private mutating func setRota(after civil: Instant) {
        let asked = meters.indices.filter { !meters[$0].model.live.isEmpty }
        rota.set(asked.map { ($0, meters[$0].meter) }, after: civil)
        isUnderWay = Array(repeating: false, count: meters.count)
    }

    /// What a meter is asked beside its daytime slots: the next midnight, what is owed.
    private mutating func plan(_ position: Int, owed days: [ServiceDay], at civil: Instant) {
        let today = rhythm.calendar.day(at: civil)
        let model = meters[position].model
        if !model.live.isEmpty { pushMidnight(position, after: civil) }
        guard model.daysKept > 0 else { return }
        if !days.isEmpty { owed[position] = days }
        pushBackfill(position, due: max(civil, rhythm.calendar.start(of: today) + rhythm.freezeDelay))
        let due = rhythm.calendar.start(of: today.next) + rhythm.freezeDelay
        push(.frozen(today.next), position, .midnight, due: due)
    }

    /// Entries keep the time they are due: after a clock was put back they would wait until it has caught up, and the
    /// true midnight would pass unasked. So they are made anew; what is owed stays owed.
    private mutating func noticeStepBack(at civil: Instant) {
        defer { lastLook = civil }
        guard civil < lastLook - Self.stepBack else { return }
        for entry in lanes.entries(.backfill) where entry.job.attempt > 0 {
            if case .frozen(let day) = entry.job.task { owed[entry.job.position, default: []].insert(day, at: 0) }
        }
        // Days that have begun and were not had yet: the next midnight is planned anew, these would be lost.
        let today = rhythm.calendar.day(at: civil)
        for entry in lanes.entries(.midnight) {
            guard case .frozen(let day) = entry.job.task, day <= today,
                owed[entry.job.position]?.contains(day) != true
            else { continue }
            owed[entry.job.position, default: []].append(day)
        }
        let waiting = Set(lanes.entries(.backfill).map(\.job.position))
        backfilling.subtract(waiting)
        lanes = Lanes()
        setRota(after: civil)
        making &+= 1
        for position in meters.indices { plan(position, owed: owed[position] ?? [], at: civil) }
        for position in parked.keys { parked[position] = Missed(probe: civil) }
    }

    /// Takes over a changed list of meters. `kept` says where each unchanged one stood before; all others are new.
    mutating func replace(_ meters: [MeterPlan], kept: [Int: Int], owed days: OwedDays, at civil: Instant) {
        let old = self
        self.meters = meters
        let moved = Dictionary(uniqueKeysWithValues: kept.map { ($0.value, $0.key) })
        lanes = Lanes()
        setRota(after: civil)
        owed = [:]
        backfilling = []
        parked = [:]
        for entry in PollJob.Lane.allCases.flatMap(old.lanes.entries) {
            guard let position = moved[entry.job.position] else { continue }
            lanes.insert(Entry(due: entry.due, job: entry.job.with(position: position)))
        }
        // Slots that have come and wait do so as before; those of the new meters come later.
        for (before, due) in old.rota.waiting(at: civil) where !old.isUnderWay[before] {
            guard let position = moved[before] else { continue }
            push(.live(block: 0), position, .daytime, due: due)
        }
        for (before, position) in moved {
            if old.isUnderWay[before] { isUnderWay[position] = true }
            owed[position] = old.owed[before]
            if old.backfilling.contains(before) { backfilling.insert(position) }
            parked[position] = old.parked[before]
        }
        for position in meters.indices where kept[position] == nil {
            plan(position, owed: days[meters[position].meter] ?? [], at: civil)
        }
    }

    // MARK: - Giving out

    /// The most urgent job that is due, or `nil`. It is out of the schedule until `finished` is called with it.
    /// The meters at `busy` positions are passed over: two answers of one meter could be taken for each other.
    package mutating func next(at civil: Instant, passing busy: [Int] = []) -> PollJob? {
        noticeStepBack(at: civil)
        var held: [Entry] = []
        defer { for entry in held { lanes.insert(entry) } }
        for lane in order(at: civil) {
            while let entry = takeFirst(of: lane, at: civil) {
                if !busy.isEmpty, busy.contains(entry.job.position) {
                    held.append(entry)
                } else if let job = prepare(entry.job, at: civil) {
                    if parked.isEmpty || lane == .demand || parked[job.position] == nil { return job }
                    park(job)
                }
            }
        }
        return nil
    }

    private mutating func takeFirst(of lane: PollJob.Lane, at civil: Instant) -> Entry? {
        let waiting = lanes.due(lane)
        if lane == .daytime {
            while let due = rota.due, due <= civil, due <= waiting, let slot = rota.next(at: civil) {
                guard !isUnderWay[slot.position] else { continue }
                isUnderWay[slot.position] = true
                let job = PollJob(position: slot.position, task: .live(block: 0), lane: .daytime, making: making)
                return Entry(due: slot.due, job: job)
            }
        }
        return waiting <= civil ? lanes.removeFirst(of: lane) : nil
    }

    private static let order: [PollJob.Lane] = [.demand, .midnight, .backfill, .daytime]
    private static let orderWhenLate: [PollJob.Lane] = [.demand, .midnight, .daytime, .backfill]

    /// History is read only while current readings are up to date: a daytime slot that has waited for a quarter of
    /// the cadence goes first.
    private func order(at civil: Instant) -> [PollJob.Lane] {
        guard let daytime = nextDue(.daytime) else { return Self.order }
        let patience = Instant.Span(microseconds: rhythm.cadence.microseconds / 4)
        return daytime < civil - patience ? Self.orderWhenLate : Self.order
    }

    /// When the earliest waiting job is due; `nil` when nothing waits.
    package var nextDue: Instant? {
        let earliest = min(lanes.due, rota.due ?? Lanes.never)
        return earliest < Lanes.never ? earliest : nil
    }

    func nextDue(_ lane: PollJob.Lane) -> Instant? {
        let slot = lane == .daytime ? rota.due ?? Lanes.never : Lanes.never
        let earliest = min(lanes.due(lane), slot)
        return earliest < Lanes.never ? earliest : nil
    }

    /// The meters whose daytime slot has come and that nobody has asked for it.
    private func slotsWaiting(at civil: Instant) -> [Int] {
        rota.waiting(at: civil).map(\.position).filter { !isUnderWay[$0] }
    }

    /// Jobs that are due now and wait for the gateway, in the lanes at least as urgent as `lane`.
    package func backlog(at civil: Instant, through lane: PollJob.Lane = .daytime) -> Int {
        let slots = lane == .daytime ? slotsWaiting(at: civil).count : 0
        return PollJob.Lane.allCases[...Int(lane.rawValue)].reduce(slots) { count, lane in
            count + lanes.entries(lane).count { $0.due <= civil }
        }
    }

    /// Jobs that wait, due or not, and days that are owed: each is bounded by the meters there are.
    package var held: (jobs: Int, owedDays: Int) {
        let slots = rota.count - isUnderWay.count { $0 }
        let jobs = PollJob.Lane.allCases.reduce(slots) { $0 + lanes.entries($1).count }
        return (jobs, owed.values.reduce(0) { $0 + $1.count })
    }

    /// The meters that wait for the gateway now, each once, at most `most` of them.
    package func duePositions(at civil: Instant, most: Int) -> [Int] {
        var seen: Set<Int> = []
        for entry in PollJob.Lane.allCases.flatMap(lanes.entries) where entry.due <= civil {
            if seen.count >= most { return seen.sorted() }
            seen.insert(entry.job.position)
        }
        for position in slotsWaiting(at: civil) where seen.count < most { seen.insert(position) }
        return seen.sorted()
    }

    /// An operator waits for all dials of this meter.
    package mutating func demand(_ position: Int, at civil: Instant) {
        push(.demand(block: 0), position, .demand, due: civil)
    }

    // MARK: - Taking back

    /// Puts what follows `job` into the schedule.
    package mutating func finished(_ job: PollJob, _ result: JobResult, at civil: Instant) {
        let tryAgain = result == .failed && Int(job.attempt) + 1 < Self.attemptsMax[job.lane, default: 1]
        switch job.task {
        case .demand(let block):
            if result != .failed, result != .later, Int(block) + 1 < meters[job.position].model.dials.count {
                push(.demand(block: block + 1), job.position, .demand, due: civil)
            }
        case .proof:
            return
        case .live(let block):
            // Given out before a clock was put back: the meter's next slot is planned already.
            guard job.making == making else { return }
            if tryAgain {
                push(job.task, job.position, job.lane, due: civil + retryDelay(job), attempt: Int(job.attempt) + 1)
            } else if result == .done || result == .notThere, Int(block) + 1 < meters[job.position].model.live.count {
                // A register that this meter does not have must not hide the ones behind it.
                push(.live(block: block + 1), job.position, job.lane, due: civil)
            } else if job.lane == .midnight {
                pushMidnight(job.position, after: civil)
            } else {
                isUnderWay[job.position] = false
            }
        case .frozen(let day):
            if tryAgain {
                push(job.task, job.position, job.lane, due: civil + retryDelay(job), attempt: Int(job.attempt) + 1)
                return
            }
            if job.lane == .backfill { backfilling.remove(job.position) }
            // A past day that the meter does not have now it will never have; today's it may still write.
            let isOwed =
                result == .failed || result == .later
                || (result == .notThere && day >= rhythm.calendar.day(at: civil))
            if isOwed { owed[job.position, default: []].insert(day, at: 0) }
            // After its failures the meter rests for a cadence: its neighbours share the gateway.
            pushBackfill(job.position, due: isOwed ? civil + rhythm.cadence : civil)
        }
    }

    /// Puts a job back that was not concluded: ahead of its lane, unless `afterOthers`.
    package mutating func putBack(_ job: PollJob, at civil: Instant, afterOthers: Bool = false) {
        if case .live = job.task, job.making != making { return }
        let due = afterOthers ? civil : min(civil, nextDue(job.lane) ?? civil) - .seconds(1)
        lanes.insert(Entry(due: due, job: job))
    }

    private func retryDelay(_ job: PollJob) -> Instant.Span { .seconds(job.attempt == 0 ? 10 : 60) }

    /// At most one backfill entry a meter waits: the day is chosen when it comes up.
    private mutating func pushBackfill(_ position: Int, due: Instant) {
        guard owed[position]?.isEmpty == false, backfilling.insert(position).inserted else { return }
        push(.frozen(Self.anyOwedDay), position, .backfill, due: due)
    }

    /// The oldest day that this meter still owes, `day` among them.
    func oldestOwed(_ position: Int, or day: ServiceDay) -> ServiceDay { min(owed[position]?.min() ?? day, day) }

    /// One look brought all past days that the meter could tell: none of them is owed any more.
    mutating func settle(_ position: Int) { owed[position] = nil }

    /// A day that was had, but not believed, is owed again from the next cadence on.
    mutating func owe(_ position: Int, _ day: ServiceDay) {
        guard owed[position]?.contains(day) != true else { return }
        owed[position, default: []].insert(day, at: 0)
        if parked[position] == nil { pushBackfill(position, due: lastLook + rhythm.cadence) }
    }

    // MARK: - Foresight

    mutating func prefetchLists() {
        isUnderWay.prefetchHead()
        rota.prefetch()
    }

    mutating func prefetchJob(of position: Int) { isUnderWay.prefetch(position) }

    /// Whom the rota's hand shows, due or not.
    var nextPosition: Int? { rota.position }

    // MARK: - Meters that do not answer

    package func isParked(_ position: Int) -> Bool { parked[position] != nil }

    package var parkedCount: Int { parked.count }

    /// From now on the meter is only probed, at `probe` for the first time or again.
    package mutating func park(_ position: Int, probe: Instant) {
        if parked[position] == nil { parked[position] = Missed(probe: probe) } else { parked[position]?.probe = probe }
    }

    /// The meter answers again: what it missed is due at once.
    package mutating func restore(_ position: Int, at civil: Instant) {
        guard let missed = parked.removeValue(forKey: position) else { return }
        if missed.midnight { push(.live(block: 0), position, .midnight, due: civil) }
        if missed.daytime { push(.live(block: 0), position, .daytime, due: civil) }
        pushBackfill(position, due: civil)
    }

    /// The parked meter whose probe has been due for longest, if any is due.
    package func dueProbe(at civil: Instant) -> Int? {
        guard !parked.isEmpty else { return nil }
        let due = parked.lazy.filter { $0.value.probe <= civil }
        return due.min { ($0.value.probe, $0.key) < ($1.value.probe, $1.key) }?.key
    }

    private mutating func park(_ job: PollJob) {
        switch (job.task, job.lane) {
        case (.frozen(let day), _):
            if job.lane == .backfill { backfilling.remove(job.position) }
            if owed[job.position]?.contains(day) != true { owed[job.position, default: []].append(day) }
        case (.live, .midnight): parked[job.position]?.midnight = true
        case (.live, _):
            parked[job.position]?.daytime = true
            isUnderWay[job.position] = false
        case (.proof, _), (.demand, _): break
        }
    }

    // MARK: - Choosing

    /// Stands for the day that is chosen when the entry comes up.
    private static let anyOwedDay = ServiceDay(number: .min)

    /// Turns a due entry into the job to do now, or `nil` when there is nothing to ask any more.
    private mutating func prepare(_ job: PollJob, at civil: Instant) -> PollJob? {
        switch (job.task, job.lane) {
        case (.demand, _), (.proof, _): return job
        case (.live, _):
            let today = rhythm.calendar.day(at: civil)
            guard !meters[job.position].isInService(on: today) else { return job }
            let isStillToCome = today < meters[job.position].installedOn
            if job.lane == .daytime {
                isUnderWay[job.position] = false
                if !isStillToCome { rota.remove(job.position) }
            } else if isStillToCome {
                pushMidnight(job.position, after: civil)
            }
            return nil
        case (.frozen(let day), _): return prepareFrozen(day, job, meters[job.position], at: civil)
        }
    }

    private mutating func prepareFrozen(
        _ day: ServiceDay, _ job: PollJob, _ plan: MeterPlan, at civil: Instant
    ) -> PollJob? {
        let today = rhythm.calendar.day(at: civil)
        // Another meter may hang there now: its records are not this meter's days, whatever they are dated.
        if let removed = plan.removedOn, today >= removed {
            owed[job.position] = nil
            backfilling.remove(job.position)
            return nil
        }
        let oldest = today - max(0, plan.model.daysKept - 1)
        if job.lane == .backfill {
            guard day == Self.anyOwedDay else { return job }
            // Days that fell out of the meter's memory cannot be fetched any more.
            owed[job.position]?.removeAll { $0 < oldest }
            guard let next = owed[job.position]?.popLast() else {
                owed[job.position] = nil
                backfilling.remove(job.position)
                return nil
            }
            return PollJob(position: job.position, task: .frozen(next), lane: .backfill, making: making)
        }
        // A job that was put back has had its successors planned.
        guard job.attempt == 0, !job.isPrepared else { return job }
        // Days that began while nobody asked are owed; the newest is asked for now, and tomorrow's is planned.
        let first = max(day, plan.installedOn, oldest)
        if first < today { owed[job.position, default: []] += Array(first..<today) }
        pushBackfill(job.position, due: civil)
        let due = rhythm.calendar.start(of: today.next) + rhythm.freezeDelay
        push(.frozen(today.next), job.position, .midnight, due: due)
        guard plan.isInService(on: today) else { return nil }
        return PollJob(position: job.position, task: .frozen(today), lane: .midnight, isPrepared: true, making: making)
    }

    private mutating func push(
        _ task: PollJob.Task, _ position: Int, _ lane: PollJob.Lane, due: Instant, attempt: Int = 0
    ) {
        let job = PollJob(position: position, task: task, lane: lane, attempt: attempt, making: making)
        if lane == .daytime { isUnderWay[position] = true }
        lanes.insert(Entry(due: due, job: job))
    }

    private mutating func pushMidnight(_ position: Int, after civil: Instant) {
        let due = rhythm.calendar.start(of: rhythm.calendar.day(at: civil).next)
        push(.live(block: 0), position, .midnight, due: due)
    }
}
