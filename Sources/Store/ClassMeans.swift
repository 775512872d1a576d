import GRDB
import Metering

/// What the usage points of a class took on a day. A class is a tariff category within a district.
private struct ClassSum {
    /// Usage points of which the day is known.
    var known: Int64 = 0
    /// Of all these, multipliers applied.
    var energy = Energy.zero

    /// Fewer say more of themselves than of their class.
    private static let knownMin = 10

    /// To the watt-hour, rounded down; `nil` where too few are known.
    var mean: Energy? { known < Self.knownMin ? nil : Energy(wattHours: energy.wattHours / known) }

    mutating func add(_ other: ClassSum) {
        known += other.known
        energy = energy + other.energy
    }
}

/// A day's sums of all classes, gathered while the day is counted: one walk serves both.
final class ClassSums {
    private var sums: [String: [String: ClassSum]] = [:]

    /// An estimate says nothing of its class, nor does a dial that went back by a person's word.
    func add(_ point: DialledDay) {
        guard let consumption = point.consumption, consumption >= .zero, !point.hasEstimate else { return }
        sums[point.category, default: [:]][point.district, default: ClassSum()].add(
            ClassSum(known: 1, energy: consumption))
    }

    /// Takes the place of what was gathered of the day before.
    func save(_ day: ServiceDay, _ db: Database) throws {
        try HotStatement(db, "DELETE FROM classDay WHERE day = ?").run(day)
        let insert = try HotStatement(
            db, "INSERT INTO classDay(day, category, district, known, energy) VALUES(?, ?, ?, ?, ?)")
        for (category, districts) in sums {
            for (district, sum) in districts { try insert.run(day, category, district, sum.known, sum.energy) }
        }
    }
}

/// What a usage point of one class took on each of some days: the mean of those in its district, and where they are too
/// few of those of its category in the whole province.
struct ClassMeans {
    /// So far back a day is looked for that stands in for one of which nothing is known yet.
    private static let daysBack = 14

    /// By day.
    private let means: [ServiceDay: Energy]

    static let none = ClassMeans(means: [:])

    private init(means: [ServiceDay: Energy]) { self.means = means }

    /// - Parameters:
    ///   - first, last: both inclusive.
    init(_ db: Database, of usagePoint: UsagePoint, from first: ServiceDay, through last: ServiceDay) throws {
        let rows = try HotStatement(db, "SELECT district, known, energy FROM classDay WHERE day = ? AND category = ?")
        var means: [ServiceDay: Energy] = [:]
        for day in first - Self.daysBack...last {
            var (own, all) = (ClassSum(), ClassSum())
            try rows.start(day, usagePoint.category)
            while try rows.next() {
                let sum = ClassSum(known: rows.integer(1), energy: rows.energy(2))
                all.add(sum)
                if rows.text(0) == usagePoint.district { own.add(sum) }
            }
            means[day] = own.mean ?? all.mean
        }
        self.means = means
    }

    /// Of the day itself, or else of the latest one before it.
    subscript(day: ServiceDay) -> Energy? {
        (0...Self.daysBack).lazy.compactMap { means[day - $0] }.first
    }
}
