import GRDB
import Metering

/// What is known of a usage point's register over some days, of all the meters that stood there one after the other.
///
/// A day's consumption is the sum over the meters that show its index: of one mostly, of two on the day of an exchange,
/// `(end index − index) × multiplier` of the old one and `(next index − start index) × multiplier` of the new one. It
/// is unknown where one of them is.
struct UsagePointDays {
    /// How a day is known.
    enum Knowledge {
        /// Nobody could have read anything: between two meters, or before the first one.
        case withoutMeter
        case missing
        /// One of the indices is an estimate.
        case estimated
        /// None is, but one is a person's word.
        case entered
        /// All indices of the day stand on the dial itself.
        case measured

        /// Of a day with both indices of one meter.
        init(_ start: IndexQuality, _ end: IndexQuality) {
            if start == .estimated || end == .estimated {
                self = .estimated
            } else {
                self = start.isMeasured && end.isMeasured ? .measured : .entered
            }
        }
    }

    /// Oldest first.
    let meters: [MeterDays]

    init(_ meters: [MeterDays]) { self.meters = meters }

    /// The import register of a usage point by its row; without meters where there is none.
    /// - Parameters:
    ///   - from, through: the days whose indices are read, both inclusive.
    init(ofRow usagePointID: Int64, from: ServiceDay, through: ServiceDay, _ db: Database) throws {
        let name = try HotStatement(db, "SELECT name FROM usagePoint WHERE id = ?")
        let meters = try name.first(usagePointID) ? Store.meters(of: name.text(0), db) : []
        self.init(try meters.map { try Store.days(of: $0, .activeImport, from: from, through: through, db) })
    }

    /// The position of the meter whose index of `day` is the usage point's; `nil` where none has any. On the day of an
    /// exchange it is the old one, which hung there at the day's first instant, and where that has none, the new one.
    func position(showing day: ServiceDay) -> Int? {
        meters.firstIndex { $0.stay.showsIndex(of: day) && $0.index(on: day) != nil }
    }

    /// Multipliers applied.
    func consumption(on day: ServiceDay) -> Energy? {
        var sum: Energy?
        // By position: a copy of each meter for each day of a province's bills would be felt.
        for position in meters.indices where meters[position].stay.showsIndex(of: day) {
            guard let part = meters[position].consumption(on: day) else { return nil }
            sum = (sum ?? .zero) + part
        }
        return sum
    }

    /// Whether an index that the day's consumption is made from is an estimate.
    func hasEstimate(on day: ServiceDay) -> Bool {
        meters.contains { known in
            known.stay.showsIndex(of: day)
                && [day, day.next].contains { known.index(on: $0)?.quality == .estimated }
        }
    }

    /// The indices of some days, both inclusive, where one meter hung there on all of them and before: nearly always.
    func ofOneMeter(from first: ServiceDay, through last: ServiceDay) -> ArraySlice<DailyIndex>? {
        guard meters.count == 1, meters[0].stay.installedOn < first, meters[0].stay.removedOn == nil else { return nil }
        return meters[0].indices.slice(from: first, through: last)
    }

    /// How the days are known, `end` not included.
    func coverage(from first: ServiceDay, before end: ServiceDay) -> BillCoverage {
        var coverage = BillCoverage()
        if let indices = ofOneMeter(from: first, through: max(first, end)) {
            for (position, index) in indices.enumerated() where index.day < end {
                let next = indices.startIndex + position + 1
                guard next < indices.endIndex, indices[next].day == index.day.next else { continue }
                coverage.add(Knowledge(index.quality, indices[next].quality))
            }
            let known = coverage.measured + coverage.estimated
            coverage.missing = max(0, end - first) - known
        } else {
            for day in first..<max(first, end) { coverage.add(knowledge(of: day)) }
        }
        coverage.days = coverage.measured + coverage.estimated + coverage.missing
        return coverage
    }

    /// Of the days before `end`, the latest first, `count` at the most; none of those on which a dial went back.
    func latest(_ count: Int, from first: ServiceDay, before end: ServiceDay) -> [Energy] {
        var latest: [Energy] = []
        latest.reserveCapacity(count)
        if let indices = ofOneMeter(from: first, through: max(first, end)) {
            let multiplier = meters[0].meter.installation.multiplier
            for position in indices.indices.dropFirst().reversed() where latest.count < count {
                let (start, close) = (indices[position - 1], indices[position])
                guard start.day.next == close.day,
                    let energy = MeterDays.energy(from: start.index, to: close.index, multiplier: multiplier),
                    energy >= .zero
                else { continue }
                latest.append(energy)
            }
            return latest
        }
        var day = end.previous
        while latest.count < count, day >= first {
            if let energy = consumption(on: day), energy >= .zero { latest.append(energy) }
            day = day.previous
        }
        return latest
    }

    /// Whether an index is missing on any of the days, `end` not included, that had a meter.
    func lacksAny(from first: ServiceDay, before end: ServiceDay) -> Bool {
        if let indices = ofOneMeter(from: first, through: max(first, end)) {
            return indices.count < max(first, end) - first + 1
        }
        return (first..<max(first, end)).contains { day in
            if case .missing = knowledge(of: day) { true } else { false }
        }
    }

    func knowledge(of day: ServiceDay) -> Knowledge {
        var knowledge = Knowledge.withoutMeter
        for position in meters.indices where meters[position].stay.showsIndex(of: day) {
            guard let start = meters[position].index(on: day), let end = meters[position].index(on: day.next) else {
                return .missing
            }
            switch Knowledge(start.quality, end.quality) {
            case .estimated: knowledge = .estimated
            case .entered where knowledge != .estimated: knowledge = .entered
            case .measured where knowledge == .withoutMeter: knowledge = .measured
            default: break
            }
        }
        return knowledge
    }
}
