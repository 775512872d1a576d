import Metering

extension TariffBook {
    /// Rates a request: the same request and the same files give the same bill, to the dong.
    ///
    /// The order of steps matters: kWh become whole (in the request) → split at price changes → of a mixed contract
    /// split by purposes → blocks or rates of each part → lines, each rounded to the dong → reductions → reactive
    /// charge → VAT, rounded → total. No step after that rounds.
    ///
    /// The VAT rate is that of the period's last day, one rate for the whole bill. (Which day picks it is not verified:
    /// the meter-reading day by TT 219/2013 Điều 8, the day of the invoice by a customer service.)
    ///
    /// - Throws: `BillingError` for an unknown category, a number out of its range, kWh given for a day on which no
    ///   price changes, a price that may not be used, or a day without price or VAT rate.
    package func bill(_ request: BillRequest) throws(BillingError) -> ProvisionalBill {
        let rated = try rate(request)
        let notes =
            rated.splitNotes
            + rated.purposes.flatMap { BillNotes(of: $0.request, parts: $0.parts, book: self).all }.firsts
            + rated.unverifiedReductions.map { "The reduction \"\($0.name)\" is not verified." }.firsts
            + BillNotes.vat(rated.vat, atStart: vatRate(on: request.period.from))
        return ProvisionalBill(
            request: request, lines: rated.lines, amounts: BillAmounts(request, rated.lines, rated.vat),
            standing: rated.standing, notes: notes)
    }

    /// What `bill` comes to, without what it says: for a province's bills.
    ///
    /// Where no price changes and nothing is reduced, no line is made: most of the work of a bill is its paper.
    /// - Throws: as `bill`.
    package func amounts(_ request: BillRequest) throws(BillingError) -> BillAmounts {
        if reductions.isEmpty, request.shares.isEmpty, request.kvarh == nil, request.kwhBeforeChange == nil,
            request.kwhAtChanges.isEmpty, request.ratedAtChanges.isEmpty,
            let decision = onlyDecision(over: request.period)
        {
            try check(request)
            let prices = try prices(of: request.category, by: decision, on: request.period.from)
            guard let vat = vatRate(on: request.periodEnd) else { throw .noVATRate(day: request.periodEnd) }
            return BillAmounts(kwh: request.kwh, energy: prices.amount(of: request), vat)
        }
        let rated = try rate(request)
        return BillAmounts(request, rated.lines, rated.vat)
    }

    private struct Rated {
        let lines: [BillLine]
        let vat: VATRate
        let standing: BlockStanding?
        let purposes: [Purpose]
        let splitNotes: [String]
        let unverifiedReductions: [Reduction]
    }

    private func rate(_ request: BillRequest) throws(BillingError) -> Rated {
        try check(request)
        let split = try PriceSplit(request, book: self)
        let purposes = Purpose.all(of: request, parts: split.parts)
        var (energy, reducing): ([BillLine], [BillLine]) = ([], [])
        var (standing, unverified): (BlockStanding?, [Reduction]) = (nil, [])
        for purpose in purposes {
            let (own, ownStanding) = try energyLines(of: purpose)
            energy += own
            // Of several purposes nobody can say which the next kWh is for.
            if purposes.count == 1 { standing = ownStanding }
            for reduction in reductions
            where reduction.categories.contains(purpose.request.category) && reduction.days.contains(request.periodEnd)
            {
                reducing += reduction.lines(of: own, kwh: purpose.request.kwh)
                if !reduction.isVerified { unverified.append(reduction) }
            }
        }
        var lines = energy + reducing
        if let kvarh = request.kvarh {
            let charge = ReactiveCharge(
                kvarh: kvarh, kwh: request.kwh, energyAmount: energy.reduce(.zero) { $0 + $1.amount })
            if charge.amount > .zero { lines.append(BillLine(charge, over: request.period)) }
        }
        guard let vat = vatRate(on: request.periodEnd) else { throw .noVATRate(day: request.periodEnd) }
        return Rated(
            lines: lines, vat: vat, standing: standing, purposes: purposes, splitNotes: split.notes,
            unverifiedReductions: unverified)
    }

