import Metering
import Modbus
import Testing

@testable import Rehearsal

@Suite("A dead gateway")
struct DeadGatewayTests {
    /// One answer: whose, to which request, and when it was asked for and heard.
    private struct Answer: Hashable {
        let meter: MeterID
        let transaction: UInt16
        let requested: Instant
        let answered: Instant
        let readings: [Reading]
    }

    /// Three calm days, or days that are so for all gateways but one; one poll at midnight and one each half hour.
    private static func world(_ library: ProfileLibrary, dead: NetworkManners.Reach?) throws -> World {
        var world = World.calm(with: ["sdm630", "adl400"], gatewaysMin: 3, days: 3, library: library)
        world.daemon.lookMilliseconds = 1000
        guard let dead else { return world }
        var manners = NetworkManners()
        manners.reach = dead
        world.sites[0].episodes = [Site.Episode(from: world.from, to: world.through, manners: manners)]
        return world
    }

    /// What was heard from every gateway but the first one, in order.
    private static func answers(of lived: RehearsedWorld) -> [String: [Answer]] {
        let first = lived.world.sites[0].row.name
        let outcomes = lived.rehearsal.record.batches.joined().filter { $0.gateway != first }
        return Dictionary(grouping: outcomes, by: \.gateway).mapValues { outcomes in
            outcomes.compactMap { outcome in
                guard case .success(let readings) = outcome.result else { return nil }
                return Answer(
                    meter: outcome.meter, transaction: outcome.transaction, requested: outcome.requested,
                    answered: outcome.answered, readings: readings)
            }
        }
    }

    @Test(
        "lengthens nobody else's sweep: all others are asked and answer at the very same moments",
        arguments: [NetworkManners.Reach.refused, .blackHole])
    func neighbours(reach: NetworkManners.Reach) throws {
        let library = try ProfileLibrary.load(folder: nil)
        let alive = try RehearsedWorld(Self.world(library, dead: nil), library: library)
        let dead = try RehearsedWorld(Self.world(library, dead: reach), library: library)
        let expected = Self.answers(of: alive)
        #expect(expected.count == alive.world.sites.count - 1)
        #expect(expected.values.allSatisfy { $0.count > 100 })
        for (gateway, answers) in Self.answers(of: dead) {
            let same = try #require(expected[gateway])
            let differing = zip(answers, same).enumerated().first { $0.element.0 != $0.element.1 }
            #expect(answers.count == same.count && differing == nil, "\(gateway): \(differing.debugDescription)")
        }
        let first = dead.world.sites[0].row.name
        let heard = dead.rehearsal.record.batches.joined().filter { outcome in
            if case .success = outcome.result { outcome.gateway == first } else { false }
        }
        #expect(heard.isEmpty)
    }
}
