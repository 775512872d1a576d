import GRDB
import Metering

/// One usage point on one day; without an index where it is missing.
package struct UsagePointDay: Hashable, Sendable {
    package let usagePoint: String
    package let index: DailyIndex?
    /// Of the day that starts at `index`, multiplier applied; `nil` where the next index is not known.
    package let consumption: Energy?
}

extension Store {
    /// Every usage point with a meter in service on `day`, in the order of its first import: complete, or explicitly
    /// incomplete. One pass over the day. Where the meter was installed or removed that day, the fitter's word stands
    /// in.
    package func everyUsagePoint(on day: ServiceDay, register: Register) throws -> [UsagePointDay] {
        try read("reading \(register.name) of every usage point on \(day)") { db in
            let statement = try HotStatement(
                db,
                """
                SELECT usagePoint.name, multiplier,
                  this.day, this.idx, this.q, this.bound, this.revision,
                  CASE WHEN ?2 = 1 AND installedOn = ?1 THEN startIndex END,
                  CASE WHEN ?2 = 1 AND removedOn = ?1 + 1 THEN endIndex ELSE next.idx END
                FROM installation
                JOIN usagePoint ON usagePoint.id = installation.usagePoint
                LEFT JOIN series ON series.meter = installation.meter AND series.register = ?2
                LEFT JOIN hot AS this ON this.day = ?1 AND this.series = series.id
                LEFT JOIN hot AS next ON next.day = ?1 + 1 AND next.series = series.id
                WHERE installedOn <= ?1 AND (removedOn IS NULL OR removedOn > ?1)
                ORDER BY usagePoint.id
                """)
            try statement.start(day, Int(register.rawValue))
            var days: [UsagePointDay] = []
            while try statement.next() {
                var index: DailyIndex?
                if statement.optionalInteger(2) != nil {
                    index = try statement.dailyIndex(2)
                } else if let start = statement.optionalEnergy(7) {
                    index = DailyIndex(day: day, index: start, quality: .edited, errorBound: .zero)
                }
                var consumption: Energy?
                if let start = index?.index, let end = statement.optionalEnergy(8) {
                    consumption = MeterDays.energy(from: start, to: end, multiplier: statement.integer(1))
                }
                days.append(UsagePointDay(usagePoint: statement.text(0), index: index, consumption: consumption))
            }
            return days
        }
    }
}
