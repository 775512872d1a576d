import Metering

/// What a bill prices by one category: all of it, or of a mixed contract one purpose's share.
///
/// The kWh of each rate, between two price changes, are split by the agreed shares (TT 60/2025 Điều 3.3b): each rounded
/// to a whole kWh, half away from zero, at most what is left; the last purpose takes the rest. So the purposes' kWh add
/// up to the bill's. (How EVN rounds them is not verified.)
struct Purpose {
    /// `category` and `kwh` are this purpose's; all else is the bill's.
    let request: BillRequest
    let parts: [PricePart]
    /// Said on its lines where there are several.
    let name: String?

    static func all(of request: BillRequest, parts: [PricePart]) -> [Purpose] {
        guard !request.shares.isEmpty else { return [Purpose(request: request, parts: parts, name: nil)] }
        let split = parts.map { $0.split(by: request.shares) }
        return request.shares.enumerated().map { position, share in
            let own = split.map { $0[position] }
            var request = request
            request.category = share.category
            request.kwh = own.reduce(0) { $0 + $1.kwh }
            return Purpose(request: request, parts: own, name: share.category)
        }
    }
}

extension PricePart {
    /// A part for each share, in their order.
    func split(by shares: [PurposeShare]) -> [PricePart] {
        let rates = rated.map { rated in Rate.allCases.map { Self.split(rated[$0], by: shares) } }
        let whole = Self.split(kwh, by: shares)
        return shares.indices.map { position in
            let own = rates.map { rates in
                RatedKWh(normal: rates[0][position], offpeak: rates[1][position], peak: rates[2][position])
            }
            return PricePart(
                from: from, through: through, decision: decision, kwh: own?.sum ?? whole[position], rated: own)
        }
    }

    private static func split(_ kwh: Int64, by shares: [PurposeShare]) -> [Int64] {
        var rest = kwh
        return shares.enumerated().map { position, share in
            let rounded = (kwh * Int64(share.percent)).quotientRoundedHalfAway(by: 100)
            let part = position == shares.count - 1 ? rest : min(rest, rounded)
            rest -= part
            return part
        }
    }
}
