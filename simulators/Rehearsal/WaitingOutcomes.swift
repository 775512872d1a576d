import Metering

/// `OutcomeQueue`'s rule without its threads: what has gathered is written once the oldest has waited long enough, or
/// at once when it is many; what could not be written is tried again each second.
struct WaitingOutcomes {
    var pending: [PollOutcome] = []
    var isScheduled = false

    func isFull(_ daemon: DaemonFate) -> Bool { pending.count >= daemon.pendingMax }
}

/// Mirrors what `DayCloser` remembers.
struct DayClosing {
    /// Where closing begins in a store that has closed no day.
    let firstDay: ServiceDay
    /// When it looks again, in nanoseconds.
    var lookAt = Int64.max
}
