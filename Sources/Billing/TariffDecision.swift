import Metering

/// A step of a block tariff.
package struct TariffBlock: Hashable, Sendable {
    /// kWh a month for one household, 1 or more; `nil` for the last block, which has no ceiling.
    package let width: Int64?
    /// A kWh, before VAT.
    package let price: Money

    package init(width: Int64?, price: Money) {
        self.width = width
        self.price = price
    }
}

/// The residential (sinh hoạt) prices of one decision.
package struct ResidentialPrices: Hashable, Sendable {
    /// Lowest first; the last one, and only it, has no width.
    package let blocks: [TariffBlock]
    /// 1-based block that prices everything for renters whose number is not declared (TT 60/2025 Điều 12.5c).
    package let undeclaredRentersBlock: Int
    /// `nil` where the decision sets no prepaid price.
    package let prepaid: Money?

    package init(blocks: [TariffBlock], undeclaredRentersBlock: Int, prepaid: Money?) {
        precondition(
            blocks.last?.width == nil && blocks.dropLast().allSatisfy { ($0.width ?? 0) > 0 }
                && blocks.indices.contains(undeclaredRentersBlock - 1),
            "blocks need positive widths but for the last, and the renters' block must be one of them")
        self.blocks = blocks
        self.undeclaredRentersBlock = undeclaredRentersBlock
        self.prepaid = prepaid
    }
}

/// One price decision of the ministry, as its tariff file says. It holds until the next one starts.
package struct TariffDecision: Hashable, Sendable {
    /// What a person has not yet compared with the decision's own text.
    package enum UnverifiedPart: String, CaseIterable, Hashable, Sendable {
        case averagePrice = "average_price"
        case blockPrices = "block_prices"
        case prepaidPrice = "prepaid_price"
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

    package init(
        number: String, inForceFrom: ServiceDay, averagePriceTenThousandths: Int64? = nil, source: String = "",
        lastChecked: ServiceDay, unverified: Set<UnverifiedPart> = [], residential: ResidentialPrices
    ) {
        self.number = number
        self.inForceFrom = inForceFrom
        self.averagePriceTenThousandths = averagePriceTenThousandths
        self.source = source
        self.lastChecked = lastChecked
        self.unverified = unverified
        self.residential = residential
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
