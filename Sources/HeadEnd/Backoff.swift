import Metering

/// How long to wait before the next connection attempt: doubles from 250 ms to 30 s, each wait jittered
/// to 50...100 % so that thousands of gateways do not come back in step after a network outage.
///
/// | failures in a row | 1      | 2      | 3   | 4   | … | 8 and more |
/// |-------------------|--------|--------|-----|-----|---|------------|
/// | wait at the most  | 250 ms | 500 ms | 1 s | 2 s | … | 30 s       |
package struct Backoff: Sendable {
    package private(set) var failures = 0
    private var random: SeededRandom

    package init(seed: UInt64) { random = SeededRandom(seed: seed) }

    package mutating func reset() { failures = 0 }

    /// Milliseconds until the next attempt, after one more failure.
    package mutating func afterFailure() -> Int {
        let most = min(30_000, 250 << min(failures, 7))
        failures += 1
        return Int.random(in: (most / 2)...most, using: &random)
    }
}
