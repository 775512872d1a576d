import Billing

/// Bills that somebody else made, beside ours.
package struct CaseComparisonDocument {
    private struct Row {
        let priced: PricedCase
        let ours: PricedCase.Amounts?
        /// Why there is no bill of ours.
        let refusal: String?

        var agrees: Bool { ours == priced.theirs }
    }

    private let file: String
    private let rows: [Row]

    package init(_ cases: [PricedCase], by book: TariffBook, file: String) {
        self.file = file
        rows = cases.map { priced in
            do throws(BillingError) {
                return Row(priced: priced, ours: try priced.ours(book), refusal: nil)
            } catch {
                return Row(priced: priced, ours: nil, refusal: error.description)
            }
        }
    }

    package var agrees: Bool { rows.allSatisfy(\.agrees) }

    /// The cases that differ, and how many there are.
    package var text: String {
        let different = rows.filter { !$0.agrees }
        let summary = "\(rows.count) cases: \(rows.count - different.count) to the dong, \(different.count) different\n"
        guard !different.isEmpty else { return summary }
        var table = TextTable([.right, .left, .left, .right, .right, .right, .left])
        table.add(["line", "category", "what", "theirs", "ours", "ours − theirs", ""])
        for row in different {
            guard let ours = row.ours else {
                table.add(["\(row.priced.line)", row.priced.category, "no bill", "", "", "", row.refusal ?? ""])
                continue
            }
            let theirs = row.priced.theirs
            for (what, their, our) in [
                ("pre_vat_vnd", theirs.preVAT.dong, ours.preVAT.dong),
                ("vat_percent", Int64(theirs.vatPercent), Int64(ours.vatPercent)),
                ("total_vnd", theirs.total.dong, ours.total.dong),
            ] where their != our {
                table.add([
                    "\(row.priced.line)", row.priced.category, what, "\(their)", "\(our)",
                    (our > their ? "+" : "") + "\(our - their)", "",
                ])
            }
        }
        return table.text() + summary
    }

    package var json: JSONValue {
        .members([
            "file": .string(file), "cases": .integer(rows.count),
            "different": .integer(rows.count { !$0.agrees }), "rows": .array(rows.map(Self.json)),
        ])
    }

    private static func json(_ row: Row) -> JSONValue {
        let json = JSONValue.members([
            "line": .integer(row.priced.line), "category": .string(row.priced.category),
            "agrees": .bool(row.agrees), "theirs": Self.json(row.priced.theirs),
            "ours": .optional(row.ours, Self.json),
        ])
        return row.refusal.map { json.appending(["refusal": .string($0)]) } ?? json
    }

    private static func json(_ amounts: PricedCase.Amounts) -> JSONValue {
        .members([
            "pre_vat_vnd": .integer(amounts.preVAT.dong), "vat_percent": .integer(amounts.vatPercent),
            "total_vnd": .integer(amounts.total.dong),
        ])
    }
}
