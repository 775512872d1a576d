import Metering

/// Decides which meter of one gateway is asked next. Pure: civil time comes in, a job goes out.
///
/// Each meter has a daytime slot, pinned to absolute time by its own hash so that a restart neither stampedes nor
/// shifts the series; a sweep at 00:00 for what the meter does not freeze itself; and, where it does, the record of
/// each new day plus whatever days are still owed. A missed slot is skipped, a missed day never.
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

    private struct Entry: Comparable, Sendable {
        let due: Instant
        let job: PollJob
        static func < (left: Entry, right: Entry) -> Bool {
            left.due != right.due ? left.due < right.due : left.job.position < right.job.position
        }
        static func == (left: Entry, right: Entry) -> Bool { left.due == right.due && left.job == right.job }
    }

    private let meters: [MeterPlan]
    private let rhythm: Rhythm
    /// One heap a lane, most urgent lane first.
    private var lanes: [Heap<Entry>] = [Heap(), Heap(), Heap()]
    /// Days still owed by each meter. The last is fetched next: new days are put there, failed ones at the front.
    private var owed: [Int: [ServiceDay]] = [:]
    /// Meters whose backfill waits in its lane or is under way: at most one each.
    private var backfilling: Set<Int> = []
    /// Tries of one job before its slot is given up (the day stays owed).
    private static let attemptsMax = 3

    /// Civil time when it was last looked at, to notice a clock that was put back.
    private var lastLook: Instant
    /// Jobs given out and not finished yet.
    private var underWay: Set<PollJob> = []
    /// A clock put back by more than this has the schedule made anew; less than this is waited out.
    private static let stepBack = Instant.Span.minutes(1)
    /// Of the jobs under way, those whose successors were planned anew meanwhile.
    private var forgotten: Set<PollJob> = []

    package init(meters: [MeterPlan], rhythm: Rhythm, at civil: Instant) {
        self.meters = meters
        self.rhythm = rhythm
        lastLook = civil
        for position in meters.indices where meters[position].model.frozen != nil {
            if !meters[position].owedDays.isEmpty { owed[position] = meters[position].owedDays }
        }
        plan(at: civil)
    }

    /// Fills the empty lanes: each meter's next slot, the next midnight, what is owed.
    private mutating func plan(at civil: Instant) {
        let today = rhythm.calendar.day(at: civil)
        let afterMidnight = rhythm.calendar.start(of: today) + rhythm.freezeDelay
        for position in meters.indices {
            if !meters[position].model.live.isEmpty {
                pushNextLive(position, .daytime, after: civil)
                pushNextLive(position, .midnight, after: civil)
            }
            guard meters[position].model.frozen != nil else { continue }
            pushBackfill(position, due: max(civil, afterMidnight))
            let due = rhythm.calendar.start(of: today.next) + rhythm.freezeDelay
            push(.frozen(today.next), position, .midnight, due: due)
        }
    }

    /// Entries keep the time they are due: after a clock was put back they would wait until it has caught up, and the
    /// true midnight would pass unasked. So they are made anew; what is owed stays owed.
    private mutating func noticeStepBack(at civil: Instant) {
        defer { lastLook = civil }
        guard civil < lastLook - Self.stepBack else { return }
        for entry in lanes[PollJob.Lane.backfill.rawValue].elements where entry.job.attempt > 0 {
            if case .frozen(let day) = entry.job.task { owed[entry.job.position, default: []].insert(day, at: 0) }
        }
        lanes = [Heap(), Heap(), Heap()]
        backfilling = Set(underWay.lazy.filter { $0.lane == .backfill }.map(\.position))
        forgotten = underWay
        plan(at: civil)
    }

    /// The most urgent job that is due, or `nil`. It is out of the schedule until `finished` is called with it.
    package mutating func next(at civil: Instant) -> PollJob? {
        noticeStepBack(at: civil)
        guard let job = nextDue(at: civil) else { return nil }
        underWay.insert(job)
        return job
    }

    private mutating func nextDue(at civil: Instant) -> PollJob? {
        for lane in lanes.indices {
            while let entry = lanes[lane].first, entry.due <= civil {
                lanes[lane].removeFirst()
                if let job = prepare(entry.job, at: civil) { return job }
            }
        }
        return nil
    }

    /// When the earliest waiting job is due; `nil` when nothing waits.
    package var nextDue: Instant? { lanes.compactMap { $0.first?.due }.min() }

    /// Jobs that are due now and wait for the gateway.
    package func backlog(at civil: Instant) -> Int {
        lanes.reduce(0) { count, lane in count + lane.elements.reduce(0) { $0 + ($1.due <= civil ? 1 : 0) } }
    }

    /// The meters that wait for the gateway now, each once, at most `most` of them.
    package func duePositions(at civil: Instant, most: Int) -> [Int] {
        var seen: Set<Int> = []
        for lane in lanes {
            for entry in lane.elements where entry.due <= civil {
                if seen.count >= most { return seen.sorted() }
                seen.insert(entry.job.position)
            }
        }
        return seen.sorted()
    }

    /// Puts what follows `job` into the schedule.
    package mutating func finished(_ job: PollJob, _ result: JobResult, at civil: Instant) {
        underWay.remove(job)
        let plan = meters[job.position]
        let tryAgain = result == .failed && job.attempt + 1 < Self.attemptsMax
        switch job.task {
        case .live(let block):
            // Given out before a clock was put back: the meter's next slot is planned already.
            if forgotten.remove(job) != nil { return }
            if tryAgain, job.lane == .midnight {
                push(job.task, job.position, job.lane, due: civil + retryDelay(job.attempt), attempt: job.attempt + 1)
            } else if result != .failed, block + 1 < plan.model.live.count {
                // A register that this meter does not have must not hide the ones behind it.
                push(.live(block: block + 1), job.position, job.lane, due: civil)
            } else {
                pushNextLive(job.position, job.lane, after: civil)
            }
        case .frozen(let day):
            if tryAgain {
                push(job.task, job.position, job.lane, due: civil + retryDelay(job.attempt), attempt: job.attempt + 1)
                return
            }
            if job.lane == .backfill { backfilling.remove(job.position) }
            // A past day that the meter does not have now it will never have; today's it may still write.
            let isOwed = result == .failed || (result == .notThere && day >= rhythm.calendar.day(at: civil))
            if isOwed { owed[job.position, default: []].insert(day, at: 0) }
            // After three failures the meter rests for a cadence: its neighbours share the gateway.
            pushBackfill(job.position, due: isOwed ? civil + rhythm.cadence : civil)
        }
    }

    /// Puts a job back that nobody asked for in the end: the gateway hung up with the request before its eyes.
    package mutating func putBack(_ job: PollJob, at civil: Instant) {
        underWay.remove(job)
        if case .live = job.task, forgotten.remove(job) != nil { return }
        push(job.task, job.position, job.lane, due: civil, attempt: job.attempt)
    }

    /// At most one backfill entry a meter waits: the day is chosen when it comes up.
    private mutating func pushBackfill(_ position: Int, due: Instant) {
        guard owed[position]?.isEmpty == false, backfilling.insert(position).inserted else { return }
        push(.frozen(Self.anyOwedDay), position, .backfill, due: due)
    }

    // MARK: - Choosing

    /// Stands for the day that is chosen when the entry comes up.
    private static let anyOwedDay = ServiceDay(number: .min)

    /// Turns a due entry into the job to do now, or `nil` when there is nothing to ask any more.
    private mutating func prepare(_ job: PollJob, at civil: Instant) -> PollJob? {
        let today = rhythm.calendar.day(at: civil)
        let plan = meters[job.position]
        switch (job.task, job.lane) {
        case (.live, _):
            guard plan.isInService(on: today) else {
                if today < plan.installedOn { pushNextLive(job.position, job.lane, after: civil) }
                return nil
            }
            return job
        case (.frozen, _) where plan.removedOn.map({ today >= $0 }) ?? false:
            // Another meter may hang there now: its records are not this meter's days, whatever they are dated.
            owed[job.position] = nil
            backfilling.remove(job.position)
            return nil
        case (.frozen, .backfill) where job.task == .frozen(Self.anyOwedDay):
            // Days that fell out of the meter's memory cannot be fetched any more.
            let oldest = today - ((plan.model.frozen?.slots ?? 1) - 1)
            owed[job.position]?.removeAll { $0 < oldest }
            guard let day = owed[job.position]?.popLast() else {
                backfilling.remove(job.position)
                return nil
            }
            return PollJob(position: job.position, task: .frozen(day), lane: .backfill, attempt: 0)
        case (.frozen, .backfill):
            return job
        case (.frozen(let day), _):
            guard job.attempt == 0 else { return job }
            // Days that began while nobody asked are owed; the newest is asked for now, and tomorrow's is planned.
            let oldest = max(day, plan.installedOn, today - ((plan.model.frozen?.slots ?? 1) - 1))
            if oldest < today { owed[job.position, default: []] += Array(oldest..<today) }
            pushBackfill(job.position, due: civil)
            let due = rhythm.calendar.start(of: today.next) + rhythm.freezeDelay
            push(.frozen(today.next), job.position, .midnight, due: due)
            guard plan.isInService(on: today) else { return nil }
            return PollJob(position: job.position, task: .frozen(today), lane: .midnight, attempt: 0)
        }
    }

    private mutating func push(
        _ task: PollJob.Task, _ position: Int, _ lane: PollJob.Lane, due: Instant, attempt: Int = 0
    ) {
        let job = PollJob(position: position, task: task, lane: lane, attempt: attempt)
        lanes[lane.rawValue].insert(Entry(due: due, job: job))
    }

    private mutating func pushNextLive(_ position: Int, _ lane: PollJob.Lane, after civil: Instant) {
        let due =
            lane == .midnight
            ? rhythm.calendar.start(of: rhythm.calendar.day(at: civil).next) : slot(of: meters[position], after: civil)
        push(.live(block: 0), position, lane, due: due)
    }

    private func retryDelay(_ attempt: Int) -> Instant.Span { .seconds(attempt == 0 ? 10 : 60) }

    /// The meter's first daytime slot after `civil`: whole cadences since 1970 plus its own hash.
    private func slot(of plan: MeterPlan, after civil: Instant) -> Instant {
        let cadence = rhythm.cadence.microseconds
        var random = SeededRandom(seed: UInt64(bitPattern: Int64(plan.meter.number)))
        let offset = Int64(random.next() % UInt64(cadence))
        let passed = (civil.microseconds - offset).flooredQuotient(by: cadence)
        return Instant(microseconds: (passed + 1) * cadence + offset)
    }
}
