import Metering

/// All price decisions, hours, reductions and VAT rates, each valid on its days.
/// Nothing asks for "the current tariff": every question brings its day.
package struct TariffBook: Hashable, Sendable {
    /// Oldest first, no two from the same day.
    package let decisions: [TariffDecision]
    /// Oldest first, no two from the same day.
    package let vatRates: [VATRate]
    /// Which hours are which rate's.
    package let hours: RateHours
    package let reductions: [Reduction]
    /// Published, but not in force until a change of the average price brings a day for them.
    package let announced: [AnnouncedDecision]
    /// Whether prices are used that are neither read nor in line with any that are.
    package var usesUnverifiedPrices: Bool

    /// No two decisions and no two VAT rates may start on the same day; the tariff files are checked for it.
    package init(
        decisions: [TariffDecision], vatRates: [VATRate], hours: RateHours = RateHours([]),
        reductions: [Reduction] = [], announced: [AnnouncedDecision] = [], usesUnverifiedPrices: Bool = false
    ) {
        self.decisions = decisions.sorted { $0.inForceFrom < $1.inForceFrom }
        self.vatRates = vatRates.sorted { $0.from < $1.from }
        self.hours = hours
        self.reductions = reductions
        self.announced = announced
        self.usesUnverifiedPrices = usesUnverifiedPrices
        precondition(
            zip(self.decisions, self.decisions.dropFirst()).allSatisfy { $0.inForceFrom < $1.inForceFrom }
                && zip(self.vatRates, self.vatRates.dropFirst()).allSatisfy { $0.from < $1.from },
            "two decisions or two VAT rates start on the same day")
    }

    /// Categories that can be billed on some day, by name.
    package var categories: [String] {
        guard !decisions.isEmpty else { return [] }
        return Set(decisions.flatMap(\.groups.keys)).union(ResidentialRule.categories).sorted()
    }

    package func isKnown(_ category: String) -> Bool {
        guard !decisions.isEmpty else { return false }
        return ResidentialRule(category: category) != nil || decisions.contains { $0.groups[category] != nil }
    }

    /// The decision in force on `day`; `nil` before the first.
    package func decision(on day: ServiceDay) -> TariffDecision? {
        decisions.last { $0.inForceFrom <= day }
    }

    /// The VAT rate in force on `day`; `nil` before the first.
    package func vatRate(on day: ServiceDay) -> VATRate? {
        vatRates.last { $0.from <= day }
    }

    /// First day of each new price inside the period, oldest first, without the period's own first day. The index at
    /// 00:00 of these days splits the bill (TT 60/2025 Điều 12.8a). Empty for a category that has no prices.
    package func changeDays(in period: BillingPeriod, category: String) -> [ServiceDay] {
        // Asked for each bill of a province, nearly always in vain.
        guard let last = decisions.last?.inForceFrom, period.from < last, isKnown(category) else { return [] }
        return decisions.lazy.map(\.inForceFrom).filter { period.from < $0 && $0 <= period.through }
    }

    /// Whether a kWh of the category costs by the hour on a day.
    package func isTimeOfUse(_ category: String, on day: ServiceDay) -> Bool {
        if case .timeOfUse? = decision(on: day)?.prices(of: category) { true } else { false }
    }
}
