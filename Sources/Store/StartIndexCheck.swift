import GRDB
import Metering

/// Holds what the fitter read of a first meter beside what it shows itself once it is heard, days later. Inside one
/// transaction.
///
/// It is the case that a count of its first day would make (`DialledDay.contradiction`), which the next count confirms;
/// but nothing has that day counted again, for nothing is drawn from its start index. Of a meter that came in another's
/// place the days up to its own first index are drawn, and `GapSettlement` sees to it.
struct StartIndexCheck {
    private let selectStart: HotStatement
    private let cases: DayCases

    init(_ db: Database) throws {
        selectStart = try HotStatement(db, "SELECT startIndex FROM installation WHERE meter = ?")
        cases = DayCases(db)
    }

    /// The days that a register's indices spanned before something was written.
    typealias Span = (first: ServiceDay?, last: ServiceDay?)

    /// Looks whether an index that has just been written is the first that the meter showed, and less than what was
    /// read of it. One that is an estimate proves nothing: the next that is none is looked at in its place.
    func look(
        at entry: MeterDial.Entry, of meter: MeterID, stretchedFrom before: Span, in indices: IndexWriter,
        cache: inout StoreCache, at instant: Instant
    ) throws {
        guard entry.register == .activeImport, let first = entry.firstDay, let last = entry.lastDay,
            (first, last) != (before.first, before.last),
            let installation = cache[meter], let days = installation.startIndexReach, days.contains(first)
        else { return }
        let isFirst = first != before.first
        // Each look has the rows written that wait to be written together: once for each meter, not each night.
        let isAwaited = !installation.isStartLookedAt && before.last.map { $0 < days.upperBound } ?? true
        guard isFirst || isAwaited,
            let shown = try firstShown(of: entry, from: first, through: min(last, days.upperBound), indices)
        else { return }
        cache.learn(startLookedAt: meter)
        guard try selectStart.first(Int(meter.number)), let start = selectStart.optionalEnergy(0), start > shown.index
        else { return }
        // One that was opened before, or that a person has released, stays as it is.
        let found = DayCases.Found.contradicted(meter, on: installation.firstDay, energy: nil)
        try cases.settle([found], endingOn: installation.firstDay, kinds: [], at: instant)
    }

    private func firstShown(
        of entry: MeterDial.Entry, from first: ServiceDay, through last: ServiceDay, _ indices: IndexWriter
    ) throws -> DailyIndex? {
        var day = first
        while day <= last {
            if let index = try indices.index(of: entry, on: day), index.quality != .estimated { return index }
            day = day.next
        }
        return nil
    }
}
