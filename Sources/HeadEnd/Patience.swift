/// How long a gateway's answers are waited for: as long as its own answers teach, between a floor and what its row
/// allows. The rule is that of TCP's retransmission time-out (RFC 6298 §2): smoothed time plus four deviations.
///
/// A request to a unit that kept silent before, or sent after a time-out that nothing has followed, gets all the time
/// the row allows: the gateway may still be waiting for the silent one, and a slow unit must not be cut for ever.
package struct Patience: Sendable {
    /// Below this a busy gateway would be cut by chance.
    package static let floorMilliseconds: Int64 = 400

    /// Nanoseconds.
    package let ceiling: Int64
    private let floor: Int64
    private var smoothed: Int64 = 0
    private var deviation: Int64 = 0
    private var hasSeenAnswer = false
    /// A request timed out, and nothing was heard since.
    private var isInDoubt = false

    package init(ceilingMilliseconds: Int) {
        ceiling = Int64(ceilingMilliseconds) * 1_000_000
        floor = min(Self.floorMilliseconds * 1_000_000, ceiling)
    }

    /// Nanoseconds to wait for an answer. `isWhole`: all the time the row allows.
    package func timeout(isWhole: Bool) -> Int64 {
        guard !isWhole, !isInDoubt, hasSeenAnswer else { return ceiling }
        return min(ceiling, max(floor, smoothed + 4 * deviation))
    }

    /// An answer came after so many nanoseconds, in time or late. What took longer than any request is waited for (a
    /// meter's history, an answer to somebody long gone) teaches no more than that.
    package mutating func heard(after nanoseconds: Int64) {
        let nanoseconds = min(nanoseconds, ceiling)
        isInDoubt = false
        guard hasSeenAnswer else {
            hasSeenAnswer = true
            smoothed = nanoseconds
            deviation = nanoseconds / 2
            return
        }
        deviation += (abs(smoothed - nanoseconds) - deviation) / 4
        smoothed += (nanoseconds - smoothed) / 8
    }

    package mutating func timedOut() { isInDoubt = true }

    /// A new connection has yet to show how fast it is.
    package mutating func reset() {
        isInDoubt = false
        hasSeenAnswer = false
    }
}
