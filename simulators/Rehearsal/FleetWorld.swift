import MeterFleet
import Metering

extension World {
    /// The world of a fleet file: its gateways with the faults that the file names, a calm network, a daemon that stays
    /// up. Nothing is drawn.
    /// - Parameters:
    ///   - registry: as `metersim registry` writes it for the fleet.
    ///   - exchanges: what the registry is told on the way.
    package init(
        _ fleet: Fleet, registry: Registry, from: Instant, through: Instant, exchanges: [Exchange] = []
    ) {
        precondition(from < through, "a world has a beginning before its end")
        seed = fleet.seed
        self.from = from
        self.through = through
        calmFrom = through
        days = max(0, Int(ServiceCalendar.vietnam.day(at: through) - ServiceCalendar.vietnam.day(at: from)))
        daemon = DaemonFate()
        usagePoints = registry.usagePoints
        installations = registry.installations
        self.exchanges = exchanges
        sites = registry.gateways.compactMap { row in
            fleet.gateways.first { $0.name == row.name }.map { Site(row: row, simulated: $0) }
        }
    }
}
