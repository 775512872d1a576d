import Alarms
import Metering
import Store

/// A day's completeness cut into parts, and the meters that are missing.
package struct CompletenessDocument {
    private let parts: CompletenessParts
    /// `nil` where they were not asked for.
    private let missing: [MissingMeter]?
    /// `nil` where nobody looked that night.
    private let collection: CollectionLook?
    private let calendar: ServiceCalendar

    package init(
        _ parts: CompletenessParts, collection: CollectionLook?, missing: [MissingMeter]? = nil,
        calendar: ServiceCalendar
    ) {
        self.parts = parts
        self.collection = collection
        self.missing = missing
        self.calendar = calendar
    }

    private var day: ServiceDay { parts.total.day }

    package var json: JSONValue {
        let document = JSONValue.members([
            "day": .string(day.description), "by": .string(parts.cut.rawValue),
            "closed_at": .optional(parts.total.closedAt) { .string(calendar.text($0)) },
            "objective": .optional(collection, json),
            "total": Self.json(parts.total),
            "parts": .array(
                parts.parts.map { part in
                    JSONValue.members(["name": .string(part.name)]).appending(Self.json(part.completeness))
                        .appending(part.reason.map { .members(["remedy": .string($0.remedy)]) } ?? .null)
                }),
        ])
        return missing.map { document.appending(["missing": .array($0.map(json))]) } ?? document
    }

    private func json(_ look: CollectionLook) -> JSONValue {
        .members([
            "due": .string(calendar.text(due)), "at": .string(calendar.text(look.at)),
            "expected": .integer(look.expected), "valid": .integer(look.valid), "silent": .integer(look.silent),
            "predicted": .integer(look.predicted),
            "predicted_finish": .optional(look.finish) { .string(calendar.text($0)) },
            "target": .integer(Self.asked(of: look.expected)), "met": .optional(look.isMet(by: due)) { .bool($0) },
        ])
    }

    private var due: Instant { calendar.start(of: parts.total.day) + CollectionLook.due }

    /// So many of them are wanted: rounded up.
    private static func asked(of expected: Int) -> Int { (expected * Int(CollectionLook.target) + 999) / 1000 }

    private static func json(_ day: Completeness) -> JSONValue {
        .members([
            "expected": .integer(day.expected), "valid": .integer(day.valid), "frozen": .integer(day.frozen),
            "measured": .integer(day.measured), "edited": .integer(day.edited), "estimated": .integer(day.estimated),
            "missing": .integer(day.missing),
        ])
    }

    private func json(_ meter: MissingMeter) -> JSONValue {
        .members([
            "usage_point": .string(meter.usagePoint), "meter": .string(meter.serial),
            "station": .string(meter.station), "district": .string(meter.district),
            "gateway": .string(meter.gateway), "unit": .integer(Int(meter.unit)), "profile": .string(meter.profile),
            "reason": .string(meter.reason.name),
            "last_heard": .optional(meter.lastHeard) { .string(calendar.text($0)) },
            "last_failure": .optional(meter.lastFailure) { .string($0) },
        ])
    }

    /// The missing meters where they were asked for, else the parts.
    package var csv: String {
        guard let missing else {
            return "day,by,name,expected,frozen,measured,edited,estimated,missing\n"
                + parts.parts.map { part in
                    let counts = part.completeness
                    let numbers = [
                        counts.expected, counts.frozen, counts.measured, counts.edited, counts.estimated,
                        counts.missing,
                    ]
                    return CSV.line([day.description, parts.cut.rawValue, part.name] + numbers.map { String($0) })
                }.joined()
        }
        return "day,usage_point,meter,station,district,gateway,unit,profile,reason,last_heard,last_failure\n"
            + missing.map { meter in
                CSV.line([
                    day.description, meter.usagePoint, meter.serial, meter.station, meter.district, meter.gateway,
                    String(meter.unit), meter.profile, meter.reason.name,
                    meter.lastHeard.map { calendar.text($0) } ?? "", meter.lastFailure ?? "",
                ])
            }.joined()
    }

    /// For a terminal.
    package var text: String {
        let closed = parts.total.closedAt.map { "closed \(calendar.text($0))" } ?? "not closed"
        var table = TextTable([.left, .right, .right, .right, .right, .right, .right, .right, .left])
        let isByReason = parts.cut == .reason
        table.add([
            parts.cut.rawValue, "expected", "frozen", "measured", "edited", "estimated", "missing", "known",
            isByReason ? "what to do" : "",
        ])
        func add(_ name: String, _ counts: Completeness, _ remedy: String = "") {
            let numbers = [
                counts.expected, counts.frozen, counts.measured, counts.edited, counts.estimated, counts.missing,
            ]
            table.add([name] + numbers.map { String($0) } + [Self.known(counts), remedy])
        }
        for part in parts.parts {
            add(part.name.isEmpty ? "(none)" : part.name, part.completeness, part.reason?.remedy ?? "")
        }
        add("total", parts.total)
        return "00:00 of \(day), \(closed)\n" + (collection.map(text) ?? "") + "\n" + table.text()
            + (missing.map { "\n" + Self.text($0) } ?? "")
    }

    private func text(_ look: CollectionLook) -> String {
        let wanted = "\(Self.asked(of: look.expected)) are wanted at 06:00"
        let counted = "\(calendar.text(look.at)): \(look.valid) of \(look.expected) valid"
        guard look.at < due else {
            let result = look.isMet(by: due).map { $0 ? "met" : "missed" }
            return "\(counted); \(wanted): \(result ?? "nobody looked then; as many were at this look")\n"
        }
        let finish = look.finish.map { "all that is due asked by \(calendar.text($0))" } ?? "nothing due"
        return "\(counted), \(look.silent) do not answer, \(finish)\n"
            + "at this pace \(look.predicted) will be valid at 06:00; \(wanted)\(look.isMet ? "" : ": too few")\n"
    }

    private static func text(_ missing: [MissingMeter]) -> String {
        guard !missing.isEmpty else { return "no meter is missing\n" }
        var table = TextTable([.left, .left, .left, .left, .left, .left, .left])
        table.add(["reason", "station", "gateway / unit", "usage point", "meter", "profile", "last failure"])
        for meter in missing {
            table.add([
                meter.reason.name, meter.station, "\(meter.gateway) / \(meter.unit)", meter.usagePoint, meter.serial,
                meter.profile, meter.lastFailure ?? "",
            ])
        }
        return table.text()
    }

    /// Rounded down: what is not all is not 100 %.
    private static func known(_ counts: Completeness) -> String {
        guard counts.expected > 0 else { return "" }
        let thousandths = counts.known * 1000 / counts.expected
        return "\(thousandths / 10).\(thousandths % 10) %"
    }
}
