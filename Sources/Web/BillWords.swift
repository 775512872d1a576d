import Billing
import Metering
import Store

/// What paper says in two languages: Vietnamese first, English in small beside it.
struct Bilingual: Hashable {
    let vietnamese: String
    let english: String

    init(_ vietnamese: String, _ english: String) {
        self.vietnamese = vietnamese
        self.english = english
    }

    var values: [String: String] { ["vi": vietnamese, "en": english] }
}

/// The words of a bill that its text, its page and its paper share.
extension BillDocument {
    static let statement = Bilingual(
        "Hóa đơn này là tạm tính, không thay thế hóa đơn do công ty điện lực phát hành; khi khác nhau, hóa đơn "
            + "phát hành là căn cứ.",
        "This bill is provisional and does not replace the invoice that the power company issues; where they differ, "
            + "the issued invoice prevails.")

    /// What holds for every customer's bill.
    static let rounding = Bilingual(
        "Chỉ số lấy lúc 0 giờ của ngày ghi. Điện năng tính tiền lấy tròn xuống kWh; tiền lấy tròn đến đồng.",
        "Indices are those at 00:00 of the day. Billed energy is rounded down to whole kWh, amounts to the dong.")

    /// The whole period, also where the bill covers only its days so far.
    var wholePeriod: BillingPeriod { customer?.period ?? bill.period }

    /// The last day that the bill contains, where it is a running one.
    var lastDay: ServiceDay? { customer.map { $0.bill.period.through } }

    /// A category without words is told by its code.
    var category: Bilingual {
        TariffCategoryName(bill.category).map { Bilingual($0.vietnamese, $0.english) }
            ?? Bilingual(bill.category, "category")
    }

    /// `1`, `1,5`, of a customer whose price may hang on it.
    var households: String? {
        guard let point = customer?.usagePoint,
            point.householdHundredths != 100 || point.category.hasPrefix("residential")
        else { return nil }
        return VietnameseText.hundredths(point.householdHundredths)
    }

    /// Where the usage point is, as far as the registry says.
    static func place(_ point: UsagePoint) -> [(name: Bilingual, value: String)] {
        let all = [
            (name: Bilingual("trạm", "station"), value: point.station),
            (name: Bilingual("khu vực", "district"), value: point.district),
            (name: Bilingual("điện áp", "voltage"), value: point.voltage),
        ]
        return all.filter { !$0.value.isEmpty }
    }

    /// `01/05/2025 – 31/05/2025`
    static func days(_ period: BillingPeriod) -> String {
        "\(VietnameseText.date(period.from)) – \(VietnameseText.date(period.through))"
    }

    /// `10/05 – 31/05/2025`
    static func days(_ line: BillLine) -> String {
        "\(VietnameseText.shortDate(line.from)) – \(VietnameseText.date(line.through))"
    }

    // MARK: - Lines

    /// Block, rate, or what else is charged; with its purpose where the bill has several.
    static func name(_ line: BillLine) -> Bilingual {
        var names: [Bilingual] = []
        switch line.kind {
        case .energy: break
        case .reactive: names.append(Bilingual("Công suất phản kháng", "reactive power"))
        case .reduction: names.append(Bilingual("Giảm trừ", "reduction"))
        }
        if let block = line.block { names.append(Bilingual("Bậc \(block)", "block \(block)")) }
        switch line.rate {
        case nil: break
        case .normal: names.append(Bilingual("Giờ bình thường", "normal hours"))
        case .offpeak: names.append(Bilingual("Giờ thấp điểm", "off-peak hours"))
        case .peak: names.append(Bilingual("Giờ cao điểm", "peak hours"))
        }
        if let percent = line.percent { names.append(Bilingual("\(percent) %", "\(percent) %")) }
        if let category = line.category {
            let name = TariffCategoryName(category)
            names.append(Bilingual(name?.vietnamese ?? category, name?.english ?? category))
        }
        guard !names.isEmpty else { return Bilingual("Điện năng", "energy") }
        return Bilingual(
            names.map(\.vietnamese).joined(separator: ", "), names.map(\.english).joined(separator: ", "))
    }

