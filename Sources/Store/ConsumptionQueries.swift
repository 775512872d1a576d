import GRDB
import Metering
import VEE

/// A day's index as people see it: with the energy of the day that starts at it.
package struct IndexedDay: Hashable, Sendable {
    package let register: Register
    /// Serial of the meter that shows the index.
    package let serial: String
    /// As the dial shows it: less than the day before where it began at 0 again.
    package let index: DailyIndex
    /// Of the whole day that starts at this index, multipliers applied, on the day of an exchange that of both meters;
    /// `nil` where one of the indices it is made from is not known (`MeterStay`).
    package let consumption: Energy?
    /// What made the index the revision it is; `nil` for revision 1.
    package let cause: IndexOccasion?

    package var day: ServiceDay { index.day }
}

/// Where a register's rows are found: its own series, and its meter's dial.
struct SeriesPlace {
    let series: Int64
    let register: Register
    let dial: Int64
}

/// What is known of one meter's register over some days: its indices, and the fitter's word at both ends. An object:
/// a province's bills would feel each copy of all that a registry row says.
final class MeterDays: Sendable {
    let meter: RegisteredMeter
    let stay: MeterStay
    let register: Register
    /// `nil` for a register that the meter never showed.
    let series: SeriesPlace?
    /// Only of days whose index is the meter's to show, the fitter's start index among them.
    let indices: DayIndices
    /// Why those that are not their day's first are as they are.
    let changes: IndexChanges
    /// Of an earlier moment: days that count as known then, though since when they are is not recorded.
    let undated: [ServiceDay]

    init(
        meter: RegisteredMeter, stay: MeterStay, register: Register, series: SeriesPlace?, indices: DayIndices,
        changes: IndexChanges, undated: [ServiceDay] = []
    ) {
        self.meter = meter
        self.stay = stay
        self.register = register
        self.series = series
        self.indices = indices
        self.changes = changes
        self.undated = undated
    }

    /// The last day, among those that were asked for, of which an index is known that nobody has estimated.
    var lastShown: ServiceDay? { indices.all.last { $0.quality != .estimated }?.day }

    /// What the dial had counted at the first instant of `day`, also on the day after its removal, where the fitter has
    /// read it.
    func index(on day: ServiceDay) -> DailyIndex? {
        if let index = indices[day] { return index }
        guard let word = stay.fittersIndex(of: day, register) else { return nil }
        return indices.all.last.map { meter.installation.dial.counted(word, nearest: $0.index) } ?? word
    }

    /// The first and the last index of some days, both inclusive.
    func ends(from first: ServiceDay, through last: ServiceDay) -> (first: DailyIndex?, last: DailyIndex?) {
        let known = indices.slice(from: first, through: last)
        let (start, end) = (index(on: first) ?? known.first, index(on: last) ?? known.last)
        return (start ?? end, end ?? start)
    }

    /// `nil` where the product is no energy any more (10¹⁵ Wh, the province for a century): a registry row may hold any
    /// multiplier and any end index.
    static func energy(from start: Energy, to end: Energy, multiplier: Int64) -> Energy? {
        let (dialled, isBeyond) = end.wattHours.subtractingReportingOverflow(start.wattHours)
        let (product, overflow) = dialled.multipliedReportingOverflow(by: multiplier)
        return isBeyond || overflow || product.magnitude > 1_000_000_000_000_000 ? nil : Energy(wattHours: product)
    }

    /// What passed this meter on `day`, multiplier applied.
    func consumption(on day: ServiceDay) -> Energy? {
        guard let start = index(on: day), let end = index(on: day.next) else { return nil }
        return Self.energy(from: start.index, to: end.index, multiplier: meter.installation.multiplier)
    }
}

extension MeterInstallation {
    /// Where its dial begins at 0 again. No ceiling: its readings were judged when they came.
    var dial: DialLimits { Self.dial(ofDigits: digits) }

    static func dial(ofDigits digits: Int) -> DialLimits {
        DialLimits(ceilingWatts: StoreCache.noCeilingWatts, digits: digits)
    }
}

extension Store {
    /// The indices of a usage point, by register, then by day; both ends inclusive. `nil` means all registers.
    /// Each day shows the meter that hung there at its first instant, also on the day it was exchanged or taken down.
    /// On the day of a first installation, and where the old meter has no index, it is the new one's: the fitter's
    /// start index (quality edited) unless the meter gave one itself.
    /// - Throws: `StoreError.unknownUsagePoint`.
    package func dailyIndices(
        usagePoint: String, register: Register?, from: ServiceDay, through: ServiceDay
    ) throws -> [IndexedDay] {
        try read("reading the indices of usage point \(usagePoint)") { db in
            guard try Self.usagePoint(usagePoint, db) != nil else { throw StoreError.unknownUsagePoint(usagePoint) }
            guard from <= through else { return [] }
            let meters = try Self.meters(of: usagePoint, db)
            var days: [IndexedDay] = []
            for register in register.map({ [$0] }) ?? Register.allCases {
                let known = UsagePointDays(
                    try meters.map { try Self.days(of: $0, register, from: from, through: through.next, db) })
                for (position, meter) in known.meters.enumerated() {
                    for index in meter.indices.all
                    where index.day <= through && known.position(showing: index.day) == position {
                        days.append(
                            IndexedDay(
                                register: register, serial: meter.meter.installation.serial,
                                index: meter.meter.installation.dial.shown(index),
                                consumption: known.consumption(on: index.day),
                                cause: index.revision > 1 ? meter.changes.cause(of: index) : nil))
                    }
                }
            }
            return days
        }
    }

    /// One meter's indices from `from` to `through`, both inclusive; with `then`, what was known of them at that
    /// moment.
    static func days(
        of meter: RegisteredMeter, _ register: Register, from: ServiceDay, through: ServiceDay,
        at then: Hindsight? = nil, _ db: Database
    ) throws -> MeterDays {
        let stay = meter.installation.stay
        // Of the day of installation, where the meter gave none.
        let isInside = from <= stay.installedOn && stay.installedOn <= through
        let start = isInside ? stay.fittersIndex(of: stay.installedOn, register) : nil
        guard let dial = try DialTable.dial(of: meter.id, db), let entry = dial[register] else {
            return MeterDays(
                meter: meter, stay: stay, register: register, series: nil,
                indices: DayIndices(start.map { [$0] } ?? []), changes: IndexChanges())
        }
        var indices: [DailyIndex] = []
        if let firstDay = entry.firstDay, let lastDay = entry.lastDay {
            let first = max(from, firstDay, stay.installedOn)
            let last = min(through, lastDay, stay.removedOn ?? lastDay)
            indices = try IndexBook(db).indices(of: entry.series, from: first, through: last)
        }
        let series = SeriesPlace(series: entry.series, register: register, dial: dial.key)
        let changes =
            then != nil || indices.contains { $0.revision > 1 }
            ? try IndexChanges(db, series: entry.series, from: from, through: through) : IndexChanges()
        var undated: [ServiceDay] = []
        if let then {
            (indices, undated) = try IndicesThen(db, place: series, changes: changes).indices(indices, at: then)
        }
        if let start, indices.first?.day != start.day { indices.insert(start, at: 0) }
        return MeterDays(
            meter: meter, stay: stay, register: register, series: series, indices: DayIndices(indices),
            changes: changes, undated: undated)
    }
}
