import InputFiles
import Metering

/// A price decision as its file has it. Prices that are given as shares of the average price get their dong from it.
struct DecisionDraft {
    /// A price in dong, or a share of the average price, or both.
    struct Price {
        let dong: Money?
        /// Whole per cent of the average price.
        let percent: Int64?
        let line: Int
        let field: String
    }

    enum Prices {
        case single(Price)
        case rates(normal: Price, offpeak: Price, peak: Price)
        case blocks([(width: Int64?, price: Price)])
    }

    struct Group {
        let category: String
        /// Categories of former voltage classes that lie in it, mostly.
        let also: [String]
        let prices: Prices
        let isVerified: Bool
        let line: Int
    }

    var number = ""
    var inForceFrom: ServiceDay
    /// Set where it waits for a price change.
    var announcedOn: ServiceDay?
    var averagePrice: Int64?
    var source = ""
    var lastChecked: ServiceDay
    var unverified: Set<TariffDecision.UnverifiedPart> = []
    /// Number of the decision whose shares of the average price the groups' prices have, where they are from memory.
    var inLineWith: String?
    var blocks: [(width: Int64?, price: Price)] = []
    var undeclaredRentersBlock = 1
    var prepaid: Price?
    var groups: [Group] = []
}

extension SectionReader {
    mutating func decision(_ root: InputSection) -> DecisionDraft? {
        refuseOthers(
            than: [
                "decision", "in_force_from", "announced", "average_price", "source", "last_checked", "unverified",
                "in_line_with", "residential", "groups",
            ], in: root)
        let number = text("decision", of: root, remedy: "must be given as text")
        let start = start(of: root)
        let average = root.entry("average_price") == nil ? nil : averagePrice(root)
        let source = text("source", of: root, remedy: "must say where the prices were read")
        let lastChecked = day("last_checked", of: root)
        let unverified = unverifiedParts(root)
        let inLineWith =
            root.entry("in_line_with") == nil ? nil : text("in_line_with", of: root, remedy: "must name a decision")
        let residential = subsection(
            "residential", of: root, keys: ["blocks", "undeclared_renters_block", "prepaid_price", "prepaid_percent"])
        if root.entry("residential") == nil {
            note("is missing; must hold blocks and undeclared_renters_block", in: root, at: "residential")
        }
        let blocks = residential.flatMap { self.blocks("blocks", of: $0) }
        var renters: Int?
        if let residential, let count = blocks?.count {
            renters = self.number("undeclared_renters_block", of: residential, in: 1...count)
        }
        let prepaid = residential.flatMap {
            price("prepaid_price", percent: "prepaid_percent", of: $0, isNeeded: false)
        }
        let groups = groups(root)
        guard let number, let start, let source, let lastChecked, let unverified, let blocks, let renters,
            faults.isEmpty
        else { return nil }
        var draft = DecisionDraft(
            number: number, inForceFrom: start.day, announcedOn: start.announcedOn, averagePrice: average,
            source: source, lastChecked: lastChecked, unverified: unverified, inLineWith: inLineWith, blocks: blocks,
            undeclaredRentersBlock: renters, prepaid: prepaid, groups: groups)
        checkShares(&draft)
        return draft
    }

    /// Decimal text with at most four decimals, never through a floating-point number.
    private mutating func averagePrice(_ root: InputSection) -> Int64? {
        decimal(
            "average_price", of: root, decimals: 4, in: 5_000_000...200_000_000,
            remedy: "must be dong a kWh from 500 to 20000, with at most four decimals and a point, e.g. 2204.0655")
    }

    private mutating func unverifiedParts(_ root: InputSection) -> Set<TariffDecision.UnverifiedPart>? {
        let known = TariffDecision.UnverifiedPart.allCases.map(\.rawValue).joined(separator: ", ")
        let remedy = "must list what is not verified: some of \(known), or []"
        guard let entry = root.entry("unverified") else { return [] }
        guard let items = entry.node.sequence else {
            note(remedy, in: root, at: "unverified", value: entry.node.scalar?.string ?? "")
            return nil
        }
        var parts: Set<TariffDecision.UnverifiedPart> = []
        for item in items {
            if let part = TariffDecision.UnverifiedPart(rawValue: item.scalar?.string ?? "") {
                parts.insert(part)
            } else {
                note("must be one of \(known)", in: root, at: "unverified", value: item.scalar?.string ?? "")
            }
        }
        return parts
    }

