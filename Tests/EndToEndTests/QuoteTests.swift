import Foundation
import Testing

/// The worked examples that the tariff rules came with. They are kept beside the project, not in it.
private struct Example: Sendable, CustomTestStringConvertible {
    let row: [String: String]
    let line: Int

    var testDescription: String { "row \(line): \(row["category"] ?? "") \(row["kwh"] ?? "") kWh" }

    /// `nil` when the file is not there.
    static let all: [Example]? = {
        guard let file, let text = try? String(contentsOf: file, encoding: .utf8),
            let rows = try? CSVTable.rows(text)
        else { return nil }
        return rows.enumerated().map { Example(row: $1, line: $0 + 1) }
            .filter { $0.row["category"]?.hasPrefix("residential") == true }
    }()

    static let file: URL? = {
        var folders: [URL] = []
        if let named = ProcessInfo.processInfo.environment["METERD_SHARED"] {
            folders = [URL(fileURLWithPath: named, isDirectory: true)]
        } else if let root = Program.root {
            folders = [root.deletingLastPathComponent().appendingPathComponent("shared")]
        }
        return folders.first?.appendingPathComponent("reference/vietnam-tariff-examples.csv")
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

        @Test(
            "a file of cases is priced whole, and a case that differs is named with both figures",
            .enabled(
                if: Example.all != nil,
                "no shared/reference/vietnam-tariff-examples.csv beside the project; METERD_SHARED names its folder"))
        func file() async throws {
            let place = try Place()
            defer { place.leave() }
            let path = try #require(Example.file).path
            let agreed = try await place.run(.meterd, ["quote", "--file", path])
            #expect(agreed.code == 0)
            #expect(agreed.output == "37 cases: 37 to the dong, 0 different\n")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try place.write(text.replacing("346356", with: "346357"), to: "cases.csv")
            let differs = try await place.run(.meterd, ["quote", "--file", "cases.csv"])
            #expect(differs.code == 1)
            #expect(
                differs.output == """
                    line  category     what       theirs    ours  ours − theirs
                       2  residential  total_vnd  346357  346356             -1
                    37 cases: 36 to the dong, 1 different

                    """)
        }

        @Test("every fault of a file of cases is told at once")
        func faultyFile() async throws {
            let place = try Place()
            defer { place.leave() }
            let rows = """
                category,period_start,period_end,households,kwh,pre_vat_vnd,vat_percent,total_vnd
                residential,2026-03-01,2026-03-32,1,150,320700,8,346356
                residential,2026-03-01,2026-02-01,0,-1,x,8,346356
                """
            try place.write(rows, to: "cases.csv")
            let result = try await place.run(.meterd, ["quote", "--file", "cases.csv"])
            #expect(result.code == 65)
            for fault in [
                "cases.csv:2: period_end \"2026-03-32\": must be a date, YYYY-MM-DD",
                "cases.csv:3: period_end \"2026-02-01\": lies before period_start",
                "cases.csv:3: households \"0\": must be a number above 0 with up to two decimals",
                "cases.csv:3: kwh \"-1\": must be a whole number, 0 or more",
                "cases.csv:3: pre_vat_vnd \"x\": must be a whole number, 0 or more",
            ] { #expect(result.log.contains(fault), "\(result.log)") }
        }

        @Test("a file without a case, or with a column that is nearly one, agrees with nothing")
        func emptyFile() async throws {
            let place = try Place()
            defer { place.leave() }
            let header = "category,period_start,period_end,Households,kwh,pre_vat_vnd,vat_percent,total_vnd\n"
            try place.write(header, to: "cases.csv")
            let result = try await place.run(.meterd, ["quote", "--file", "cases.csv"])
            #expect(result.code == 65)
            #expect(result.log.contains("cases.csv:1: Households: must be written households"))
            #expect(result.log.contains("cases.csv: has no case below its header"))
        }

        @Test("a quote says what more kWh would cost, and what the announced blocks would make of the same")
        func moreAndBeside() async throws {
            let place = try Place()
            defer { place.leave() }
            let result = try await place.run(
                .meterd,
                [
                    "quote", "--category", "residential", "--from", "2026-06-01", "--to", "2026-06-30", "--kwh", "180",
                    "--more", "150", "--beside", "14/2025/QĐ-TTg",
                ])
            #expect(result.code == 0)
            for part in [
                #""standing":{"block":3,"unit_price_vnd":2380,"kwh_left":20,"next_unit_price_vnd":2998}"#,
                #""more":{"kwh":150,"total_vnd":483732,"then_total_vnd":907200"#,
                #""beside":{"in_force":false,"decision":"14/2025/QĐ-TTg""#,
            ] { #expect(result.output.contains(part), "\(result.output)") }
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
                (
                    ["--category", "business_lt6kv", "--kwh-normal", "9223372036854775807", "--kwh-peak", "1"], 64,
                    "kWh of a rate"
                ),
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
