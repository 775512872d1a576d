import Metering
import Store

/// A day's completeness cut into parts, and the meters that are missing.
package struct CompletenessDocument {
    private let parts: CompletenessParts
    /// `nil` where they were not asked for.
    private let missing: [MissingMeter]?
    private let calendar: ServiceCalendar

    package init(_ parts: CompletenessParts, missing: [MissingMeter]? = nil, calendar: ServiceCalendar) {
        self.parts = parts
        self.missing = missing
        self.calendar = calendar
    }

    private var day: ServiceDay { parts.total.day }

    package var json: JSONValue {
        let document = JSONValue.members([
            "day": .string(day.description), "by": .string(parts.cut.rawValue),
            "closed_at": .optional(parts.total.closedAt) { .string(calendar.text($0)) },
            "total": Self.json(parts.total),
            "parts": .array(
                parts.parts.map { part in
                    JSONValue.members(["name": .string(part.name)]).appending(Self.json(part.completeness))
                        .appending(part.reason.map { .members(["remedy": .string($0.remedy)]) } ?? .null)
                }),
        ])
        return missing.map { document.appending(["missing": .array($0.map(json))]) } ?? document
    }

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
        return "00:00 of \(day), \(closed)\n\n" + table.text() + (missing.map { "\n" + Self.text($0) } ?? "")
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
