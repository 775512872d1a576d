/// How long answers took, counted in buckets from 1 ms to 5 s.
package struct LatencyCounts: Hashable, Sendable {
    /// Upper bounds in microseconds, inclusive, rising.
    package static let bounds: [Int64] = [
        1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    ]

    /// One count a bound, then one for what took longer.
    package private(set) var counts = [Int64](repeating: 0, count: bounds.count + 1)
    package private(set) var sumMicroseconds: Int64 = 0

    package init() {}

    package mutating func add(microseconds: Int64) {
        counts[Self.bounds.firstIndex { microseconds <= $0 } ?? Self.bounds.count] += 1
        sumMicroseconds += microseconds
    }

    package static func += (total: inout LatencyCounts, other: LatencyCounts) {
        for position in other.counts.indices { total.counts[position] += other.counts[position] }
        total.sumMicroseconds += other.sumMicroseconds
    }
}
