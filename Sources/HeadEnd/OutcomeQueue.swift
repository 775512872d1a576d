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
        /// A batch that could not be written; it goes before all others.
        var refused: [PollOutcome] = []
        /// Outcomes the writer has in hand: until they are durable they count as pending.
        var inHand = 0
        /// Room of the batch before, so that no batch begins by growing.
        var room: [PollOutcome] = []
        var isScheduled = false
        var isClosed = false
        /// Why the last write failed; `nil` while all is well.
        var trouble: String?

        var count: Int { pending.count + refused.count + inHand }

        /// Hands the next batch over without a copy, unless more than `countMax` wait.
        mutating func takeBatch(countMax: Int) -> [PollOutcome] {
            var batch: [PollOutcome] = []
            if !refused.isEmpty {
                swap(&batch, &refused)
            } else if pending.count <= countMax {
                swap(&batch, &room)
                swap(&batch, &pending)
            } else {
                batch = Array(pending.prefix(countMax))
                pending.removeFirst(countMax)
            }
            inHand = batch.count
            if batch.isEmpty { isScheduled = false }
            return batch
        }
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
            return (state.count, mustSchedule)
        }
        if mustSchedule {
            let delay = count >= countMax ? 0 : ageMilliseconds
            queue.asyncAfter(deadline: .now() + .milliseconds(delay)) { self.write() }
        }
    }

    /// The store is behind: no new request should be made.
    package var isFull: Bool { state.withLock { $0.count >= pendingMax } }

    package var pendingCount: Int { state.withLock { $0.count } }

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
            var batch = state.withLock { $0.takeBatch(countMax: countMax) }
            if batch.isEmpty { return }
            do {
                try sink(batch)
                batch.removeAll(keepingCapacity: true)
                let hadTrouble = state.withLock { state in
                    state.inHand = 0
                    swap(&state.room, &batch)
                    defer { state.trouble = nil }
                    return state.trouble != nil
                }
                if hadTrouble { logger.notice("the store takes readings again") }
            } catch {
                let count = batch.count
                let (isNews, isClosed) = state.withLock { state in
                    state.inHand = 0
                    swap(&state.refused, &batch)
                    defer { state.trouble = "\(error)" }
                    return (state.trouble != "\(error)", state.isClosed)
                }
                if isNews { logger.error("\(count) readings wait: \(error); trying again each second") }
                if !isClosed { queue.asyncAfter(deadline: .now() + 1) { self.write() } }
                return
            }
        }
    }
}
