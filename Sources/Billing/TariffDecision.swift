import Metering

/// How far a price is held against the decision's own text.
package enum PriceTrust: Int, Comparable, Hashable, Sendable {
    /// From memory: used only where the book allows it.
    case unverified
    /// From memory, but the same share of the average price as the law or a decision that was read has: used, and the
    /// bill says so.
    case inLine
    /// Read where the file says.
    case read

    package static func < (left: PriceTrust, right: PriceTrust) -> Bool { left.rawValue < right.rawValue }
}

/// One price decision of the ministry, as its tariff file says. It holds until the next one starts.
package struct TariffDecision: Hashable, Sendable {
    /// What a person has not yet compared with the decision's own text.
    package enum UnverifiedPart: String, CaseIterable, Hashable, Sendable {
        case averagePrice = "average_price"
        case blockPrices = "block_prices"
        case prepaidPrice = "prepaid_price"
        case groupPrices = "group_prices"
    }

    /// e.g. `1279/QĐ-BCT`
    package let number: String
    /// First day of the new prices.
    package let inForceFrom: ServiceDay
    /// Ten-thousandths of a dong a kWh: 2,204.0655 is 22,040,655. `nil` where the file gives none.
    package let averagePriceTenThousandths: Int64?
    package let source: String
    /// The last day on which a person checked that this decision still stands.
    package let lastChecked: ServiceDay
    package let unverified: Set<UnverifiedPart>
    package let residential: ResidentialPrices
    /// Customers that are no households, by category of the registry.
    package let groups: [String: GroupPrices]
    /// Whether the prepaid price was held against a share of the average price.
    private let hasPrepaidShare: Bool

    package init(
        number: String, inForceFrom: ServiceDay, averagePriceTenThousandths: Int64? = nil, source: String = "",
        lastChecked: ServiceDay, unverified: Set<UnverifiedPart> = [], residential: ResidentialPrices,
        groups: [String: GroupPrices] = [:], hasPrepaidShare: Bool = true
    ) {
        self.number = number
        self.inForceFrom = inForceFrom
        self.averagePriceTenThousandths = averagePriceTenThousandths
        self.source = source
        self.lastChecked = lastChecked
        self.unverified = unverified
        self.residential = residential
        self.groups = groups
        self.hasPrepaidShare = hasPrepaidShare
    }

    /// The prices of a category; `nil` where the decision has none for it.
    package func prices(of category: String) -> CategoryPrices? {
        if let residential = ResidentialRule(category: category) {
            switch residential {
            case .blocks: return .blocks(self.residential.blocks)
            case .undeclaredRenters:
                let block = self.residential.undeclaredRentersBlock
                return .oneBlock(number: block, price: self.residential.blocks[block - 1].price)
            case .prepaid: return self.residential.prepaid.map { .single($0) }
            }
        }
        return groups[category]?.prices
    }

    /// How far the prices of a category are to be trusted; those it does not have are not.
    package func trust(in category: String) -> PriceTrust {
        switch ResidentialRule(category: category) {
        case nil: groups[category]?.trust ?? .unverified
        case .prepaid: trust(in: .prepaidPrice)
        case .blocks, .undeclaredRenters: trust(in: .blockPrices)
        }
    }

    /// Residential prices are held against the lawful shares of the average price where the file gives one.
    private func trust(in part: UnverifiedPart) -> PriceTrust {
        guard unverified.contains(part) else { return .read }
        let isShared = averagePriceTenThousandths != nil && (part != .prepaidPrice || hasPrepaidShare)
        return isShared ? .inLine : .unverified
    }
}

extension TariffDecision {
    /// What energy is worth at the average price, before VAT, rounded to the dong: for a person to weigh things by,
    /// never for a bill. `nil` where the decision gives no average, or the product is no amount any more.
    package func worth(of energy: Energy) -> Money? {
        guard let averagePriceTenThousandths else { return nil }
        let (product, overflow) = energy.wattHours.multipliedReportingOverflow(by: averagePriceTenThousandths)
        guard !overflow else { return nil }
        return Money(dong: (product + (product < 0 ? -5_000_000 : 5_000_000)) / 10_000_000)
    }
}

/// A VAT rate on electricity; it holds until the next one starts.
package struct VATRate: Hashable, Sendable {
    package let from: ServiceDay
    /// 0...100
    package let percent: Int
    /// The law or decree that sets it.
    package let instrument: String
    package let isVerified: Bool

    package init(from: ServiceDay, percent: Int, instrument: String, isVerified: Bool = true) {
        self.from = from
        self.percent = percent
        self.instrument = instrument
        self.isVerified = isVerified
    }
}
