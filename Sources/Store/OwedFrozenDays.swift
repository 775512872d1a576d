import GRDB
import Metering

/// Days whose frozen import index the head-end should still fetch, for the meters that freeze them: one bit a meter
/// and day, so that a province fits in some megabytes.
package struct OwedFrozenDays: Sendable {
    private let first: ServiceDay
    private let dayCount: Int
    private let wordsPerMeter: Int
    /// Bit `d` of a meter's words stands for the day `first + d`.
    private var bits: [UInt64]
    /// Meters that owe a day at all.
    package private(set) var meterCount = 0

    /// Nobody owes anything yet; `meters` are numbered 0 through `lastMeter`.
    init(from first: ServiceDay, through last: ServiceDay, lastMeter: Int32) {
        self.first = first
        dayCount = max(0, last - first + 1)
        wordsPerMeter = (dayCount + 63) / 64
        bits = Array(repeating: 0, count: (Int(lastMeter) + 1) * wordsPerMeter)
    }

    mutating func owe(_ meter: Int32, _ day: ServiceDay) {
        guard let (word, mask) = place(meter, day) else { return }
        bits[word] |= mask
    }

    mutating func settle(_ meter: Int32, _ day: ServiceDay) {
        guard let (word, mask) = place(meter, day) else { return }
        bits[word] &= ~mask
    }

    mutating func countMeters() {
        guard wordsPerMeter > 0 else { return }
        meterCount = stride(from: 0, to: bits.count, by: wordsPerMeter).count { start in
            bits[start..<start + wordsPerMeter].contains { $0 != 0 }
        }
    }

    private func place(_ meter: Int32, _ day: ServiceDay) -> (word: Int, mask: UInt64)? {
        let offset = day - first
        let start = Int(meter) * wordsPerMeter
        guard (0..<dayCount).contains(offset), meter >= 0, start < bits.count else { return nil }
        return (start + offset / 64, 1 << UInt64(offset % 64))
    }

    /// Oldest first; empty for a meter that owes none.
    package subscript(meter: MeterID) -> [ServiceDay] {
        let start = Int(meter.number) * wordsPerMeter
        guard wordsPerMeter > 0, meter.number >= 0, start < bits.count else { return [] }
        var days: [ServiceDay] = []
        for word in 0..<wordsPerMeter {
            var rest = bits[start + word]
            while rest != 0 {
                days.append(first + (word * 64 + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
        return days
    }
}

extension Store {
    /// The days from `from` to `through` (both inclusive) on which a meter of one of `profiles` was in service and has
    /// no frozen import index: what the head-end should still fetch. A meter that leaves is not asked any more, so it
    /// owes nothing of that day; one that goes on under another row owes its first day to the row before. A restart in
    /// the middle of a backfill finds just what is missing, whatever order it went in.
    package func owedFrozenDays(
        from: ServiceDay, through: ServiceDay, profiles: Set<String>
    ) throws -> OwedFrozenDays {
        guard from <= through, !profiles.isEmpty else {
            return OwedFrozenDays(from: from, through: from.previous, lastMeter: 0)
        }
        return try read("looking for frozen days still owed") { db in
            let lastMeter = try CountedRows.last("meter", of: "installation", db)
            var owed = OwedFrozenDays(from: from, through: through, lastMeter: Int32(clamping: lastMeter))
            let meters = try HotStatement(
                db,
                """
                SELECT meter, profile, MAX(installedOn, ?1), MIN(COALESCE(removedOn - 1, ?2), ?2), installedOn
                FROM installation
                WHERE installedOn <= ?2 AND (removedOn IS NULL OR removedOn > ?1)
                """)
            let continuations = try MeterSuccessions.continuations(db)
            var isAnyoneConcerned = false
            try meters.start(from, through)
            while try meters.next() {
                guard profiles.contains(meters.text(1)) else { continue }
                let meter = Int32(clamping: meters.integer(0))
                var first = meters.day(2)
                if first == meters.day(4), continuations.contains(MeterID(meter)) { first = first.next }
                // Removed on the day of its installation, or before it: never in service.
                guard first <= meters.day(3) else { continue }
                for day in first...meters.day(3) { owed.owe(meter, day) }
                isAnyoneConcerned = true
            }
            guard isAnyoneConcerned else { return owed }
            try Self.settleFrozen(&owed, from: from, through: through, db)
            owed.countMeters()
            return owed
        }
    }

    /// Takes out what is stored. One pass over the days; who a series belongs to is held in memory, because a look-up
    /// for each of some ten million rows would take longer than the pass.
    private static func settleFrozen(
        _ owed: inout OwedFrozenDays, from: ServiceDay, through: ServiceDay, _ db: Database
    ) throws {
        let last = try CountedRows.last("id", of: "series", db)
        let series = try HotStatement(db, "SELECT id, meter FROM series WHERE register = ? ORDER BY id")
        var meterOf: [Int32] = []
        try series.start(Int(Register.activeImport.rawValue))
        while try series.next() {
            let id = Int(series.integer(0))
            guard id <= last else { throw DamagedRow(table: "series", key: Int64(id)) }
            while meterOf.count < id { meterOf.append(-1) }
            meterOf.append(Int32(clamping: series.integer(1)))
        }
        let walk = try IndexWalk(db, from: from, through: through)
        while let id = try walk.next().map({ Int($0) }) {
            guard meterOf.indices.contains(id), meterOf[id] >= 0 else { continue }
            for index in walk.indices where index.quality == .frozen { owed.settle(meterOf[id], index.day) }
        }
    }
}
