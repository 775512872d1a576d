import Metering
import Yams

/// One tariff file, read: a price decision or the VAT rates. Collects every fault instead of stopping at the first.
struct TariffFile {
    enum Content {
        case decision(TariffDecision)
        case vatRates([VATRate])
    }

    let name: String
    /// `nil` when the file has faults.
    private(set) var content: Content?
    private(set) var faults: [InputFault] = []

    /// Bounds that no real tariff comes near; they keep every product of a bill within 64 bits.
    static let prices: ClosedRange<Int64> = 1...1_000_000
    static let widths: ClosedRange<Int64> = 1...100_000

    init(name: String, text: String) {
        self.name = name
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            faults.append(Self.fault(of: error, file: name))
            return
        }
        guard let root, let mapping = root.mapping else {
            add("", root, value: "", "must hold the keys of a decision (decision, in_force_from, …) or vat_rates")
            return
        }
        if mapping["vat_rates"] != nil {
            let rates = readVATRates(root)
            if faults.isEmpty { content = .vatRates(rates) }
        } else if let decision = readDecision(root), faults.isEmpty {
            content = .decision(decision)
        }
    }

    // MARK: - Decision

    private mutating func readDecision(_ root: Node) -> TariffDecision? {
        checkKeys(
            root, "",
            ["decision", "in_force_from", "average_price", "source", "last_checked", "unverified", "residential"])
        let number = text(root, "decision", "")
        let inForceFrom = day(root, "in_force_from", "")
        let average = averagePrice(root)
        let source = text(root, "source", "")
        let lastChecked = day(root, "last_checked", "")
        let unverified = unverifiedParts(root)
        let residential = residentialPrices(root, average: average)
        guard let number, let inForceFrom, let source, let lastChecked, let residential else { return nil }
        return TariffDecision(
            number: number, inForceFrom: inForceFrom, averagePriceTenThousandths: average, source: source,
            lastChecked: lastChecked, unverified: unverified, residential: residential)
    }

    /// Decimal text with at most four decimals, never through a floating-point number.
    private mutating func averagePrice(_ root: Node) -> Int64? {
        guard let node = root.mapping?["average_price"] else { return nil }
        let parts = (node.scalar?.string ?? "").split(separator: ".", omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? parts[1] : ""
        guard (1...2).contains(parts.count), parts.count == 1 || (1...4).contains(decimals.utf8.count),
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let whole = Int64(parts[0]), Self.prices.contains(whole),
            let fraction = Int64(decimals + String(repeating: "0", count: 4 - decimals.utf8.count))
        else {
            add("average_price", node, "must be dong a kWh with at most four decimals and a point, e.g. 2204.0655")
            return nil
        }
        return whole * 10_000 + fraction
    }

    private mutating func unverifiedParts(_ root: Node) -> Set<TariffDecision.UnverifiedPart> {
        let known = TariffDecision.UnverifiedPart.allCases.map(\.rawValue).joined(separator: ", ")
        guard let node = root.mapping?["unverified"], let items = node.sequence else {
            add(
                "unverified", root.mapping?["unverified"] ?? root,
                "must list what is not verified: some of \(known), or []")
            return []
        }
        var parts: Set<TariffDecision.UnverifiedPart> = []
        for item in items {
            if let part = TariffDecision.UnverifiedPart(rawValue: item.scalar?.string ?? "") {
                parts.insert(part)
            } else {
                add("unverified", item, "must be one of \(known)")
            }
        }
        return parts
    }

    private mutating func residentialPrices(_ root: Node, average: Int64?) -> ResidentialPrices? {
        guard let node = root.mapping?["residential"], node.mapping != nil else {
            add("residential", root.mapping?["residential"] ?? root, "must hold blocks and undeclared_renters_block")
            return nil
        }
        let field = "residential"
        checkKeys(
            node, field, ["blocks", "undeclared_renters_block", "prepaid_price", "prepaid_percent"])
        guard let items = node.mapping?["blocks"]?.sequence, !items.isEmpty else {
            add("\(field).blocks", node.mapping?["blocks"] ?? node, "must list the blocks, lowest first")
            return nil
        }
        var blocks: [TariffBlock] = []
        for (position, item) in items.enumerated() {
            if let block = block(item, "\(field).blocks[\(position + 1)]", isLast: position == items.count - 1) {
                blocks.append(block)
            }
        }
        let renters = number(
            node, "undeclared_renters_block", field, 1...Int64(items.count),
            "must be a block's number, 1 to \(items.count)")
        let prepaid = node.mapping?["prepaid_price"].flatMap { _ in
            number(node, "prepaid_price", field, Self.prices, "must be whole dong from 1 to 1000000")
        }
        guard blocks.count == items.count, let renters else { return nil }
        let prices = ResidentialPrices(
            blocks: blocks, undeclaredRentersBlock: Int(renters), prepaid: prepaid.map(Money.init(dong:)))
        if let average { checkPercentages(node, prices: prices, average: average) }
        return prices
    }

    private mutating func block(_ node: Node, _ field: String, isLast: Bool) -> TariffBlock? {
        guard node.mapping != nil else {
            add(field, node, "must be {width: kWh, price: dong}; the last block has no width")
            return nil
        }
        checkKeys(node, field, ["width", "price", "percent"])
        let price = number(node, "price", field, Self.prices, "must be whole dong from 1 to 1000000")
        if isLast {
            guard node.mapping?["width"] == nil else {
                add("\(field).width", node.mapping?["width"], "must be left out: the last block has no ceiling")
                return nil
            }
            return price.map { TariffBlock(width: nil, price: Money(dong: $0)) }
        }
        let width = number(node, "width", field, Self.widths, "must be whole kWh from 1 to 100000")
        guard let width, let price else { return nil }
        return TariffBlock(width: width, price: Money(dong: price))
    }

    // MARK: - Percentages

    /// A typed price is checked against its lawful share of the average price, rounded to the dong.
    private mutating func checkPercentages(_ node: Node, prices: ResidentialPrices, average: Int64) {
        let structure = PriceStructure.known.first { $0.widths == prices.blocks.map(\.width) }
        for (position, block) in prices.blocks.enumerated() {
            let field = "residential.blocks[\(position + 1)]"
            let item = node.mapping?["blocks"]?.sequence?[position] ?? node
            guard let percent = percent(item, "percent", field, else: structure?.percents[position]) else {
                add(
                    "\(field).percent", item, value: "",
                    "must be given, as these widths are no structure known here: the price in percent of the average")
                continue
            }
            check(
                block.price, field: "\(field).price", node: item.mapping?["price"], percent: percent, average: average)
        }
        if let prepaid = prices.prepaid,
            let percent = percent(node, "prepaid_percent", "residential", else: structure?.prepaidPercent)
        {
            check(
                prepaid, field: "residential.prepaid_price", node: node.mapping?["prepaid_price"], percent: percent,
                average: average)
        }
    }

    private mutating func percent(_ node: Node, _ key: String, _ field: String, else known: Int64?) -> Int64? {
        guard node.mapping?[key] != nil else { return known }
        return number(node, key, field, 1...1000, "must be a whole percentage of the average price, 1 to 1000") ?? known
    }

    private mutating func check(_ price: Money, field: String, node: Node?, percent: Int64, average: Int64) {
        let lawful = (average * percent).quotientRoundedHalfAway(by: 100 * 10_000)
        guard price.dong != lawful else { return }
        add(field, node, "is not \(percent) % of average_price, which is \(lawful); correct whichever is mistyped")
    }

    // MARK: - VAT

    private mutating func readVATRates(_ root: Node) -> [VATRate] {
        checkKeys(root, "", ["vat_rates"])
        guard let node = root.mapping?["vat_rates"], let items = node.sequence, !items.isEmpty else {
            add(
                "vat_rates", root.mapping?["vat_rates"] ?? root,
                "must list rates: {from, percent, verified, instrument}")
            return []
        }
        var rates: [VATRate] = []
        var lines: [ServiceDay: Int] = [:]
        for (position, item) in items.enumerated() {
            let field = "vat_rates[\(position + 1)]"
            guard item.mapping != nil else {
                add(field, item, "must be {from, percent, verified, instrument}")
                continue
            }
            checkKeys(item, field, ["from", "percent", "verified", "instrument"])
            let from = day(item, "from", field)
            let percent = number(item, "percent", field, 0...100, "must be a whole percentage, 0 to 100")
            let verified = flag(item, "verified", field)
            let instrument = text(item, "instrument", field)
            guard let from, let percent, let verified, let instrument else { continue }
            if let line = lines.updateValue(item.mark?.line ?? 0, forKey: from) {
                add("\(field).from", item.mapping?["from"], "is already the first day of the rate on line \(line)")
            }
            rates.append(VATRate(from: from, percent: Int(percent), instrument: instrument, isVerified: verified))
        }
        return rates
    }

    // MARK: - Scalars

    private mutating func text(_ node: Node, _ key: String, _ parent: String) -> String? {
        guard let text = node.mapping?[key]?.scalar?.string, !text.isEmpty else {
            add(Self.path(parent, key), node.mapping?[key] ?? node, "must be given as text")
            return nil
        }
        return text
    }

    private mutating func day(_ node: Node, _ key: String, _ parent: String) -> ServiceDay? {
        guard let text = node.mapping?[key]?.scalar?.string, let day = ServiceDay(iso: text) else {
            add(Self.path(parent, key), node.mapping?[key] ?? node, "must be a date, YYYY-MM-DD")
            return nil
        }
        return day
    }

    private mutating func flag(_ node: Node, _ key: String, _ parent: String) -> Bool? {
        switch node.mapping?[key]?.scalar?.string {
        case "true": return true
        case "false": return false
        default:
            add(Self.path(parent, key), node.mapping?[key] ?? node, "must be true or false")
            return nil
        }
    }

    private mutating func number(
        _ node: Node, _ key: String, _ parent: String, _ range: ClosedRange<Int64>, _ remedy: String
    ) -> Int64? {
        guard let text = node.mapping?[key]?.scalar?.string, let number = Int64(text), range.contains(number) else {
            add(Self.path(parent, key), node.mapping?[key] ?? node, remedy)
            return nil
        }
        return number
    }

    private mutating func checkKeys(_ node: Node, _ parent: String, _ known: [String]) {
        for (key, _) in node.mapping ?? [:] where !known.contains(key.scalar?.string ?? "") {
            let name = key.scalar?.string ?? "?"
            add(Self.path(parent, name), key, value: "", "is no key here; known are \(known.joined(separator: ", "))")
        }
    }

    /// `value` defaults to the node's own text, where it has one.
    private mutating func add(_ field: String, _ node: Node?, value: String? = nil, _ remedy: String) {
        faults.append(
            InputFault(
                file: name, line: node?.mark?.line ?? 0, field: field, value: value ?? node?.scalar?.string ?? "",
                remedy: remedy))
    }

    private static func path(_ parent: String, _ key: String) -> String { parent.isEmpty ? key : "\(parent).\(key)" }

    /// What the YAML parser could not read, on its line.
    private static func fault(of error: any Error, file: String) -> InputFault {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            InputFault(file: file, line: mark.line, field: "", value: "", remedy: "is no YAML: \(problem)")
        case YamlError.duplicatedKeysInMapping(let keys, let context):
            InputFault(
                file: file, line: context.mark.line, field: keys.joined(separator: ", "), value: "",
                remedy: "is given twice here; keep one")
        default:
            InputFault(file: file, field: "", value: "", remedy: "is no YAML: \(error)")
        }
    }
}

/// A lawful structure of residential blocks: widths in kWh and each price in percent of the average price.
private struct PriceStructure {
    let widths: [Int64?]
    let percents: [Int64]
    /// `nil` where the share of prepaid cards is not known.
    let prepaidPercent: Int64?

    static let known = [
        // Six blocks; holds for the decisions 648, 1062, 2941, 2699 and 1279.
        PriceStructure(
            widths: [50, 50, 100, 100, 100, nil], percents: [90, 93, 108, 136, 152, 157], prepaidPercent: 132),
        // Five blocks: Quyết định 14/2025/QĐ-TTg, from the first price change after 29 May 2025.
        PriceStructure(widths: [100, 100, 200, 300, nil], percents: [90, 108, 136, 162, 180], prepaidPercent: nil),
    ]
}
