import Metering

extension TariffBook {
    /// Rates a request: the same request and the same files give the same bill, to the dong.
    ///
    /// The order of steps matters: kWh become whole (in the request) → split at price changes → blocks of each part →
    /// lines, each rounded to the dong → their sum → VAT of the sum, rounded → total. No step after that rounds.
    ///
    /// The VAT rate is that of the period's last day, one rate for the whole bill. (Which day picks it is not verified:
    /// the meter-reading day by TT 219/2013 Điều 8, the day of the invoice by a customer service.)
    ///
    /// - Throws: `BillingError` for an unknown category, a number out of its range, kWh given for a day on which no
    ///   price changes, or a day without price or VAT rate.
    package func bill(_ request: BillRequest) throws(BillingError) -> ProvisionalBill {
        guard !decisions.isEmpty, let category = ResidentialCategory(rawValue: request.category) else {
            throw .unknownCategory(request.category, known: categories)
        }
        guard (0...BillRequest.kwhMax).contains(request.kwh) else { throw .kwhOutOfRange(request.kwh) }
        guard (1...BillRequest.householdHundredthsMax).contains(request.householdHundredths) else {
            throw .householdsOutOfRange(hundredths: request.householdHundredths)
        }

        let split = try PriceSplit(request, book: self)
        var lines: [BillLine] = []
        switch category.rule {
        case .blocks:
            let quota = BlockQuota(
                period: request.period, periodEnd: request.periodEnd, householdHundredths: request.householdHundredths,
                isIrregular: request.isIrregular || category.isAlwaysIrregular,
                daysWithoutMeter: request.daysWithoutMeter)
            let staysInFirstBlock = Self.staysInFirstBlock(request.kwh, parts: split.parts, quota: quota)
            for part in split.parts {
                lines +=
                    staysInFirstBlock
                    ? Self.line(part, block: 1) : Self.blockLines(part, quota: quota)
            }
        case .undeclaredRenters:
            for part in split.parts {
                lines += Self.line(part, block: part.decision.residential.undeclaredRentersBlock)
            }
        case .prepaid:
            for part in split.parts {
                guard let price = part.decision.residential.prepaid else {
                    throw .noPrice(category: request.category, day: part.from)
                }
                lines += Self.line(part, block: nil, price: price)
            }
        }

        let vatDay = request.periodEnd
        guard let vat = vatRate(on: vatDay) else { throw .noVATRate(day: vatDay) }
        let notes =
            split.notes + lengthNotes(request, category: category) + supplyNotes(request, category: category)
            + priceNotes(request, category: category, parts: split.parts) + vatNotes(vat, period: request.period)
        return ProvisionalBill(request: request, lines: lines, vatPercent: vat.percent, notes: notes)
    }

    /// Whether the whole period's kWh lie within its first block. Then each part is in the first block too and no
    /// block is split, though a part may exceed its own share of it (behaviour of the EVN billing engine). Where the
    /// decisions disagree on the first block's width, the narrowest counts.
    private static func staysInFirstBlock(_ kwh: Int64, parts: [PricePart], quota: BlockQuota) -> Bool {
        parts.allSatisfy { part in
            guard let width = part.decision.residential.blocks[0].width else { return true }
            return kwh <= quota.kwh(width: width)
        }
    }

    private static func blockLines(_ part: PricePart, quota: BlockQuota) -> [BillLine] {
        var lines: [BillLine] = []
        var rest = part.kwh
        for (position, block) in part.decision.residential.blocks.enumerated() where rest > 0 {
            var kwh = rest
            if let width = block.width {
                let share =
                    quota.kwh(width: width, before: part.through.next) - quota.kwh(width: width, before: part.from)
                kwh = min(rest, share)
            }
            lines += line(part, block: position + 1, kwh: kwh, price: block.price)
            rest -= kwh
        }
        return lines
    }

    private static func line(_ part: PricePart, block: Int) -> [BillLine] {
        line(part, block: block, price: part.decision.residential.blocks[block - 1].price)
    }

    /// Empty for 0 kWh: such a line says nothing.
    private static func line(_ part: PricePart, block: Int?, kwh: Int64? = nil, price: Money) -> [BillLine] {
        let kwh = kwh ?? part.kwh
        guard kwh > 0 else { return [] }
        return [
            BillLine(
                from: part.from, through: part.through, decision: part.decision.number, block: block, kwh: kwh,
                unitPrice: price)
        ]
    }
}

// MARK: - Notes

extension TariffBook {
    /// An ordinary period longer than its month gets one month's blocks all the same; the reader should know.
    private func lengthNotes(_ request: BillRequest, category: ResidentialCategory) -> [String] {
        let (period, monthDays) = (request.period, request.period.from.daysInMonth)
        guard category.rule == .blocks, !request.isIrregular, !category.isAlwaysIrregular, period.days > monthDays
        else {
            return []
        }
        return [
            "The period has \(period.days) days and the blocks of one month (\(monthDays) days): "
                + "only an irregular period scales them."
        ]
    }

    /// Of the whole period, also where the bill ends earlier: they are in its blocks already.
    private func supplyNotes(_ request: BillRequest, category: ResidentialCategory) -> [String] {
        request.daysWithoutMeter.spans.map { span in
            let days = span.count == 1 ? "on \(span.lowerBound)" : "from \(span.lowerBound) to \(span.upperBound)"
            let blocks = category.rule == .blocks ? " The blocks are those of the other days." : ""
            return "There was no meter \(days)." + blocks
        }
    }

    private func priceNotes(_ request: BillRequest, category: ResidentialCategory, parts: [PricePart]) -> [String] {
        var notes: [String] = []
        let priced: TariffDecision.UnverifiedPart = category.rule == .prepaid ? .prepaidPrice : .blockPrices
        for part in parts where part.decision.unverified.contains(priced) {
            notes.append("The price of \(part.decision.number) is not verified against the decision's text.")
        }
        // Only the newest decision can have a successor we do not know of.
        if let last = parts.last?.decision, last.number == decisions.last?.number,
            last.lastChecked < request.period.through
        {
            notes.append(
                "\(last.number) was last checked to be in force on \(last.lastChecked), before the period's end.")
        }
        return notes
    }

    private func vatNotes(_ vat: VATRate, period: BillingPeriod) -> [String] {
        var notes: [String] = []
        if let atStart = vatRate(on: period.from), atStart.percent != vat.percent {
            notes.append(
                "VAT changed to \(vat.percent) % on \(vat.from), inside the period; the rate of the last day is used.")
        }
        if !vat.isVerified {
            notes.append("VAT of \(vat.percent) % from \(vat.from) is not verified (\(vat.instrument)).")
        }
        return notes
    }
}
