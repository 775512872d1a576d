import Metering
import Testing

@testable import VEE

/// What VEE says of a dial is held against the dial itself, over thousands of seeded lives.
@Suite("what VEE says of a dial")
struct TruthTests {
    private static let window = Instant.Span.minutes(15)
    private static let calendar = ServiceCalendar.vietnam

    /// The indices whose error bound does not contain what the dial showed.
    private func indicesOutOfBounds(seeds: Range<UInt64>, stepWattHours: Int64) -> [String] {
        var wrong: [String] = []
        for seed in seeds {
            let polled = PolledDial(seed: seed, stepWattHours: stepWattHours)
            for (_, _, indices) in polled.drawn(window: Self.window) {
                for index in indices {
                    let truth = polled.dial.shown(at: Self.calendar.start(of: index.day))
                    let error = max(index.index - truth, truth - index.index)
                    if error > index.errorBound {
                        wrong.append(
                            "seed \(seed) \(index.day): \(index.index) ±\(index.errorBound), the dial showed \(truth)")
                    }
                }
            }
        }
        return wrong
    }

    @Test(
        "the truth lies within every index's error bound: 5,000 lives of a dial in steps of so many watt-hours",
        arguments: [1, 100, 1000] as [Int64])
    func boundHoldsTruth(stepWattHours: Int64) {
        #expect(indicesOutOfBounds(seeds: 0..<5000, stepWattHours: stepWattHours) == [])
    }

    @Test("no poll of an honest dial is suspect", arguments: [1, 10, 100, 1000] as [Int64])
    func honestDialIsAccepted(stepWattHours: Int64) {
        for seed in UInt64(0)..<1500 {
            let polled = PolledDial(seed: seed, stepWattHours: stepWattHours)
            var previous: DialReading?
            for reading in polled.readings {
                let verdict = judge(reading, after: previous, limits: polled.dial.limits).verdict
                #expect(!verdict.isSuspect, "seed \(seed): \(verdict)")
                previous = reading
            }
        }
    }

    @Test("there is one index for each midnight between two polls, in order, between what they read")
    func oneForEachMidnight() {
        var midnights = 0
        for seed in UInt64(0)..<5000 {
            for (previous, reading, indices) in PolledDial(seed: seed, stepWattHours: 1).drawn(window: Self.window) {
                // By counting hours: midnights in Vietnam are at 17:00 in Greenwich.
                let whole = Int64(86_400_000_000)
                let shift = Int64(25_200_000_000)
                let first = -(-(previous.answered.microseconds + shift)).flooredQuotient(by: whole)
                let last = (reading.requested.microseconds + shift).flooredQuotient(by: whole)
                let expected = first <= last ? (first...last).map { ServiceDay(number: Int32($0)) } : []
                #expect(indices.map(\.day) == expected, "seed \(seed)")
                let dials = [previous.index] + indices.map(\.index) + [reading.index]
                #expect(dials == dials.sorted(), "seed \(seed)")
                midnights += expected.count
            }
        }
        #expect(midnights > 10_000, "the lives are too short to mean anything")
    }

    @Test("the parts of a gap add up to what the dial passed", arguments: 1...10)
    func gapsAddUp(midnights: Int) throws {
        let eve = try #require(ServiceDay(iso: "2025-04-20"))
        for seed in UInt64(0)..<200 {
            var random = SeededRandom(seed: seed)
            let begin = Self.calendar.start(of: eve) + .seconds(.random(in: 1..<86_400, using: &random))
            let end = Self.calendar.start(of: eve + midnights) + .seconds(.random(in: 0..<86_400, using: &random))
            let dial = SeededDial(from: begin, to: end + .seconds(1), stepWattHours: 1, using: &random)
            let previous = DialReading(requested: begin, answered: begin, index: dial.shown(at: begin))
            let reading = DialReading(requested: end, answered: end, index: dial.shown(at: end))
            let indices = DayBoundary(calendar: Self.calendar, window: Self.window)
                .indices(from: previous, to: reading, limits: dial.limits)
            #expect(indices.map(\.day) == (1...midnights).map { eve + $0 })
            let dials = [previous.index] + indices.map(\.index) + [reading.index]
            let parts = zip(dials, dials.dropFirst()).map { $1 - $0 }
            #expect(parts.allSatisfy { $0 >= .zero })
            #expect(parts.reduce(.zero, +) == reading.index - previous.index)
            // Full days take a day's share of the straight line, give or take the watt-hour that rounding moves.
            let length = (end - begin).microseconds
            for part in parts.dropFirst().dropLast() {
                let share = (reading.index - previous.index).wattHours.multipliedFullWidth(by: 86_400_000_000)
                let expected = length.dividingFullWidth(share).quotient
                #expect((expected...(expected + 1)).contains(part.wattHours), "seed \(seed)")
            }
        }
    }

