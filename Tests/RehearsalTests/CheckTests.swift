import MeterFleet
import Metering
import Store
import Testing

@testable import Rehearsal

/// Each check is quiet about a world in which nothing went wrong, and finds the one wrong that is planted in it.
@Suite("Checks")
struct CheckTests {
    private let lived: RehearsedWorld
    private let frozenMeter: RegisteredMeter
    private let liveMeter: RegisteredMeter

    init() throws {
        lived = try RehearsedWorld()
        frozenMeter = try #require(try lived.meter("adl400"))
        liveMeter = try #require(try lived.meter("sdm120"))
    }

    private func truth(of meter: RegisteredMeter, on day: ServiceDay) throws -> Energy {
        try #require(try lived.evidence().truth.index(of: meter.id, .activeImport, on: day))
    }

    private func edit(_ meter: RegisteredMeter, on day: ServiceDay, to index: Energy) throws {
        try lived.store.edit(
            usagePoint: meter.installation.usagePoint, register: .activeImport, day: day, index: index,
            reason: "planted", by: "Lan", at: lived.world.through)
    }

    @Test("are quiet where nothing went wrong")
    func quiet() throws {
        let evidence = try lived.evidence()
        for check in RehearsalReport.checks { #expect(try check.faults(in: evidence) == [], "\(check.name)") }
    }

    @Test("an index a watt-hour beside the dial is found")
    func index() throws {
        let day = lived.day(before: 1)
        let wrong = try truth(of: frozenMeter, on: day) + Energy(wattHours: 1)
        try edit(frozenMeter, on: day, to: wrong)
        let faults = try IndexCheck().faults(in: lived.evidence())
        #expect(faults.count == 1 && faults[0].contains("\(wrong)"), "\(faults)")
    }

    @Test("a record that the dial did not show, and that no gateway said, is found")
    func reading() throws {
        let day = lived.day(before: 1)
        let wrong = try truth(of: frozenMeter, on: day) + Energy(wattHours: 10)
        let report = try lived.store.ingest([lived.frozen(wrong, of: frozenMeter, on: day)])
        #expect(report.accepted == 1)
        let evidence = try lived.evidence()
        #expect(try DialCheck().faults(in: evidence).count == 1)
        #expect(try IndexCheck().faults(in: evidence).count == 1)
        let provenance = try ProvenanceCheck().faults(in: evidence)
        #expect(provenance.count == 1 && provenance[0].contains("had not answered"), "\(provenance)")
    }

    @Test("a suspect reading must have come over the wire as well")
    func suspect() throws {
        let impossible = Energy(wattHours: 900_000_000_000)
        let report = try lived.store.ingest([lived.frozen(impossible, of: frozenMeter, on: lived.day(before: 1))])
        #expect(report.suspects == 1)
        let evidence = try lived.evidence()
        #expect(try DialCheck().faults(in: evidence) == [])
        #expect(try ProvenanceCheck().faults(in: evidence).count == 1)
    }

    @Test("a reading accepted from a unit that was dead is found")
    func silence() throws {
        var world = lived.world
        let site = try #require(world.sites.firstIndex { $0.row.name == liveMeter.installation.gateway })
        let before = world.sites[site].simulated
        world.sites[site].simulated = SimulatedGateway(
            name: before.name, port: before.port,
            faults: [
                Fault(
                    .silence(), units: [liveMeter.installation.unit],
                    schedule: FaultSchedule(.between(world.from, world.through)))
            ], meters: before.meters)
        #expect(try !SilenceCheck().faults(in: lived.evidence(in: world)).isEmpty)
    }

    @Test("a bill that the true dial does not give is found")
    func bill() throws {
        var world = lived.world
        world.usagePoints = world.usagePoints.map {
            UsagePoint(name: $0.name, customer: $0.customer, householdHundredths: 5000, readingDay: $0.readingDay)
        }
        let faults = try BillCheck().faults(in: lived.evidence(in: world))
        #expect(!faults.isEmpty && faults.allSatisfy { $0.contains("the true dial's bill is") }, "\(faults)")
    }

    @Test("a closed day that was not counted again is found")
    func count() throws {
        let day = lived.day(before: 1)
        // The index of a person's entry is as right as any, but it counts as another kind.
        try edit(liveMeter, on: day, to: try truth(of: liveMeter, on: day))
        let faults = try CountCheck().faults(in: lived.evidence())
        #expect(!faults.isEmpty && faults.allSatisfy { $0.contains("was closed with") }, "\(faults)")
    }

    @Test("a meter that was not read for long is found, and a restart is no excuse")
    func pause() throws {
        var record = lived.rehearsal.record
        let all = try #require(record.reads[liveMeter.id])
        let begin = lived.world.from + .hours(20)
        let end = begin + .hours(3)
        record.reads[liveMeter.id] = all.filter { $0 < begin || end < $0 }
        let faults = try LivenessCheck().faults(in: lived.evidence(record))
        #expect(faults.count == 1 && faults[0].contains(liveMeter.installation.serial), "\(faults)")
    }

    @Test("a day that its meter keeps and nobody fetched is found")
    func keptDay() throws {
        let day = lived.day(before: 2)
        try edit(frozenMeter, on: day, to: try truth(of: frozenMeter, on: day))
        let faults = try LivenessCheck().faults(in: lived.evidence())
        #expect(faults.count == 1 && faults[0].contains("of \(day) itself, but edited is stored"), "\(faults)")
    }

    @Test("a queue that grew beyond its limit is found")
    func limits() throws {
        var record = lived.rehearsal.record
        record.limits.pendingMost = lived.world.daemon.pendingMax + 10_000
        let gateway = lived.world.sites[0].row.name
        record.limits.heldMost[gateway, default: .init()].abandoned = 65
        record.limits.heldMost[gateway, default: .init()].jobs = 1000
        #expect(try LimitCheck().faults(in: lived.evidence(record)).count == 3)
    }

    @Test("a batch that changes the store when it comes again is found")
    func repetition() throws {
        var record = lived.rehearsal.record
        let day = lived.day(before: 1)
        let right = try truth(of: liveMeter, on: day)
        record.batches.append([lived.frozen(right, of: liveMeter, on: day)])
        #expect(try RepetitionCheck().faults(in: lived.evidence(record)).count == 1)
    }
}
