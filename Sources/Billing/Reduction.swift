import Metering

/// A passing support that the state grants, taken off before VAT (design: a dated step of its own).
///
/// As the EVN billing engine did it: the kWh of the whole period choose the percentage; the reduction of all lines
/// together is rounded to the dong, and so is each line's but the last, which takes the rest.
package struct Reduction: Hashable, Sendable {
    package struct Step: Hashable, Sendable {
        /// Inclusive; `nil` for all above.
        package let throughKWh: Int64?
        /// 1...100
        package let percent: Int

        package init(throughKWh: Int64?, percent: Int) { (self.throughKWh, self.percent) = (throughKWh, percent) }
    }

    package let name: String
    package let instrument: String
    /// Of the days on which a period may end; both inclusive.
    package let days: ClosedRange<ServiceDay>
    package let categories: Set<String>
    /// 1-based; empty for all.
    package let blocks: Set<Int>
    /// Lowest first.
    package let steps: [Step]
    package let isVerified: Bool

    package init(
        name: String, instrument: String, days: ClosedRange<ServiceDay>, categories: Set<String>,
        blocks: Set<Int> = [], steps: [Step], isVerified: Bool = true
    ) {
        self.name = name
        self.instrument = instrument
        self.days = days
        self.categories = categories
        self.blocks = blocks
        self.steps = steps
        self.isVerified = isVerified
    }

    /// A line for each of `energy` that is reduced, in their order.
    func lines(of energy: [BillLine], kwh: Int64) -> [BillLine] {
        guard let step = steps.first(where: { $0.throughKWh.map { kwh <= $0 } ?? true }) else { return [] }
        let reduced = energy.filter { blocks.isEmpty || $0.block.map(blocks.contains) ?? false }
        var rest = reduced.reduce(.zero) { $0 + $1.amount }.share(percent: step.percent)
        return reduced.enumerated().map { position, line in
            let part = position == reduced.count - 1 ? rest : line.amount.share(percent: step.percent)
            rest = rest - part
            return BillLine(reducing: line, by: part, percent: step.percent, instrument: instrument)
        }
    }
}
