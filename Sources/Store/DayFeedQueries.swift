import GRDB
import Metering

/// One usage point on one day; without an index where it is missing.
package struct UsagePointDay: Hashable, Sendable {
    package let usagePoint: String
    package let index: DailyIndex?
    /// Of the whole day that starts at `index`, multipliers applied; `nil` where one of the indices it is made from is
    /// not known.
    package let consumption: Energy?
    /// What made the index the revision it is; `nil` for revision 1.
    package let cause: IndexOccasion?
}

extension Store {
    /// Every usage point with a meter in service on `day`, or whose meter leaves that day, in the order of its first
    /// import: complete, or explicitly incomplete. One pass over the day. Where a meter came or left that day, the
    /// fitter's word stands in.
    package func everyUsagePoint(on day: ServiceDay, register: Register) throws -> [UsagePointDay] {
        try read("reading \(register.name) of every usage point on \(day)") { db in
            let causes = try IndexChanges.causes(of: day, db)
            var meters: [DialledDay] = []
            try DialledDays.forEach(on: day, register, db, damaged: { try self.note($0, db) }) { meters.append($0) }
            meters.sort { $0.usagePointID < $1.usagePointID }
            // Both in the registry's order.
            let names = try HotStatement(db, "SELECT id, name FROM usagePoint ORDER BY id")
            try names.start()
            var named: Int64 = .min
            return try meters.map { meter in
                while named < meter.usagePointID {
                    guard try names.next() else { throw DamagedRow(table: "usagePoint", key: meter.usagePointID) }
                    named = names.integer(0)
                }
                return UsagePointDay(
                    usagePoint: names.text(1), index: meter.index, consumption: meter.consumption,
                    cause: meter.series.flatMap { causes[$0] })
            }
        }
    }
}
