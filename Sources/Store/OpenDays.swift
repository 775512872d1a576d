import Metering
import VEE

/// The days of a billing period whose energy lies between no two indices of a meter: after the last one, before the
/// first one, and on both sides of an exchange that nobody read.
///
/// Days between two known indices are not open, even where the day close has not drawn them yet: their energy is known.
struct OpenDays {
    private struct OpenDay {
        let day: ServiceDay
        /// What passed the other meter on the day of an exchange: it is known, and counted.
        let known: Energy
    }

    private let days: UsagePointDays
    /// Days that follow each other, together.
    private var runs: [[OpenDay]] = []

    /// - Parameters:
    ///   - known: of each meter the days between its first and its last index.
    ///   - end: exclusive.
    init(_ days: UsagePointDays, known: [Range<ServiceDay>?], from first: ServiceDay, before end: ServiceDay) {
        self.days = days
        for day in first..<max(first, end) {
            guard case .missing = days.knowledge(of: day) else { continue }
            let showing = days.meters.indices.filter { days.meters[$0].stay.showsIndex(of: day) }
            let closed = showing.filter { known[$0]?.contains(day) ?? false }
            guard closed.count < showing.count else { continue }
            let parts = closed.compactMap { days.meters[$0].consumption(on: day) }
            let open = OpenDay(day: day, known: parts.reduce(.zero, +))
            if runs.last?.last?.day.next == day { runs[runs.count - 1].append(open) } else { runs.append([open]) }
        }
    }

    /// Those that can be told, each with what it adds to the energy that is known.
    func projected(by method: EstimationMethod, kinds: DayKinds, classes: ClassMeans) -> [ProjectedDay] {
        runs.flatMap { run in
            let (first, end) = (run[0].day, run[run.count - 1].day.next)
            let start = first - RecentDays.within
            let history = DayEnergies(
                first: start,
                energies: (start..<first).map { day in days.consumption(on: day).flatMap { $0 < .zero ? nil : $0 } })
            return VEE.projected(first..<end, after: history, by: method, kinds: kinds, classMean: { classes[$0] })
                .map { told in
                    let rest = told.energy - run[told.day - first].known
                    return ProjectedDay(day: told.day, energy: max(.zero, rest), method: told.method)
                }
        }
    }
}

/// Days at one end of what is known of a meter, and what a bill says of them.
struct OpenEnd {
    /// Which index is missing, without a full stop.
    let fact: String
    /// What the bill does where the days are not projected; empty where there is nothing to say.
    let otherwise: String
    let days: Range<ServiceDay>

    /// One sentence.
    /// - Parameter wasTried: whether the house projects such days at all.
    func note(_ projected: [ProjectedDay], wasTried: Bool) -> String {
        let told = projected.filter { days.contains($0.day) }
        guard let first = told.first?.day else {
            let why = wasTried ? "; too little is known to project the days without it" : ""
            return fact + otherwise + why + "."
        }
        let methods = EstimationMethod.allCases.filter { method in told.contains { $0.method == method } }
        let rest = days.count - told.count
        return "\(fact); \(told.count) days from \(first) on are projected "
            + "(\(methods.map(\.rawValue).joined(separator: ", ")))"
            + (rest > 0 ? ", of \(rest) too little is known." : ".")
    }
}
