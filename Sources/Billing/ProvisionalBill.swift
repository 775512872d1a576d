import Metering

/// A bill that is not yet issued. The kWh of its lines add up to `kwh`, their amounts to `preVAT`, and
/// `preVAT` + `vat` is `total`.
package struct ProvisionalBill: Hashable, Sendable {
    package let category: String
    package let period: BillingPeriod
    /// Energy, of a mixed contract purpose by purpose, in order of days, then of blocks or rates, none of them with
    /// 0 kWh; then reductions; then the reactive charge. A bill over 0 kWh has none.
    package let lines: [BillLine]
    package let kwh: Int64
    package let preVAT: Money
    package let vatPercent: Int
    package let vat: Money
    package let total: Money
    /// Where the kWh so far stand among the blocks; `nil` for a category without, and for a mixed contract.
    package let standing: BlockStanding?
    /// What a reader should know before trusting the total: how a price change was split, which price or VAT rate is
    /// not verified. One sentence each; empty for an everyday bill.
    package let notes: [String]

    init(
        request: BillRequest, lines: [BillLine], amounts: BillAmounts, standing: BlockStanding?, notes: [String]
    ) {
        category = request.category
        period = request.period
        self.lines = lines
        kwh = amounts.kwh
        preVAT = amounts.preVAT
        vatPercent = amounts.vatPercent
        vat = amounts.vat
        total = amounts.total
        self.standing = standing
        self.notes = notes
    }
}

/// What a bill comes to. `preVAT` + `vat` is `total`.
package struct BillAmounts: Hashable, Sendable {
    package let kwh: Int64
    package let preVAT: Money
    package let vatPercent: Int
    package let vat: Money
    package let total: Money

    /// Of energy only.
    init(kwh: Int64, energy: Money, _ rate: VATRate) {
        self.kwh = kwh
        preVAT = energy
        vatPercent = rate.percent
        vat = energy.share(percent: rate.percent)
        total = energy + vat
    }

    init(_ request: BillRequest, _ lines: [BillLine], _ rate: VATRate) {
        kwh = request.kwh
        preVAT = lines.reduce(.zero) { $0 + $1.amount }
        vatPercent = rate.percent
        // The reactive charge is an invoice of its own, with its own VAT (the EVN billing engine).
        let reactive = lines.lazy.filter { $0.kind == .reactive }.reduce(.zero) { $0 + $1.amount }
        vat = (preVAT - reactive).share(percent: vatPercent) + reactive.share(percent: vatPercent)
        total = preVAT + vat
    }
}

/// The block that the next kWh falls into, so long as the period's kWh are the only ones.
package struct BlockStanding: Hashable, Sendable {
    /// 1-based.
    package let block: Int
    /// A kWh in it, before VAT.
    package let price: Money
    /// Whole kWh, 1 or more, that it still has room for; `nil` in the last block.
    package let kwhLeft: Int64?
    /// A kWh after those.
    package let nextPrice: Money?
}
