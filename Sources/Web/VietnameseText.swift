import Alarms
import Billing
import Metering
import Store

/// Numbers, dates and the trade's words as a Vietnamese reader expects them: a dot groups thousands, a comma starts
/// the fraction, dates run day/month/year.
package enum VietnameseText {
    /// `469.250`
    package static func grouped(_ value: some BinaryInteger) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position) % 3 == 0 { text += "." }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + text
    }

    /// `469.250 đ`
    package static func dong(_ money: Money) -> String { grouped(money.dong) + " đ" }

    /// `1.234,56`: kilowatt-hours with 0 to 3 decimals, rounded half away from zero.
    package static func kilowattHours(_ energy: Energy, decimals: Int = 2) -> String {
        precondition((0...3).contains(decimals), "an index has watt-hours, so 0 to 3 decimals of a kWh")
        let step: UInt64 = [1000, 100, 10, 1][decimals]
        let rounded = energy.wattHours.magnitude / step + (energy.wattHours.magnitude % step * 2 >= step ? 1 : 0)
        let scale = 1000 / step
        let sign = energy.wattHours < 0 && rounded > 0 ? "-" : ""
        guard decimals > 0 else { return sign + grouped(rounded) }
        return sign + grouped(rounded / scale) + "," + padded(rounded % scale, to: decimals)
    }

    /// `99,98 %`, always rounded down so that 100 % means every single one; `–` for a part of nothing.
    package static func percent(_ part: Int, of whole: Int, decimals: Int = 2) -> String {
        guard whole > 0, part >= 0 else { return "–" }
        precondition((0...4).contains(decimals), "0 to 4 decimals of a percent")
        let scale = [1, 10, 100, 1000, 10_000][decimals]
        let scaled = part * 100 * scale / whole
        guard decimals > 0 else { return "\(scaled) %" }
        return "\(scaled / scale),\(padded(scaled % scale, to: decimals)) %"
    }

    /// `+12 %`, `-8 %`: what became of a value, rounded half away from zero; `nil` where it was nothing before, or
    /// the share is no number any more.
    package static func change(from before: Int64, to now: Int64) -> String? {
        let (difference, isBeyond) = now.subtractingReportingOverflow(before)
        let (hundredfold, overflow) = difference.magnitude.multipliedReportingOverflow(by: 100)
        guard before > 0, !isBeyond, !overflow else { return nil }
        let (percent, rest) = hundredfold.quotientAndRemainder(dividingBy: before.magnitude)
        let rounded = percent + (rest >= before.magnitude - rest ? 1 : 0)
        return (rounded == 0 ? "" : difference < 0 ? "-" : "+") + grouped(rounded) + " %"
    }

    /// `1`, `1,5`, `1,75`: a number of hundredths without zeros at its end.
    package static func hundredths(_ value: Int) -> String {
        guard value % 100 != 0 else { return grouped(value / 100) }
        let (rest, width) = value % 10 == 0 ? (value % 100 / 10, 1) : (value % 100, 2)
        return grouped(value / 100) + "," + padded(rest.magnitude, to: width)
    }

    /// How days without an index are told.
    package static func name(_ method: EstimationMethod) -> String {
        switch method {
        case .straightLine: "chia đều"
        case .likeDayWeights: "chia theo ngày tương tự"
        case .meanOf28Days: "trung bình 28 ngày"
        case .likeDays: "ngày tương tự"
        case .classMean: "trung bình nhóm khách hàng"
        }
    }

    /// `10/05/2025`
    package static func date(_ day: ServiceDay) -> String { shortDate(day) + "/\(padded(day.civil.year, to: 4))" }

    /// `10/05`
    package static func shortDate(_ day: ServiceDay) -> String {
        let civil = day.civil
        return "\(padded(civil.day, to: 2))/\(padded(civil.month, to: 2))"
    }

    /// `T2` … `T7`, `CN`.
    package static func weekday(_ day: ServiceDay) -> String { day.weekday == 7 ? "CN" : "T\(day.weekday + 1)" }

    /// `00:03:12`
    package static func time(_ instant: Instant, in calendar: ServiceCalendar) -> String {
        let second = (instant - calendar.start(of: calendar.day(at: instant))).seconds
        return "\(padded(second / 3600, to: 2)):\(padded(second / 60 % 60, to: 2)):\(padded(second % 60, to: 2))"
    }

    /// `10/05/2025 00:03:12`
    package static func moment(_ instant: Instant, in calendar: ServiceCalendar) -> String {
        "\(date(calendar.day(at: instant))) \(time(instant, in: calendar))"
    }

    /// `3 phút trước`: how long ago, in the largest unit that is full at least once.
    package static func ago(_ instant: Instant?, now: Instant) -> String {
        guard let instant else { return "chưa bao giờ" }
        let seconds = (now - instant).seconds
        switch seconds {
        case ..<5: return "vừa xong"
        case ..<60: return "\(seconds) giây trước"
        case ..<3600: return "\(seconds / 60) phút trước"
        case ..<86_400: return "\(seconds / 3600) giờ trước"
        default: return "\(grouped(seconds / 86_400)) ngày trước"
        }
    }

    /// Where an index comes from; `nil` is a missing one.
    package static func name(_ quality: IndexQuality?) -> String {
        switch quality {
        case .frozen: "chốt"
        case .measured: "đo"
        case .estimated: "ước tính"
        case .edited: "nhập tay"
        case nil: "thiếu"
        }
    }

    /// Why an index took another's place: `nhập tay (Lan): read by eye`.
    package static func words(_ occasion: IndexOccasion) -> String {
        let source =
            switch occasion.source {
            case "live": "số đọc quanh 0h"
            case "frozen": "bản ghi của công tơ"
            case "day close": "chốt ngày"
            case "edit": "nhập tay"
            default: occasion.source
            }
        let who = occasion.who.map { " (\($0))" } ?? ""
        return source + who + (occasion.reason.isEmpty ? "" : ": \(occasion.reason)")
    }

    package static func name(_ kind: Alarm.Kind) -> String {
        switch kind {
        case .collectionBehind: "thu thập chậm"
        case .gatewaysLost: "trạm mất liên lạc"
        case .districtLost: "khu vực mất liên lạc"
        case .findingsRise: "bất thường hàng loạt"
        case .stationLoss: "tổn thất trạm bất thường"
        case .clockFree: "đồng hồ máy chủ không đồng bộ"
        case .commitsSlow: "ghi dữ liệu chậm"
        case .diskLow: "sắp hết đĩa"
        case .logGrows: "nhật ký ghi trước phình to"
        case .daysNotClosed: "ngày chưa chốt"
        }
    }

    /// A rule of one's own is shown by its own name.
    package static func name(_ kind: MeterCase.Kind) -> String {
        switch kind.rawValue {
        case "identity": "sai công tơ"
        case "profile": "sai mẫu"
        case "decreased": "chỉ số lùi"
        case "above-ceiling": "vượt công suất"
        case "overflow": "tràn số"
        case "clock": "đồng hồ công tơ sai"
        case "static": "chỉ số đứng yên khi có tải"
        case "from-future": "lịch công tơ sai"
        case "rollover": "quay vòng"
        case "high": "tăng bất thường"
        case "low": "giảm bất thường"
        case "zero-run": "không tiêu thụ"
        case "repeated": "ngày giống nhau"
        case "month-on-month": "tháng tăng cao"
        case "same-months": "các tháng giống nhau"
        case "prolonged-estimation": "nhiều ngày không đọc được"
        case "sum": "tổng các giá không khớp"
        case "reverse": "bắt đầu phát ngược"
        case "power-factor": "hệ số công suất thấp"
        case "sibling": "thiếu chỉ số phụ"
        case "spike": "nửa giờ cao đột biến"
        case "fitter": "chỉ số treo tháo mâu thuẫn"
        default: kind.rawValue
        }
    }

    /// The failure kinds of `PollFailure.kind`; an unknown one is shown as it is.
    package static func failure(_ kind: String) -> String {
        switch kind {
        case "no-connection": "mất kết nối"
        case "timeout": "không trả lời"
        case "exception": "thiết bị từ chối"
        case "bad-reply": "trả lời sai"
        case "identity": "sai công tơ"
        case "absent": "không có số liệu"
        default: kind
        }
    }

    private static func padded(_ value: some BinaryInteger, to width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
