import Billing
import Metering
import Store

/// What came to be known of a usage point's closed days on one day: from the cause, by way of the days, to the bills.
package struct CorrectionDocument {
    private let correction: Correction
    private let calendar: ServiceCalendar

    package init(_ correction: Correction, calendar: ServiceCalendar) {
        self.correction = correction
        self.calendar = calendar
    }

    package var json: JSONValue {
        .members([
            "usage_point": .string(correction.usagePoint.name), "register": .string(correction.register.name),
            "made_on": .string(correction.madeOn.description),
            "indices": .array(
                correction.indices.map { index in
                    .members([
                        "meter": .string(index.serial), "day": .string(index.after.day.description),
                        "before": .optional(index.before, Self.json), "after": Self.json(index.after),
                        "cause": IndexRevisionsDocument.json(index.occasion),
                        "poll": .optional(index.poll) { poll in
                            .members([
                                "gateway": .string(poll.gateway), "unit": .integer(Int(poll.unit)),
                                "transaction": .integer(Int(poll.transaction)),
                            ])
                        },
                    ])
                }),
            "days": .array(
                correction.days.map { day in
                    .members([
                        "day": .string(day.day.description),
                        "before_wh": .optional(day.before) { .integer($0.wattHours) },
                        "after_wh": .optional(day.after) { .integer($0.wattHours) },
                    ])
                }),
            "bills": .array(
                correction.bills.map { bill in
                    .members([
                        "from": .string(bill.period.from.description), "to": .string(bill.period.through.description),
                        "as_of": .string(bill.asOf.description), "before": .optional(bill.before, Self.json),
                        "after": .optional(bill.after, Self.json),
                    ])
                }),
        ])
    }

    private static func json(_ index: DailyIndex) -> JSONValue {
        .members([
            "index_wh": .integer(index.index.wattHours), "quality": .string(index.quality.name),
            "revision": .integer(index.revision),
        ])
    }

    private static func json(_ bill: ProvisionalBill) -> JSONValue {
        .members(["kwh": .integer(bill.kwh), "total_vnd": .integer(bill.total.dong)])
    }

    // MARK: - Text

    /// For a terminal: a block with the causes in their order, each with its indices, then days, then bills.
    package var text: String {
        var text = "\(correction.usagePoint.name)  \(correction.register.name)  \(correction.madeOn)\n"
        var cause = ""
        for index in correction.indices {
            let next = words(index)
            if next != cause { text += "  \(next)\n" }
            cause = next
            text +=
                "    \(index.serial) 00:00 \(index.after.day): \(index.before.map(Self.words) ?? "missing")"
                + " → \(Self.words(index.after))\n"
        }
        for day in correction.days {
            let change = day.before.flatMap { before in day.after.map { " (\(Self.signed($0 - before)))" } } ?? ""
            text += "  energy of \(day.day): \(Self.words(day.before)) → \(Self.words(day.after))\(change)\n"
        }
        for bill in correction.bills {
            var change = ""
            if let before = bill.before?.total.dong, let after = bill.after?.total.dong {
                change =
                    before == after
                    ? ", unchanged"
                    : " (\(after > before ? "+" : "-")"
                        + "\(VietnameseText.grouped((after - before).magnitude)))"
            }
            text +=
                "  bill of \(bill.period.from)…\(bill.period.through) as of \(bill.asOf): "
                + "\(Self.words(bill.before)) → \(Self.words(bill.after))\(change)\n"
        }
        return text
    }

    private func words(_ index: Correction.Index) -> String {
        let poll = index.poll.map { ", \($0.gateway) unit \($0.unit) transaction \($0.transaction)" } ?? ""
        let who = index.occasion.who.map { " by \($0)" } ?? ""
        return "\(calendar.text(index.occasion.at)) \(index.occasion.source)\(who): \(index.occasion.reason)\(poll)"
    }

    private static func words(_ index: DailyIndex) -> String {
        "\(index.index) \(index.quality.name) r\(index.revision)"
    }

    private static func words(_ energy: Energy?) -> String { energy?.description ?? "not known" }

    private static func words(_ bill: ProvisionalBill?) -> String {
        bill.map { "\($0.kwh) kWh, \(VietnameseText.grouped($0.total.dong)) VND" } ?? "none"
    }

    private static func signed(_ energy: Energy) -> String { (energy > .zero ? "+" : "") + energy.description }
}
