import Metering

@testable import VEE

/// A dial with a life of its own: at any time it passes some power from nothing up to the ceiling, and it shows whole
/// steps of energy. What it really shows at an instant is known exactly, without floating point.
struct SeededDial {
    let ceilingWatts: Int64
    /// The dial shows multiples of this.
    let stepWattHours: Int64
    private let begin: Instant
    /// Ends of the spans of constant power, oldest first, with the watt-microseconds passed up to there.
    private var corners: [(end: Instant, watts: Int64, passed: Int64)] = []
    private let startWattHours: Int64

    private static let wattMicrosecondsInWattHour: Int64 = 3_600_000_000

    init(from begin: Instant, to end: Instant, stepWattHours: Int64, using random: inout SeededRandom) {
        self.begin = begin
        self.stepWattHours = stepWattHours
        ceilingWatts = [5060, 15_180, 69_000].randomElement(using: &random) ?? 15_180
        startWattHours = .random(in: 0...90_000_000, using: &random)
        var moment = begin
        var passed: Int64 = .random(in: 0..<Self.wattMicrosecondsInWattHour, using: &random)
        while moment < end {
            let length = Instant.Span(microseconds: .random(in: 1_000_000...30_000_000_000, using: &random))
            let watts: Int64 =
                switch Int.random(in: 0..<4, using: &random) {
                case 0: 0
                case 1: ceilingWatts
                default: .random(in: 0...ceilingWatts, using: &random)
                }
            moment = moment + length
            passed += watts * length.microseconds
            corners.append((moment, watts, passed))
        }
    }

    func shown(at instant: Instant) -> Energy {
        precondition(instant >= begin, "the dial's life begins later")
        guard let corner = corners.first(where: { $0.end >= instant }) else {
            preconditionFailure("the dial's life has ended")
        }
        let passed = corner.passed - corner.watts * (corner.end - instant).microseconds
        let wattHours = startWattHours + passed / Self.wattMicrosecondsInWattHour
        return Energy(wattHours: wattHours - wattHours % stepWattHours)
    }

    var limits: DialLimits { DialLimits(ceilingWatts: ceilingWatts) }
}

/// A dial polled at random moments: the readings as the head-end gets them.
struct PolledDial {
    let dial: SeededDial
    let readings: [DialReading]

    init(seed: UInt64, stepWattHours: Int64) {
        var random = SeededRandom(seed: seed)
        // Some time between 2024 and 2026, mostly near a Vietnamese midnight.
        let day = ServiceDay(number: .random(in: 19_723...20_453, using: &random))
        let begin = ServiceCalendar.vietnam.start(of: day) - .seconds(.random(in: 0...7200, using: &random))
        let count = Int.random(in: 2...4, using: &random)
        var polls: [(requested: Instant, looked: Instant, answered: Instant)] = []
        var moment = begin
        for _ in 0..<count {
            let took = Int64.random(in: 0...Self.longest(using: &random), using: &random)
            let looked = Int64.random(in: 0...took, using: &random)
            polls.append(
                (moment, moment + Instant.Span(microseconds: looked), moment + Instant.Span(microseconds: took)))
            moment = moment + Instant.Span(microseconds: took)
            moment = moment + Instant.Span(microseconds: .random(in: 0...Self.pause(using: &random), using: &random))
        }
        let dial = SeededDial(from: begin, to: moment + .seconds(1), stepWattHours: stepWattHours, using: &random)
        self.dial = dial
        readings = polls.map {
            DialReading(requested: $0.requested, answered: $0.answered, index: dial.shown(at: $0.looked))
        }
    }

    /// An answer comes at once, within seconds, or after half an hour.
    private static func longest(using random: inout SeededRandom) -> Int64 {
        [0, 50_000, 5_000_000, 1_800_000_000].randomElement(using: &random) ?? 0
    }

    /// The next poll follows within seconds, the cadence, a day, or after ten days of silence.
    private static func pause(using random: inout SeededRandom) -> Int64 {
        [10_000_000, 3_600_000_000, 86_400_000_000, 864_000_000_000].randomElement(using: &random) ?? 0
    }

    /// Neighbouring readings with the indices drawn between them.
    func drawn(window: Instant.Span) -> [(previous: DialReading, reading: DialReading, indices: [DailyIndex])] {
        let boundary = DayBoundary(calendar: .vietnam, window: window)
        return zip(readings, readings.dropFirst()).map { previous, reading in
            (previous, reading, boundary.indices(from: previous, to: reading, limits: dial.limits))
        }
    }
}
