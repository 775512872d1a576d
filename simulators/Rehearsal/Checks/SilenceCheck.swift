import Metering
import Store

/// A failure never looks like a value: while a unit says nothing true, no reading of it is accepted; and an index
/// counts as measured only where a reading lies within the window around its midnight.
package struct SilenceCheck: Check {
    package let name = "silence"

    /// `midnight_window` of the configuration.
    private static let window = Instant.Span.minutes(15)
    /// What was said just before a fault began may take so long to arrive.
    private static let travel = Instant.Span.minutes(2)

    package init() {}

    package func faults(in evidence: Evidence) throws -> [String] {
        var faults: [String] = []
        let calendar = evidence.world.calendar
        try evidence.store.forEachReading { id, register, reading in
            guard reading.verdict == .accepted, let meter = evidence.truth[id],
                let site = evidence.world.sites.firstIndex(where: { $0.row.name == meter.installation.gateway })
            else { return }
            for silence in evidence.world.silences(site: site, unit: meter.installation.unit)
            where silence.contains(reading.requested) && silence.contains(reading.answered - Self.travel) {
                faults.append(
                    "\(evidence.truth.name(of: id)), \(register.name): a reading accepted at "
                        + "\(calendar.text(reading.answered)), while the unit was dead to the world")
            }
        }
        try evidence.store.forEachIndex { stored in
            guard stored.index.quality == .measured else { return }
            let midnight = calendar.start(of: stored.index.day)
            guard case .readings(let before, let after)? = stored.basis else {
                return faults.append(
                    "\(evidence.truth.name(of: stored.meter)), \(stored.register.name) on \(stored.index.day): "
                        + "measured, but made from \(stored.basis.map { "\($0)" } ?? "nothing")")
            }
            // Readings are known by when they were answered; the first may have been asked a time-out before.
            let isNear = midnight - before <= Self.window || after - midnight <= Self.window + Self.travel
            if !isNear {
                faults.append(
                    "\(evidence.truth.name(of: stored.meter)), \(stored.register.name) on \(stored.index.day): "
                        + "measured, but no reading lies near that midnight")
            }
        }
        return faults
    }
}
