import GRDB
import Metering

/// Who came after whom, as the registry has it. It is found by way of the meters that were taken down, of which even a
/// province has few, so that all the others cost one look each.
enum MeterSuccessions {
    /// Meters that stand where another was taken down before: what they showed first has the fitter's start index
    /// before it.
    static func successors(_ db: Database) throws -> Set<MeterID> {
        try meters(
            db,
            """
            SELECT later.meter FROM installation AS earlier CROSS JOIN installation AS later
            ON later.usagePoint = earlier.usagePoint AND later.installedOn >= earlier.removedOn
            WHERE earlier.removedOn IS NOT NULL
            """)
    }

    /// Rows with which a meter goes on under another multiplier, after a reset, or elsewhere, on the day its row before
    /// ends. What it shows at that day's first instant, its own record too, is the earlier row's.
    static func continuations(_ db: Database) throws -> Set<MeterID> {
        try meters(
            db,
            """
            SELECT later.meter FROM installation AS earlier CROSS JOIN installation AS later
            ON later.serial = earlier.serial AND later.installedOn = earlier.removedOn
            WHERE earlier.removedOn IS NOT NULL
            """)
    }

    // A cross join goes through the table on its left: the planner would rather look up a predecessor for each meter.
    private static func meters(_ db: Database, _ sql: String) throws -> Set<MeterID> {
        let rows = try HotStatement(db, sql)
        var meters: Set<MeterID> = []
        try rows.start()
        while try rows.next() { meters.insert(MeterID(Int32(clamping: rows.integer(0)))) }
        return meters
    }
}
