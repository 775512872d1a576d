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

    package init(meters: [MeterPlan], rhythm: Rhythm, at civil: Instant) {
        self.meters = meters
        self.rhythm = rhythm
        let today = rhythm.calendar.day(at: civil)
        for position in meters.indices {
            let plan = meters[position]
            if !plan.model.live.isEmpty {
                push(.live(block: 0), position, .daytime, due: slot(of: plan, after: civil))
                push(.live(block: 0), position, .midnight, due: rhythm.calendar.start(of: today.next))
            }
            if plan.model.frozen != nil { startFreezing(position, today: today, at: civil) }
        }
    }

    /// The most urgent job that is due, or `nil`. It is out of the schedule until `finished` is called with it.
    package mutating func next(at civil: Instant) -> PollJob? {
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
        let plan = meters[job.position]
        let tryAgain = result == .failed && job.attempt + 1 < Self.attemptsMax
        switch job.task {
        case .live(let block):
            if result == .done, block + 1 < plan.model.live.count {
                push(.live(block: block + 1), job.position, job.lane, due: civil)
            } else if tryAgain, job.lane == .midnight {
                push(job.task, job.position, job.lane, due: civil + retryDelay(job.attempt), attempt: job.attempt + 1)
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

    // MARK: - Frozen days

    private mutating func startFreezing(_ position: Int, today: ServiceDay, at civil: Instant) {
        let plan = meters[position]
        if !plan.owedDays.isEmpty {
            owed[position] = plan.owedDays
            pushBackfill(position, due: max(civil, rhythm.calendar.start(of: today) + rhythm.freezeDelay))
        }
        let tomorrow = today.next
        push(.frozen(tomorrow), position, .midnight, due: rhythm.calendar.start(of: tomorrow) + rhythm.freezeDelay)
    }

    /// At most one backfill entry a meter waits: the day is chosen when it comes up.
    private mutating func pushBackfill(_ position: Int, due: Instant) {
        guard owed[position]?.isEmpty == false, backfilling.insert(position).inserted else { return }
        push(.frozen(ServiceDay(number: 0)), position, .backfill, due: due)
    }

    // MARK: - Choosing

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
        case (.frozen, .backfill) where job.attempt == 0:
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
            if day < today { owed[job.position, default: []] += (0..<(today - day)).map { day + $0 } }
            pushBackfill(job.position, due: civil)
            let tomorrow = today.next
            if plan.removedOn.map({ tomorrow < $0 }) ?? true {
                let due = rhythm.calendar.start(of: tomorrow) + rhythm.freezeDelay
                push(.frozen(tomorrow), job.position, .midnight, due: due)
            }
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