    /// `11.900 kvarh, cos φ 0,86, k = 4,65 %`, of the charge for reactive energy.
    static func detail(_ line: BillLine) -> String? {
        line.reactive.map { reactive in
            "\(VietnameseText.grouped(reactive.kvarh)) kvarh, cos φ "
                + "\(VietnameseText.hundredths(reactive.powerFactorHundredths)), k = "
                + "\(VietnameseText.hundredths(reactive.percentHundredths)) %"
        }
    }

    /// Not a price times kWh of active energy, but something on top of the lines that are.
    static func isExtra(_ line: BillLine) -> Bool { line.kind != .energy }

    /// What the energy alone comes to, where something is charged or taken off on top of it.
    var energySubtotal: Money? {
        guard bill.lines.contains(where: Self.isExtra) else { return nil }
        return bill.lines.filter { !Self.isExtra($0) }.reduce(.zero) { $0 + $1.amount }
    }

    static func name(_ register: Register) -> Bilingual {
        switch register {
        case .activeImport: Bilingual("Tổng", "import")
        case .activeExport: Bilingual("Phát ngược", "export")
        case .activeImportT1: Bilingual("Biểu 1", "rate 1")
        case .activeImportT2: Bilingual("Biểu 2", "rate 2")
        case .activeImportT3: Bilingual("Biểu 3", "rate 3")
        case .activeImportT4: Bilingual("Biểu 4", "rate 4")
        case .reactiveImport: Bilingual("Phản kháng", "reactive import")
        case .reactiveExport: Bilingual("Phản kháng phát", "reactive export")
        }
    }

    // MARK: - Days

    /// How the days so far are known, and how many are left: kinds without a day are left out.
    enum DayKind: String {
        case measured, estimated, projected, missing
        case withoutMeter = "no-meter"
        case toCome = "to-come"

        var name: Bilingual {
            switch self {
            case .measured: Bilingual("đo được", "measured")
            case .estimated: Bilingual("ước tính", "estimated")
            case .projected: Bilingual("thiếu, dự kiến", "missing, projected")
            case .missing: Bilingual("thiếu chỉ số", "missing")
            case .withoutMeter: Bilingual("không có công tơ", "without a meter")
            case .toCome: Bilingual("chưa tính", "not counted yet")
            }
        }
    }

    var dayKinds: [(kind: DayKind, days: Int)] {
        guard let customer else { return [] }
        let coverage = customer.coverage
        let all: [(kind: DayKind, days: Int)] = [
            (.measured, coverage.measured), (.estimated, coverage.estimated), (.projected, coverage.projected),
            (.missing, coverage.missing - coverage.projected), (.withoutMeter, coverage.withoutMeter),
            (.toCome, customer.period.days - coverage.days - coverage.withoutMeter),
        ]
        return all.filter { $0.days > 0 }
    }

    /// `8 trên 10 ngày đo được, 2 ngày ước tính.`
    var coverage: String? {
        guard let customer else { return nil }
        let coverage = customer.coverage
        var parts = ["\(coverage.measured) trên \(coverage.days) ngày đo được"]
        if coverage.estimated > 0 { parts.append("\(coverage.estimated) ngày ước tính") }
        if coverage.missing > 0 { parts.append("\(coverage.missing) ngày thiếu chỉ số") }
        if let projectedBy { parts.append("trong đó \(projectedBy)") }
        if coverage.withoutMeter > 0 { parts.append("\(coverage.withoutMeter) ngày không có công tơ") }
        return parts.joined(separator: ", ") + "."
    }

    /// `2 ngày dự kiến 14,22 kWh (trung bình 28 ngày)`
    var projectedBy: String? {
        guard let projections = customer?.projections, !projections.isEmpty else { return nil }
        return projections.map { part in
            "\(part.days) ngày dự kiến \(VietnameseText.kilowattHours(part.energy)) kWh "
                + "(\(VietnameseText.name(part.method)))"
        }.joined(separator: ", ")
    }

    // MARK: - Before and after

