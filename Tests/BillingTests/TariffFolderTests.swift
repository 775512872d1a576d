import Billing
import Foundation
import Metering
import Testing

@Suite("Tariff files")
struct TariffFolderTests {
    /// A five-block decision as an operator would enter it; 2,300 dong on average.
    static let next = """
        decision: 4711/QĐ-BCT
        in_force_from: 2027-03-01
        average_price: 2300
        source: the decision itself
        last_checked: 2027-02-27
        unverified: []
        residential:
          blocks:
            - {width: 100, price: 2070}
            - {width: 100, price: 2484}
            - {width: 200, price: 3128}
            - {width: 300, price: 3726}
            - {price: 4140}
          undeclared_renters_block: 2
        """

    /// Loads the built-in files and these; the folder lives only as long.
    private func load(_ files: [String: String]) throws -> TariffBook {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tariffs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        return try TariffBook.load(folder: folder.path)
    }

    /// The faults of these files, their folder cut from the file name.
    private func faults(_ files: [String: String]) -> [String] {
        do {
            _ = try load(files)
            return []
        } catch let faults as InputFaults {
            return faults.faults.map { fault in
                InputFault(
                    file: fault.file.split(separator: "/").last.map(String.init) ?? "", line: fault.line,
                    field: fault.field, value: fault.value, remedy: fault.remedy
                ).description.replacing("::", with: ":")  // a fault without a key
            }
        } catch {
            return ["\(error)"]
        }
    }

    @Test("the built-in files hold five decisions, all prices by the six lawful percentages, and the VAT rates")
    func builtIn() throws {
        let book = try TariffBook.load(folder: nil)
        #expect(
            book.decisions.map { "\($0.number) \($0.inForceFrom)" } == [
                "648/QĐ-BCT 2019-03-20", "1062/QĐ-BCT 2023-05-04", "2941/QĐ-BCT 2023-11-09", "2699/QĐ-BCT 2024-10-11",
                "1279/QĐ-BCT 2025-05-10",
            ])
        for decision in book.decisions {
            let average = try #require(decision.averagePriceTenThousandths)
            let prices = decision.residential.blocks.map(\.price) + [try #require(decision.residential.prepaid)]
            for (price, percent) in zip(prices, [90, 93, 108, 136, 152, 157, 132] as [Int64]) {
                // Within half a dong of its share.
                #expect(abs(price.dong * 1_000_000 - average * percent) <= 500_000, "\(decision.number) \(percent) %")
            }
        }
        #expect(book.vatRates.filter { !$0.isVerified }.map(\.from) == [day("2027-01-01")])
        #expect(book.decisions.map(\.averagePriceTenThousandths).last == 22_040_655)
    }

