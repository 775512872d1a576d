import Metering

/// A file of bills that somebody else made, to be held against ours (`meterd quote --file`).
///
/// Columns, in any order: `category`, `period_start`, `period_end` (inclusive), `kwh`, `pre_vat_vnd`, `vat_percent`,
/// `total_vnd`; and, where they are, `households`, `kwh_normal`, `kwh_offpeak`, `kwh_peak`, `kwh_before_change`,
/// `kvarh`, `irregular` (`true`). Others are not looked at, but for `source`: a case about reactive energy without a
/// column of its own may say there `17973 kvarh`. A category that begins with `reactive_` is the one behind that, and
/// only its reactive line with its VAT is compared.
package struct PricedCase: Hashable, Sendable {
    /// What a bill comes to, before VAT, its rate, and with it.
    package struct Amounts: Hashable, Sendable {
        package let preVAT: Money
        package let vatPercent: Int
        package let total: Money
    }

    package let line: Int
    package let category: String
    package let request: BillRequest
    package let theirs: Amounts

    private static let reactivePrefix = "reactive_"

    /// What our bill says of the same.
    package func ours(_ book: TariffBook) throws(BillingError) -> Amounts {
        let bill = try book.bill(request)
        guard category.hasPrefix(Self.reactivePrefix) else {
            return Amounts(preVAT: bill.preVAT, vatPercent: bill.vatPercent, total: bill.total)
        }
        let charge = bill.lines.last { $0.kind == .reactive }?.amount ?? .zero
        return Amounts(
            preVAT: charge, vatPercent: bill.vatPercent, total: charge + charge.share(percent: bill.vatPercent))
    }

    /// - Throws: `InputFaults`, all of them together.
    package static func read(_ bytes: [UInt8], file: String) throws(InputFaults) -> [PricedCase] {
        let records: [CSV.Record]
        do { records = try CSV.records(in: bytes) } catch {
            throw InputFaults([
                (error as? CSV.Violation).map { InputFault(file: file, $0) }
                    ?? InputFault(file: file, field: "", value: "", remedy: "\(error)")
            ])
        }
        var faults: [InputFault] = []
        let header = records.first?.fields ?? []
        for column in needed where !header.contains(column) {
            faults.append(
                InputFault(
                    file: file, line: records.first?.line ?? 0, field: column, value: "",
                    remedy: "no such column; needed are \(needed.joined(separator: ", "))"))
        }
        for name in header where !(needed + known).contains(name) {
            let plain = name.lowercased().filter { !$0.isWhitespace }
            guard let meant = (needed + known).first(where: { $0 == plain }) else { continue }
            faults.append(
                InputFault(
                    file: file, line: records.first?.line ?? 0, field: name, value: "",
                    remedy: "must be written \(meant)"))
        }
        if records.count < 2 {
            faults.append(InputFault(file: file, field: "", value: "", remedy: "has no case below its header"))
        }
        guard faults.isEmpty else { throw InputFaults(faults) }
        let columns = Dictionary(header.enumerated().map { ($1, $0) }) { first, _ in first }
        var cases: [PricedCase] = []
        for record in records.dropFirst() {
            var row = Row(file: file, record: record, columns: columns)
            if let read = row.priced(reactivePrefix: reactivePrefix) { cases.append(read) }
            faults += row.faults
        }
        guard faults.isEmpty else { throw InputFaults(faults) }
        return cases
    }

    private static let needed = [
        "category", "period_start", "period_end", "kwh", "pre_vat_vnd", "vat_percent", "total_vnd",
    ]

    private static let known = [
        "households", "kwh_normal", "kwh_offpeak", "kwh_peak", "kwh_before_change", "kvarh", "irregular", "source",
    ]

    private struct Row {
        let file: String
        let record: CSV.Record
        let columns: [String: Int]
        var faults: [InputFault] = []

        func text(_ column: String) -> String {
            guard let position = columns[column], record.fields.indices.contains(position) else { return "" }
            return record.fields[position]
        }

        mutating func read<Value>(_ column: String, _ remedy: String, _ parse: (String) -> Value?) -> Value? {
            if let value = parse(text(column)) { return value }
            faults.append(
                InputFault(file: file, line: record.line, field: column, value: text(column), remedy: remedy))
            return nil
        }

        mutating func whole(_ column: String) -> Int64? {
            read(column, "must be a whole number, 0 or more") { Int64($0).flatMap { $0 < 0 ? nil : $0 } }
        }

        /// Empty or no such column: `nil`, and nothing is wrong.
        mutating func optional(_ column: String) -> Int64? { text(column).isEmpty ? nil : whole(column) }

        mutating func priced(reactivePrefix: String) -> PricedCase? {
            let category = read("category", "must name a tariff category") { $0.isEmpty ? nil : $0 }
            let from = read("period_start", "must be a date, YYYY-MM-DD") { ServiceDay(iso: $0) }
            let through = read("period_end", "must be a date, YYYY-MM-DD") { ServiceDay(iso: $0) }
            if let from, let through, through < from {
                _ = read("period_end", "lies before period_start") { _ in Int?.none }
            }
            let kwh = whole("kwh")
            let households =
                text("households").isEmpty
                ? 100 : read("households", "must be a number above 0 with up to two decimals", RegistryFiles.hundredths)
            let byRate = ["kwh_normal", "kwh_offpeak", "kwh_peak"].map { optional($0) }
            let before = optional("kwh_before_change")
            let kvarh = optional("kvarh") ?? kvarhInSource
            let irregular =
                text("irregular").isEmpty ? false : read("irregular", "must be true or false") { Bool($0) }
            let preVAT = whole("pre_vat_vnd")
            let percent = whole("vat_percent")
            let total = whole("total_vnd")
            guard let category, let from, let through, let kwh, let households, let irregular, let preVAT, let percent,
                let total, let period = BillingPeriod(from: from, through: through), faults.isEmpty
            else { return nil }
            let rated =
                byRate.allSatisfy { $0 == nil }
                ? nil
                : RatedKWh(normal: byRate[0] ?? 0, offpeak: byRate[1] ?? 0, peak: byRate[2] ?? 0)
            let isReactive = category.hasPrefix(reactivePrefix)
            return PricedCase(
                line: record.line, category: category,
                request: BillRequest(
                    category: isReactive ? String(category.dropFirst(reactivePrefix.count)) : category,
                    period: period, kwh: kwh, kwhBeforeChange: before, rated: rated, kvarh: kvarh,
                    householdHundredths: households, isIrregular: irregular),
                theirs: Amounts(
                    preVAT: Money(dong: preVAT), vatPercent: Int(clamping: percent), total: Money(dong: total)))
        }

        /// The number before the word in `source`.
        private var kvarhInSource: Int64? {
            let words = text("source").split(separator: " ")
            return words.firstIndex { $0.hasPrefix("kvarh") }.flatMap { $0 > 0 ? Int64(words[$0 - 1]) : nil }
        }
    }
}
