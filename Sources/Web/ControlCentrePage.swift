import Alarms
import Metering
import Store

/// The control centre's first page: is every meter read, what is broken, and one customer beside it.
struct ControlCentrePage {
    let figures: FleetFigures
    let headEnd: HeadEndFigures
    /// Civil seconds a real second: the forecast is in real time.
    let clockSpeed: Int64
    let customer: CustomerFigures?
    /// What was searched for and found; `nil` without a search.
    let search: (text: String, found: [UsagePoint])?
    let calendar: ServiceCalendar

    static let customerDays = 31
    private static let gatewaysShown = 8
    private static let failuresShown = 8
    private static let casesShown = 8

    func html(_ pages: Pages) -> String {
        var values: [String: Any] = [
            "trend": trend, "districts": districts, "states": GatewaysPage.states(figures, chosen: nil),
            "gateways": figures.worstGateways.prefix(Self.gatewaysShown).map {
                GatewaysPage.row($0, now: figures.at, calendar: calendar)
            },
            "failures": figures.failures.prefix(Self.failuresShown).map(failure),
            "hasAlarms": !figures.alarms.isEmpty,
            "alarms": figures.alarms.prefix(Self.casesShown).map(alarm),
            "hasCases": figures.openCases > 0, "caseCount": VietnameseText.grouped(figures.openCases),
            "cases": figures.cases.prefix(Self.casesShown).map(meterCase),
            "noCustomer": search == nil
                ? "Chưa có điểm đo nào trong sổ." : "Không tìm thấy điểm đo, khách hàng hay công tơ nào.",
        ]
        if figures.completeness.expected > 0 { values["day"] = day }
        if headEnd.metersOverdue > 0 { values["sweep"] = sweep }
        if let customer {
            var shown = customer.values
            shown["chart"] = customer.chart(days: Self.customerDays, width: 400, height: 170, id: "customer")
            values["customer"] = shown
        }
        if let search, search.found.count > 1 { values["matches"] = matches(search.text, search.found) }
        return pages.render("control-centre", values)
    }

    private var day: [String: Any] {
        let day = figures.completeness
        let percent = VietnameseText.percent(day.valid, of: day.expected).split(separator: ",")
        let state: String
        switch (figures.lastClosedDay, figures.daysBehind) {
        case (nil, _): state = "đang thu thập, chưa chốt"
        case (_?, 0): state = "đã chốt"
        case (_?, let behind): state = "đã chốt · \(behind) ngày chưa chốt"
        }
        return [
            "energy": figures.lastWholeDay.map { Self.energy(of: $0.day, until: $0.next) } ?? "",
            "weekday": VietnameseText.weekday(day.day), "date": VietnameseText.date(day.day), "state": state,
            "percentWhole": String(percent[0]),
            "percentFraction": percent.count > 1 ? "," + percent[1].prefix { $0 != " " } : "",
            "valid": VietnameseText.grouped(day.valid), "expected": VietnameseText.grouped(day.expected),
            "bar": QualityPart.bar(of: day, height: 16, id: "day"),
            "parts": QualityPart.parts(of: day).map {
                ["mark": $0.mark, "name": $0.name, "english": $0.english, "count": VietnameseText.grouped($0.count)]
            },
        ]
    }

    /// What the fleet used on a day, and of how many meters that is known.
    private static func energy(of day: Completeness, until next: Completeness) -> String {
        let whose = "Điện năng \(VietnameseText.weekday(day.day)) \(VietnameseText.shortDate(day.day)): "
        guard let energy = day.consumption(until: next) else { return whose + "không rõ" }
        let sum = whose + "\(VietnameseText.kilowattHours(energy, decimals: 0)) kWh"
        guard day.missing > 0 || next.missing > 0 else { return sum }
        let ends = [day, next].map { "\(VietnameseText.grouped($0.known))/\(VietnameseText.grouped($0.expected))" }
        return sum + " (\(ends[0]) công tơ đầu ngày, \(ends[1]) cuối ngày)"
    }

    /// What the head-end has still to ask, when it will have, and which gateways stand in the way.
    private var sweep: String {
        let forecast = headEnd.forecast
        var parts = ["Còn \(VietnameseText.grouped(headEnd.metersOverdue)) lần hỏi"]
        if let last = forecast.latest.filter({ $0.milliseconds != nil }).max(by: {
            $0.milliseconds ?? 0 < $1.milliseconds ?? 0
        }) {
            let finish = figures.at + Instant.Span(microseconds: forecast.milliseconds * 1000 * clockSpeed)
            parts.append("dự kiến xong \(VietnameseText.time(finish, in: calendar)), chậm nhất \(last.gateway)")
        }
        let unreachable = forecast.latest.filter { $0.milliseconds == nil }.map(\.gateway)
        if !unreachable.isEmpty { parts.append("chưa đoán được: \(unreachable.joined(separator: ", "))") }
        return parts.joined(separator: "; ")
    }

