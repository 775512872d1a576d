import Glibc
import Metering

/// The two clocks of a shard, read together, and a watch on the step that an operator or a time server makes.
struct LineClock {
    struct Now {
        let monotonic: MonotonicTime
        let real: Instant
        let civil: Instant
        var moment: Moment { Moment(monotonic: monotonic, civil: civil) }
    }

    private let service: ServiceClock
    /// Real time less monotonic time when it was last looked at, in microseconds.
    private var offset: Int64
    /// A time server slews; what moves further than this between two looks was set.
    private static let stepMicroseconds: Int64 = 2_000_000

    init(_ service: ServiceClock) {
        self.service = service
        offset = Self.realNow().microseconds - Self.monotonicNow().nanoseconds / 1000
    }

    func now() -> Now {
        let real = Self.realNow()
        return Now(monotonic: Self.monotonicNow(), real: real, civil: service.civil(at: real))
    }

    /// When civil time will be `civil`, as things stand.
    func monotonic(at civil: Instant, from now: Now) -> MonotonicTime {
        guard civil > now.civil else { return now.monotonic }
        let wait = service.real(at: civil).microseconds - now.real.microseconds
        return now.monotonic.adding(nanoseconds: max(0, wait) * 1000)
    }

    /// Whole seconds by which the system clock was set since the last call; `nil` when it only ran.
    mutating func step() -> Int64? {
        let offset = Self.realNow().microseconds - Self.monotonicNow().nanoseconds / 1000
        defer { self.offset = offset }
        let moved = offset - self.offset
        return abs(moved) >= Self.stepMicroseconds ? moved / 1_000_000 : nil
    }

    static func realNow() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    static func monotonicNow() -> MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
