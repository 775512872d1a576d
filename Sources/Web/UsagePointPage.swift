import Metering
import Store

/// One usage point in full: its days, its bill, and where each of the last indices comes from, down to the words on
/// the wire.
struct UsagePointPage {
    let customer: CustomerFigures
    /// Latest day first; `nil` where the day has an index but nothing is written of its origin.
    let lineages: [(day: IndexedDay, lineage: IndexLineage?)]
    /// What the meter in service last showed of itself; `nil` where there is none, or it was never asked.
    let shown: MeterSelf?
    let calendar: ServiceCalendar

    static let days = 62
    static let lineageDays = 5

    func html(_ pages: Pages) -> String {
        var values = customer.values
        values["wide"] = customer.chart(days: Self.days, width: 1240, height: 230, id: "wide")
        values["narrow"] = customer.chart(days: 31, width: 350, height: 190, id: "narrow")
        values["days"] = customer.chartDays(Self.days).reversed().map(day)
        values["lineage"] = lineages.map(lineage)
        values["hasLineage"] = !lineages.isEmpty
        values["meters"] = customer.installations.map { meter in
            [
                "serial": meter.serial, "profile": meter.profile, "gateway": meter.gateway,
                "unit": String(meter.unit), "multiplier": VietnameseText.grouped(meter.multiplier),
                "installed": VietnameseText.date(meter.installedOn),
                "removed": meter.removedOn.map(VietnameseText.date) ?? "",
            ]
        }
        if let shown { values["shown"] = self.shown(shown) }
        values["canRead"] = customer.installations.contains { $0.isInService(on: customer.today) }
        return pages.render("usage-point", values)
    }

    private func shown(_ shown: MeterSelf) -> String {
        var parts: [String] = []
        if let seen = shown.identitySeen {
            let firmware = shown.firmware.map { ", phần mềm \($0)" } ?? ""
            parts.append(
                "tự xưng \(shown.serial ?? "không số")\(firmware) lúc \(VietnameseText.moment(seen, in: calendar))")
        }
        if let offset = shown.clockOffset, let seen = shown.clockSeen {
            let seconds = offset.seconds
            let side = seconds < 0 ? "chậm" : "nhanh"
            parts.append(
                "đồng hồ \(side) \(VietnameseText.grouped(seconds.magnitude)) giây lúc "
                    + VietnameseText.moment(seen, in: calendar))
        }
        return parts.joined(separator: "; ")
    }

    private func day(_ day: DayChart.Day) -> [String: Any] {
        let isDue = day.index != nil || day.mark == .missing
        return [
            "weekday": VietnameseText.weekday(day.day), "date": VietnameseText.date(day.day),
            "isWeekend": day.day.weekday >= 6,
            "index": day.index.map { VietnameseText.kilowattHours($0.index, decimals: 3) } ?? "",
            "bound": day.index.map { VietnameseText.kilowattHours($0.errorBound, decimals: 3) } ?? "",
            "quality": isDue ? VietnameseText.name(day.index?.quality) : "chưa có",
            "mark": day.index?.quality.name ?? (isDue ? "gap" : "weekend"),
            "revision": day.index.map { String($0.revision) } ?? "",
            "consumption": day.consumption.map { VietnameseText.kilowattHours($0, decimals: 3) } ?? "",
        ]
    }

    private func lineage(_ entry: (day: IndexedDay, lineage: IndexLineage?)) -> [String: Any] {
        let readings = (entry.lineage?.readings ?? []).map { reading in
            [
                "when": "\(VietnameseText.moment(reading.requested, in: calendar)) – "
                    + VietnameseText.time(reading.answered, in: calendar),
                "kind": Self.kind(reading) + (reading.verdict == .accepted ? "" : " (\(reading.verdict.name))"),
                "index": VietnameseText.kilowattHours(reading.index, decimals: 3),
                "gateway": reading.gateway, "unit": String(reading.unit), "transaction": String(reading.transaction),
                "profile": reading.profile, "words": Self.hexadecimal(reading.words),
            ]
        }
        var row: [String: Any] = [
            "date": "0h \(VietnameseText.date(entry.day.day))",
            "index": VietnameseText.kilowattHours(entry.day.index.index, decimals: 3),
            "quality": VietnameseText.name(entry.day.index.quality), "revision": String(entry.day.index.revision),
            "serial": entry.day.serial, "readings": readings,
        ]
        let note = Self.note(entry.lineage)
        if !note.isEmpty { row["note"] = note }
        return row
    }

    private static func kind(_ reading: StoredReading) -> String {
        switch reading.moment {
        case .live: "tức thời"
        case .frozen(let day): "chốt \(VietnameseText.shortDate(day))"
        }
    }

    private static func note(_ lineage: IndexLineage?) -> String {
        guard let lineage else { return "Không có ghi chép nguồn gốc." }
        var sentences: [String] = []
        if !lineage.bracket.isEmpty {
            let days = lineage.bracket.map { VietnameseText.date($0.day) }
            sentences.append("Nội suy từ chỉ số 0h của \(days.joined(separator: " và ")).")
        }
        if let method = lineage.method {
            sentences.append("Cách ước tính: \(VietnameseText.name(method)) (ESPI \(method.espiCode)).")
        }
        if lineage.readings.isEmpty, lineage.bracket.isEmpty {
            let isPersonal = lineage.index.quality == .edited
            sentences.append(isPersonal ? "Do người nhập." : "Ghi chép nguồn gốc đã quá hạn lưu.")
        }
        for old in lineage.replaced {
            let index = VietnameseText.kilowattHours(old.index.index, decimals: 3)
            sentences.append(
                "Lần \(old.index.revision) là \(index) kWh (\(VietnameseText.name(old.index.quality))), thay bởi "
                    + "\(VietnameseText.words(old.occasion)).")
        }
        return sentences.joined(separator: " ")
    }

    /// `0012 D687`: each word as four digits, in the order received.
    static func hexadecimal(_ words: [UInt16]) -> String {
        words.map { word in
            let digits = String(word, radix: 16, uppercase: true)
            return String(repeating: "0", count: 4 - digits.count) + digits
        }.joined(separator: " ")
    }
}
