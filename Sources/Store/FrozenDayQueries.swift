import GRDB
import Metering

extension Store {
    /// The days from `from` to `through` (both inclusive) on which a meter of one of `profiles` was in service and has
    /// no frozen import index: what the head-end should still fetch, oldest first. Meters that owe none are left out.
    /// A restart in the middle of a backfill finds just what is missing, whatever order it went in.
    package func owedFrozenDays(
        from: ServiceDay, through: ServiceDay, profiles: Set<String>
    ) throws -> [MeterID: [ServiceDay]] {
        guard from <= through, !profiles.isEmpty else { return [:] }
        return try read("looking for frozen days still owed") { db in
            var inService: [MeterID: ClosedRange<ServiceDay>] = [:]
            let meters = try HotStatement(
                db,
                "SELECT meter, profile, MAX(installedOn, ?1), MIN(COALESCE(removedOn - 1, ?2), ?2) FROM installation")
            try meters.start(from, through)
            while try meters.next() {
                let (first, last) = (meters.day(2), meters.day(3))
                guard profiles.contains(meters.text(1)), first <= last else { continue }
                inService[MeterID(Int32(clamping: meters.integer(0)))] = first...last
            }
            var frozen: [MeterID: Set<ServiceDay>] = [:]
            let days = try HotStatement(
                db,
                """
                SELECT series.meter, hot.day FROM hot JOIN series ON series.id = hot.series
                WHERE hot.day BETWEEN ? AND ? AND hot.q = ? AND series.register = ?
                """)
            try days.start(from, through, Int(IndexQuality.frozen.rawValue), Int(Register.activeImport.rawValue))
            while try days.next() {
                frozen[MeterID(Int32(clamping: days.integer(0))), default: []].insert(days.day(1))
            }
            var owed: [MeterID: [ServiceDay]] = [:]
            for (meter, span) in inService {
                let known = frozen[meter] ?? []
                guard known.count < span.count else { continue }
                owed[meter] = span.filter { !known.contains($0) }
            }
            return owed
        }
    }
}
