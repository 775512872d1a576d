import Metering
import Store

/// Daily indices of one usage point, one row for each that is known.
package struct IndexDocument {
    let usagePoint: String
    /// Both inclusive.
    let from: ServiceDay
    let through: ServiceDay
    /// In order of register, then day.
    let indices: [IndexedDay]

    package init(usagePoint: String, from: ServiceDay, through: ServiceDay, indices: [IndexedDay]) {
        self.usagePoint = usagePoint
        self.from = from
        self.through = through
        self.indices = indices.sorted { ($0.register.rawValue, $0.day) < ($1.register.rawValue, $1.day) }
    }

    /// Design §6.4: consumption is that of the day that starts at this index; empty where it is not known.
    package var csv: String {
        "usage_point,register,day,index_wh,consumption_wh,quality,revision\n"
            + indices.map { row in
                CSV.line([
                    usagePoint, row.register.name, row.day.description, String(row.index.index.wattHours),
                    row.consumption.map { String($0.wattHours) } ?? "", row.index.quality.name,
                    String(row.index.revision),
                ])
            }.joined()
    }

    package var json: JSONValue {
        .members([
            "usage_point": .string(usagePoint), "from": .string(from.description), "to": .string(through.description),
            "indices": .array(
                indices.map { row in
                    .members([
                        "register": .string(row.register.name), "day": .string(row.day.description),
                        "index_wh": .integer(row.index.index.wattHours),
                        "consumption_wh": .optional(row.consumption) { .integer($0.wattHours) },
                        "quality": .string(row.index.quality.name), "revision": .integer(row.index.revision),
                        "error_bound_wh": .integer(row.index.errorBound.wattHours),
                    ])
                }),
        ])
    }
}
