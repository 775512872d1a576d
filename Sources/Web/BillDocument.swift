import Billing
import Metering
import Store

/// A provisional bill as people and programs get it: one way to write it, for commands, pages and the API.
/// A quote is a bill of given kWh; a customer's bill also says whose, how much of it was measured, from which
/// indices, and where the period is heading.
package struct BillDocument {
    let bill: ProvisionalBill
    let customer: CustomerBill?
    /// What more kWh would cost, where that was asked.
    package var whatIf: WhatIf?
    /// The same kWh by a decision that is published and not in force.
    package var beside: ProvisionalBill?

    package init(quote bill: ProvisionalBill) {
        self.bill = bill
        customer = nil
    }

    package init(_ customer: CustomerBill) {
        bill = customer.bill
        self.customer = customer
    }

    /// The document of design §6.3, members in that order. `notes` are not part of it: a command says them on standard
    /// error, a page below the lines.
    package var json: JSONValue {
        var json = JSONValue.members([
            "category": .string(bill.category),
            "period": .members([
                "from": .string(bill.period.from.description), "to": .string(bill.period.through.description),
            ]),
            "provisional": .bool(true), "lines": .array(bill.lines.map(Self.json)), "kwh": .integer(bill.kwh),
            "pre_vat_vnd": .integer(bill.preVAT.dong), "vat_percent": .integer(bill.vatPercent),
            "vat_vnd": .integer(bill.vat.dong), "total_vnd": .integer(bill.total.dong),
        ])
        if let customer {
            json = json.appending([
                "usage_point": .string(customer.usagePoint.name), "as_of": .string(customer.asOf.description),
            ])
            if let knownAt = customer.knownAt {
                json = json.appending(["known_at": .string(knownAt.rfc3339(offsetSeconds: 0))])
            }
            json = json.appending([
                "coverage": Self.json(customer),
                "indices": .array(customer.indices.map(Self.json)),
                "projection": .optional(customer.projection) { projection in
                    .members([
                        "to": .string(projection.to.description), "low_vnd": .integer(projection.low.dong),
                        "expected_vnd": .integer(projection.expected.dong), "high_vnd": .integer(projection.high.dong),
                    ])
                },
            ])
        }
        if customer != nil || whatIf != nil, let standing = bill.standing {
            json = json.appending(["standing": Self.json(standing)])
        }
        if let whatIf { json = json.appending(["more": Self.json(whatIf)]) }
        if let beside { json = json.appending(["beside": Self.json(beside, than: bill)]) }
        return json
    }

    /// What a reader should know beside the numbers: how a price change was split, what is unverified.
    package var notes: [String] { bill.notes + (customer?.notes ?? []) }

    static func json(_ line: BillLine) -> JSONValue {
        var json = JSONValue.members([
            "kind": .string(line.kind.rawValue), "from": .string(line.from.description),
            "to": .string(line.through.description), "decision": .string(line.decision),
        ])
        if let block = line.block { json = json.appending(["block": .integer(block)]) }
        if let rate = line.rate { json = json.appending(["rate": .string(rate.rawValue)]) }
        if line.kind == .energy {
            json = json.appending([
                "kwh": .integer(line.kwh), "unit_price_vnd": .integer(line.unitPrice.dong),
            ])
        }
        if let percent = line.percent { json = json.appending(["percent": .integer(percent)]) }
        if let reactive = line.reactive {
            json = json.appending([
                "kvarh": .integer(reactive.kvarh),
                "power_factor": .string(Self.decimal(hundredths: reactive.powerFactorHundredths)),
                "percent": .string(Self.decimal(hundredths: reactive.percentHundredths)),
            ])
        }
        return json.appending(["amount_vnd": .integer(line.amount.dong)])
    }

    /// Members `projected` and `projected_by` where the bill counts missing days so, and `without_meter` where the
    /// period has such days, which are none of its `days`.
    private static func json(_ customer: CustomerBill) -> JSONValue {
        let coverage = customer.coverage
        var json = JSONValue.members([
            "days": .integer(coverage.days), "measured": .integer(coverage.measured),
            "estimated": .integer(coverage.estimated), "missing": .integer(coverage.missing),
        ])
        if coverage.projected > 0 {
            json = json.appending([
                "projected": .integer(coverage.projected),
                "projected_by": .array(
                    customer.projections.map { part in
                        .members([
                            "method": .string(part.method.rawValue), "quality_code": .integer(part.method.espiCode),
                            "days": .integer(part.days), "energy_wh": .integer(part.energy.wattHours),
                        ])
                    }),
            ])
        }
        guard coverage.withoutMeter > 0 else { return json }
        return json.appending(["without_meter": .integer(coverage.withoutMeter)])
    }

    /// A member `cause` where the index is not the one that was known first: why a bill made now is another.
    private static func json(_ used: CustomerBill.UsedIndex) -> JSONValue {
        let json = JSONValue.members([
            "register": .string(used.register.name), "meter": .string(used.serial),
            "day": .string(used.index.day.description), "index_wh": .integer(used.index.index.wattHours),
            "quality": .string(used.index.quality.name), "revision": .integer(used.index.revision),
        ])
        return used.cause.map { json.appending(["cause": IndexRevisionsDocument.json($0)]) } ?? json
    }

    // MARK: - Text

    /// For a terminal, line by line.
    package var text: String {
        var text = "HÓA ĐƠN TẠM TÍNH (provisional bill)\n"
        if let customer {
            text += "Điểm đo \(customer.usagePoint.name)  \(customer.usagePoint.customer)\n"
        }
        text += "Kỳ \(period)"
        if let asOf = lastDay { text += ", tính đến hết \(VietnameseText.date(asOf))" }
        text += "\nBiểu giá \(bill.category)\n\n"

        var table = TextTable([.left, .left, .left, .right, .right, .right])
        table.add(["Bậc", "Từ – đến", "Quyết định", "kWh", "Đơn giá", "Thành tiền"])
        for line in bill.lines {
            table.add([
                Self.name(line), Self.days(line), line.decision, VietnameseText.grouped(line.kwh),
                VietnameseText.dong(line.unitPrice), VietnameseText.dong(line.amount),
            ])
        }
        table.add(["Trước thuế", "", "", VietnameseText.grouped(bill.kwh), "", VietnameseText.dong(bill.preVAT)])
        table.add(["Thuế GTGT \(bill.vatPercent) %", "", "", "", "", VietnameseText.dong(bill.vat)])
        table.add(["TỔNG CỘNG", "", "", "", "", VietnameseText.dong(bill.total)])
        text += table.text(indent: "  ") + "\n"

        text += "Tạm tính, chưa phát hành.\n"
        if let coverage { text += coverage + "\n" }
        if let projection { text += projection + "\n" }
        if let customer, !customer.indices.isEmpty {
            text += "Chỉ số đã dùng:\n" + customer.indices.map { "  \(Self.words($0))\n" }.joined()
        }
        return text + notes.map { "Lưu ý: \($0)\n" }.joined()
    }

    // MARK: - HTML

    /// A `<section>` for a page.
    package func html(_ pages: Pages) -> String { pages.render("bill", values) }

    /// A whole document that stands alone: no address in it points elsewhere.
    package func htmlDocument(_ pages: Pages) -> String {
        let heading = customer.map { "Điểm đo \($0.usagePoint.name)" } ?? "Biểu giá \(bill.category)"
        var values = self.values
        values["title"] = "Hóa đơn tạm tính · \(heading)"
        values["heading"] = heading
        values["style"] = pages.assets["style.css"]?.text ?? ""
        return pages.render("bill-document", values)
    }

    /// What the template `bill` shows.
    var values: [String: Any] {
        var groups: [[String: Any]] = []
        for line in bill.lines {
            let key = "\(Self.days(line)) · \(line.decision)"
            let row: [String: Any] = [
                "name": Self.name(line), "kwh": VietnameseText.grouped(line.kwh),
                "unitPrice": VietnameseText.dong(line.unitPrice), "amount": VietnameseText.dong(line.amount),
            ]
            if groups.last?["key"] as? String == key, let rows = groups.last?["lines"] as? [[String: Any]] {
                groups[groups.count - 1]["lines"] = rows + [row]
            } else {
                groups.append(["key": key, "days": Self.days(line), "decision": line.decision, "lines": [row]])
            }
        }
        let indices = customer?.indices.map(Self.words) ?? []
        var values: [String: Any] = [
            "period": period, "groups": groups, "kwh": VietnameseText.grouped(bill.kwh),
            "preVAT": VietnameseText.dong(bill.preVAT),
            "vatPercent": bill.vatPercent, "vat": VietnameseText.dong(bill.vat),
            "total": VietnameseText.dong(bill.total), "indices": indices, "hasIndices": !indices.isEmpty,
            "notes": notes,
        ]
        values["asOf"] = lastDay.map(VietnameseText.date)
        values["coverage"] = coverage
        values["projection"] = projection
        return values
    }

    // MARK: - Words

    /// The whole period, also where the bill covers only its days so far.
    private var period: String {
        let period = customer?.period ?? bill.period
        return "\(VietnameseText.date(period.from)) – \(VietnameseText.date(period.through))"
    }

    /// The last day that the bill contains, where it is a running one.
    private var lastDay: ServiceDay? { customer.map { $0.bill.period.through } }

    private var coverage: String? {
        guard let customer else { return nil }
        let coverage = customer.coverage
        var parts = ["\(coverage.measured) trên \(coverage.days) ngày đo được"]
        if coverage.estimated > 0 { parts.append("\(coverage.estimated) ngày ước tính") }
        if coverage.missing > 0 { parts.append("\(coverage.missing) ngày thiếu chỉ số") }
        parts += customer.projections.map { part in
            "trong đó \(part.days) ngày dự kiến \(VietnameseText.kilowattHours(part.energy)) kWh "
                + "(\(VietnameseText.name(part.method)))"
        }
        if coverage.withoutMeter > 0 { parts.append("\(coverage.withoutMeter) ngày không có công tơ") }
        return parts.joined(separator: ", ") + "."
    }

    private var projection: String? {
        guard let projection = customer?.projection else { return nil }
        return "Dự kiến đến hết \(VietnameseText.date(projection.to)): \(VietnameseText.dong(projection.expected)), "
            + "từ \(VietnameseText.dong(projection.low)) đến \(VietnameseText.dong(projection.high))."
    }

    private static func name(_ line: BillLine) -> String {
        if let block = line.block { return "Bậc \(block)" }
        switch line.rate {
        case .normal: return "Bình thường"
        case .offpeak: return "Thấp điểm"
        case .peak: return "Cao điểm"
        case nil: return "Điện năng"
        }
    }

    private static func days(_ line: BillLine) -> String {
        "\(VietnameseText.shortDate(line.from)) – \(VietnameseText.date(line.through))"
    }

    private static func words(_ used: CustomerBill.UsedIndex) -> String {
        let index = VietnameseText.kilowattHours(used.index.index, decimals: 3)
        return "\(used.serial) 0h \(VietnameseText.date(used.index.day)): \(index) kWh"
            + " (\(VietnameseText.name(used.index.quality)), lần \(used.index.revision)"
            + (used.cause.map { ", \(VietnameseText.words($0))" } ?? "") + ")"
    }
}
