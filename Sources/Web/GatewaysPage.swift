import Metering
import Store

/// Every gateway with its state, those in trouble first, a page at a time.
struct GatewaysPage {
    let figures: FleetFigures
    let state: GatewayHealth.State?
    /// 1-based; beyond the last one shows the last.
    let page: Int
    let calendar: ServiceCalendar

    static let rowsPerPage = 200

    func html(_ pages: Pages) -> String {
        let chosen = figures.worstGateways.filter { state == nil || $0.state == state }
        let count = max(1, (chosen.count + Self.rowsPerPage - 1) / Self.rowsPerPage)
        let number = min(max(page, 1), count)
        let rows = chosen.dropFirst((number - 1) * Self.rowsPerPage).prefix(Self.rowsPerPage)
        var values: [String: Any] = [
            "isAll": state == nil, "total": VietnameseText.grouped(figures.gateways.count),
            "states": Self.states(figures, chosen: state),
            "gateways": rows.map { Self.row($0, now: figures.at, calendar: calendar) },
        ]
        if count > 1 {
            var links: [String: Any] = ["number": number, "count": count]
            if number > 1 { links["previous"] = link(to: number - 1) }
            if number < count { links["next"] = link(to: number + 1) }
            values["pages"] = links
        }
        return pages.render("gateways", values)
    }

    private func link(to number: Int) -> String {
        "/gateways?" + (state.map { "state=\($0.rawValue)&" } ?? "") + "page=\(number)"
    }

    static func states(_ figures: FleetFigures, chosen: GatewayHealth.State?) -> [[String: Any]] {
        GatewayHealth.State.inOrder.map {
            [
                "state": $0.rawValue, "name": $0.label, "count": VietnameseText.grouped(figures.gateways($0)),
                "isChosen": $0 == chosen,
            ]
        }
    }

    static func row(_ health: GatewayHealth, now: Instant, calendar: ServiceCalendar) -> [String: Any] {
        var row: [String: Any] = [
            "name": health.gateway.name, "station": health.gateway.station, "district": health.gateway.district,
            "address": "\(health.gateway.host):\(health.gateway.port)", "state": health.state.rawValue,
            "stateName": health.state.label, "meters": VietnameseText.grouped(health.meters),
            "ago": VietnameseText.ago(health.lastSuccess, now: now),
            "lastSeen": health.lastSuccess.map { VietnameseText.moment($0, in: calendar) } ?? "",
            "ok": VietnameseText.grouped(health.ok), "failed": VietnameseText.grouped(health.failures),
        ]
        if let failure = health.lastFailure {
            row["failure"] = [
                "kind": VietnameseText.failure(failure.kind), "text": failure.text,
                "ago": VietnameseText.ago(failure.at, now: now),
            ]
        }
        return row
    }
}
