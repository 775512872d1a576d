import Billing
import Metering
import Store

/// One customer's last weeks and running bill, read from the store in one go.
struct CustomerFigures: Sendable {
    let usagePoint: UsagePoint
    let installations: [MeterInstallation]
    /// Of active import; the day after the last charted one included, where known.
    let indices: [IndexedDay]
    let bill: CustomerBill?
    /// Why there is no bill, for a reader.
    let billRefusal: String?
    let today: ServiceDay
    let lastClosedDay: ServiceDay?

    /// `nil` when there is no such usage point.
    init?(_ name: String, days: Int, store: Store, tariffs: TariffBook, today: ServiceDay) throws {
        guard let usagePoint = try store.usagePoint(name) else { return nil }
        self.usagePoint = usagePoint
        self.today = today
        lastClosedDay = try store.lastClosedDay()
        installations = try store.installations(of: name)
        indices = try store.dailyIndices(
            usagePoint: name, register: .activeImport, from: today - (days - 1), through: today)
        do {
            bill = try store.provisionalBill(usagePoint: name, asOf: today, tariffs: tariffs)
            billRefusal = nil
        } catch let error as BillingError {
            bill = nil
            billRefusal = "Chưa tính được hóa đơn: \(error)"
        } catch let error as StoreError {
            bill = nil
            switch error {
            case .noIndex(_, let from, let through):
                billRefusal =
                    "Chưa tính được hóa đơn: chưa có chỉ số nào từ "
                    + "\(VietnameseText.date(from)) đến \(VietnameseText.date(through))."
            case .notBilled: billRefusal = "Công tơ tổng của trạm biến áp: không có hóa đơn."
            case .noConsumption: billRefusal = "Chưa tính được hóa đơn: \(error)"
            default: throw error
            }
        }
    }

    /// Days from the first one with a meter, oldest first, none left out; today is the last.
    func chartDays(_ count: Int) -> [DayChart.Day] {
        let installed = installations.map(\.installedOn).min() ?? today
        let first = min(today, max(today - (count - 1), installed))
        let known = Dictionary(indices.map { ($0.day, $0) }, uniquingKeysWith: { _, last in last })
        return (first...today).map { day in
            let opening = known[day]
            // The index that ends yesterday is due today; until the day is closed its absence says nothing.
            let isDue = day.next <= lastClosedDay ?? installed
            let mark: DayChart.Mark =
                opening?.consumption == nil
                ? (isDue ? .missing : .open)
                : DayChart.Mark(
                    opening: opening?.index.quality, closing: known[day.next]?.index.quality ?? opening?.index.quality)
            return DayChart.Day(day: day, consumption: opening?.consumption, mark: mark, index: opening?.index)
        }
    }

    // MARK: - For templates

    /// What both the control centre and the meter's own page show of a customer.
    var values: [String: Any] {
        let category = TariffCategoryName(usagePoint.category)?.vietnamese ?? usagePoint.category
        let place = [usagePoint.district, usagePoint.station, category, usagePoint.voltage]
        var values: [String: Any] = [
            "name": usagePoint.name, "customer": usagePoint.customer, "link": Link.encoded(usagePoint.name),
            "place": place.filter { !$0.isEmpty }.joined(separator: " · "), "facts": facts,
        ]
        values["bill"] = bill.map { BillDocument($0).values }
        values["billRefusal"] = billRefusal
        return values
    }

    func chart(days: Int, width: Int, height: Int, id: String) -> String {
        DayChart(days: chartDays(days), periodStart: bill?.bill.period.from).svg(width: width, height: height, id: id)
    }

    private var facts: [[String: String]] {
        let days = chartDays(31)
        var facts: [[String: String]] = []
        if let last = days.last(where: { $0.consumption != nil }), let consumption = last.consumption {
            let label = last.day == today.previous ? "Hôm qua" : "Ngày \(VietnameseText.shortDate(last.day))"
            facts.append(["label": label, "value": VietnameseText.kilowattHours(consumption), "unit": "kWh"])
            if let week = days.first(where: { $0.day == last.day - 7 })?.consumption {
                facts.append([
                    "label": "Cùng thứ tuần trước", "value": VietnameseText.kilowattHours(week), "unit": "kWh",
                ])
            }
        }
        if let bill {
            facts.append(["label": "Từ đầu kỳ", "value": VietnameseText.grouped(bill.bill.kwh), "unit": "kWh"])
            facts.append(["label": "Tạm tính", "value": VietnameseText.grouped(bill.bill.total.dong), "unit": "đ"])
        }
        return facts
    }
}

/// Addresses within the house.
enum Link {
    /// Text as one path segment or query value: everything but letters, digits and `-._~` percent-encoded.
    static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return encoded
    }
}
