import Billing
import Metering
import Store

/// A run of all bills, for a person's screen and as a file of one row a customer.
package struct BillRunDocument {
    private let run: BillRun
    private let districts: [DistrictBills]

    package init(_ run: BillRun, _ districts: [DistrictBills]) { (self.run, self.districts) = (run, districts) }

    /// Each district's sums, and those of all.
    package var text: String {
        var table = TextTable([.left, .right, .right, .right, .right, .right, .right, .right])
        table.add(["district", "bills", "none", "kWh", "before VAT", "VAT", "total đ", "not measured"])
        for sums in rows {
            table.add([
                sums.district.isEmpty ? "(none)" : sums.district, VietnameseText.grouped(sums.billed),
                VietnameseText.grouped(sums.refused),
                VietnameseText.grouped(sums.kwh), VietnameseText.grouped(sums.preVAT.dong),
                VietnameseText.grouped(sums.vat.dong), VietnameseText.grouped(sums.total.dong),
                sums.days == 0 ? "" : VietnameseText.percent(Int(sums.daysToldOtherwise), of: Int(sums.days)),
            ])
        }
        return table.text()
            + "Run \(run.number) as of \(run.asOf): \(run.billed) bills, \(run.refused) without one, "
            + "\(run.changed) new or changed. All provisional: issued invoices prevail.\n"
    }

    package var json: JSONValue {
        .members([
            "run": .integer(run.number), "as_of": .string(run.asOf.description), "provisional": .bool(true),
            "billed": .integer(run.billed), "refused": .integer(run.refused), "changed": .integer(run.changed),
            "districts": .array(districts.map { Self.json($0) }),
        ])
    }

    private static func json(_ sums: DistrictBills) -> JSONValue {
        .members([
            "district": .string(sums.district), "billed": .integer(sums.billed), "refused": .integer(sums.refused),
            "kwh": .integer(sums.kwh), "pre_vat_vnd": .integer(sums.preVAT.dong), "vat_vnd": .integer(sums.vat.dong),
            "total_vnd": .integer(sums.total.dong), "days": .integer(sums.days),
            "days_not_measured": .integer(sums.daysToldOtherwise),
        ])
    }

    /// Each district's, and those of all.
    private var rows: [DistrictBills] {
        var all = DistrictBills("all")
        for sums in districts { all.add(sums) }
        return districts + [all]
    }

    // MARK: - Files

    private static let pieceBytes = 1 << 20
    package static let csvHeader =
        "usage_point,customer,district,category,as_of,period_from,period_to,days,kwh,pre_vat_vnd,vat_vnd,total_vnd,"
        + "low_vnd,expected_vnd,high_vnd,measured,estimated,missing,projected,state\n"

    /// Every customer's bill of a run. Hands over the text in pieces.
    package static func writeCSV(of run: BillRun, _ store: Store, _ write: (String) throws -> Void) throws {
        var piece = csvHeader
        piece.reserveCapacity(pieceBytes * 2)
        // The same for hundreds of thousands.
        var days = DayTexts()
        let asOf = run.asOf.description
        try store.forEachBill(of: run) { row in
            let bill = row.bill
            for text in [row.usagePoint, row.customer, row.district, row.category] {
                piece += field(text)
                piece += ","
            }
            piece += asOf
            piece += ","
            piece += days[bill.period.lowerBound]
            piece += ","
            piece += days[bill.period.upperBound]
            append(bill, to: &piece)
            if piece.utf8.count >= pieceBytes {
                try write(piece)
                piece.removeAll(keepingCapacity: true)
            }
        }
        try write(piece)
    }

    private static func append(_ bill: RunBill, to piece: inout String) {
        func add(_ number: Int64?) {
            piece += ","
            if let number { piece += String(number) }
        }
        let isBill = bill.refusal == nil
        let projection = bill.projection
        for number in [
            Int64(bill.days), bill.kwh, bill.preVAT.dong, bill.vat.dong, bill.total.dong, projection?.low.dong,
            projection?.expected.dong, projection?.high.dong,
        ] { add(isBill ? number : nil) }
        let coverage = bill.coverage
        add(Int64(coverage.measured))
        add(Int64(coverage.estimated))
        add(Int64(coverage.missing))
        add(Int64(coverage.projected))
        piece += ","
        piece += state(bill)
        piece += "\n"
    }

    /// `billed`, `held` where a case has to be looked at first, or why there is no bill.
    private static func state(_ bill: RunBill) -> String {
        bill.refusal?.rawValue ?? (bill.isHeld ? "held" : "billed")
    }

    private static func field(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 != 0x22 && $0 != 0x2C && $0 != 0x0A && $0 != 0x0D }
        return isPlain ? text : String(CSV.line([text]).dropLast())
    }

    /// Customers whose bill differs between two runs. Hands over the text in pieces; tells how many there are, and the
    /// difference of the totals where both have a bill.
    package static func writeDifferences(
        from earlier: BillRun, to later: BillRun, _ store: Store, _ write: (String) throws -> Void
    ) throws -> (customers: Int, difference: Money) {
        var piece =
            "usage_point,district,kwh_before,kwh_after,total_vnd_before,total_vnd_after,difference_vnd,state_before,"
            + "state_after\n"
        var (customers, sum) = (0, Money.zero)
        try store.forEachDifference(from: earlier, to: later) { row in
            customers += 1
            sum = sum + (row.difference ?? .zero)
            func own(_ bill: RunBill?, _ value: (RunBill) -> Int64) -> String {
                bill.flatMap { $0.refusal == nil ? "\(value($0))" : nil } ?? ""
            }
            piece += CSV.line([
                row.usagePoint, row.district, own(row.before, \.kwh), own(row.after, \.kwh),
                own(row.before, \.total.dong), own(row.after, \.total.dong), row.difference.map { "\($0.dong)" } ?? "",
                row.before.map(state) ?? "none", row.after.map(state) ?? "none",
            ])
            if piece.utf8.count >= pieceBytes {
                try write(piece)
                piece = ""
            }
        }
        try write(piece)
        return (customers, sum)
    }

    private struct DayTexts {
        private var texts: [ServiceDay: String] = [:]

        subscript(day: ServiceDay) -> String {
            mutating get {
                if let text = texts[day] { return text }
                texts[day] = day.description
                return day.description
            }
        }
    }
}

/// The runs that are kept, as a table.
package struct BillRunsDocument {
    private let runs: [BillRun]
    private let calendar: ServiceCalendar

    package init(_ runs: [BillRun], calendar: ServiceCalendar) { (self.runs, self.calendar) = (runs, calendar) }

    package var text: String {
        guard !runs.isEmpty else { return "no run of bills is kept; `meterd bill-run` makes one\n" }
        var table = TextTable([.right, .left, .left, .right, .right, .right])
        table.add(["run", "as of", "finished", "bills", "none", "new or changed"])
        for run in runs {
            table.add([
                "\(run.number)", "\(run.asOf)", run.finished.map { calendar.text($0) } ?? "broken off",
                VietnameseText.grouped(run.billed), VietnameseText.grouped(run.refused),
                VietnameseText.grouped(run.changed),
            ])
        }
        return table.text()
    }

    package var json: JSONValue {
        .array(
            runs.map { run in
                .members([
                    "run": .integer(run.number), "as_of": .string(run.asOf.description),
                    "finished": .optional(run.finished) { .string(calendar.text($0)) }, "billed": .integer(run.billed),
                    "refused": .integer(run.refused), "changed": .integer(run.changed),
                ])
            })
    }
}
