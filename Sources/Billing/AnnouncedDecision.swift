import Metering

/// Prices that are published as shares of the average price, and start with its next change: off until a tariff file
/// gives them a day.
package struct AnnouncedDecision: Hashable, Sendable {
    /// At the average price of the newest decision, as if in force on every day.
    package let decision: TariffDecision
    /// The day of its publication.
    package let announcedOn: ServiceDay

    package var number: String { decision.number }

    package init(_ decision: TariffDecision, announcedOn: ServiceDay) {
        (self.decision, self.announcedOn) = (decision, announcedOn)
    }
}

extension TariffBook {
    /// The book, were a published decision in force on all days: for comparing, never for a bill.
    package func assuming(_ announced: AnnouncedDecision) -> TariffBook {
        TariffBook(
            decisions: [announced.decision], vatRates: vatRates, hours: hours, reductions: reductions,
            usesUnverifiedPrices: true)
    }
}

/// What more kWh would cost.
package struct WhatIf: Hashable, Sendable {
    package let now: ProvisionalBill
    package let then: ProvisionalBill
    /// Whole kWh, 1 or more.
    package let kwh: Int64

    /// With VAT. Where VAT is rounded on both bills, so is their difference.
    package var total: Money { then.total - now.total }

    /// What is added to each block or rate, in their order; of the latest days where prices changed inside.
    package var added: [(line: BillLine, kwh: Int64)] {
        then.lines.filter { $0.kind == .energy }.compactMap { line in
            let before = now.lines.first {
                $0.kind == .energy && $0.from == line.from && $0.block == line.block && $0.rate == line.rate
            }
            let kwh = line.kwh - (before?.kwh ?? 0)
            return kwh == 0 ? nil : (line, kwh)
        }
    }
}

extension TariffBook {
    /// The same period with so many kWh more. They are used at its end, by rate all at the normal one.
    /// - Throws: as `bill`.
    package func whatIf(_ request: BillRequest, more kwh: Int64) throws(BillingError) -> WhatIf {
        guard (1...BillRequest.kwhMax).contains(kwh) else { throw .kwhOutOfRange(kwh) }
        let now = try bill(request)
        let parts = try PriceSplit(request, book: self).parts
        var then = request
        // Where the kWh before a change were split by days, they stay what they are.
        var (before, rated) = (Int64(0), RatedKWh())
        for (part, next) in zip(parts, parts.dropFirst()) {
            before += part.kwh
            then.kwhAtChanges[next.from] = request.rated == nil ? before : nil
            guard let own = part.rated else { continue }
            rated = RatedKWh(
                normal: rated.normal + own.normal, offpeak: rated.offpeak + own.offpeak, peak: rated.peak + own.peak)
            then.ratedAtChanges[next.from] = rated
        }
        then.kwhBeforeChange = nil
        then.kwh += kwh
        then.rated?.normal += kwh
        return WhatIf(now: now, then: try bill(then), kwh: kwh)
    }
}
