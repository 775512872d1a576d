import Dispatch

/// A serial Dispatch queue as an actor's executor. Linux's Dispatch has no `DispatchSerialQueue` and its
/// `DispatchQueue` is no `SerialExecutor`; this is the bridge.
package final class QueueExecutor: SerialExecutor {
    package let queue: DispatchQueue

    package init(label: String) {
        queue = DispatchQueue(label: label)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// Makes `assumeIsolated` legal in a Dispatch handler, which runs in no task.
    package func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
