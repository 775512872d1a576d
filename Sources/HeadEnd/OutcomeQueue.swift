import Dispatch
import Foundation
import Logging
import Metering
import Synchronization

/// Where the lines put what they learnt, and one writer takes it from: many outcomes, one transaction.
///
/// The writer commits what has gathered once the oldest has waited `age`, or at once when `countMax` have; a poll is
/// done when its batch is durable (design §5). A batch that could not be written is kept and tried again each
/// second, the lines stop asking when `pendingMax` outcomes wait, so neither memory nor a reading is lost.
package final class OutcomeQueue: Sendable {
    /// Makes a batch durable before it returns; throws when it could not.
    package typealias Sink = @Sendable ([PollOutcome]) throws -> Void

    private struct State {
        var pending: [PollOutcome] = []
        var isScheduled = false
        var isClosed = false
        /// Why the last write failed; `nil` while all is well.
        var trouble: String?
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "meterd.ingest")
    private let sink: Sink
    private let logger: Logger
    private let ageMilliseconds: Int
    private let countMax: Int
    private let pendingMax: Int

    package init(
        ageMilliseconds: Int = 50, countMax: Int = 10_000, pendingMax: Int = 100_000, logger: Logger,
        sink: @escaping Sink
    ) {
        self.ageMilliseconds = ageMilliseconds
        self.countMax = countMax
        self.pendingMax = pendingMax
        self.logger = logger
        self.sink = sink
    }

    /// Takes outcomes in the order in which they happened. Never blocks.
    package func append(_ outcomes: [PollOutcome]) {
        let (count, mustSchedule) = state.withLock { state in
            state.pending += outcomes
            let mustSchedule = !state.isScheduled
            state.isScheduled = true
            return (state.pending.count, mustSchedule)
        }
        if mustSchedule {
            let delay = count >= countMax ? 0 : ageMilliseconds
            queue.asyncAfter(deadline: .now() + .milliseconds(delay)) { self.write() }
        }
    }

    /// The store is behind: no new request should be made.
    package var isFull: Bool { state.withLock { $0.pending.count >= pendingMax } }

    package var pendingCount: Int { state.withLock { $0.pending.count } }

    package var trouble: String? { state.withLock { $0.trouble } }

    /// Writes what is left, for up to ten seconds. Call after the lines are quiet.
    /// Returns how many outcomes could not be written.
    package func flush() async -> Int {
        await withCheckedContinuation { continuation in
            queue.async {
                self.state.withLock { $0.isClosed = true }
                // Another process may hold the store for some seconds: what was read is worth waiting for.
                for attempt in 0..<10 {
                    if attempt > 0 { Thread.sleep(forTimeInterval: 1) }
                    self.write()
                    if self.pendingCount == 0 { break }
                }
                continuation.resume(returning: self.pendingCount)
            }
        }
    }

    private func write() {
        dispatchPrecondition(condition: .onQueue(queue))
        while true {
            let batch = state.withLock { state in
                let batch = Array(state.pending.prefix(countMax))
                if batch.isEmpty { state.isScheduled = false }
                return batch
            }
            if batch.isEmpty { return }
            do {
                try sink(batch)
                // Taken out only now: until the batch is durable it counts as pending.
                let hadTrouble = state.withLock { state in
                    state.pending.removeFirst(batch.count)
                    defer { state.trouble = nil }
                    return state.trouble != nil
                }
                if hadTrouble { logger.notice("the store takes readings again") }
            } catch {
                let (isNews, isClosed) = state.withLock { state in
                    defer { state.trouble = "\(error)" }
                    return (state.trouble != "\(error)", state.isClosed)
                }
                if isNews { logger.error("\(batch.count) readings wait: \(error); trying again each second") }
                if !isClosed { queue.asyncAfter(deadline: .now() + 1) { self.write() } }
                return
            }
        }
    }
}
