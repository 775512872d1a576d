import Metering

/// Days of a period at one decision's prices, with their kWh.
struct PricePart {
    /// Both inclusive.
    let from: ServiceDay
    let through: ServiceDay
    let decision: TariffDecision
    let kwh: Int64
}

/// Cuts a period at its price changes. The change day belongs to the new price. The parts' kWh add up to the request's.
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
        let measured = try Self.measured(request, changes: changes)
        var notes: [String] = []
        if let last = changes.last, last == period.through, last == request.periodEnd, measured[last] == nil {
            changes.removeLast()
            notes.append(
                "Prices changed on \(last), the period's last day, and no index of that day is known: "
                    + "everything is at the price before it.")
        }

        var parts: [PricePart] = []
        var start = (day: period.from, kwh: Int64(0))
        for change in changes {
            let before = measured[change] ?? Self.interpolated(change, request: request, measured: measured)
            parts.append(try Self.part(request, book: book, from: start, to: (change, before)))
            notes.append(
                measured[change] == nil
                    ? "Prices changed on \(change) and no index of that day is known: \(before) kWh before it, by days."
                    : "Prices changed on \(change): \(before) kWh before it.")
            start = (change, before)
        }
        parts.append(try Self.part(request, book: book, from: start, to: (period.through.next, request.kwh)))
        self.parts = parts
        self.notes = notes
    }

    private typealias Point = (day: ServiceDay, kwh: Int64)

    private static func part(
        _ request: BillRequest, book: TariffBook, from start: Point, to end: Point
    ) throws(BillingError) -> PricePart {
        guard let decision = book.decision(on: start.day) else {
            throw .noPrice(category: request.category, day: start.day)
        }
        return PricePart(
            from: start.day, through: end.day.previous, decision: decision, kwh: end.kwh - start.kwh)
    }

    /// kWh from the period's start to `change`, on the straight line between the nearest known indices.
    private static func interpolated(
        _ change: ServiceDay, request: BillRequest, measured: [ServiceDay: Int64]
    ) -> Int64 {
        var left: Point = (request.period.from, 0)
        var right: Point = (request.period.through.next, request.kwh)
        for (day, kwh) in measured {
            if day < change, day > left.day { left = (day, kwh) }
            if day > change, day < right.day { right = (day, kwh) }
        }
        let all = request.daysWithoutMeter.supplied(from: left.day, before: right.day)
        guard all > 0 else { return left.kwh }
        let before = request.daysWithoutMeter.supplied(from: left.day, before: change)
        return left.kwh + ((right.kwh - left.kwh) * Int64(before)).quotientRoundedHalfAway(by: Int64(all))
    }

    /// The known kWh up to each change, checked: they belong to change days and never fall.
    private static func measured(
        _ request: BillRequest, changes: [ServiceDay]
    ) throws(BillingError) -> [ServiceDay: Int64] {
        var measured = request.kwhAtChanges
        if let before = request.kwhBeforeChange {
            guard changes.count == 1 else { throw .changeNotUnique(period: request.period, changeDays: changes) }
            if let other = measured[changes[0]], other != before {
                throw .changeGivenTwice(changes[0], kwhBeforeChange: before, kwhAtChange: other)
            }
            measured[changes[0]] = before
        }
        var lowest: Int64 = 0
        for (day, kwh) in measured.sorted(by: { $0.key < $1.key }) {
            guard changes.contains(day) else { throw .notAChangeDay(day, changeDays: changes) }
            guard kwh >= lowest, kwh <= request.kwh else {
                throw .kwhAtChangeOutOfRange(day, kwh: kwh, allowed: lowest...request.kwh)
            }
            lowest = kwh
        }
        return measured
    }
}
