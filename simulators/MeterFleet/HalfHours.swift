/// How one rate's energy of a day lies over the day's 48 half hours: weights, with their running sum.
struct HalfHours: Sendable {
    /// `before[n]` is the weight of the half hours 0 ..< n; 49 entries, the last is the whole.
    private let before: [Int64]

    private static let microseconds: Int64 = 1_800_000_000

    /// - Parameter runs: weights of consecutive half hours by the first one's number (0 = 00:00-00:30); the others
    ///   have none.
    private init(_ runs: [Int: [Int64]]) {
        var weights = [Int64](repeating: 0, count: 48)
        for (first, run) in runs { weights.replaceSubrange(first..<first + run.count, with: run) }
        var sum: Int64 = 0
        before =
            [0]
            + weights.map { weight in
                sum += weight
                return sum
            }
    }

    /// Energy of `day` up to `moment` microseconds into it, straight within the half hour.
    func energy(of day: Int64, at moment: Int64) -> Int64 {
        let halfHour = Int(moment / Self.microseconds)
        let start = day * before[halfHour] / before[48]
        let end = day * before[halfHour + 1] / before[48]
        return start + (end - start) * (moment % Self.microseconds) / Self.microseconds
    }

    /// Rate T1, evening peak 17:00-20:00.
    static let t1 = HalfHours([34: [9, 11, 13, 13, 12, 10]])
    /// Rate T2, morning peak 9:30-11:30.
    static let t2 = HalfHours([19: [9, 10, 12, 13]])
    /// Rate T3, the rest: 04:00-09:30, 11:30-17:00, 20:00-22:00.
    static let t3 = HalfHours([
        8: [4, 4, 5, 7, 9, 9, 8, 7, 6, 6, 6],
        23: [9, 8, 8, 7, 6, 6, 6, 6, 7, 7, 8],
        40: [15, 14, 13, 12],
    ])
    /// Rate T4, night 22:00-04:00.
    static let t4 = HalfHours([0: [7, 6, 6, 5, 5, 5, 5, 5], 44: [12, 11, 9, 8]])
    /// A roof's surplus, 07:00-17:00, noon highest.
    static let sun = HalfHours([14: [1, 2, 4, 6, 8, 10, 12, 13, 14, 14, 14, 14, 13, 12, 10, 8, 6, 4, 2, 1]])
}
