import Billing
import Metering
import Store

/// The work list: cases, with the money that is at stake in each.
package struct CaseDocument {
    private let cases: [MeterCase]
    /// How many there are of what was asked for; more than `cases` where the list was cut.
    private let total: Int
    private let at: Instant
    private let calendar: ServiceCalendar
    private let tariffs: TariffBook

    package init(
        _ cases: [MeterCase], total: Int, at: Instant, calendar: ServiceCalendar, tariffs: TariffBook
    ) {
        self.cases = cases
        self.total = total
        self.at = at
        self.calendar = calendar
        self.tariffs = tariffs
    }

    package var json: JSONValue {
        .members([
            "at": .string(calendar.text(at)), "total": .integer(total),
            "cases": .array(cases.map { Self.json($0, calendar, tariffs) }),
        ])
    }

    package static func json(_ one: MeterCase, _ calendar: ServiceCalendar, _ tariffs: TariffBook) -> JSONValue {
        .members([
            "id": .integer(one.id), "kind": .string(one.kind.rawValue), "severity": .string(one.severity.rawValue),
            "state": .string(one.state.rawValue), "usage_point": .string(one.usagePoint),
            "station": .string(one.station), "district": .string(one.district), "category": .string(one.category),
            "meter": .string(one.serial), "register": .optional(one.register) { .string($0.name) },
            "found": .optional(one.found) { .string($0) },
            "gateway": .string(one.gateway), "unit": .integer(Int(one.unit)), "text": .string(one.text),
            "from": .optional(one.days) { .string($0.lowerBound.description) },
            "to": .optional(one.days) { .string($0.upperBound.description) },
            "energy_wh": .optional(one.energy) { .integer($0.wattHours) },
            "usual_wh": .optional(one.usual) { .integer($0.wattHours) },
            "at_stake_vnd": .optional(stake(of: one, tariffs)) { .integer($0.dong) },
            "opened": .string(calendar.text(one.opened)), "last_seen": .string(calendar.text(one.lastSeen)),
            "closed": .optional(one.closed) { .string(calendar.text($0)) },
        ])
    }

    /// At the average price of the last of its days, before VAT.
    package static func stake(of one: MeterCase, _ tariffs: TariffBook) -> Money? {
        guard let deviation = one.deviation, let day = one.days?.upperBound else { return nil }
        return tariffs.decision(on: day)?.worth(of: deviation)
    }

    /// For a terminal: a line a case, and how many more there are.
    package var text: String {
        guard !cases.isEmpty else { return "no case\n" }
        var table = TextTable([.right, .left, .left, .left, .left, .left, .left, .right, .left])
        table.add([
            "id", "kind", "severity", "state", "usage point", "station", "days", "VND", "what",
        ])
        for one in cases {
            table.add([
                String(one.id), one.kind.rawValue, one.severity.rawValue, one.state.rawValue, one.usagePoint,
                one.station, Self.days(one), Self.stake(of: one, tariffs).map { VietnameseText.grouped($0.dong) } ?? "",
                one.text,
            ])
        }
        let more = total > cases.count ? "… and \(total - cases.count) more; --limit shows them\n" : ""
        return table.text() + more
    }

    /// One case whole, with what was done about it.
    package static func text(
        _ one: MeterCase, _ acts: [CaseAct], calendar: ServiceCalendar, tariffs: TariffBook
    ) -> String {
        var table = TextTable([.left, .left])
        table.add(["case", "\(one.id): \(one.kind.rawValue), \(one.severity.rawValue), \(one.state.rawValue)"])
        table.add(["usage point", "\(one.usagePoint), \(one.category), station \(one.station), \(one.district)"])
        table.add(["meter", "\(one.serial) behind \(one.gateway), unit \(one.unit)"])
        table.add(["what", one.text])
        if one.days != nil { table.add(["days", days(one)]) }
        if let stake = stake(of: one, tariffs) {
            table.add(["at stake", "\(VietnameseText.grouped(stake.dong)) VND at the average price, before VAT"])
        }
        table.add(["opened", calendar.text(one.opened)])
        table.add(["last seen", calendar.text(one.lastSeen)])
        if let closed = one.closed { table.add(["closed", calendar.text(closed)]) }
        for act in acts {
            table.add([act.kind.rawValue, "\(calendar.text(act.at)) by \(act.who): \(act.why)"])
        }
        return table.text()
    }

    private static func days(_ one: MeterCase) -> String {
        guard let days = one.days else { return "" }
        return days.count == 1 ? "\(days.lowerBound)" : "\(days.lowerBound)…\(days.upperBound)"
    }
}
