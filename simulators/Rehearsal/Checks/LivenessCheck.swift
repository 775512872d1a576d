import MeterFleet
import Metering
import Store

/// Nobody is left out: while nothing stands between daemon and meter it is read in every few cadences, whatever its
/// neighbours and other gateways suffer. When all troubles are over, every midnight that a meter keeps itself is
/// frozen, and between its first index and its last no day is without one; where it was exchanged, neither is a day
/// between them and what the fitter read.
package struct LivenessCheck: Check {
    package let name = "liveness"

    /// Cadences within which a meter must be read, and after which a trouble must be forgotten.
    private static let cadences: Int64 = 3
    /// How far back the head-end fetches days.
    private static let backfillDays = 35

    package init() {}

    package func faults(in evidence: Evidence) throws -> [String] {
        var faults: [String] = []
        let indices = try IndexTable(evidence.store)
        for meter in evidence.truth.meters {
            faults += pauses(of: meter, evidence)
            faults += days(of: meter, indices, evidence)
        }
        return faults
    }

    private func pauses(of meter: FieldTruth.Meter, _ evidence: Evidence) -> [String] {
        let world = evidence.world
        guard let site = world.sites.firstIndex(where: { $0.row.name == meter.installation.gateway }) else {
            return []
        }
        let most = Instant.Span(microseconds: world.daemon.cadence.microseconds * Self.cadences)
        let service = Self.service(of: meter, world)
        var obstacles =
            world.obstacles(site: site, unit: meter.installation.unit) + world.daemonObstacles(evidence.record)
        if meter.profile.frozen != nil {
            // Its daytime reads are of lesser registers only, and one that it has denied is left alone for a week.
            obstacles += world.denials(site: site, unit: meter.installation.unit).map {
                TimeSpan(from: $0.from, to: $0.to + .hours(7 * 24))
            }
        }
        let reads = Self.reads(of: meter, evidence)
        for clear in World.clear(service, of: obstacles, grace: most) {
            var last = clear.from
            for read in reads.lazy.filter({ clear.contains($0) }) + [clear.to] {
                if read - last > most {
                    return [
                        "\(evidence.truth.name(of: meter.id)): not read from \(world.calendar.text(last)) to "
                            + "\(world.calendar.text(read)), although nothing stood in the way"
                    ]
                }
                last = read
            }
        }
        return []
    }

    /// When it hangs there and is polled: until it is exchanged, or, where that is told before, until that day begins.
    private static func service(of meter: FieldTruth.Meter, _ world: World) -> TimeSpan {
        let stay = meter.installation.stay
        let serial = meter.installation.serial
        var from = world.calendar.start(of: stay.installedOn)
        var to = stay.removedOn.map { world.calendar.start(of: $0) } ?? world.through
        if let left = world.exchanges.first(where: { $0.rows[0].serial == serial }), left.at <= left.told {
            to = left.at
        }
        if let came = world.exchanges.first(where: { $0.rows[1].serial == serial }) {
            from = max(from, came.at, came.told)
        }
        return TimeSpan(from: max(world.from, from), to: min(world.through, to))
    }

    /// A record that the meter denied, or that was too wrong to be believed, is not asked for again while the daemon
    /// runs: whoever is lied to about a day loses it.
    private func wasMisled(_ meter: FieldTruth.Meter, about day: ServiceDay, _ world: World) -> Bool {
        guard let site = world.sites.firstIndex(where: { $0.row.name == meter.installation.gateway }) else {
            return false
        }
        let midnight = world.calendar.start(of: day)
        return world.denials(site: site, unit: meter.installation.unit).contains { midnight < $0.to }
    }

    /// When it was read itself: once another meter hangs in its place its name is only a mistake of the registry's.
    private static func reads(of meter: FieldTruth.Meter, _ evidence: Evidence) -> [Instant] {
        let gone = evidence.world.exchanges.first { $0.rows[0].serial == meter.installation.serial }?.at
        let reads = evidence.record.reads[meter.id] ?? []
        return gone.map { gone in reads.filter { $0 < gone } } ?? reads
    }

    private func days(of meter: FieldTruth.Meter, _ indices: IndexTable, _ evidence: Evidence) -> [String] {
        let world = evidence.world
        let name = evidence.truth.name(of: meter.id)
        let stay = meter.installation.stay
        let end = min(evidence.lastDay, stay.removedOn ?? evidence.lastDay)
        let reads = Self.reads(of: meter, evidence)
        var faults: [String] = []
        if let frozen = meter.profile.frozen, meter.installation.removedOn == nil {
            let first = max(
                meter.installation.installedOn, meter.simulated.installed, evidence.lastDay - Self.backfillDays + 1)
            for register in frozen.registers where first <= end {
                let missing = (first...end).filter { day in
                    indices[meter.id, register, day]?.quality != .frozen
                        && !wasMisled(meter, about: day, evidence.world)
                }
                if let day = missing.first {
                    let stored = indices[meter.id, register, day]?.quality.name ?? "nothing"
                    faults.append(
                        "\(name): keeps \(register.name) of \(day) itself, but \(stored) is stored; "
                            + "\(missing.count) such days")
                }
            }
        }
        let known = indices.days(of: meter.id, .activeImport).filter { stay.showsIndex(of: $0) }
        if let first = known.first, let last = known.last {
            let begin = stay.startIndex == nil ? first : min(first, stay.installedOn.next)
            let until = stay.endIndex == nil ? last : max(last, end)
            let missing = (begin...until).filter { indices[meter.id, .activeImport, $0] == nil }
            if let day = missing.first {
                faults.append("\(name): no index on \(day), between \(begin) and \(until)")
            }
            // A dial that showed something else may not be believed again either, until a person has looked.
            let isDoubted = wasMisled(meter, about: last, world)
            if !isDoubted, let lastRead = reads.last.map({ world.calendar.day(at: $0) }), last < min(end, lastRead) {
                faults.append("\(name): its last index is of \(last), though it was read on \(lastRead)")
            }
        } else if let first = reads.first, let last = reads.last,
            world.calendar.day(at: first) < min(end, world.calendar.day(at: last)),
            !wasMisled(meter, about: end, world)
        {
            faults.append("\(name): read on several days, but without a single index")
        }
        return faults
    }
}

/// The indices as they stand, by meter, register and day.
struct IndexTable {
    private struct Key: Hashable {
        let meter: MeterID
        let register: Register
    }

    private var series: [Key: [ServiceDay: DailyIndex]] = [:]

    init(_ store: Store) throws {
        var series: [Key: [ServiceDay: DailyIndex]] = [:]
        try store.forEachIndex { stored in
            guard !stored.isReplaced else { return }
            series[Key(meter: stored.meter, register: stored.register), default: [:]][stored.index.day] = stored.index
        }
        self.series = series
    }

    subscript(meter: MeterID, register: Register, day: ServiceDay) -> DailyIndex? {
        series[Key(meter: meter, register: register)]?[day]
    }

    func days(of meter: MeterID, _ register: Register) -> [ServiceDay] {
        (series[Key(meter: meter, register: register)] ?? [:]).keys.sorted()
    }
}
