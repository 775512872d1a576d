import Metering
import VEE

/// How far a method's estimates lie from what homes took: real days are hidden, wherever 28 known days lie before the
/// gap, and told again.
struct EstimationScore {
    /// Of the days, one by one: the sum of the errors over the sum of the energies.
    private var errors: Int64 = 0
    private var energy: Int64 = 0
    /// Of each gap: its sum's error over its sum.
    private var sums: [Double] = []

    /// Sum of absolute daily errors over the sum of energies.
    var weighted: Double { energy > 0 ? Double(errors) / Double(energy) : 0 }

    var sumMedian: Double { sums.sorted().dropFirst(sums.count / 2).first ?? 0 }
    var sumMost: Double { sums.max() ?? 0 }
    private(set) var gaps = 0
    /// Gaps that a bracketed method did not fill with one rising index a day.
    private(set) var malformed = 0

    /// - Parameter told: the estimates of the gap's days; `nil` where the method has nothing to stand on.
    private mutating func add(_ real: [Energy], told: [Energy]?) {
        guard let told else { return }
        let (sum, toldSum) = (real.reduce(.zero, +), told.reduce(.zero, +))
        errors += zip(real, told).reduce(0) { $0 + abs(($1.0 - $1.1).wattHours) }
        energy += sum.wattHours
        gaps += 1
        guard sum > .zero else { return }
        sums.append(Double(abs((toldSum - sum).wattHours)) / Double(sum.wattHours))
    }

    /// Hides every stretch of so many indices.
    static func of(_ homes: [DayEnergies], gap: Int, method: Method) -> EstimationScore {
        var score = EstimationScore()
        for home in homes {
            // A missing index leaves the days before and after it unknown.
            let days = method.isBracketed ? gap + 1 : gap
            for start in home.first..<home.end where start - home.first >= RecentDays.count && start + days <= home.end
            {
                let hidden = start..<start + days
                let real = hidden.compactMap { home[$0] }
                guard real.count == days,
                    home.latest(RecentDays.count, before: start, within: RecentDays.count).count
                        == RecentDays.count
                else { continue }
                let told = method.tell(hidden, of: home, sum: real.reduce(.zero, +))
                if told == nil, method.isBracketed { score.malformed += 1 }
                score.add(real, told: told)
            }
        }
        return score
    }

    /// What is scored: the methods of the production, and one that is only there to be beaten.
    enum Method {
        case production(EstimationMethod)
        case lastDayRepeated

        var name: String {
            switch self {
            case .production(let method): method.rawValue
            case .lastDayRepeated: "last day repeated"
            }
        }

        var isBracketed: Bool {
            switch self {
            case .production(let method): method.isBracketed
            case .lastDayRepeated: false
            }
        }

        /// - Parameter sum: of the days, which a bracketed method knows.
        func tell(_ days: Range<ServiceDay>, of home: DayEnergies, sum: Energy) -> [Energy]? {
            let projection = Projection(history: home, before: days.lowerBound)
            switch self {
            case .production(.straightLine): return between(sum, days, weights: nil)
            case .production(.likeDayWeights): return between(sum, days, weights: projection.weights(of: days))
            case .production(let method): return projection.energies(of: days, by: method)
            case .lastDayRepeated: return home[days.lowerBound.previous].map { Array(repeating: $0, count: days.count) }
            }
        }

        /// The production's indices between the two that are known, as energies.
        private func between(_ sum: Energy, _ days: Range<ServiceDay>, weights: [Int64]?) -> [Energy]? {
            func index(_ day: ServiceDay, _ energy: Energy) -> DailyIndex {
                DailyIndex(day: day, index: energy, quality: .frozen, errorBound: .zero)
            }
            let (start, end) = (index(days.lowerBound, .zero), index(days.upperBound, sum))
            let drawn = bracketedEstimates(from: start, to: end, weights: weights)
            let indices = [start] + drawn + [end]
            // The days' energies add up to the sum however they are drawn; that each day has one, and none goes back,
            // does not follow.
            let isRising = zip(indices, indices.dropFirst()).allSatisfy { $0.index <= $1.index }
            guard isRising, drawn.map(\.day) == Array(days.dropFirst()) else { return nil }
            return zip(indices, indices.dropFirst()).map { $1.index - $0.index }
        }
    }
}
