import Metering

/// One request to one meter, chosen by the schedule. Packed: a province has some millions of them waiting.
package struct PollJob: Hashable, Sendable {
    package enum Task: Hashable, Sendable {
        /// The model's live block at this position; the others follow.
        case live(block: UInt8)
        /// The record the meter froze for this day.
        case frozen(ServiceDay)
        /// Whatever the meter's identity and self-check still lack; not planned, but done when nothing else is due.
        case proof
        /// A block of all dials, for an operator who waits for it.
        case demand(block: UInt8)
    }

    /// Which rhythm it belongs to, most urgent first.
    package enum Lane: UInt8, CaseIterable, Comparable, Sendable {
        case demand, midnight, backfill, daytime
        package static func < (left: Lane, right: Lane) -> Bool { left.rawValue < right.rawValue }
    }

    package let task: Task
    package let lane: Lane
    /// 0 for the first try.
    package let attempt: UInt8
    /// Of a live block that is read value by value: which value is next.
    package let value: UInt8
    /// Of a frozen day: what follows it has been planned.
    let isPrepared: Bool
    /// Counts how often the schedule was made anew; a job of an older making plans no successor.
    let making: UInt8
    private let place: UInt16

    /// Position of the meter in the gateway's plan.
    package var position: Int { Int(place) }

    init(
        position: Int, task: Task, lane: Lane, attempt: Int = 0, value: UInt8 = 0, isPrepared: Bool = false,
        making: UInt8 = 0
    ) {
        place = UInt16(position)
        self.task = task
        self.lane = lane
        self.attempt = UInt8(clamping: attempt)
        self.value = value
        self.isPrepared = isPrepared
        self.making = making
    }

    /// The same job with some of it changed.
    func with(position: Int? = nil, attempt: UInt8? = nil, value: UInt8? = nil) -> PollJob {
        PollJob(
            position: position ?? self.position, task: task, lane: lane, attempt: Int(attempt ?? self.attempt),
            value: value ?? self.value, isPrepared: isPrepared, making: making)
    }
}

/// What a job came to, as far as the schedule cares.
package enum JobResult: Sendable {
    case done
    /// The meter answered, but does not have what was asked for: a sentinel, an empty record, exception 1 to 3.
    case notThere
    /// No answer, or a refusal that passes: worth another try soon.
    case failed
    /// Nothing that another try now would change: the next slot decides, a day stays owed.
    case later
}
