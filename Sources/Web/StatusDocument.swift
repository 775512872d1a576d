import Metering
import Store

/// The state of the service in one look: completeness, gateways, backlog, latest failures.
package struct StatusDocument {
    private let figures: FleetFigures
    private let calendar: ServiceCalendar

    package init(_ figures: FleetFigures, calendar: ServiceCalendar) {
        self.figures = figures
        self.calendar = calendar
    }

    package var json: JSONValue {
        .members([
            "at": .string(calendar.text(figures.at)),
            "last_closed_day": .optional(figures.lastClosedDay) { .string($0.description) },
            "completeness": Self.json(figures.completeness, isClosed: figures.lastClosedDay != nil),
            "districts": .array(
                figures.districts.map { district in
                    .members([
                        "district": .string(district.district),
                        "completeness": Self.json(district.completeness, isClosed: figures.lastClosedDay != nil),
                    ])
                }),
            "gateways": .object(
                [.init(key: "total", value: .integer(figures.gateways.count))]
                    + GatewayHealth.State.inOrder.map {
                        .init(key: $0.rawValue, value: .integer(figures.gateways($0)))
                    }),
            "backlog": .members([
                "days_not_closed": .integer(figures.daysBehind),
                "indices_missing": .integer(figures.completeness.missing),
                "indices_estimated": .integer(figures.completeness.estimated),
            ]),
            "cases": .integer(figures.openCases),
            "cases_by_kind": .object(
                figures.caseCounts.map { .init(key: $0.kind.rawValue, value: .integer($0.count)) }),
            "failures": .array(figures.failures.map { Self.json($0, calendar) }),
        ])
    }

    static func json(_ day: Completeness, isClosed: Bool) -> JSONValue {
        .members([
            "day": .string(day.day.description), "closed": .bool(isClosed), "expected": .integer(day.expected),
            "valid": .integer(day.valid), "frozen": .integer(day.frozen), "measured": .integer(day.measured),
            "edited": .integer(day.edited), "estimated": .integer(day.estimated), "missing": .integer(day.missing),
        ])
    }

    static func json(_ health: GatewayHealth, _ calendar: ServiceCalendar) -> JSONValue {
        .members([
            "gateway": .string(health.gateway.name), "station": .string(health.gateway.station),
            "district": .string(health.gateway.district), "host": .string(health.gateway.host),
            "port": .integer(Int64(health.gateway.port)), "state": .string(health.state.rawValue),
            "meters": .integer(health.meters),
            "last_success": .optional(health.lastSuccess) { .string(calendar.text($0)) },
            "last_failure": .optional(health.lastFailure) {
                .members([
                    "at": .string(calendar.text($0.at)), "kind": .string($0.kind), "text": .string($0.text),
                ])
            },
            "ok": .integer(health.ok), "failed": .integer(health.failures),
            "failed_by_kind": .object(
                health.failed.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .integer($0.value)) }),
        ])
    }

    private static func json(_ failure: MeterFailure, _ calendar: ServiceCalendar) -> JSONValue {
        .members([
            "usage_point": .string(failure.usagePoint), "meter": .string(failure.serial),
            "gateway": .string(failure.gateway), "kind": .string(failure.kind), "text": .string(failure.text),
            "first_seen": .string(calendar.text(failure.firstSeen)),
            "last_seen": .string(calendar.text(failure.lastSeen)), "count": .integer(failure.count),
            "ongoing": .bool(failure.isOngoing),
        ])
    }

    /// For a terminal.
    package var text: String {
        let day = figures.completeness
        let state = figures.lastClosedDay == nil ? "đang thu thập, chưa chốt ngày nào" : "đã chốt"
        var text = """
            Lúc \(VietnameseText.moment(figures.at, in: calendar))

            Chỉ số 0h ngày \(VietnameseText.date(day.day)) (\(state))
              hợp lệ \(VietnameseText.percent(day.valid, of: day.expected)): \
            \(VietnameseText.grouped(day.valid)) trên \(VietnameseText.grouped(day.expected)) công tơ phải đọc

            """
        var parts = TextTable([.left, .right])
        for part in QualityPart.parts(of: day) { parts.add([part.name, VietnameseText.grouped(part.count)]) }
        text += parts.text(indent: "  ")
        if figures.daysBehind > 0 { text += "  \(figures.daysBehind) ngày chưa chốt\n" }

        text += "\nBộ tập trung: \(VietnameseText.grouped(figures.gateways.count))\n"
        var states = TextTable([.left, .right])
        for state in GatewayHealth.State.inOrder {
            states.add([state.label, VietnameseText.grouped(figures.gateways(state))])
        }
        text += states.text(indent: "  ")

        if figures.openCases > 0 {
            text += "\nViệc cần xem: \(VietnameseText.grouped(figures.openCases))\n"
            var cases = TextTable([.left, .left, .left, .left, .left])
            for one in figures.cases.prefix(10) {
                cases.add([
                    VietnameseText.moment(one.opened, in: calendar), one.usagePoint, one.serial,
                    "\(one.gateway) / \(one.unit)", one.text,
                ])
            }
            text += cases.text(indent: "  ")
            if figures.openCases > 10 {
                text += "  … và \(VietnameseText.grouped(figures.openCases - 10)) nữa: meterd exceptions\n"
            }
        }

        text += "\nLỗi đọc gần nhất\n"
        guard !figures.failures.isEmpty else { return text + "  không có\n" }
        var failures = TextTable([.left, .left, .left, .left, .left, .right])
        for failure in figures.failures.prefix(10) {
            failures.add([
                VietnameseText.moment(failure.lastSeen, in: calendar), failure.usagePoint, failure.serial,
                failure.gateway, failure.text, "\(VietnameseText.grouped(failure.count)) lần",
            ])
        }
        return text + failures.text(indent: "  ")
    }
}

