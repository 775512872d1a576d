/// How long answers took, counted in buckets from 1 ms to 5 s.
package struct LatencyCounts: Sendable {
    /// Upper bounds in microseconds, inclusive, rising.
    package static let bounds: [Int64] = [
        1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    ]

    /// In place: each line has its own, and counts at every answer.
    private var buckets = InlineArray<13, Int64>(repeating: 0)
    package private(set) var sumMicroseconds: Int64 = 0

    /// One count a bound, then one for what took longer.
    package var counts: [Int64] { buckets.indices.map { buckets[$0] } }

    package init() {}

    package mutating func add(microseconds: Int64) {
        var bucket = 0
        while bucket < Self.bounds.count, microseconds > Self.bounds[bucket] { bucket += 1 }
        buckets[bucket] += 1
        sumMicroseconds += microseconds
    }

    package static func += (total: inout LatencyCounts, other: LatencyCounts) {
        for bucket in other.buckets.indices { total.buckets[bucket] += other.buckets[bucket] }
        total.sumMicroseconds += other.sumMicroseconds
    }
}
