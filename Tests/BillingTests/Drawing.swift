import Billing
import Metering

/// `2025-05-01`; a typing mistake in a test stops it.
func day(_ iso: String) -> ServiceDay {
    guard let day = ServiceDay(iso: iso) else { preconditionFailure("\(iso) is no date") }
    return day
}

/// `2025-05-01..2025-05-31`, both ends inclusive.
func period(_ text: String) -> BillingPeriod {
    let ends = text.split(separator: ".").map { day(String($0)) }
    guard ends.count == 2, let period = BillingPeriod(from: ends[0], through: ends[1]) else {
        preconditionFailure("\(text) is no period")
    }
    return period
}

extension BillLine {
    /// `2025-05-01..2025-05-09 2699/QĐ-BCT block 1: 15 x 1893 = 28395`
    var drawn: String {
        let priced = block.map { "\(decision) block \($0)" } ?? rate.map { "\(decision) \($0.rawValue)" } ?? decision
        let what =
            switch kind {
            case .energy: "\(kwh) x \(unitPrice.dong)"
            case .reduction: "\(percent ?? 0) %"
            case .reactive: "\(reactive?.kvarh ?? 0) kvarh at \(reactive?.powerFactorHundredths ?? 0)"
            }
        return "\(from)..\(through) \(priced): \(what) = \(amount.dong)"
    }
}

/// A made-up decision: `widths` without the last block's, prices one more.
func decision(
    _ number: String, from: String, widths: [Int64] = [50, 50, 100, 100, 100],
    prices: [Int64] = [100, 200, 300, 400, 500, 600], rentersBlock: Int = 3, prepaid: Int64? = 350,
    lastChecked: String = "2099-12-31", unverified: Set<TariffDecision.UnverifiedPart> = [],
    groups: [String: GroupPrices] = [:]
) -> TariffDecision {
    TariffDecision(
        number: number, inForceFrom: day(from), lastChecked: day(lastChecked), unverified: unverified,
        residential: ResidentialPrices(
            blocks: zip(widths.map(Optional.some) + [nil], prices).map {
                TariffBlock(width: $0, price: Money(dong: $1))
            },
            undeclaredRentersBlock: rentersBlock, prepaid: prepaid.map(Money.init(dong:))),
        groups: groups)
}

/// Prices by rate as `normal/offpeak/peak`, in dong.
func rates(_ normal: Int64, _ offpeak: Int64, _ peak: Int64) -> CategoryPrices {
    .timeOfUse(
        RatePrices(normal: Money(dong: normal), offpeak: Money(dong: offpeak), peak: Money(dong: peak)))
}

func book(_ decisions: [TariffDecision]) -> TariffBook {
    TariffBook(decisions: decisions, vatRates: [VATRate(from: day("2000-01-01"), percent: 10, instrument: "test")])
}