    private var trend: [String: Any] {
        let days = figures.history.map { day in
            TrendChart.Day(
                day: day.day, valid: day.valid, expected: day.expected,
                title: "\(VietnameseText.weekday(day.day)) \(VietnameseText.date(day.day)): "
                    + "\(VietnameseText.percent(day.valid, of: day.expected)) hợp lệ\n"
                    + QualityPart.parts(of: day).map { "\($0.name) \(VietnameseText.grouped($0.count))" }
                    .joined(separator: " · "))
        }
        let chart = TrendChart(days: days)
        return [
            "isKnown": days.count > 1, "title": "Tỷ lệ hợp lệ \(days.count) ngày gần nhất",
            "wide": chart.svg(width: 640, height: 150), "narrow": chart.svg(width: 350, height: 130),
        ]
    }

    private var districts: [[String: Any]] {
        figures.districts.enumerated().map { position, district in
            let day = district.completeness
            return [
                "name": district.district.isEmpty ? "(không ghi)" : district.district,
                "expected": VietnameseText.grouped(day.expected),
                "valid": VietnameseText.percent(day.valid, of: day.expected),
                "bar": QualityPart.bar(of: day, height: 4, id: "district\(position)"),
                "estimated": VietnameseText.grouped(day.estimated), "hasEstimated": day.estimated > 0,
                "missing": VietnameseText.grouped(day.missing), "hasMissing": day.missing > 0,
            ]
        }
    }

    private func failure(_ failure: MeterFailure) -> [String: Any] {
        [
            "when": VietnameseText.moment(failure.lastSeen, in: calendar),
            "ago": VietnameseText.ago(failure.lastSeen, now: figures.at),
            "usagePoint": failure.usagePoint, "usagePointLink": Link.encoded(failure.usagePoint),
            "serial": failure.serial, "isOngoing": failure.isOngoing, "gateway": failure.gateway,
            "kind": VietnameseText.failure(failure.kind),
            "text": failure.text, "count": VietnameseText.grouped(failure.count),
        ]
    }

    private func alarm(_ state: AlarmState) -> [String: Any] {
        [
            "name": VietnameseText.name(state.alarm.kind), "subject": state.alarm.subject, "text": state.text,
            "when": state.raisedAt.map { VietnameseText.moment($0, in: calendar) } ?? "",
            "who": state.acknowledged.map { "\($0.who): \($0.note)" } ?? "",
        ]
    }

    private func meterCase(_ one: MeterCase) -> [String: Any] {
        [
            "when": VietnameseText.moment(one.opened, in: calendar),
            "ago": VietnameseText.ago(one.opened, now: figures.at),
            "usagePoint": one.usagePoint, "link": Link.encoded(one.usagePoint), "serial": one.serial,
            "gateway": one.gateway, "unit": String(one.unit), "kind": VietnameseText.name(one.kind), "text": one.text,
        ]
    }

    private func matches(_ text: String, _ found: [UsagePoint]) -> [String: Any] {
        [
            "matchesNote": found.count < WebServer.searchMax
                ? "\(found.count) kết quả" : "\(found.count) kết quả đầu tiên, hãy gõ thêm",
            "list": found.map {
                [
                    "name": $0.name, "customer": $0.customer, "link": Link.encoded($0.name),
                    "searchLink": Link.encoded(text), "isChosen": $0.name == customer?.usagePoint.name,
                ] as [String: Any]
            },
        ]
    }
}

extension FleetFigures {
    /// Those that need somebody first: without contact, then intermittent, then by how long they have been silent.
    var worstGateways: [GatewayHealth] {
        gateways.sorted { left, right in
            if left.state != right.state { return left.state.urgency > right.state.urgency }
            let leftSeen = left.lastSuccess ?? Instant(microseconds: .min)
            let rightSeen = right.lastSuccess ?? Instant(microseconds: .min)
            return (leftSeen, left.gateway.name) < (rightSeen, right.gateway.name)
        }
    }
}

extension GatewayHealth.State {
    fileprivate var urgency: Int {
        switch self {
        case .offline: 2
        case .degraded: 1
        case .online: 0
        }
    }
}
