import Foundation
import Testing

/// The worked residential examples that the tariff rules came with. They are kept beside the project, not in it.
private struct Example: Sendable, CustomTestStringConvertible {
    let row: [String: String]
    let line: Int

    var testDescription: String { "row \(line): \(row["category"] ?? "") \(row["kwh"] ?? "") kWh" }

    /// `nil` when the file is not there.
    static let all: [Example]? = {
        var folders: [URL] = []
        if let named = ProcessInfo.processInfo.environment["METERD_SHARED"] {
            folders = [URL(fileURLWithPath: named, isDirectory: true)]
        } else if let root = Program.root {
            folders = [root.deletingLastPathComponent().appendingPathComponent("shared")]
        }
        let file = folders.first?.appendingPathComponent("reference/vietnam-tariff-examples.csv")
        guard let file, let text = try? String(contentsOf: file, encoding: .utf8),
            let rows = try? CSVTable.rows(text)
        else { return nil }
        return rows.enumerated().map { Example(row: $1, line: $0 + 1) }
            .filter { $0.row["category"]?.hasPrefix("residential") == true }
    }()
}

extension EndToEndTests {
    @Suite("meterd quote")
    struct QuoteTests {
        @Test(
            "every residential example comes out to the dong",
            .enabled(
                if: Example.all != nil,
                "no shared/reference/vietnam-tariff-examples.csv beside the project; METERD_SHARED names its folder"))
        func examples() async throws {
            let place = try Place()
            defer { place.leave() }
            let examples = try #require(Example.all)
            #expect(examples.count > 10)
            for example in examples {
                let category = try example.row.text("category")
                let quotes = [try await quote(example, category, [], in: place)]
                // A category of its own, or a flag of the ordinary one: the same bill.
                let flagged =
                    category == "residential_irregular"
                    ? [try await quote(example, "residential", ["--irregular"], in: place)] : []
                for bill in quotes + flagged {
                    #expect(bill.preVatVnd == (try example.row.integer("pre_vat_vnd")), "\(example.testDescription)")
                    #expect(bill.vatPercent == (try example.row.integer("vat_percent")), "\(example.testDescription)")
                    #expect(bill.totalVnd == (try example.row.integer("total_vnd")), "\(example.testDescription)")
                    #expect(bill.kwh == (try example.row.integer("kwh")), "\(example.testDescription)")
                    bill.expectToAddUp("\(example.testDescription)")
                }
            }
        }

        private func quote(
            _ example: Example, _ category: String, _ more: [String], in place: Place
        ) async throws -> Bill {
            let row = example.row
            let result = try await place.run(
                .meterd,
                [
                    "quote", "--category", category, "--from", try row.text("period_start"), "--to",
                    try row.text("period_end"), "--kwh", try row.text("kwh"), "--households",
                    try row.text("households"), "--format", "json",
                ] + more)
            try #require(result.code == 0, "\(example.testDescription): \(result.log)")
            return try JSON.decode(Bill.self, result.output)
        }

        @Test(
            "a quote that cannot be made is refused in a sentence",
            arguments: [
                (["--category", "castle", "--kwh", "10"], 65, "castle"),
                (["--category", "residential", "--kwh=-1"], 65, "-1 kWh: give whole kWh"),
                (["--category", "residential", "--kwh", "ten"], 64, "ten"),
                (["--category", "residential", "--kwh", "10", "--households", "0"], 64, "households"),
            ] as [([String], Int32, String)])
        func refused(arguments: [String], code: Int32, word: String) async throws {
            let place = try Place()
            defer { place.leave() }
            let result = try await place.run(
                .meterd, ["quote", "--from", "2025-07-01", "--to", "2025-07-31"] + arguments)
            #expect(result.code == code)
            #expect(result.log.contains(word), "\(result.log)")
            #expect(result.output == "")
        }
    }
}
