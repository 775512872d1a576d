import Metering
import Store

/// Every value that the indices of one usage point have had: who or what brought each, when and why.
package struct IndexRevisionsDocument {
    let usagePoint: String
    /// Both inclusive.
    let from: ServiceDay
    let through: ServiceDay
    let revisions: [IndexRevision]

    package init(usagePoint: String, from: ServiceDay, through: ServiceDay, revisions: [IndexRevision]) {
        self.usagePoint = usagePoint
        self.from = from
        self.through = through
        self.revisions = revisions
    }

    /// One row a value, oldest first; `since` to `reason` are empty for the first one, unless a person entered it.
    /// Instants are UTC.
    package var csv: String {
        "usage_point,register,day,revision,index_wh,error_bound_wh,quality,since,source,who,reason\n"
            + revisions.map { row in
                CSV.line([
                    usagePoint, row.register.name, row.index.day.description, String(row.index.revision),
                    String(row.index.index.wattHours), String(row.index.errorBound.wattHours), row.index.quality.name,
                    row.occasion?.at.rfc3339(offsetSeconds: 0) ?? "", row.occasion?.source ?? "",
                    row.occasion?.who ?? "",
                    row.occasion?.reason ?? "",
                ])
            }.joined()
    }

    package var json: JSONValue {
        .members([
            "usage_point": .string(usagePoint), "from": .string(from.description), "to": .string(through.description),
            "revisions": .array(
                revisions.map { row in
                    .members([
                        "register": .string(row.register.name), "meter": .string(row.serial),
                        "day": .string(row.index.day.description), "revision": .integer(row.index.revision),
                        "index_wh": .integer(row.index.index.wattHours),
                        "error_bound_wh": .integer(row.index.errorBound.wattHours),
                        "quality": .string(row.index.quality.name),
                        "cause": .optional(row.occasion, Self.json),
                    ])
                }),
        ])
    }

    static func json(_ occasion: IndexOccasion) -> JSONValue {
        .members([
            "at": .string(occasion.at.rfc3339(offsetSeconds: 0)), "source": .string(occasion.source),
            "who": .optional(occasion.who) { .string($0) }, "reason": .string(occasion.reason),
        ])
    }
}
