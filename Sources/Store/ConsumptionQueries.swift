import GRDB
import Metering

/// A day's index as people see it: with the energy of the day that starts at it.
package struct IndexedDay: Hashable, Sendable {
    package let register: Register
    /// Serial of the meter that shows the index.
    package let serial: String
    package let index: DailyIndex
    /// From this index to the next day's, multiplier applied; `nil` where the next index of the same meter is not
    /// known. On the day before a removal the fitter's end index is the next one.
    package let consumption: Energy?

    package var day: ServiceDay { index.day }
}

/// Where a register's rows are found: its own series, and its meter's dial.
struct SeriesPlace {
    let series: Int64
    let register: Register
    let dial: Int64
}

/// What is known of one meter's register over some days: its indices, and the fitter's word at both ends.
struct MeterDays {
    let meter: RegisteredMeter
    let register: Register
    /// `nil` for a register that the meter never showed.
    let series: SeriesPlace?
    /// Only days on which the meter is in service.
    let indices: DayIndices
    /// Why those that are not their day's first are as they are.
    let changes: IndexChanges

    private var installation: MeterInstallation { meter.installation }

    /// The dial at the first instant of `day`: also on the day of removal, where the fitter read it.
    func index(on day: ServiceDay) -> DailyIndex? {
        if let index = indices[day] { return index }
        guard register == .activeImport, day == installation.removedOn, let endIndex = installation.endIndex else {
            return nil
        }
        return DailyIndex(day: day, index: endIndex, quality: .edited, errorBound: .zero)
    }

    /// Energy from one known day to a later one, multiplier applied.
    func consumption(from: ServiceDay, to: ServiceDay) -> Energy? {
        guard let start = index(on: from), let end = index(on: to) else { return nil }
        return Self.energy(from: start.index, to: end.index, multiplier: installation.multiplier)
    }

    /// `nil` where the product is no energy any more (10¹⁵ Wh, the province for a century): a registry row may hold any
    /// multiplier and any end index.
    static func energy(from start: Energy, to end: Energy, multiplier: Int64) -> Energy? {
        let (dialled, isBeyond) = end.wattHours.subtractingReportingOverflow(start.wattHours)
        let (product, overflow) = dialled.multipliedReportingOverflow(by: multiplier)
        return isBeyond || overflow || product.magnitude > 1_000_000_000_000_000 ? nil : Energy(wattHours: product)
    }

    func consumption(on day: ServiceDay) -> Energy? { consumption(from: day, to: day.next) }
}

extension Store {
    /// The indices of a usage point, by register, then by day; both ends inclusive. `nil` means all registers.
    /// Where meters were exchanged each day shows the meter in service at its first instant; on the day of
    /// installation that is the fitter's start index (quality edited) unless the meter gave one itself.
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
                for meter in meters {
                    let known = try Self.days(of: meter, register, from: from, through: through.next, db)
                    for index in known.indices.all where index.day <= through {
                        days.append(
                            IndexedDay(
                                register: register, serial: meter.installation.serial, index: index,
                                consumption: known.consumption(on: index.day)))
                    }
                }
            }
            return days
        }
    }

    /// One meter's indices from `from` to `through`, both inclusive.
    static func days(
        of meter: RegisteredMeter, _ register: Register, from: ServiceDay, through: ServiceDay, _ db: Database
    ) throws -> MeterDays {
        let installation = meter.installation
        // Of the day of installation, where the meter gave none.
        var start: DailyIndex?
        if register == .activeImport, let startIndex = installation.startIndex,
            (from...max(from, through)).contains(installation.installedOn)
        {
            start = DailyIndex(
                day: installation.installedOn, index: startIndex, quality: .edited, errorBound: .zero)
        }
        guard let dial = try DialTable.dial(of: meter.id, db), let entry = dial[register] else {
            return MeterDays(
                meter: meter, register: register, series: nil, indices: DayIndices(start.map { [$0] } ?? []),
                changes: IndexChanges())
        }
        var indices: [DailyIndex] = []
        if let firstDay = entry.firstDay, let lastDay = entry.lastDay {
            let first = max(from, firstDay, installation.installedOn)
            let last = min(through, lastDay, installation.removedOn?.previous ?? lastDay)
            indices = try IndexBook(db).indices(of: entry.series, from: first, through: last)
        }
        if let start, indices.first?.day != start.day { indices.insert(start, at: 0) }
        let series = SeriesPlace(series: entry.series, register: register, dial: dial.key)
        let changes =
            indices.contains { $0.revision > 1 }
            ? try IndexChanges(db, series: entry.series, from: from, through: through) : IndexChanges()
        return MeterDays(
            meter: meter, register: register, series: series, indices: DayIndices(indices), changes: changes)
    }
}
