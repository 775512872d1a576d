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

/// How one category is priced by one decision, in dong a kWh before VAT.
package enum CategoryPrices: Hashable, Sendable {
    /// Lowest first; the last one, and only it, has no width.
    case blocks([TariffBlock])
    /// Everything at the price of one block, 1-based.
    case oneBlock(number: Int, price: Money)
    /// One price at all hours.
    case single(Money)
    case timeOfUse(RatePrices)
}

/// Prices by the hour at which the energy was used.
package struct RatePrices: Hashable, Sendable {
    package let normal: Money
    package let offpeak: Money
    package let peak: Money

    package init(normal: Money, offpeak: Money, peak: Money) {
        (self.normal, self.offpeak, self.peak) = (normal, offpeak, peak)
    }

    package subscript(rate: Rate) -> Money {
        switch rate {
        case .normal: normal
        case .offpeak: offpeak
        case .peak: peak
        }
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
            TariffBlock.areWhole(blocks) && blocks.indices.contains(undeclaredRentersBlock - 1),
            "blocks need positive widths but for the last, and the renters' block must be one of them")
        self.blocks = blocks
        self.undeclaredRentersBlock = undeclaredRentersBlock
        self.prepaid = prepaid
    }
}

extension TariffBlock {
    static func areWhole(_ blocks: [TariffBlock]) -> Bool {
        !blocks.isEmpty && blocks.last?.width == nil && blocks.dropLast().allSatisfy { ($0.width ?? 0) > 0 }
    }
}

/// The prices of a category that is no household's.
package struct GroupPrices: Hashable, Sendable {
    package let prices: CategoryPrices
    package let trust: PriceTrust
    /// The category that the decision prices, where this one is a voltage class of before that lies in it, mostly.
    package let stands: String?

    package init(_ prices: CategoryPrices, trust: PriceTrust = .read, standsFor category: String? = nil) {
        if case .blocks(let blocks) = prices {
            precondition(TariffBlock.areWhole(blocks), "blocks need positive widths but for the last")
        }
        (self.prices, self.trust, stands) = (prices, trust, category)
    }
}

/// What the registry's residential categories are priced by.
enum ResidentialRule: Hashable {
    case blocks, undeclaredRenters, prepaid

    /// `nil` for a category that is no household's.
    init?(category: String) {
        switch category {
        case "residential",
            // Several households behind one meter: blocks × households (TT 60/2025 Điều 12.2).
            "residential_shared",
            // Renters whose number is declared: four people are one household (Điều 12.5c).
            "residential_renter",
            // `residential` in a period whose blocks are scaled by days.
            Self.irregular,
            // `residential`; the meter was exchanged. Consumption is the sum over both, the blocks are not split.
            "residential_meter_change":
            self = .blocks
        // Renters for less than a year whose number is not declared: everything at one block's price.
        case "residential_renter_undeclared": self = .undeclaredRenters
        case "residential_prepaid": self = .prepaid
        default: return nil
        }
    }

    static let irregular = "residential_irregular"
    static let categories = [
        "residential", "residential_irregular", "residential_meter_change", "residential_prepaid",
        "residential_renter", "residential_renter_undeclared", "residential_shared",
    ]
}
