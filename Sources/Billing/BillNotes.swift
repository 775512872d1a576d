import Metering

/// What the reader of a bill should know of its prices and its blocks, one sentence each.
struct BillNotes {
    private let request: BillRequest
    private let parts: [PricePart]
    private let book: TariffBook

    init(of request: BillRequest, parts: [PricePart], book: TariffBook) {
        (self.request, self.parts, self.book) = (request, parts, book)
    }

    var all: [String] { length + supply + prices }

    private var hasBlocks: Bool {
        parts.contains { if case .blocks? = $0.decision.prices(of: request.category) { true } else { false } }
    }

    /// An ordinary period longer than its month gets one month's blocks all the same; the reader should know.
    private var length: [String] {
        let (period, monthDays) = (request.period, request.period.from.daysInMonth)
        guard !request.scalesBlocks, period.days > monthDays, hasBlocks else { return [] }
        return [
            "The period has \(period.days) days and the blocks of one month (\(monthDays) days): "
                + "only an irregular period scales them."
        ]
    }

    /// Of the whole period, also where the bill ends earlier: they are in its blocks already.
    private var supply: [String] {
        request.daysWithoutMeter.spans.map { span in
            let days = span.count == 1 ? "on \(span.lowerBound)" : "from \(span.lowerBound) to \(span.upperBound)"
            let blocks = hasBlocks ? " The blocks are those of the other days." : ""
            return "There was no meter \(days)." + blocks
        }
    }

    private var prices: [String] {
        var notes: [String] = []
        for part in parts {
            let decision = part.decision
            if decision.trust(in: request.category) != .read {
                notes.append("The price of \(decision.number) is not verified against the decision's text.")
            }
            if let named = decision.groups[request.category]?.stands {
                notes.append(
                    "\(decision.number) has no \(request.category): the prices are those of \(named); "
                        + "check the voltage at the meter.")
            }
        }
        // Only the newest decision can have a successor we do not know of.
        if let last = parts.last?.decision, last.number == book.decisions.last?.number,
            last.lastChecked < request.period.through
        {
            notes.append(
                "\(last.number) was last checked to be in force on \(last.lastChecked), before the period's end.")
        }
        return notes
    }

    static func vat(_ vat: VATRate, atStart: VATRate?) -> [String] {
        var notes: [String] = []
        if let atStart, atStart.percent != vat.percent {
            notes.append(
                "VAT changed to \(vat.percent) % on \(vat.from), inside the period; the rate of the last day is used.")
        }
        if !vat.isVerified {
            notes.append("VAT of \(vat.percent) % from \(vat.from) is not verified (\(vat.instrument)).")
        }
        return notes
    }
}
