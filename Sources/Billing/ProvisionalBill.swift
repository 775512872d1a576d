import Metering

/// One priced part of a bill: `kwh` at one unit price of one decision, over the days that decision was in force.
package struct BillLine: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case energy
    }

    package let kind: Kind
    /// Both inclusive.
    package let from: ServiceDay
    package let through: ServiceDay
    /// Number of the decision that sets the price, e.g. `2699/QĐ-BCT`.
    package let decision: String
    /// 1-based tariff block; `nil` for a price without blocks (prepaid).
    package let block: Int?
    /// Time-of-use rate; `nil` for residential prices, which know none.
    package let rate: String?
    /// Whole kWh, 1 or more.
    package let kwh: Int64
    /// A kWh, before VAT.
    package let unitPrice: Money
    /// `kwh` × `unitPrice`, before VAT.
    package let amount: Money

    package init(
        kind: Kind = .energy, from: ServiceDay, through: ServiceDay, decision: String, block: Int? = nil,
        rate: String? = nil, kwh: Int64, unitPrice: Money
    ) {
        self.kind = kind
        self.from = from
        self.through = through
        self.decision = decision
        self.block = block
        self.rate = rate
        self.kwh = kwh
        self.unitPrice = unitPrice
        amount = unitPrice * kwh
    }
}

/// A bill that is not yet issued. The kWh of its lines add up to `kwh`, their amounts to `preVAT`, and
/// `preVAT` + `vat` is `total`.
package struct ProvisionalBill: Hashable, Sendable {
    package let category: String
    package let period: BillingPeriod
    /// In order of days, then of blocks; none of them has 0 kWh, so a bill over 0 kWh has none.
    package let lines: [BillLine]
    package let kwh: Int64
    package let preVAT: Money
    package let vatPercent: Int
    package let vat: Money
    package let total: Money
    /// What a reader should know before trusting the total: how a price change was split, which price or VAT rate is
    /// not verified. One sentence each; empty for an everyday bill.
    package let notes: [String]

    init(request: BillRequest, lines: [BillLine], vatPercent: Int, notes: [String]) {
        category = request.category
        period = request.period
        self.lines = lines
        kwh = request.kwh
        preVAT = lines.reduce(.zero) { $0 + $1.amount }
        self.vatPercent = vatPercent
        vat = preVAT.share(percent: vatPercent)
        total = preVAT + vat
        self.notes = notes
    }
}
