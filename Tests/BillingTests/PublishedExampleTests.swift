import Billing
import Foundation
import Metering
import Testing

/// The worked examples that the tariff rules came with. They are kept beside the project, not in it.
private let examples: [UInt8]? = {
    let file = "reference/vietnam-tariff-examples.csv"
    if let folder = ProcessInfo.processInfo.environment["METERD_SHARED"] {
        return FileManager.default.contents(atPath: "\(folder)/\(file)").map(Array.init)
    }
    var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    while folder.path != "/" {
        folder.deleteLastPathComponent()
        let path = folder.appendingPathComponent("shared/\(file)").path
        if let bytes = FileManager.default.contents(atPath: path) { return Array(bytes) }
    }
    return nil
}()

@Suite("Published examples")
struct PublishedExampleTests {
    @Test(
        "every residential example comes out to the dong",
        .enabled(
            if: examples != nil,
            "no shared/reference/vietnam-tariff-examples.csv; set METERD_SHARED to its shared folder"))
    func residential() throws {
        let book = try TariffBook.load(folder: nil)
        let records = try CSV.records(in: try #require(examples))
        let header = try #require(records.first).fields
        var checked = 0
        for record in records.dropFirst() {
            let row = Dictionary(uniqueKeysWithValues: zip(header, record.fields))
            func text(_ column: String) throws -> String {
                try #require(row[column], "line \(record.line): no \(column)")
            }
            let category = try text("category")
            guard category.hasPrefix("residential") else { continue }
            let kwh = try #require(Int64(try text("kwh")))
            let bill = try book.bill(
                BillRequest(
                    category: category, period: period("\(try text("period_start"))..\(try text("period_end"))"),
                    kwh: kwh, householdHundredths: try hundredths(try text("households"))))
            #expect("\(bill.preVAT.dong)" == (try text("pre_vat_vnd")), "line \(record.line)")
            #expect("\(bill.vatPercent)" == (try text("vat_percent")), "line \(record.line)")
            #expect("\(bill.total.dong)" == (try text("total_vnd")), "line \(record.line)")
            #expect(bill.lines.map(\.kwh).reduce(0, +) == kwh, "line \(record.line)")
            if kwh > 0 {
                var decisions: [String] = []
                for line in bill.lines where decisions.last != line.decision { decisions.append(line.decision) }
                let named = try text("decision").split(separator: "+").map { "\($0)/QĐ-BCT" }
                #expect(decisions == named, "line \(record.line)")
            }
            checked += 1
        }
        #expect(checked > 0)
    }

    /// `1.5` is 150.
    private func hundredths(_ text: String) throws -> Int {
        let parts = text.split(separator: ".")
        let fraction = parts.count == 2 ? (parts[1] + "00").prefix(2) : "00"
        return try #require(Int(parts[0])) * 100 + (try #require(Int(fraction)))
    }
}
