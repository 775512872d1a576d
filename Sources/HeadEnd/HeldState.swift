/// What one conversation keeps in memory. Each of these has a limit, whatever a gateway does or fails to do.
package struct HeldState: Hashable, Sendable {
    /// Jobs in the schedule, due or not.
    package var jobs = 0
    package var owedDays = 0
    package var inFlight = 0
    /// Transactions given up whose late reply is still recognised.
    package var abandoned = 0
    /// Bytes of an unfinished frame.
    package var partialBytes = 0

    package init() {}

    /// The greatest of each.
    package mutating func stretch(to other: HeldState) {
        jobs = max(jobs, other.jobs)
        owedDays = max(owedDays, other.owedDays)
        inFlight = max(inFlight, other.inFlight)
        abandoned = max(abandoned, other.abandoned)
        partialBytes = max(partialBytes, other.partialBytes)
    }
}

extension GatewayConversation {
    /// Counts the schedule's jobs and days, so it costs as many steps as there are meters.
    package var held: HeldState {
        var held = HeldState()
        (held.jobs, held.owedDays) = schedule.held
        held.inFlight = inFlight
        held.abandoned = abandoned.count
        held.partialBytes = framing.partialBytes
        return held
    }
}