/// One part of a day's expected indices, as the bar of the control centre and its legend show it.
struct QualityPart {
    /// Class in the style sheet.
    let mark: String
    let name: String
    let english: String
    let count: Int

    static func parts(of day: Completeness) -> [QualityPart] {
        [
            QualityPart(mark: "frozen", name: "Chốt", english: "frozen", count: day.frozen),
            QualityPart(mark: "measured", name: "Đo", english: "measured", count: day.measured),
            QualityPart(mark: "edited", name: "Nhập tay", english: "edited", count: day.edited),
            QualityPart(mark: "estimated", name: "Ước tính", english: "estimated", count: day.estimated),
            QualityPart(mark: "missing", name: "Thiếu", english: "missing", count: day.missing),
        ]
    }

    /// The parts side by side in one bar, 1,000 units for the expected. A part that is not zero stays visible.
    static func bar(of day: Completeness, height: Int, id: String) -> String {
        let parts = parts(of: day).filter { $0.count > 0 }
        let whole = max(day.expected, parts.reduce(0) { $0 + $1.count })
        guard whole > 0 else { return "" }
        var widths = parts.map { max(3, $0.count * 1000 / whole) }
        // What rounding and the smallest widths took or left goes to the largest part.
        if let largest = widths.indices.max(by: { widths[$0] < widths[$1] }) {
            widths[largest] += 1000 - widths.reduce(0, +)
        }
        let label = parts.map { "\($0.name) \(VietnameseText.grouped($0.count))" }.joined(separator: ", ")
        var x = 0
        var bar = """
            <svg class="quality-bar" viewBox="0 0 1000 \(height)" preserveAspectRatio="none" role="img" \
            aria-label="\(HTMLText.escape(label))"><defs>\
            <pattern id="\(id)-hatch" width="6" height="6" patternUnits="userSpaceOnUse" \
            patternTransform="rotate(45)"><rect width="6" height="6" class="hatch-ground"/>\
            <rect width="3" height="6" class="hatch-line"/></pattern></defs>
            """
        for (part, width) in zip(parts, widths) {
            let fill = part.mark == "estimated" ? " fill=\"url(#\(id)-hatch)\"" : ""
            let share = VietnameseText.percent(part.count, of: whole)
            bar += """
                <rect class="bar \(part.mark)"\(fill) x="\(x)" y="0" width="\(width)" height="\(height)">\
                <title>\(part.name): \(VietnameseText.grouped(part.count)) (\(share))</title></rect>
                """
            x += width
        }
        return bar + "</svg>"
    }
}

extension GatewayHealth {
    /// Polls that failed, of all kinds.
    var failures: Int64 { failed.values.reduce(0, +) }
}

extension GatewayHealth.State {
    static let inOrder: [GatewayHealth.State] = [.online, .degraded, .offline]

    var label: String {
        switch self {
        case .online: "đang đọc"
        case .degraded: "chập chờn"
        case .offline: "mất liên lạc"
        }
    }
}
