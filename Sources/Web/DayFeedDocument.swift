import Metering
import Store

/// Every customer's day in one file (`meterd feed --day`), one row each, a missing index included: complete, or
/// explicitly incomplete.
package struct DayFeedDocument {
    private let register: Register
    private let day: ServiceDay
    private let rows: [UsagePointDay]
    private let calendar: ServiceCalendar

    package init(day: ServiceDay, register: Register, rows: [UsagePointDay], calendar: ServiceCalendar) {
        self.day = day
        self.register = register
        self.rows = rows
        self.calendar = calendar
    }

    /// The columns of `FeedDay.csvHeader`. Hands over the text in pieces, so that a province needs no second copy of
    /// itself in memory.
    package func writeCSV(_ write: (String) throws -> Void) throws {
        try write(FeedDay.csvHeader)
        let days = FeedDay.days(day, in: calendar)
        try writeLines(write) { $0.csv(days: days) }
    }

    /// One JSON document a line.
    package func writeJSONLines(_ write: (String) throws -> Void) throws {
        try writeLines(write) { $0.jsonLine(in: calendar) }
    }

    private static let pieceBytes = 1 << 20

    private func writeLines(_ write: (String) throws -> Void, line: (FeedDay) -> String) throws {
        var piece = ""
        for row in rows {
            piece += line(
                FeedDay(
                    usagePoint: row.usagePoint, register: register, day: day, index: row.index,
                    consumption: row.consumption, cause: row.cause))
            if piece.utf8.count >= Self.pieceBytes {
                try write(piece)
                piece = ""
            }
        }
        if !piece.isEmpty { try write(piece) }
    }
}