    @Test("an index is measured exactly when a poll lies within the window around its midnight")
    func measuredByWindow() {
        for seed in UInt64(0)..<3000 {
            for (previous, reading, indices) in PolledDial(seed: seed, stepWattHours: 1).drawn(window: Self.window) {
                for index in indices {
                    let midnight = Self.calendar.start(of: index.day)
                    let isNear =
                        midnight - Self.window <= previous.requested || reading.answered <= midnight + Self.window
                    #expect((index.quality == .measured) == isNear, "seed \(seed) \(index.day)")
                    #expect(index.quality.isMeasured == isNear)
                }
            }
        }
    }

    // MARK: - Gaps between days

    /// Two indices with some days between, and what the dial showed on each day.
    private struct Gap {
        var truth: [Energy] = []
        let before: DailyIndex
        let after: DailyIndex

        /// Each bracket lies off the truth by up to `bound`, and says so.
        init(bound: Int64, using random: inout SeededRandom) {
            let days = Int.random(in: 1...40, using: &random)
            var dial = Energy(wattHours: .random(in: 10_000...99_999_999, using: &random))
            truth = [dial]
            for _ in 0..<days {
                // Days without any energy, with hardly any, with a household's.
                let most: Int64 = [0, 3, 360_000].randomElement(using: &random) ?? 0
                dial = dial + Energy(wattHours: .random(in: 0...most, using: &random))
                truth.append(dial)
            }
            let first = ServiceDay(number: .random(in: 19_723...20_453, using: &random))
            func bracket(_ count: Int, _ index: Energy) -> DailyIndex {
                DailyIndex(
                    day: first + count, index: index + Energy(wattHours: .random(in: -bound...bound, using: &random)),
                    quality: bound == 0 ? .frozen : .measured, errorBound: Energy(wattHours: bound))
            }
            before = bracket(0, truth[0])
            after = bracket(days, dial)
        }
    }

    @Test("bracketed estimates fill every day between and add up to the watt-hour")
    func bracketedEstimatesAddUp() {
        var random = SeededRandom(seed: 5)
        for round in 0..<5000 {
            let gap = Gap(bound: 0, using: &random)
            let days = gap.after.day - gap.before.day
            let estimates = bracketedEstimates(from: gap.before, to: gap.after)
            #expect(estimates.map(\.day) == (1..<days).map { gap.before.day + $0 })
            #expect(estimates.allSatisfy { $0.quality == .estimated && $0.revision == 1 })
            let dials = [gap.before.index] + estimates.map(\.index) + [gap.after.index]
            let parts = zip(dials, dials.dropFirst()).map { $1 - $0 }
            #expect(parts.reduce(.zero, +) == gap.after.index - gap.before.index)
            let share = (gap.after.index - gap.before.index).wattHours / Int64(days)
            #expect(parts.allSatisfy { (share...(share + 1)).contains($0.wattHours) }, "round \(round)")
        }
    }

    @Test("the truth lies within every bracketed estimate's error bound", arguments: [0, 1, 5000] as [Int64])
    func bracketedBoundHoldsTruth(bound: Int64) {
        var random = SeededRandom(seed: 6)
        for round in 0..<5000 {
            let gap = Gap(bound: bound, using: &random)
            let estimates = bracketedEstimates(from: gap.before, to: gap.after)
            for (truth, estimate) in zip(gap.truth.dropFirst(), estimates) {
                let error = max(estimate.index - truth, truth - estimate.index)
                #expect(error <= estimate.errorBound, "round \(round): \(estimate), the dial showed \(truth)")
            }
        }
    }
}
