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
        "every example comes out to the dong",
        .enabled(
            if: examples != nil,
            "no shared/reference/vietnam-tariff-examples.csv; set METERD_SHARED to its shared folder"))
    func examplesToTheDong() throws {
        let book = try TariffBook.load(folder: nil)
        let bytes = try #require(examples)
        let cases = try PricedCase.read(bytes, file: "examples.csv")
        #expect(cases.count == 37)
        let records = try CSV.records(in: bytes)
        let decisionColumn = try #require(records.first?.fields.firstIndex(of: "decision"))
        for priced in cases {
            #expect(try priced.ours(book) == priced.theirs, "line \(priced.line)")
            let bill = try book.bill(priced.request)
            #expect(bill.lines.map(\.kwh).reduce(0, +) == priced.request.kwh, "line \(priced.line)")
            guard priced.request.kwh > 0 else { continue }
            let record = try #require(records.first { $0.line == priced.line })
            var decisions: [String] = []
            for line in bill.lines where line.kind == .energy && decisions.last != line.decision {
                decisions.append(line.decision)
            }
            let named = record.fields[decisionColumn].split(separator: "+").map { "\($0)/QĐ-BCT" }
            #expect(decisions == named, "line \(priced.line)")
        }
    }
}
