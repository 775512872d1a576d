import Billing
import Foundation
import MeterFleet
import Metering
import Modbus
import VEE

/// A fleet file's field and the production head-end living through it in virtual time: a calm network, the faults that
/// the file names, the registry that `metersim registry` writes for it.
package final class FleetCourse {
    package let fleet: Fleet
    package let rehearsal: Rehearsal
    private let tariffs: TariffBook

    /// - Parameters:
    ///   - span: from the daemon's first start to the end.
    ///   - told: when the registry learns of the fleet's exchanges; `nil` for never.
    ///   - folder: where the store's file and the registry's lie; it must exist, and be this course's own.
    ///   - registry: changes what is imported first.
    /// - Throws: `InputFaults` of the fleet's registry, `OutputError`, `StoreError`.
    package init(
        _ fleet: Fleet, span: (from: Instant, through: Instant), toldOfExchanges told: Instant? = nil,
        with house: RehearsalHouse, folder: URL, registry change: (Registry) -> Registry = { $0 }
    ) throws {
        self.fleet = fleet
        tariffs = house.tariffs
        let registry = change(try Self.registry(of: fleet, asOf: nil, house, in: folder))
        var exchanges: [World.Exchange] = []
        if let told {
            let known = try Self.registry(of: fleet, asOf: ServiceCalendar.vietnam.day(at: told), house, in: folder)
            exchanges = Self.exchanges(of: fleet, from: registry, to: known, told: told)
        }
        var world = World(fleet, registry: registry, from: span.from, through: span.through, exchanges: exchanges)
        // Written and looked at more seldom than in production, which shows nothing else and costs a quarter.
        world.daemon.batchMilliseconds = 60_000
        world.daemon.lookMilliseconds = 5000
        rehearsal = Rehearsal(world, library: house.library, rules: house.rules, folder: folder)
        try rehearsal.begin()
    }

    /// Lets time pass to this moment of the world.
    package func advance(to instant: Instant) throws { try rehearsal.advance(to: instant) }

    /// Lets time pass to the world's end and gives what the checks look at.
    package func end() throws -> Evidence {
        try rehearsal.advance(to: rehearsal.world.through)
        try rehearsal.finish()
        return try rehearsal.evidence(tariffs: tariffs)
    }

    /// The rows that `metersim registry` writes for a fleet.
    private static func registry(
        of fleet: Fleet, asOf day: ServiceDay?, _ house: RehearsalHouse, in folder: URL
    ) throws -> Registry {
        let place = folder.appending(path: "registry").path
        try FleetFolder(place).writeRegistry(fleet, asOf: day)
        func bytes(_ file: String) throws -> [UInt8] { try InputFile.bytes("\(place)/\(file)") }
        return try RegistryFiles.parse(
            gateways: bytes(RegistryFiles.gatewaysFile), usagePoints: bytes(RegistryFiles.usagePointsFile),
            meters: bytes(RegistryFiles.metersFile), profiles: Set(house.library.names),
            categories: Set(house.tariffs.categories))
    }

    private static func exchanges(
        of fleet: Fleet, from before: Registry, to after: Registry, told: Instant
    ) -> [World.Exchange] {
        let known = Set(before.installations.map(\.serial))
        return after.installations.filter { !known.contains($0.serial) }.compactMap { new in
            let site = before.gateways.map(\.name).sorted().firstIndex(of: new.gateway)
            let old = after.installations.first { $0.usagePoint == new.usagePoint && $0.removedOn != nil }
            let standing = fleet.gateways.first { $0.name == new.gateway }?.successions[new.unit]?.meters
            guard let site, let old, let since = standing?.first(where: { $0.meter.serial == new.serial })?.since else {
                return nil
            }
            let at = ServiceCalendar.vietnam.start(of: since.day) + Instant.Span(microseconds: since.microseconds)
            return World.Exchange(site: site, unit: new.unit, at: at, told: told, rows: [old, new])
        }
    }
}

/// What the production code is given besides the field: profiles, rules, tariffs.
package struct RehearsalHouse: Sendable {
    package let library: ProfileLibrary
    package var rules: RuleBook
    package let tariffs: TariffBook

    package init(library: ProfileLibrary, rules: RuleBook, tariffs: TariffBook) {
        (self.library, self.rules, self.tariffs) = (library, rules, tariffs)
    }

    /// As they are shipped.
    package static func shipped() throws -> RehearsalHouse {
        try RehearsalHouse(
            library: .load(folder: nil), rules: .load(file: nil), tariffs: .load(folder: nil))
    }
}
