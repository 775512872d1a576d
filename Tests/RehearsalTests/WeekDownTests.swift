import MeterFleet
import Metering
import Modbus
import Store
import Testing

@testable import Rehearsal

/// The head-end is down for a week, and eight midnights go by that nobody asks about.
@Suite("A week without a head-end")
struct WeekDownTests {
    private static let daysBefore = 4
    private static let midnightsMissed = 8
    /// Midnights up to the end of the world: some days of peace follow.
    private static let days = 16

    private let lived: RehearsedWorld
    /// The first and the last day that the daemon was not up for.
    private let missed: ClosedRange<ServiceDay>

    init() throws {
        let library = try ProfileLibrary.load(folder: nil)
        var world = World.calm(with: ["adl400", "siemens-pac", "sdm630"], days: Self.days, library: library)
        let first = world.calendar.day(at: world.from) + Self.daysBefore + 1
        missed = first...(first + Self.midnightsMissed - 1)
        // From ten in the evening to four in the morning: the last midnight is too long ago to be measured.
        let from = world.calendar.start(of: missed.lowerBound) - .hours(2)
        let to = world.calendar.start(of: missed.upperBound) + .hours(4)
        world.daemon.downs = [DaemonFate.Down(at: from, after: 0, manner: .kill, lasting: to - from)]
        lived = try RehearsedWorld(world, library: library)
        try #require(lived.rehearsal.record.lives.count == 2)
    }

    /// The indices of a meter's active import as they stand, from one day to another, both included.
    private func indices(
        of meter: RegisteredMeter, from: ServiceDay, through: ServiceDay
    ) throws -> [ServiceDay: IndexedDay] {
        let days = try lived.store.dailyIndices(
            usagePoint: meter.installation.usagePoint, register: .activeImport, from: from, through: through)
        return Dictionary(uniqueKeysWithValues: days.map { ($0.day, $0) })
    }

    private func meters(_ profile: String) throws -> [RegisteredMeter] {
        try lived.store.meters(notRemovedBy: ServiceDay(number: 0)).filter { $0.installation.profile == profile }
    }

    @Test(
        "costs no day of a meter that keeps its own: each is frozen and the dial's to the watt-hour",
        arguments: ["adl400", "siemens-pac"])
    func kept(profile: String) throws {
        let truth = try lived.evidence().truth
        let meters = try meters(profile)
        #expect(!meters.isEmpty)
        for meter in meters {
            let stored = try indices(of: meter, from: missed.lowerBound, through: missed.upperBound)
            for day in missed {
                let index = try #require(stored[day], "\(truth.name(of: meter.id)) on \(day)").index
                #expect(index.quality == .frozen, "\(truth.name(of: meter.id)) on \(day)")
                #expect(index.index == truth.index(of: meter.id, .activeImport, on: day))
                #expect(index.errorBound == .zero)
            }
        }
    }

    @Test("is estimated between what was measured before and after, and its days add up to the difference")
    func bracketed() throws {
        let meters = try meters("sdm630")
        #expect(!meters.isEmpty)
        let (before, after) = (missed.lowerBound.previous, missed.upperBound.next)
        for meter in meters {
            let stored = try indices(of: meter, from: before, through: after)
            let start = try #require(stored[before]).index
            let end = try #require(stored[after]).index
            #expect(start.quality == .measured && end.quality == .measured)
            for day in missed { #expect(stored[day]?.index.quality == .estimated, "\(day)") }
            let consumed = (before...missed.upperBound).compactMap { stored[$0]?.consumption }
            #expect(consumed.count == Self.midnightsMissed + 1)
            #expect(consumed.allSatisfy { $0 >= .zero })
            #expect(consumed.reduce(.zero, +) == (end.index - start.index) * meter.installation.multiplier)
        }
    }

    @Test("leaves every day closed, and no promise broken")
    func closed() throws {
        let history = try lived.store.completenessHistory(from: missed.lowerBound, through: missed.upperBound)
        #expect(history.map(\.day) == Array(missed))
        #expect(history.allSatisfy { $0.missing == 0 && $0.estimated > 0 && $0.frozen > 0 }, "\(history)")
        let evidence = try lived.evidence()
        for check in RehearsalReport.checks { #expect(try check.faults(in: evidence) == [], "\(check.name)") }
    }
}