    private func check(_ request: BillRequest) throws(BillingError) {
        for category in [request.category] + request.shares.map(\.category) where !isKnown(category) {
            throw .unknownCategory(category, known: categories)
        }
        guard request.shares.isEmpty || PurposeShare.areWhole(request.shares) else {
            throw .sharesNotWhole(PurposeShare.text(request.shares))
        }
        guard (0...BillRequest.kwhMax).contains(request.kwh) else { throw .kwhOutOfRange(request.kwh) }
        if let rated = request.rated {
            for rate in Rate.allCases where !(0...BillRequest.kwhMax).contains(rated[rate]) {
                throw .kwhOutOfRange(rated[rate])
            }
            guard rated.sum == request.kwh else { throw .ratesDoNotAddUp(kwh: request.kwh, rated: rated) }
        }
        if let kvarh = request.kvarh, !(0...BillRequest.kwhMax).contains(kvarh) { throw .kvarhOutOfRange(kvarh) }
        guard (1...BillRequest.householdHundredthsMax).contains(request.householdHundredths) else {
            throw .householdsOutOfRange(hundredths: request.householdHundredths)
        }
    }

    private func energyLines(
        of purpose: Purpose
    ) throws(BillingError) -> (lines: [BillLine], standing: BlockStanding?) {
        let (request, parts) = (purpose.request, purpose.parts)
        var priced: [(part: PricePart, prices: CategoryPrices)] = []
        for part in parts {
            let prices = try prices(of: request.category, by: part.decision, on: part.from)
            priced.append((part, prices))
        }
        let quota = BlockQuota(request)
        let staysInFirstBlock = Self.staysInFirstBlock(request.kwh, priced.map(\.prices), quota: quota)
        var lines: [BillLine] = []
        var standing: BlockStanding?
        for (part, prices) in priced {
            switch prices {
            case .blocks(let blocks) where staysInFirstBlock:
                lines += Self.line(part, block: 1, price: blocks[0].price)
            case .blocks(let blocks):
                lines += Self.blockLines(part, blocks, quota: quota)
            case .oneBlock(let number, let price):
                lines += Self.line(part, block: number, price: price)
            case .single(let price):
                lines += Self.line(part, price: price)
            case .timeOfUse(let prices):
                // Without three-price metering everything is at the normal price (TT 60/2025 Điều 5.3-5.8).
                let rated = part.rated ?? RatedKWh(normal: part.kwh)
                for rate in Rate.allCases {
                    lines += Self.line(part, rate: rate, kwh: rated[rate], price: prices[rate])
                }
            }
        }
        if let (part, prices) = priced.last, case .blocks(let blocks) = prices {
            standing = BlockStanding(
                after: part, blocks, quota: quota, kwh: request.kwh, staysInFirstBlock: staysInFirstBlock)
        }
        return (purpose.name.map { name in lines.map { $0.of(name) } } ?? lines, standing)
    }

    private func prices(
        of category: String, by decision: TariffDecision, on day: ServiceDay
    ) throws(BillingError) -> CategoryPrices {
        guard let prices = decision.prices(of: category) else { throw .noPrice(category: category, day: day) }
        guard usesUnverifiedPrices || decision.trust(in: category) > .unverified else {
            throw .priceNotVerified(category: category, decision: decision.number)
        }
        return prices
    }

    /// The one that holds on all days of a period; `nil` where prices change inside, or there is none.
    private func onlyDecision(over period: BillingPeriod) -> TariffDecision? {
        guard let position = decisions.lastIndex(where: { $0.inForceFrom <= period.from }) else { return nil }
        let next = position + 1
        guard next == decisions.count || decisions[next].inForceFrom > period.through else { return nil }
        return decisions[position]
    }

