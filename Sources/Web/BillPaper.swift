import Billing
import Metering
import Store

/// A bill as a panel of the house's pages, and as a document for a printer or a phone.
extension BillDocument {
    /// One with more lines is set closer, to stay on one page.
    private static let linesOfShortBill = 8

    /// A whole document that stands alone: no address in it points elsewhere. One A4 page for an everyday bill.
    package func htmlDocument(_ pages: Pages) -> String {
        var values = self.values
        let whose = customer.map { "Điểm đo \($0.usagePoint.name)" } ?? category.vietnamese
        values["title"] = "Hóa đơn tiền điện tạm tính · \(whose)"
        values["style"] = pages.assets["paper.css"]?.text ?? ""
        values["category"] = category.values
        values["statement"] = Self.statement.values
        values["isLong"] = bill.lines.count > Self.linesOfShortBill
        values["days"] = daysValues
        if let customer {
            values["customer"] = customer.usagePoint.customer
            values["usagePoint"] = customer.usagePoint.name
            values["place"] = Self.place(customer.usagePoint).map {
                ["vi": $0.name.vietnamese, "en": $0.name.english, "value": $0.value]
            }
            values["steps"] = customer.steps.map(Self.values)
            values["hasSteps"] = !customer.steps.isEmpty
            values["projected"] = projectedEnergy
            values["projectedBy"] = projectedBy
            values["projectedTotal"] = customer.projection.map {
                [
                    "low": VietnameseText.grouped($0.low.dong), "expected": VietnameseText.grouped($0.expected.dong),
                    "high": VietnameseText.grouped($0.high.dong),
                ]
            }
            values["rounding"] = Self.rounding.values
        }
        return pages.render("bill-document", values)
    }

    /// What both templates show.
    var values: [String: Any] {
        var values: [String: Any] = [
            "period": Self.days(wholePeriod), "groups": groups, "kwh": VietnameseText.grouped(bill.kwh),
            "preVAT": VietnameseText.grouped(bill.preVAT.dong), "vatPercent": bill.vatPercent,
            "vat": VietnameseText.grouped(bill.vat.dong), "total": VietnameseText.grouped(bill.total.dong),
            "totalInWords": AmountInWords.text(bill.total), "notes": notes, "hasNotes": !notes.isEmpty,
        ]
        values["asOf"] = lastDay.map(VietnameseText.date)
        values["households"] = households
        values["energySubtotal"] = energySubtotal.map { VietnameseText.grouped($0.dong) }
        values["coverage"] = coverage
        values["standing"] = standing?.values
        values["projection"] = projection
        values["comparison"] = comparisonValues
        let indices = customer?.indices.map(Self.words) ?? []
        values["indices"] = indices
        values["hasIndices"] = !indices.isEmpty
        return values
    }

    /// The lines of the same days and decision together, and what is charged on top of them by itself.
    private var groups: [[String: Any]] {
        var groups: [[String: Any]] = []
        var start = bill.lines.startIndex
        while start < bill.lines.endIndex {
            let first = bill.lines[start]
            let group = bill.lines[start...].prefix {
                ($0.from, $0.through) == (first.from, first.through) && $0.decision == first.decision
                    && Self.isExtra($0) == Self.isExtra(first)
            }
            start = group.endIndex
            groups.append([
                "days": Self.days(first), "decision": first.decision, "isExtra": Self.isExtra(first),
                "lines": group.map(Self.values),
            ])
        }
        return groups
    }

    private static func values(_ line: BillLine) -> [String: Any] {
        var values: [String: Any] = ["name": name(line).values, "amount": VietnameseText.grouped(line.amount.dong)]
        values["detail"] = detail(line)
        // A value that is left out would be that of the bill around it.
        values["kwh"] = isExtra(line) ? "" : VietnameseText.grouped(line.kwh)
        values["unitPrice"] = isExtra(line) ? "" : VietnameseText.grouped(line.unitPrice.dong)
        return values
    }

    private static func values(_ step: CustomerBill.DialStep) -> [String: Any] {
        func values(_ index: DailyIndex) -> [String: String] {
            [
                "day": VietnameseText.date(index.day),
                "index": VietnameseText.kilowattHours(index.index, decimals: 3),
                "vi": VietnameseText.name(index.quality), "en": index.quality.name,
            ]
        }
        return [
            "serial": step.serial, "register": name(step.register).values, "start": values(step.start),
            "end": values(step.end), "multiplier": VietnameseText.grouped(step.multiplier),
            "kwh": VietnameseText.kilowattHours(step.energy, decimals: 3),
        ]
    }

    /// What the bill counts beside the steps.
    private var projectedEnergy: String? {
        guard let projected = customer?.projected, !projected.isEmpty else { return nil }
        return VietnameseText.kilowattHours(projected.reduce(.zero) { $0 + $1.energy }, decimals: 3)
    }

    /// The period as a bar, a unit wide for each day.
    private var daysValues: [String: Any]? {
        guard let customer else { return nil }
        var parts: [[String: Any]] = []
        var x = 0
        for (kind, days) in dayKinds {
            parts.append([
                "kind": kind.rawValue, "x": x, "days": days, "vi": kind.name.vietnamese, "en": kind.name.english,
            ])
            x += days
        }
        return ["parts": parts, "all": customer.period.days]
    }

    private var comparisonValues: [String: Any]? {
        let periods = comparedPeriods
        guard let comparison = customer?.comparison, !periods.isEmpty else { return nil }
        let rows = periods.map { period -> [String: Any] in
            var row: [String: Any] = [
                "vi": period.name.vietnamese, "en": period.name.english, "period": Self.days(period.period),
                "kwhOfSameDays": period.kwhOfSameDays.map { VietnameseText.grouped($0) } ?? "–",
                "kwh": period.kwh.map { VietnameseText.grouped($0) } ?? "–",
                "total": period.total.map { VietnameseText.grouped($0.dong) } ?? "–",
            ]
            row["change"] = period.change
            return row
        }
        return ["sameDays": comparison.sameDays, "rows": rows]
    }
}
