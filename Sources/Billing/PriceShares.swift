import InputFiles
import Metering

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

extension SectionReader {
    /// Holds every price against its share of the average price, and fills in the shares that the law knows, so that a
    /// mistyped digit is found. Prices that are shares only need an average price, unless they wait for one.
    mutating func checkShares(_ draft: inout DecisionDraft) {
        let structure = PriceStructure.known.first { $0.widths == draft.blocks.map(\.width) }
        for position in draft.blocks.indices {
            draft.blocks[position].price.fillIn(percent: structure?.percents[position])
        }
        draft.prepaid?.fillIn(percent: structure?.prepaidPercent)
        guard let average = draft.averagePrice else {
            guard draft.announcedOn == nil else { return }
            for price in draft.allPrices where price.dong == nil {
                note(
                    "is no price without average_price; give it, or the price in dong", line: price.line,
                    field: price.field)
            }
            return
        }
        for block in draft.blocks where block.price.percent == nil {
            note(
                "must be given, as these widths are no structure known here: the price in percent of the average",
                line: block.price.line, field: block.price.field.replacing(#/price$/#, with: "percent"))
        }
        for price in draft.allPrices {
            guard let dong = price.dong?.dong, let lawful = price.lawful(average: average), dong != lawful.dong,
                let percent = price.percent
            else { continue }
            note(
                "is not \(percent) % of average_price, which is \(lawful.dong); correct whichever is mistyped",
                line: price.line, field: price.field, value: "\(dong)")
        }
    }
}

extension DecisionDraft.Price {
    fileprivate mutating func fillIn(percent known: Int64?) {
        guard percent == nil, let known else { return }
        self = DecisionDraft.Price(dong: dong, percent: known, line: line, field: field)
    }

    /// The share in dong, rounded half away from zero; `nil` without one.
    /// - Parameter average: in ten-thousandths of a dong.
    fileprivate func lawful(average: Int64) -> Money? {
        percent.map { Money(dong: (average * $0).quotientRoundedHalfAway(by: 100 * 10_000)) }
    }
}

extension DecisionDraft {
    fileprivate var allPrices: [Price] {
        blocks.map(\.price) + [prepaid].compactMap { $0 }
            + groups.flatMap { group -> [Price] in
                switch group.prices {
                case .single(let price): [price]
                case .rates(let normal, let offpeak, let peak): [normal, offpeak, peak]
                case .blocks(let blocks): blocks.map(\.price)
                }
            }
    }

    /// The decision in dong.
    /// - Parameters:
    ///   - average: in ten-thousandths of a dong, for prices that are shares of it.
    ///   - day: its first day.
    ///   - peer: the decision that it is said to be in line with.
    /// - Returns: with the categories, and what of them, whose prices are not in line.
    func priced(
        average: Int64?, from day: ServiceDay, beside peer: TariffDecision?
    ) -> (decision: TariffDecision, outOfLine: [(group: Group, what: String)]) {
        let average = averagePrice ?? average
        func money(_ price: Price) -> Money {
            price.dong ?? average.flatMap { price.lawful(average: $0) } ?? .zero
        }
        func prices(_ prices: Prices) -> CategoryPrices {
            switch prices {
            case .single(let price): .single(money(price))
            case .rates(let normal, let offpeak, let peak):
                .timeOfUse(RatePrices(normal: money(normal), offpeak: money(offpeak), peak: money(peak)))
            case .blocks(let blocks):
                .blocks(blocks.map { TariffBlock(width: $0.width, price: money($0.price)) })
            }
        }
        var outOfLine: [(Group, String)] = []
        var known: [String: GroupPrices] = [:]
        for group in groups {
            let own = prices(group.prices)
            var trust: PriceTrust = unverified.contains(.groupPrices) || !group.isVerified ? .unverified : .read
            if trust == .unverified, group.isVerified, let average, let peer,
                let other = peer.groups[group.category], other.trust == .read
            {
                let found = own.outOfLine(with: other.prices, average, peer.averagePriceTenThousandths)
                outOfLine += found.map { (group, $0) }
                trust = .inLine
            }
            known[group.category] = GroupPrices(own, trust: trust)
            for name in group.also { known[name] = GroupPrices(own, trust: trust, standsFor: group.category) }
        }
        let decision = TariffDecision(
            number: number, inForceFrom: day, averagePriceTenThousandths: average, source: source,
            lastChecked: lastChecked, unverified: unverified,
            residential: ResidentialPrices(
                blocks: blocks.map { TariffBlock(width: $0.width, price: money($0.price)) },
                undeclaredRentersBlock: undeclaredRentersBlock, prepaid: prepaid.map(money)),
            groups: known, hasPrepaidShare: prepaid?.percent != nil)
        return (decision, outOfLine)
    }
}

extension CategoryPrices {
    /// What has another share of the average price than in another decision, by more than 0.05 point.
    /// - Parameters:
    ///   - average, otherAverage: in ten-thousandths of a dong.
    fileprivate func outOfLine(with other: CategoryPrices, _ average: Int64, _ otherAverage: Int64?) -> [String] {
        guard let otherAverage else { return ["without an average price there"] }
        func isOut(_ own: Money, _ others: Money) -> Bool {
            let distance = Int128(own.dong) * Int128(otherAverage) - Int128(others.dong) * Int128(average)
            // |own/average − others/otherAverage| > 0.0005, in dong and ten-thousandths of them
            return distance.magnitude * 10_000 * 2000 > UInt128(average) * UInt128(otherAverage)
        }
        switch (self, other) {
        case (.single(let own), .single(let others)): return isOut(own, others) ? ["price"] : []
        case (.timeOfUse(let own), .timeOfUse(let others)):
            return Rate.allCases.filter { isOut(own[$0], others[$0]) }.map(\.rawValue)
        case (.blocks(let own), .blocks(let others)) where own.count == others.count:
            return own.indices.filter { isOut(own[$0].price, others[$0].price) }.map { "block \($0 + 1)" }
        default: return ["kind of prices"]
        }
    }
}
