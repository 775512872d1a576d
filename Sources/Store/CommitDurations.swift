import Glibc
import Synchronization

/// How long storing batches of outcomes took, durable, since the store was opened: counted in buckets, with the CPU
/// time of it, which says what is left for the lines.
package struct CommitDurations: Hashable, Sendable {
    /// Upper bounds in microseconds, inclusive, rising.
    package static let bounds: [Int64] = [
        1000, 5000, 10_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    ]

    /// One count a bound, then one for what took longer.
    package private(set) var counts = [Int64](repeating: 0, count: bounds.count + 1)
    package private(set) var sumMicroseconds: Int64 = 0
    /// Of the storing thread, in user code and in the system.
    package private(set) var cpuMicroseconds: Int64 = 0

    mutating func add(microseconds: Int64, cpuMicroseconds cpu: Int64) {
        counts[Self.bounds.firstIndex { microseconds <= $0 } ?? Self.bounds.count] += 1
        sumMicroseconds += microseconds
        cpuMicroseconds += cpu
    }
}

extension CommitDurations {
    /// What came after an earlier look.
    package func since(_ earlier: CommitDurations) -> CommitDurations {
        var rest = self
        for bucket in counts.indices { rest.counts[bucket] -= earlier.counts[bucket] }
        rest.sumMicroseconds -= earlier.sumMicroseconds
        rest.cpuMicroseconds -= earlier.cpuMicroseconds
        return rest
    }

    /// What one batch in a hundred takes longer than, by the bounds of the buckets; `nil` without a batch.
    package var slowestHundredthMilliseconds: Int64? {
        let all = counts.reduce(0, +)
        guard all > 0 else { return nil }
        var slower: Int64 = 0
        for bucket in counts.indices.reversed() {
            slower += counts[bucket]
            guard slower * 100 <= all else { return bucket == 0 ? 0 : Self.bounds[bucket - 1] / 1000 }
        }
        return 0
    }
}

/// Two clocks read together: what passed, and what this thread worked.
struct Effort {
    private let monotonic = Self.microseconds(CLOCK_MONOTONIC)
    private let thread = Self.microseconds(CLOCK_THREAD_CPUTIME_ID)

    /// Must be called on the thread that made this value.
    func add(to durations: borrowing Mutex<CommitDurations>) {
        let (passed, worked) = (
            Self.microseconds(CLOCK_MONOTONIC) - monotonic, Self.microseconds(CLOCK_THREAD_CPUTIME_ID) - thread
        )
        durations.withLock { $0.add(microseconds: passed, cpuMicroseconds: worked) }
    }

    private static func microseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
