import MeterFleet
import Metering

/// A span of civil time; `to` is exclusive.
package struct TimeSpan: Hashable, Sendable {
    package let from: Instant
    package let to: Instant

    func contains(_ instant: Instant) -> Bool { from <= instant && instant < to }
}

extension World {
    /// When something stood between the daemon and a unit, in any order; the daemon's own troubles are not among them.
    /// A neighbour's silence is none: it must cost nobody else a reading.
    func obstacles(site: Int, unit: UInt8) -> [TimeSpan] {
        var spans = sites[site].episodes.filter(\.manners.isDisturbing).map { TimeSpan(from: $0.from, to: $0.to) }
        spans += sites[site].simulated.faults.compactMap { fault in
            fault.kind.sparesNeighbours && !fault.concerns(unit) ? nil : fault.span(in: self)
        }
        // Between the two another meter hangs there than the registry says.
        spans += exchanges.filter { $0.site == site && $0.unit == unit }.map {
            TimeSpan(from: min($0.at, $0.told), to: max($0.at, $0.told))
        }
        return spans
    }

    /// When a unit said nothing at all, or nothing true, to anybody.
    func silences(site: Int, unit: UInt8) -> [TimeSpan] {
        sites[site].simulated.faults.filter {
            $0.kind.hidesDial && $0.concerns(unit) && $0.schedule.millionths == FaultSchedule.everyCase
        }.map { $0.span(in: self) }
    }

    /// When a unit denied what it has, or said something else in its place.
    func denials(site: Int, unit: UInt8) -> [TimeSpan] {
        sites[site].simulated.faults.filter { $0.kind.misleads && $0.concerns(unit) }.map { $0.span(in: self) }
    }

    /// When readings could not be made durable, or nobody asked.
    func daemonObstacles(_ record: Record) -> [TimeSpan] {
        // What had been read but not yet written when the daemon ended is gone.
        let unwritten = Instant.Span(microseconds: daemon.batchMilliseconds * 1000)
        var spans = daemon.storeOutages.map { TimeSpan(from: $0.from - unwritten, to: $0.to) }
        var last = from
        for life in record.lives {
            spans.append(TimeSpan(from: last, to: life.from))
            last = max(life.from, life.to - unwritten)
        }
        return spans + [TimeSpan(from: record.lives.last?.to ?? last, to: through)]
    }

    /// What is left of a span between obstacles, each of which has an after-effect of `grace`.
    static func clear(
        _ span: TimeSpan, of obstacles: [TimeSpan], grace: Instant.Span
    ) -> [TimeSpan] {
        var clear: [TimeSpan] = []
        var from = span.from + grace
        for obstacle in obstacles.sorted(by: { ($0.from, $0.to) < ($1.from, $1.to) }) where obstacle.to >= span.from {
            if from < obstacle.from { clear.append(TimeSpan(from: from, to: min(obstacle.from, span.to))) }
            from = max(from, obstacle.to + grace)
        }
        if from < span.to { clear.append(TimeSpan(from: from, to: span.to)) }
        return clear.filter { $0.from < $0.to }
    }
}

extension Fault {
    fileprivate func span(in world: World) -> TimeSpan {
        switch schedule.window {
        case .between(let from, let to): TimeSpan(from: from ?? world.from, to: to ?? world.through)
        case .always, .daily: TimeSpan(from: world.from, to: world.through)
        }
    }
}
