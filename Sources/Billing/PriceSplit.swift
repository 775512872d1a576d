import Metering

/// Days of a period at one decision's prices, with their kWh.
struct PricePart {
    /// Both inclusive.
    let from: ServiceDay
    let through: ServiceDay
    let decision: TariffDecision
    let kwh: Int64
    /// `kwh` by rate, where the request has them.
    let rated: RatedKWh?
}

/// Cuts a period at its price changes. The change day belongs to the new price. The parts' kWh add up to the request's,
/// and by rate too, where it has them.
///
/// - At a change whose index is known, the kWh before it are the measured ones (TT 60/2025 Điều 12.8a).
/// - At another, the kWh between the nearest known indices on both sides are split by days with a meter, and what lies
///   before is rounded to a whole kWh, half up: `round(S × N_old / N)` (EVNCPC; the rounding is not verified).
/// - A change on the period's last day without an index moves nothing: the meter was read on the change day and
///   everything is at the old price.
struct PriceSplit {
    let parts: [PricePart]
    /// One sentence for each change: how it was split.
    let notes: [String]

    init(_ request: BillRequest, book: TariffBook) throws(BillingError) {
        let period = request.period
        var changes = book.changeDays(in: period, category: request.category)
        let curves = try Self.curves(of: request, changes: changes)
        var notes: [String] = []
        if let last = changes.last, last == period.through, last == request.periodEnd, curves[0].known[last] == nil {
            changes.removeLast()
            notes.append(
                "Prices changed on \(last), the period's last day, and no index of that day is known: "
                    + "everything is at the price before it.")
        }

        var parts: [PricePart] = []
        var start = (day: period.from, kwh: curves.map { _ in Int64(0) })
        for change in changes {
            let before = curves.map { $0.kwh(before: change) }
            parts.append(try Self.part(request, book: book, from: start, to: (change, before)))
            let sum = before.reduce(0, +)
            notes.append(
                curves[0].known[change] == nil
                    ? "Prices changed on \(change) and no index of that day is known: \(sum) kWh before it, by days."
                    : "Prices changed on \(change): \(sum) kWh before it.")
            start = (change, before)
        }
        parts.append(try Self.part(request, book: book, from: start, to: (period.through.next, curves.map(\.all))))
        self.parts = parts
        self.notes = notes
    }

    private typealias Point = (day: ServiceDay, kwh: [Int64])

    private static func part(
        _ request: BillRequest, book: TariffBook, from start: Point, to end: Point
    ) throws(BillingError) -> PricePart {
        guard let decision = book.decision(on: start.day) else {
            throw .noPrice(category: request.category, day: start.day)
        }
        let kwh = zip(start.kwh, end.kwh).map { $1 - $0 }
        let rated =
            request.rated == nil ? nil : RatedKWh(normal: kwh[0], offpeak: kwh[1], peak: kwh[2])
        return PricePart(
            from: start.day, through: end.day.previous, decision: decision, kwh: kwh.reduce(0, +), rated: rated)
    }

    /// The one of all kWh, or those of the rates in the order of `Rate.allCases`.
    private static func curves(
        of request: BillRequest, changes: [ServiceDay]
    ) throws(BillingError) -> [Curve] {
        var atChanges = request.kwhAtChanges
        if let before = request.kwhBeforeChange {
            guard changes.count == 1 else { throw .changeNotUnique(period: request.period, changeDays: changes) }
            if let other = atChanges[changes[0]], other != before {
                throw .changeGivenTwice(changes[0], kwhBeforeChange: before, kwhAtChange: other)
            }
            atChanges[changes[0]] = before
        }
        guard let rated = request.rated else {
            return [try Curve(of: request, all: request.kwh, known: atChanges, changes: changes)]
        }
        for day in atChanges.keys.sorted() where request.ratedAtChanges[day] == nil {
            throw .changeWithoutRates(day)
        }
        var curves: [Curve] = []
        for rate in Rate.allCases {
            let known = request.ratedAtChanges.mapValues { $0[rate] }
            curves.append(try Curve(of: request, all: rated[rate], known: known, changes: changes))
        }
        return curves
    }

    /// How many kWh were used up to each day, as far as that is known.
    private struct Curve {
        let request: BillRequest
        /// To the period's end.
        let all: Int64
        /// Up to change days, checked: never falling.
        let known: [ServiceDay: Int64]

        init(
            of request: BillRequest, all: Int64, known: [ServiceDay: Int64], changes: [ServiceDay]
        ) throws(BillingError) {
            var lowest: Int64 = 0
            for (day, kwh) in known.sorted(by: { $0.key < $1.key }) {
                guard changes.contains(day) else { throw .notAChangeDay(day, changeDays: changes) }
                guard kwh >= lowest, kwh <= all else {
                    throw .kwhAtChangeOutOfRange(day, kwh: kwh, allowed: lowest...all)
                }
                lowest = kwh
            }
            (self.request, self.all, self.known) = (request, all, known)
        }

        /// From the period's start to `change`: known, or on the straight line between the nearest known ones.
        func kwh(before change: ServiceDay) -> Int64 {
            if let kwh = known[change] { return kwh }
            var left: (day: ServiceDay, kwh: Int64) = (request.period.from, 0)
            var right: (day: ServiceDay, kwh: Int64) = (request.period.through.next, all)
            for (day, kwh) in known {
                if day < change, day > left.day { left = (day, kwh) }
                if day > change, day < right.day { right = (day, kwh) }
            }
            let days = request.daysWithoutMeter.supplied(from: left.day, before: right.day)
            guard days > 0 else { return left.kwh }
            let before = request.daysWithoutMeter.supplied(from: left.day, before: change)
            return left.kwh + ((right.kwh - left.kwh) * Int64(before)).quotientRoundedHalfAway(by: Int64(days))
        }
    }
}
