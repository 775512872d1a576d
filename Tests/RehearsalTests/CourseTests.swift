import Metering
import Modbus
import Testing

@testable import Rehearsal

@Suite("A world's course")
struct CourseTests {
    private let library: ProfileLibrary

    init() throws { library = try ProfileLibrary.load(folder: nil) }

    @Test("is the same whenever it is lived through, and another with another seed")
    func same() throws {
        let seed = World.small(library).seed
        let first = try RehearsedWorld(World(seed: seed, days: 3, library: library), library: library)
        let second = try RehearsedWorld(World(seed: seed, days: 3, library: library), library: library)
        #expect(first.rehearsal.figures == second.rehearsal.figures)
        #expect(try Rehearsal.fingerprint(of: first.store) == Rehearsal.fingerprint(of: second.store))
        let other = try RehearsedWorld(World(seed: seed + 1, days: 3, library: library), library: library)
        #expect(other.rehearsal.figures.digest != first.rehearsal.figures.digest)
    }

    @Test("is told in words, with a verdict at the end")
    func told() throws {
        let world = World(seed: 7, days: 3, library: library)
        let finding = Finding(check: "index", sentence: "a watt-hour too many")
        let verdicts = [[], [finding], [finding, finding]].map {
            RehearsalReport(world: world, figures: Figures(), findings: $0).verdict
        }
        #expect(verdicts == ["seed 7: no promise broken", "seed 7: 1 promise broken", "seed 7: 2 promises broken"])
        var figures = Figures()
        (figures.lives, figures.events, figures.requests, figures.timeouts) = (1, 20, 9, 1)
        (figures.tampered, figures.lateReplies, figures.foreignReplies, figures.digest) = (3, 1, 2, 0xC0FFEE)
        (figures.outcomes, figures.batches) = (8, 1)
        #expect(
            figures.description
                == "1 life of the daemon, 20 events, 9 requests, 1 time-out, 3 frames tampered with, 3 replies dropped "
                + "(1 late, 2 foreign, 0 of another unit), 0 streams out of step, 8 outcomes in 1 batch; "
                + "course 0000000000c0ffee")
    }

    /// With silent units it may be: a probe comes at the first look after its time.
    @Test("is not changed by looking at idle lines each second, as the daemon does")
    func idleLooks() throws {
        var world = World.small(library)
        var bad = NetworkManners()
        (bad.duplicated, bad.resets, bad.garbage, bad.split, bad.bytewise) = (300, 50, 100, 500, 300)
        for site in world.sites.indices {
            world.sites[site].episodes = [
                Site.Episode(from: world.from + .hours(5), to: world.from + .hours(30), manners: bad)
            ]
        }
        world.daemon.lookMilliseconds = 1000
        let lazy = try RehearsedWorld(world, library: library)
        #expect(lazy.rehearsal.figures.tampered > 50 && lazy.rehearsal.figures.framingViolations > 5)
        world.daemon.looksAtIdleLines = true
        let eager = try RehearsedWorld(world, library: library)
        #expect(eager.rehearsal.figures.events > lazy.rehearsal.figures.events * 5)
        #expect(try Rehearsal.fingerprint(of: eager.store) == Rehearsal.fingerprint(of: lazy.store))
    }

    @Test("keeps every promise in bad worlds too", arguments: [UInt64(11), 12])
    func bad(seed: UInt64) throws {
        let lived = try RehearsedWorld(World(seed: seed, days: 4, library: library), library: library)
        #expect(lived.rehearsal.record.surprises == [])
        let evidence = try lived.evidence()
        for check in RehearsalReport.checks { #expect(try check.faults(in: evidence) == [], "\(check.name)") }
    }

    @Test("a store that takes nothing for hours loses nothing but what a kill takes with it")
    func storeOutage() throws {
        var world = World.small(library)
        world.daemon.storeOutages = [
            DaemonFate.StoreOutage(from: world.from + .hours(6), to: world.from + .hours(14))
        ]
        let lived = try RehearsedWorld(world, library: library)
        let evidence = try lived.evidence()
        for check in RehearsalReport.checks { #expect(try check.faults(in: evidence) == [], "\(check.name)") }
        #expect(lived.rehearsal.record.limits.pendingMost > 100)
    }
}
