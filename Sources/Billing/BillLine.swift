import Metering

/// One part of a bill: energy at one unit price of one decision over the days that it was in force, a reduction of
/// such a line, or the charge for reactive energy.
package struct BillLine: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case energy
        case reduction
        case reactive
    }

    package let kind: Kind
    /// Both inclusive.
    package let from: ServiceDay
    package let through: ServiceDay
    /// The purpose that it prices, of a mixed contract's bill; `nil` where the bill has one category, and of a reactive
    /// line.
    package private(set) var category: String?
    /// Number of the decision that sets the price, e.g. `2699/QĐ-BCT`; of a reduction or a reactive charge the decree
    /// or circular.
    package let decision: String
    /// 1-based tariff block; `nil` for a price without blocks.
    package let block: Int?
    /// `nil` for a price that is the same at all hours.
    package let rate: Rate?
    /// Whole kWh of an energy line, 1 or more; else 0.
    package let kwh: Int64
    /// A kWh of an energy line, before VAT; else 0.
    package let unitPrice: Money
    /// Before VAT: `kwh` × `unitPrice` of energy, negative of a reduction.
    package let amount: Money
    /// Of a reduction, in per cent of the line that it reduces.
    package let percent: Int?
    /// Of a reactive line.
    package let reactive: ReactiveCharge?

    init(
        from: ServiceDay, through: ServiceDay, decision: String, block: Int? = nil, rate: Rate? = nil, kwh: Int64,
        unitPrice: Money
    ) {
        kind = .energy
        self.from = from
        self.through = through
        self.decision = decision
        self.block = block
        self.rate = rate
        self.kwh = kwh
        self.unitPrice = unitPrice
        amount = unitPrice * kwh
        percent = nil
        reactive = nil
    }

    init(reducing line: BillLine, by amount: Money, percent: Int, instrument: String) {
        kind = .reduction
        from = line.from
        through = line.through
        decision = instrument
        block = line.block
        rate = line.rate
        category = line.category
        kwh = 0
        unitPrice = .zero
        self.amount = .zero - amount
        self.percent = percent
        reactive = nil
    }

    func of(_ category: String) -> BillLine {
        var line = self
        line.category = category
        return line
    }

    init(_ charge: ReactiveCharge, over period: BillingPeriod) {
        kind = .reactive
        from = period.from
        through = period.through
        decision = ReactiveCharge.instrument
        block = nil
        rate = nil
        kwh = 0
        unitPrice = .zero
        amount = charge.amount
        percent = nil
        reactive = charge
    }
}
