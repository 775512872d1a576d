import Metering
import Store

/// A closed day was counted as it stands: late readings that change it have it counted again, and so does who tells
/// late that a meter was exchanged.
package struct CountCheck: Check {
    package let name = "count"

    package init() {}

    package func faults(in evidence: Evidence) throws -> [String] {
        let calendar = evidence.world.calendar
        let first = calendar.day(at: evidence.world.from)
        return try evidence.store.completenessHistory(from: first, through: evidence.lastDay).compactMap { closed in
            let now = try evidence.store.completeness(of: closed.day)
            guard now != closed else { return nil }
            return "\(closed.day) was closed with \(Self.told(closed)), but has \(Self.told(now))"
        }
    }

    private static func told(_ day: Completeness) -> String {
        "\(day.expected) meters, \(day.frozen) frozen, \(day.measured) measured, \(day.estimated) estimated, "
            + "\(day.edited) edited, \(day.missing) missing, \(day.energy)"
    }
}
