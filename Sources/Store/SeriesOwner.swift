import GRDB
import Metering

/// Whose register a series is; `nil` parts where the registry does not know it.
struct SeriesOwner {
    let series: Int64
    let usagePoint: String?
    let serial: String?
    let register: Register?

    init(_ series: Int64, _ db: Database) throws {
        self.series = series
        let row = try HotStatement(
            db,
            """
            SELECT usagePoint.name, series.register, installation.serial FROM series
            LEFT JOIN installation ON installation.meter = series.meter
            LEFT JOIN usagePoint ON usagePoint.id = installation.usagePoint WHERE series.id = ?
            """)
        let isKnown = try row.first(series)
        usagePoint = isKnown ? row.optionalText(0) : nil
        serial = isKnown ? row.optionalText(2) : nil
        register = isKnown ? try? row.register(1) : nil
    }
}
