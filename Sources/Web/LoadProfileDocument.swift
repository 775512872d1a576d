import Metering
import Store

/// The half hours of one usage point, one row for each that is known.
package struct LoadProfileDocument {
    let usagePoint: String
    /// Both inclusive.
    let from: ServiceDay
    let through: ServiceDay
    let calendar: ServiceCalendar
    /// By register, then in time.
    let entries: [LoadProfileEntry]

    package init(
        usagePoint: String, from: ServiceDay, through: ServiceDay, calendar: ServiceCalendar,
        entries: [LoadProfileEntry]
    ) {
        self.usagePoint = usagePoint
        self.from = from
        self.through = through
        self.calendar = calendar
        self.entries = entries
    }

    /// Consumption is that of the half hour that starts at this index; empty where the next index is missing.
    package var csv: String {
        "usage_point,register,start,index_wh,consumption_wh,quality\n"
            + entries.map { row in
                CSV.line([
                    usagePoint, row.register.name, calendar.text(row.start), String(row.index.wattHours),
                    row.consumption.map { String($0.wattHours) } ?? "", row.quality.name,
                ])
            }.joined()
    }

    package var json: JSONValue {
        .members([
            "usage_point": .string(usagePoint), "from": .string(from.description), "to": .string(through.description),
            "half_hours": .array(
                entries.map { row in
                    .members([
                        "register": .string(row.register.name), "meter": .string(row.serial),
                        "start": .string(calendar.text(row.start)), "index_wh": .integer(row.index.wattHours),
                        "consumption_wh": .optional(row.consumption) { .integer($0.wattHours) },
                        "quality": .string(row.quality.name),
                    ])
                }),
        ])
    }
}
