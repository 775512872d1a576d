import Billing
import Metering
import Store

/// A bill for a terminal of 100 columns.
extension BillDocument {
    private static let columns = 100

    package var text: String {
        var text =
            "HÓA ĐƠN TIỀN ĐIỆN TẠM TÍNH (provisional electricity bill)\n" + Self.wrapped(Self.statement.vietnamese)
        text += "\n" + head + "\n" + linesTable
        text += Self.wrapped("Bằng chữ: \(AmountInWords.text(bill.total)).", indent: "  ") + "\n"
        if let coverage { text += Self.wrapped(coverage) }
        if let standing { text += Self.wrapped(standing.vietnamese) }
        if let projection { text += Self.wrapped(projection) }
        if let more { text += Self.wrapped(more) }
        if let besides { text += Self.wrapped(besides) }
        if let customer {
            if let comparison { text += "\nSo sánh (comparison)\n" + comparison }
            if !customer.steps.isEmpty { text += "\nĐiện năng theo công tơ (metered energy)\n" + stepsTable(customer) }
            if !customer.indices.isEmpty {
                text += "\nChỉ số đã dùng (indices used)\n"
                text += customer.indices.map { Self.wrapped(Self.words($0), indent: "  ") }.joined()
            }
            text += "\n" + Self.wrapped(Self.rounding.vietnamese)
        }
        return text + notes.map { Self.wrapped("Lưu ý: \($0)") }.joined()
    }

    private var head: String {
        var rows: [(String, String)] = []
        if let customer {
            let point = customer.usagePoint
            rows.append(("Khách hàng", point.customer))
            let place = Self.place(point).map { "\($0.name.vietnamese) \($0.value)" }
            rows.append(("Điểm đo", ([point.name] + place).joined(separator: " · ")))
        }
        var price = category.vietnamese + " (\(category.english))"
        if let households { price += " · \(households) hộ" }
        rows.append(("Giá điện", price))
        rows.append(
            ("Kỳ", Self.days(wholePeriod) + (lastDay.map { ", tính đến hết \(VietnameseText.date($0))" } ?? "")))
        return rows.map { label, value in
            Self.wrapped(label + String(repeating: " ", count: 12 - label.count) + value, hanging: 12)
        }.joined()
    }

    private var linesTable: String {
        var table = TextTable([.left, .left, .left, .right, .right, .right])
        table.add(["Bậc", "Từ – đến", "Quyết định", "kWh", "Đơn giá", "Thành tiền"])
        for line in bill.lines {
            let isExtra = Self.isExtra(line)
            table.add([
                Self.name(line).vietnamese, Self.days(line), line.decision,
                isExtra ? "" : VietnameseText.grouped(line.kwh), isExtra ? "" : VietnameseText.dong(line.unitPrice),
                VietnameseText.dong(line.amount),
            ])
        }
        if let energySubtotal {
            table.add(["Riêng điện năng", "", "", "", "", VietnameseText.dong(energySubtotal)])
        }
        table.add(["Trước thuế", "", "", VietnameseText.grouped(bill.kwh), "", VietnameseText.dong(bill.preVAT)])
        table.add(["Thuế GTGT \(bill.vatPercent) %", "", "", "", "", VietnameseText.dong(bill.vat)])
        table.add(["TỔNG CỘNG", "", "", "", "", VietnameseText.dong(bill.total)])
        let details = bill.lines.compactMap { line in
            Self.detail(line).map { Self.wrapped("\(Self.name(line).vietnamese): \($0).", indent: "  ") }
        }
        return table.text(indent: "  ") + details.joined()
    }

    private func stepsTable(_ customer: CustomerBill) -> String {
        var table = TextTable([.left, .left, .left, .left, .right, .right, .right, .right])
        table.add(["Công tơ", "Bộ số", "Từ 0h", "Đến 0h", "Chỉ số đầu", "Chỉ số cuối", "Hệ số", "kWh"])
        for step in customer.steps {
            table.add([
                step.serial, Self.name(step.register).vietnamese, VietnameseText.date(step.start.day),
                VietnameseText.date(step.end.day),
                VietnameseText.kilowattHours(step.start.index, decimals: 3),
                VietnameseText.kilowattHours(step.end.index, decimals: 3), VietnameseText.grouped(step.multiplier),
                VietnameseText.kilowattHours(step.energy, decimals: 3),
            ])
        }
        return table.text(indent: "  ")
    }

    private var comparison: String? {
        let periods = comparedPeriods
        guard let customer, let comparison = customer.comparison, !periods.isEmpty else { return nil }
        var table = TextTable([.left, .left, .right, .right, .right, .right])
        table.add(["", "", "\(comparison.sameDays) ngày đầu", "kỳ này so", "Cả kỳ", "Tiền điện"])
        for period in periods {
            table.add([
                period.name.vietnamese, Self.days(period.period),
                period.kwhOfSameDays.map { VietnameseText.grouped($0) + " kWh" } ?? "–", period.change ?? "",
                period.kwh.map { VietnameseText.grouped($0) + " kWh" } ?? "–",
                period.total.map(VietnameseText.dong) ?? "–",
            ])
        }
        return table.text(indent: "  ")
    }

    /// Lines of at most 100 columns, broken between words; a longer word stands alone.
    /// - Parameters:
    ///   - indent: before every line.
    ///   - hanging: so many more spaces before each line but the first.
    private static func wrapped(_ text: String, indent: String = "", hanging: Int = 0) -> String {
        var lines: [String] = []
        var line = ""
        // Two spaces in a row stay, for what stands in columns.
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !line.isEmpty, indent.count + line.count + 1 + word.count > columns {
                lines.append(indent + line)
                line = String(repeating: " ", count: hanging) + word
            } else {
                line += (line.isEmpty && lines.isEmpty ? "" : " ") + word
            }
        }
        lines.append(indent + line)
        return lines.joined(separator: "\n") + "\n"
    }
}