    @Test("an own decision is added with its own blocks, and bills from its first day")
    func added() throws {
        let book = try load(["4711.yaml": Self.next, "README.txt": "not a tariff"])
        #expect(book.decisions.count == 6)
        let bill = try book.bill(
            BillRequest(category: "residential", period: period("2027-03-01..2027-03-31"), kwh: 250))
        #expect(
            bill.lines.map(\.drawn) == [
                "2027-03-01..2027-03-31 4711/QĐ-BCT block 1: 100 x 2070 = 207000",
                "2027-03-01..2027-03-31 4711/QĐ-BCT block 2: 100 x 2484 = 248400",
                "2027-03-01..2027-03-31 4711/QĐ-BCT block 3: 50 x 3128 = 156400",
            ])
    }

    @Test("an own file replaces the built-in decision of its number and the VAT rate of its day")
    func replaced() throws {
        let own = Self.next.replacing("4711/QĐ-BCT", with: "1279/QĐ-BCT").replacing("2027-03-01", with: "2025-05-10")
        let vat = "vat_rates: [{from: 2027-01-01, percent: 8, verified: true, instrument: extension}]"
        let book = try load(["a.yaml": own, "vat.yml": vat])
        #expect(book.decisions.count == 5)
        #expect(book.decision(on: day("2025-05-10"))?.residential.blocks.count == 5)
        #expect(book.vatRate(on: day("2027-06-01"))?.percent == 8)
        #expect(book.vatRate(on: day("2026-06-01"))?.instrument == "NQ 204/2025/QH15, NĐ 174/2025")
    }

    static let mistakes: [(String, String, String)] = [
        ("decision: 4711/QĐ-BCT", "", "a.yaml:2: decision: is missing; must be given as text"),
        (
            "2027-03-01", "2027-02-29",
            "a.yaml:2: in_force_from \"2027-02-29\": must be a date, YYYY-MM-DD, or next_price_change"
        ),
        ("2027-02-27", "yesterday", "a.yaml:5: last_checked \"yesterday\": must be a date, YYYY-MM-DD"),
        ("source: the decision itself", "source:", "a.yaml:4: source: must say where the prices were read"),
        (
            "average_price: 2300", "average_price: 2,300.5",
            "a.yaml:3: average_price \"2,300.5\": must be dong a kWh from 500 to 20000, with at most four decimals "
                + "and a point, e.g. 2204.0655"
        ),
        (
            "average_price: 2300", "average_price: 2300.12345",
            "a.yaml:3: average_price \"2300.12345\": must be dong a kWh from 500 to 20000, with at most four decimals "
                + "and a point, e.g. 2204.0655"
        ),
        (
            // A point between thousands.
            "average_price: 2300", "average_price: 2.300",
            "a.yaml:3: average_price \"2.300\": must be dong a kWh from 500 to 20000, with at most four decimals "
                + "and a point, e.g. 2204.0655"
        ),
        (
            "unverified: []", "unverified: [prices]",
            "a.yaml:6: unverified \"prices\": must be one of average_price, block_prices, prepaid_price, "
                + "group_prices"
        ),
        (
            "unverified: []", "unverified: no",
            "a.yaml:6: unverified \"no\": must list what is not verified: some of average_price, "
                + "block_prices, prepaid_price, group_prices, or []"
        ),
        (
            "price: 2484", "price: 2448",
            "a.yaml:10: residential.blocks[2].price \"2448\": is not 108 % of average_price, which is 2484; "
                + "correct whichever is mistyped"
        ),
        (
            "price: 2484", "price: 2484.5",
            "a.yaml:10: residential.blocks[2].price \"2484.5\": must be a whole number from 1 to 1000000"
        ),
        (
            "width: 200", "width: 0",
            "a.yaml:11: residential.blocks[3].width \"0\": must be a whole number from 1 to 100000"
        ),
        (
            "{price: 4140}", "{width: 1, price: 4140}",
            "a.yaml:13: residential.blocks[5].width \"1\": must be left out: the last block has no ceiling"
        ),
        (
            "undeclared_renters_block: 2", "undeclared_renters_block: 6",
            "a.yaml:14: residential.undeclared_renters_block \"6\": must be a whole number from 1 to 5"
        ),
        (
            "source: the", "sauce: true\nsource: the",
            "a.yaml:4: sauce: unknown key; known here: decision, in_force_from, announced, average_price, source, "
                + "last_checked, unverified, in_line_with, residential, groups"
        ),
        (
            "source: the", "source: again\nsource: the",
            "a.yaml:4: \"source\": stands twice in one mapping; each key may stand once"
        ),
        (
            "width: 300, price: 3726", "width: 301, price: 3726, percent: 162",
            "a.yaml:9: residential.blocks[1].percent: must be given, as these widths are no structure known here: "
                + "the price in percent of the average"
        ),
        (
            "2027-03-01", "2025-05-10",
            "a.yaml: in_force_from \"2025-05-10\": is also the first day of 1279/QĐ-BCT in 1279.yaml; "
                + "correct one of them"
        ),
    ]

    @Test(
        "a mistyped decision is refused by file, line, key, value and what would be right", arguments: mistakes.indices)
    func mistake(position: Int) {
        let (right, wrong, message) = Self.mistakes[position]
        let found = faults(["a.yaml": Self.next.replacing(right, with: wrong, maxReplacements: 1)])
        // Full paths of other files inside a remedy are cut to their names.
        let shown = found.map { $0.replacing(#/\S*/(?=\S+\.yaml;)/#, with: "") }
        #expect(shown.contains(message), "\(shown)")
    }

    @Test("all faults of all files are reported together")
    func together() {
        let found = faults([
            "a.yaml": Self.next.replacing("2484", with: "1").replacing("3128", with: "x").replacing("[]", with: "y"),
            "b.yaml": "vat_rates: [{from: 2027-01-01, percent: 108, verified: maybe, instrument: x}, 5]",
            "c.yaml": "- 1", "d.yaml": "a: [", "e.yaml": "",
        ])
        #expect(
            found == [
                "a.yaml:6: unverified \"y\": must list what is not verified: some of average_price, block_prices, "
                    + "prepaid_price, group_prices, or []",
                "a.yaml:11: residential.blocks[3].price \"x\": must be a whole number from 1 to 1000000",
                "b.yaml:1: vat_rates[2] \"5\": must be a mapping of keys to values",
                "b.yaml:1: vat_rates[1].percent \"108\": must be a whole number from 0 to 100",
                "b.yaml:1: vat_rates[1].verified \"maybe\": must be true or false",
                "c.yaml:1: must be a mapping of keys to values",
                "d.yaml:2: this is no YAML: did not find expected node content",
                "e.yaml: must hold the keys of a decision (decision, in_force_from, …), or one of vat_rates, "
                    + "time_of_use, reductions",
            ])
    }

    @Test("one decision in two own files is refused, and so is a VAT rate given twice")
    func twice() {
        let rate = "{from: 2027-01-01, percent: 8, verified: true, instrument: x}"
        let found = faults([
            "a.yaml": Self.next, "b.yaml": Self.next, "c.yaml": "vat_rates:\n  - \(rate)\n  - \(rate)",
        ])
        #expect(found.count == 2)
        #expect(found.contains { $0.hasPrefix("c.yaml:3: vat_rates[2].from \"2027-01-01\": is already the first day") })
        #expect(found.contains { $0.hasPrefix("b.yaml: decision \"4711/QĐ-BCT\": is also in ") })
    }

    static let groupMistakes: [(String, String)] = [
        ("{category: residential, price: 1}", "category \"residential\": is priced under residential"),
        ("{category: x, price: 1, normal: 2}", ": must have either price, or blocks, or normal, offpeak and peak"),
        ("{category: x}", ": must have either price, or blocks, or normal, offpeak and peak"),
        ("{category: x, normal: 1, peak: 3}", "offpeak: is missing; must be whole dong a kWh, or offpeak_percent"),
        (
            "{category: x, price: 2300, percent: 101}",
            "price \"2300\": is not 101 % of average_price, which is 2323; "
                + "correct whichever is mistyped"
        ),
        ("{category: x, price: 0}", "price \"0\": must be a whole number from 1 to 1000000"),
        ("{category: x, price: 1, verified: perhaps}", "verified \"perhaps\": must be true or false"),
    ]

    @Test("a mistyped group is refused by what it says", arguments: groupMistakes.indices)
    func groupMistake(position: Int) {
        let (row, message) = Self.groupMistakes[position]
        let found = faults(["a.yaml": Self.next + "\ngroups:\n  - \(row)\n"])
        #expect(
            found.contains { $0.hasSuffix("groups[1]" + (message.hasPrefix(":") ? "" : ".") + message) }, "\(found)")
    }

    @Test("a category priced twice is refused; shares of the average become dong")
    func groups() throws {
        let rows = "\ngroups:\n  - {category: x, also: [y], percent: 101}\n"
        let book = try load(["a.yaml": Self.next + rows])
        #expect(book.decisions.last?.groups["x"]?.prices == .single(Money(dong: 2323)))
        #expect(book.decisions.last?.groups["y"]?.stands == "x")
        let twice = faults(["a.yaml": Self.next + rows + "  - {category: y, price: 1}\n"])
        #expect(twice == ["a.yaml:17: groups[2].category \"y\": has prices on line 16 already"])
    }

    @Test("prices from memory are held against those of the decision that they are said to be in line with")
    func inLine() throws {
        let head = Self.next.replacing("unverified: []", with: "unverified: [group_prices]\nin_line_with: 1279/QĐ-BCT")
        // 1279: 1987 at 2,204.0655 on average; 2,073.5 is the same share of 2,300.
        let near = try load([
            "a.yaml": head + "\ngroups:\n  - {category: production_lt6kv, normal: 2074, offpeak: 1357, peak: 3798}\n"
        ])
        #expect(near.decisions.last?.trust(in: "production_lt6kv") == .inLine)
        #expect(near.decisions.last?.trust(in: "residential") == .read)
        let far = faults([
            "a.yaml": head + "\ngroups:\n  - {category: production_lt6kv, normal: 2076, offpeak: 1357, peak: 3798}\n"
        ])
        #expect(
            far == [
                "a.yaml:17: groups \"production_lt6kv normal\": is another share of the average price than in "
                    + "1279/QĐ-BCT, by more than 0.05 point; correct whichever is mistyped, or give it verified: false"
            ])
        let unknown = faults(["a.yaml": head.replacing("1279/QĐ-BCT", with: "1280/QĐ-BCT")])
        #expect(unknown.count == 1 && unknown.first?.contains("is no decision of the tariff files") == true)
    }

    @Test("nothing is in line with a decision that has no average price, or by a share that nobody knows")
    func notHeldAgainstAnything() throws {
        let rows = "\ngroups:\n  - {category: production_lt6kv, normal: 18960, offpeak: 1, peak: 347400}\n"
        let line = Self.next.replacing("unverified: []", with: "unverified: [group_prices]\nin_line_with: X/2020")
        let other = Self.next.replacing("4711/QĐ-BCT", with: "X/2020").replacing("2027-03-01", with: "2020-01-01")
            .replacing("average_price: 2300\n", with: "")
        let found = faults(["a.yaml": line + rows, "b.yaml": other + rows.replacing("347400", with: "3474")])
        #expect(found.count == 1 && found.first?.contains("without an average price there") == true, "\(found)")
        // Five blocks: the law's share of prepaid cards is not known.
        let prepaid =
            Self.next.replacing("unverified: []", with: "unverified: [prepaid_price]") + "\n  prepaid_price: 29090"
        let book = try load(["a.yaml": prepaid])
        #expect(book.decisions.last?.trust(in: "residential_prepaid") == .unverified)
        let shared = try load(["a.yaml": prepaid.replacing("29090", with: "3036\n  prepaid_percent: 132")])
        #expect(shared.decisions.last?.trust(in: "residential_prepaid") == .inLine)
    }

    @Test("what waits for a price change starts with the first decision after its publication")
    func nextPriceChange() throws {
        let book = try load(["4711.yaml": Self.next])
        #expect(book.hours.schedule(on: day("2027-02-28"))?.name == "TT 16/2014/TT-BCT Điều 5.1")
        #expect(book.hours.schedule(on: day("2027-03-01"))?.name == "963/QĐ-BCT")
        // Its prices stay announced until a file of its number gives them a day.
        #expect(book.announced.map(\.number) == ["14/2025/QĐ-TTg"])
        #expect(book.announced.first?.decision.residential.blocks.first?.price.dong == 2070)
    }

    @Test("hours and reductions are refused by what they say")
    func hours() {
        let hours =
            "{name: h, in_force_from: 2027-01-01, peak: [\"09:15-10:00\"], offpeak: [\"22:00-04:00\"], "
            + "source: s, verified: true}"
        let both = hours.replacing("09:15-10:00", with: "23:00-24:00")
        let reduction =
            "{name: r, instrument: i, from: 2021-09-01, through: 2021-08-01, categories: [residential], "
            + "steps: [{through_kwh: 200, percent: 15}, {through_kwh: 300, percent: 10}], verified: true}"
        #expect(
            faults([
                "a.yaml": "time_of_use:\n  - \(hours)\n  - \(both)\n", "b.yaml": "reductions:\n  - \(reduction)\n",
                "c.yaml": "reductions:\n  - \(reduction.replacing("2021-09", with: "2021-07"))\n",
            ]) == [
                "a.yaml:2: time_of_use[1].peak \"09:15-10:00\": must list times of the day in half hours, e.g. "
                    + "[\"09:30-11:30\", \"22:00-04:00\"]",
                "a.yaml:3: time_of_use[2].peak: has hours that are off-peak too",
                "b.yaml:2: reductions[1].through \"2021-08-01\": lies before from",
                "c.yaml:2: reductions[1].steps[2].through_kwh: must be left out of the last step",
            ])
    }

    @Test("a folder that is not there is a fault, not an empty folder")
    func noFolder() {
        #expect(throws: InputFaults.self) { try TariffBook.load(folder: "/nonexistent/tariffs") }
    }
}
