import Foundation
import Glibc

/// What a stretch of work took: the clock on the wall, this process's processor, bytes handed to `write`.
struct Effort {
    var seconds = 0.0
    var cpuSeconds = 0.0
    var writtenBytes = 0.0
    /// The longest single stretch, in seconds.
    var longest = 0.0
    var count = 0

    /// Runs `body` and adds what it took.
    mutating func measure<Value>(_ body: () throws -> Value) rethrows -> Value {
        let before = (Self.wallSeconds(), Self.processorSeconds(), Self.bytesWritten())
        let value = try body()
        let passed = Self.wallSeconds() - before.0
        seconds += passed
        longest = max(longest, passed)
        cpuSeconds += Self.processorSeconds() - before.1
        writtenBytes += Self.bytesWritten() - before.2
        count += 1
        return value
    }

    var numbers: [String: Double] {
        [
            "seconds": seconds, "cpu": cpuSeconds, "written": writtenBytes, "longest": longest, "count": Double(count),
        ]
    }

    static func wallSeconds() -> Double { seconds(CLOCK_MONOTONIC) }

    /// Of all threads, user and system.
    static func processorSeconds() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

    /// Of this thread.
    static func threadSeconds() -> Double { seconds(CLOCK_THREAD_CPUTIME_ID) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// All bytes handed to `write`, from `/proc/self/io`.
    static func bytesWritten() -> Double {
        guard let text = try? String(contentsOfFile: "/proc/self/io", encoding: .utf8) else { return 0 }
        let line = text.split(separator: "\n").first { $0.hasPrefix("wchar:") }
        return line.flatMap { Double($0.dropFirst(7)) } ?? 0
    }

    static func peakMegabytes() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }
}
