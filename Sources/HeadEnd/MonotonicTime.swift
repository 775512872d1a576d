import Metering

/// Time for deadlines and pauses: nanoseconds of a clock that never steps. It has no date; civil time is `Instant`.
package struct MonotonicTime: Hashable, Comparable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let zero = MonotonicTime(nanoseconds: 0)
    /// Later than any time that comes.
    package static let never = MonotonicTime(nanoseconds: .max)

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    package func adding(milliseconds: Int) -> MonotonicTime {
        adding(nanoseconds: Int64(milliseconds) * 1_000_000)
    }

    package func adding(nanoseconds more: Int64) -> MonotonicTime {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(more)
        return MonotonicTime(nanoseconds: overflow ? .max : sum)
    }
}

/// The two clocks a decision needs, looked at together.
package struct Moment: Sendable {
    package let monotonic: MonotonicTime
    package let civil: Instant

    package init(monotonic: MonotonicTime, civil: Instant) {
        self.monotonic = monotonic
        self.civil = civil
    }
}
