import Glibc
import Metering

/// The machine's own clock; civil time is made from it by a `ServiceClock`.
enum Wall {
    static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