    /// A price in dong under one key, its share of the average price under another; one of them is needed.
    private mutating func price(
        _ key: String, percent percentKey: String, of section: InputSection, isNeeded: Bool = true
    ) -> DecisionDraft.Price? {
        let hasPercent = section.entry(percentKey) != nil
        let percent = hasPercent ? number(percentKey, of: section, in: TariffFile.percents) : nil
        guard section.entry(key) != nil else {
            if hasPercent {
                return percent.map {
                    DecisionDraft.Price(
                        dong: nil, percent: Int64($0), line: section.entry(percentKey)?.line ?? section.line,
                        field: section.field(percentKey))
                }
            }
            if isNeeded { note("is missing; must be whole dong a kWh, or \(percentKey)", in: section, at: key) }
            return nil
        }
        guard let dong = number(key, of: section, in: TariffFile.prices), !hasPercent || percent != nil else {
            return nil
        }
        return DecisionDraft.Price(
            dong: Money(dong: Int64(dong)), percent: percent.map(Int64.init),
            line: section.entry(key)?.line ?? section.line, field: section.field(key))
    }

    private mutating func blocks(
        _ key: String, of section: InputSection
    ) -> [(width: Int64?, price: DecisionDraft.Price)]? {
        let items = sections(key, of: section, keys: ["width", "price", "percent"])
        if items.isEmpty { note("must list the blocks, lowest first", in: section, at: key) }
        var blocks: [(width: Int64?, price: DecisionDraft.Price)] = []
        for (position, item) in items.enumerated() {
            var width: Int?
            if position < items.count - 1 {
                width = number("width", of: item, in: TariffFile.widths)
                if width == nil { continue }
            } else if let entry = item.entry("width") {
                note(
                    "must be left out: the last block has no ceiling", in: item, at: "width",
                    value: entry.node.scalar?.string ?? "")
            }
            if let price = price("price", percent: "percent", of: item) {
                blocks.append((width.map(Int64.init), price))
            }
        }
        return blocks.isEmpty || blocks.count < items.count ? nil : blocks
    }

    private mutating func groups(_ root: InputSection) -> [DecisionDraft.Group] {
        var taken: [String: Int] = [:]
        return sections(
            "groups", of: root,
            keys: [
                "category", "also", "price", "percent", "blocks", "normal", "normal_percent", "offpeak",
                "offpeak_percent", "peak", "peak_percent", "verified",
            ]
        ).compactMap { item in
            let category = text("category", of: item, remedy: "must name a category of the registry")
            let also = list("also", of: item, remedy: "must list categories") ?? []
            let verified = scalar("verified", of: item, fallback: true, remedy: "must be true or false") { Bool($0) }
            let prices = groupPrices(item)
            for name in [category].compactMap({ $0 }) + also {
                if ResidentialRule(category: name) != nil {
                    note("is priced under residential", in: item, at: "category", value: name)
                } else if let line = taken.updateValue(item.line, forKey: name) {
                    note("has prices on line \(line) already", in: item, at: "category", value: name)
                }
            }
            guard let category, let verified, let prices else { return nil }
            return DecisionDraft.Group(
                category: category, also: also, prices: prices, isVerified: verified, line: item.line)
        }
    }

    private mutating func groupPrices(_ item: InputSection) -> DecisionDraft.Prices? {
        let kinds = [
            item.entry("price") != nil || item.entry("percent") != nil, item.entry("blocks") != nil,
            ["normal", "offpeak", "peak"].contains { item.entry($0) != nil || item.entry("\($0)_percent") != nil },
        ]
        guard kinds.count(where: { $0 }) == 1 else {
            note(
                "must have either price, or blocks, or normal, offpeak and peak", line: item.line, field: item.path)
            return nil
        }
        if kinds[0] { return price("price", percent: "percent", of: item).map { .single($0) } }
        if kinds[1] { return blocks("blocks", of: item).map { .blocks($0) } }
        let normal = price("normal", percent: "normal_percent", of: item)
        let offpeak = price("offpeak", percent: "offpeak_percent", of: item)
        let peak = price("peak", percent: "peak_percent", of: item)
        guard let normal, let offpeak, let peak else { return nil }
        return .rates(normal: normal, offpeak: offpeak, peak: peak)
    }
}
