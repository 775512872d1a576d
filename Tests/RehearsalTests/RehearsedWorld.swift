import Billing
import MeterFleet
import Metering
import Modbus
import Store
import VEE

@testable import Rehearsal

/// A world that was lived through, with its store still there; both go with the test.
final class RehearsedWorld {
    private let folder: RehearsalFolder
    let rehearsal: Rehearsal
    let library: ProfileLibrary
    let tariffs: TariffBook
    let store: Store

    init(_ world: World, library: ProfileLibrary) throws {
        folder = try RehearsalFolder()
        self.library = library
        tariffs = try TariffBook.load(folder: nil)
        rehearsal = Rehearsal(world, library: library, rules: try RuleBook.load(file: nil), folder: folder.url)
        try rehearsal.run()
        guard let store = rehearsal.store else { preconditionFailure("its store is left open") }
        self.store = store
    }

    /// Three calm days.
    convenience init() throws {
        let library = try ProfileLibrary.load(folder: nil)
        try self.init(World.small(library), library: library)
    }

    deinit { try? store.close() }

    var world: World { rehearsal.world }

    func evidence(
        _ record: Record? = nil, in world: World? = nil
    ) throws -> Evidence {
        try Evidence(
            world: world ?? self.world, store: store, record: record ?? rehearsal.record,
            profiles: library.profiles, tariffs: tariffs)
    }

    /// A meter of a model.
    func meter(_ profile: String) throws -> RegisteredMeter? {
        try store.meters(notRemovedBy: ServiceDay(number: 0)).first { $0.installation.profile == profile }
    }

    /// The day whose first instant comes `count` days before the end's.
    func day(before count: Int) -> ServiceDay { world.calendar.day(at: world.through) - count }

    /// A frozen record as a poll brings it, with any index.
    func frozen(_ index: Energy, of meter: RegisteredMeter, on day: ServiceDay, at: Instant? = nil) -> PollOutcome {
        let answered = at ?? world.through - .minutes(1)
        return PollOutcome(
            meter: meter.id, gateway: meter.installation.gateway, unit: meter.installation.unit, transaction: 7,
            profile: "\(meter.installation.profile)/1", requested: answered - .seconds(1), answered: answered,
            result: .success([
                Reading(register: .activeImport, moment: .frozen(day), index: index, words: [0xBAD, 0xBAD])
            ]))
    }
}

extension World {
    /// Three calm days of a few meters, among them one that keeps its own days and one that does not.
    static func small(_ library: ProfileLibrary) -> World {
        calm(with: ["adl400", "sdm120"], days: 3, library: library)
    }

    /// Calm days of a few meters, among them all of these models, behind so many gateways or more.
    static func calm(
        with profiles: Set<String>, gatewaysMin: Int = 1, days: Int, library: ProfileLibrary
    ) -> World {
        let worlds = (UInt64(1)...1000).lazy.map { World(seed: $0, days: days, library: library, isCalm: true) }
        let small = worlds.first { world in
            let models = Set(world.installations.map(\.profile))
            return world.meterCount <= 12 && world.sites.count >= gatewaysMin && models.isSuperset(of: profiles)
        }
        guard let small else { preconditionFailure("one of so many worlds is small") }
        return small
    }
}