    /// Whether the whole period's kWh lie within its first block. Then each part is in the first block too and no
    /// block is split, though a part may exceed its own share of it (behaviour of the EVN billing engine). Where the
    /// decisions disagree on the first block's width, the narrowest counts.
    private static func staysInFirstBlock(_ kwh: Int64, _ prices: [CategoryPrices], quota: BlockQuota) -> Bool {
        prices.allSatisfy { prices in
            guard case .blocks(let blocks) = prices, let width = blocks[0].width else { return true }
            return kwh <= quota.kwh(width: width)
        }
    }

    private static func blockLines(_ part: PricePart, _ blocks: [TariffBlock], quota: BlockQuota) -> [BillLine] {
        var lines: [BillLine] = []
        var rest = part.kwh
        for (position, block) in blocks.enumerated() where rest > 0 {
            let kwh = block.width.map { min(rest, quota.kwh(width: $0, of: part)) } ?? rest
            lines += line(part, block: position + 1, kwh: kwh, price: block.price)
            rest -= kwh
        }
        return lines
    }

    /// Empty for 0 kWh: such a line says nothing.
    private static func line(
        _ part: PricePart, block: Int? = nil, rate: Rate? = nil, kwh: Int64? = nil, price: Money
    ) -> [BillLine] {
        let kwh = kwh ?? part.kwh
        guard kwh > 0 else { return [] }
        return [
            BillLine(
                from: part.from, through: part.through, decision: part.decision.number, block: block, rate: rate,
                kwh: kwh, unitPrice: price)
        ]
    }
}

extension BlockStanding {
    /// - Parameter part: the latest one; what lies before it changes its blocks no more.
    init(
        after part: PricePart, _ blocks: [TariffBlock], quota: BlockQuota, kwh: Int64, staysInFirstBlock: Bool
    ) {
        func standing(_ position: Int, left: Int64?) -> BlockStanding {
            let next = position + 1 < blocks.count && left != nil ? blocks[position + 1].price : nil
            return BlockStanding(block: position + 1, price: blocks[position].price, kwhLeft: left, nextPrice: next)
        }
        // While no block is split, the whole period's first one counts.
        if staysInFirstBlock, let width = blocks[0].width, kwh < quota.kwh(width: width) {
            self = standing(0, left: quota.kwh(width: width) - kwh)
            return
        }
        var rest = part.kwh
        for (position, block) in blocks.enumerated() {
            guard let width = block.width else { break }
            let room = quota.kwh(width: width, of: part)
            if rest < room {
                self = standing(position, left: room - rest)
                return
            }
            rest -= room
        }
        self = standing(blocks.count - 1, left: nil)
    }
}

extension BlockQuota {
    init(_ request: BillRequest) {
        self.init(
            period: request.period, periodEnd: request.periodEnd, householdHundredths: request.householdHundredths,
            isIrregular: request.scalesBlocks, daysWithoutMeter: request.daysWithoutMeter)
    }

    /// kWh of a block in one part of the period.
    func kwh(width: Int64, of part: PricePart) -> Int64 {
        kwh(width: width, before: part.through.next) - kwh(width: width, before: part.from)
    }
}

extension [String] {
    /// Each once, in their order: purposes may have the same to say.
    fileprivate var firsts: [String] {
        var told: Set<String> = []
        return filter { told.insert($0).inserted }
    }
}

extension BillRequest {
    var scalesBlocks: Bool { isIrregular || category == ResidentialRule.irregular }
}

extension CategoryPrices {
    /// What the energy of a period costs in which these prices hold on all days, before VAT.
    fileprivate func amount(of request: BillRequest) -> Money {
        switch self {
        case .single(let price), .oneBlock(_, let price): return price * request.kwh
        case .timeOfUse(let prices):
            let rated = request.rated ?? RatedKWh(normal: request.kwh)
            return prices.normal * rated.normal + prices.offpeak * rated.offpeak + prices.peak * rated.peak
        case .blocks(let blocks):
            let quota = BlockQuota(request)
            var (rest, amount) = (request.kwh, Money.zero)
            for block in blocks where rest > 0 {
                let kwh = block.width.map { min(rest, quota.kwh(width: $0)) } ?? rest
                amount = amount + block.price * kwh
                rest -= kwh
            }
            return amount
        }
    }
}
