import Metering

/// All price decisions and VAT rates, each valid from its first day until the next one's.
/// Nothing asks for "the current tariff": every question brings its day.
package struct TariffBook: Hashable, Sendable {
    /// Oldest first, no two from the same day.
    package let decisions: [TariffDecision]
    /// Oldest first, no two from the same day.
    package let vatRates: [VATRate]

    /// No two decisions and no two VAT rates may start on the same day; the tariff files are checked for it.
    package init(decisions: [TariffDecision], vatRates: [VATRate]) {
        self.decisions = decisions.sorted { $0.inForceFrom < $1.inForceFrom }
        self.vatRates = vatRates.sorted { $0.from < $1.from }
        precondition(
            zip(self.decisions, self.decisions.dropFirst()).allSatisfy { $0.inForceFrom < $1.inForceFrom }
                && zip(self.vatRates, self.vatRates.dropFirst()).allSatisfy { $0.from < $1.from },
            "two decisions or two VAT rates start on the same day")
    }

    /// Categories that can be billed, by name.
    package var categories: [String] {
        decisions.isEmpty ? [] : ResidentialCategory.allCases.map(\.rawValue).sorted()
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
        guard ResidentialCategory(rawValue: category) != nil else { return [] }
        return decisions.lazy.map(\.inForceFrom).filter { period.from < $0 && $0 <= period.through }
    }
}
