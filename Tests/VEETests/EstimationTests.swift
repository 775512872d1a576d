import Metering
import Testing

@testable import VEE

@Suite("energy that nobody read")
struct EstimationTests {
    @Test("is told by the mean of the 28 latest known days, to the watt-hour over the gap")
    func meanOf28Days() throws {
        try check(
            """
            took 04-01 9.000 kWh                   # too long ago to count
            took 04-02 27 x 8.000 kWh
            took 04-29 8.001 kWh
            project 04-30 05-02 by mean of 28 days
              energy 04-30 8.000 kWh
              energy 05-01 8.000 kWh
              energy 05-02 8.000 kWh
            took 04-29 8.014 kWh                   # half a watt-hour a day more: every second day shows one
            project 04-30 05-02 by mean of 28 days
              energy 04-30 8.000 kWh
              energy 05-01 8.001 kWh
              energy 05-02 8.000 kWh
            """)
    }

    @Test("is not told where nothing is known for eight weeks")
    func nothingKnown() throws {
        try check(
            """
            took 03-01 28 x 8.000 kWh              # the last one is 28 March
            project 05-23 05-23 by mean of 28 days
              energy 05-23 8.000 kWh
            project 05-24 05-24 by mean of 28 days
            project 05-24 05-24 by like days
            """)
    }

    @Test("is told by the same weekday of four weeks before; a holiday is a Sunday")
    func likeDays() throws {
        // 4 May 2025 is a Sunday.
        try check(
            """
            took 04-07 28 x 8.000 kWh
            took 04-13 12.000 kWh
            took 04-20 12.000 kWh
            took 04-27 12.000 kWh
            took 05-04 14.000 kWh
            project 05-05 05-11 by like days
              energy 05-05 8.000 kWh
              energy 05-06 8.000 kWh
              energy 05-07 8.000 kWh
              energy 05-08 8.000 kWh
              energy 05-09 8.000 kWh
              energy 05-10 8.000 kWh
              energy 05-11 12.500 kWh
            holiday 05-05
            project 05-05 05-05 by like days
              energy 05-05 12.500 kWh
            """)
    }

    @Test("of a Wednesday may be told by Tuesdays and Thursdays, that of a Friday by nothing but Fridays")
    func standIns() throws {
        try check(
            """
            took 05-06 6.000 kWh                   # a Tuesday
            took 05-08 8.000 kWh
            took 05-10 9.400 kWh                   # a Saturday: no day like a Wednesday
            project 05-14 05-14 by like days
              energy 05-14 7.000 kWh
            # None is like a Friday, so all three are.
            project 05-16 05-16 by like days
              energy 05-16 7.800 kWh
            """)
    }

    @Test("between two indices can be split as the days like them took")
    func likeDayWeights() throws {
        // 2 May 2025 is a Friday. Over the gap the home took twice as much as it does.
        try check(
            """
            took 04-04 28 x 6.000 kWh
            took 04-06 12.000 kWh
            took 04-13 12.000 kWh
            took 04-20 12.000 kWh
            took 04-27 12.000 kWh
            known 05-02 100.000 kWh ±0.000 frozen
            known 05-05 148.000 kWh ±0.000 frozen
            weigh 05-02 05-05
              index 05-03 112.000 kWh ±40.960 estimated
              index 05-04 124.000 kWh ±24.576 estimated
            """)
    }

    @Test("split by weights is never more nor less than what was to be split")
    func splitIsExact() {
        var random = SeededRandom(seed: 9)
        for _ in 0..<5000 {
            let total = Energy(wattHours: .random(in: 0...1_000_000_000_000, using: &random))
            let weights = (0..<Int.random(in: 1...62, using: &random)).map { _ in
                Int64.random(in: 0...10_000_000, using: &random)
            }
            let parts = split(total, by: weights)
            #expect(parts.count == weights.count && parts.reduce(.zero, +) == total)
            #expect(parts.allSatisfy { $0 >= .zero })
        }
        #expect(split(Energy(wattHours: 7), by: [0, 0, 0]).map(\.wattHours) == [2, 2, 3])
        #expect(split(Energy(wattHours: 7), by: []).isEmpty)
        // A day on which the dial went back, by a person's word, weighs nothing.
        #expect(split(Energy(wattHours: 8000), by: [-100, 8000]).map(\.wattHours) == [0, 8000])
        #expect(split(Energy(wattHours: 1_000_000_000_000), by: [10, -9]).map(\.wattHours) == [1_000_000_000_000, 0])
        #expect(split(Energy(wattHours: 4), by: [-1, -2]).map(\.wattHours) == [2, 2])
    }
}