    /// Where the next kWh falls among the blocks.
    var standing: Bilingual? {
        guard customer != nil || whatIf != nil, let standing = bill.standing else { return nil }
        let price = VietnameseText.grouped(standing.price.dong)
        guard let left = standing.kwhLeft, let next = standing.nextPrice else {
            return Bilingual(
                "Đang ở bậc cuối, bậc \(standing.block): \(price) đ/kWh.",
                "In the last block, \(standing.block), at \(price) VND/kWh.")
        }
        let after = VietnameseText.grouped(next.dong)
        return Bilingual(
            "Đang ở bậc \(standing.block) (\(price) đ/kWh), còn \(VietnameseText.grouped(left)) kWh nữa là đến bậc "
                + "\(standing.block + 1) (\(after) đ/kWh).",
            "In block \(standing.block); \(VietnameseText.grouped(left)) kWh left before block \(standing.block + 1). "
                + "Prices before VAT.")
    }

    /// What more kWh would cost, block by block.
    var more: String? {
        guard let whatIf else { return nil }
        let parts = whatIf.added.map { line, kwh in
            "\(VietnameseText.grouped(kwh)) kWh \(Self.name(line).vietnamese.lowercased())"
        }
        return "Thêm \(VietnameseText.grouped(whatIf.kwh)) kWh: thêm \(VietnameseText.dong(whatIf.total)) "
            + "(\(parts.joined(separator: ", "))), tổng cộng \(VietnameseText.dong(whatIf.then.total))."
    }

    /// The same kWh by a decision that is not in force.
    var besides: String? {
        guard let beside, let decision = beside.lines.first?.decision else { return nil }
        let difference = (beside.total - bill.total).dong
        return "Theo \(decision), chưa áp dụng: \(VietnameseText.dong(beside.total)) "
            + "(\(difference < 0 ? "−" : "+")\(VietnameseText.grouped(difference.magnitude)) đ)."
    }

    var projection: String? {
        guard let projection = customer?.projection else { return nil }
        return "Dự kiến đến hết \(VietnameseText.date(projection.to)): \(VietnameseText.dong(projection.expected)), "
            + "từ \(VietnameseText.dong(projection.low)) đến \(VietnameseText.dong(projection.high))."
    }

    /// A period in the comparison: this one first, then what is known of the period before and of a year before.
    struct ComparedPeriod {
        let name: Bilingual
        let period: BillingPeriod
        let kwhOfSameDays: Int64?
        /// Of this period against it, where both are known: `+12 %`.
        let change: String?
        let kwh: Int64?
        let total: Money?
    }

    var comparedPeriods: [ComparedPeriod] {
        guard let customer, let comparison = customer.comparison else { return [] }
        let isWhole = bill.period.through == customer.period.through
        let now = ComparedPeriod(
            name: Bilingual("Kỳ này", "this period"), period: customer.period, kwhOfSameDays: bill.kwh, change: nil,
            kwh: isWhole ? bill.kwh : nil, total: isWhole ? bill.total : nil)
        let earlier = [
            (Bilingual("Kỳ trước", "previous period"), comparison.previous),
            (Bilingual("Cùng kỳ năm trước", "a year before"), comparison.yearBefore),
        ]
        return [now]
            + earlier.compactMap { name, earlier in
                earlier.map { earlier in
                    ComparedPeriod(
                        name: name, period: earlier.period, kwhOfSameDays: earlier.kwhOfSameDays,
                        change: earlier.kwhOfSameDays.flatMap { VietnameseText.change(from: $0, to: bill.kwh) },
                        kwh: earlier.kwh, total: earlier.total)
                }
            }
    }

    static func words(_ used: CustomerBill.UsedIndex) -> String {
        let index = VietnameseText.kilowattHours(used.index.index, decimals: 3)
        return "\(used.serial) 0h \(VietnameseText.date(used.index.day)): \(index) kWh"
            + " (\(VietnameseText.name(used.index.quality)), lần \(used.index.revision)"
            + (used.cause.map { ", \(VietnameseText.words($0))" } ?? "") + ")"
    }
}
