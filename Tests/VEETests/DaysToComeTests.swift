import Metering
import Testing

@testable import VEE

@Suite("days to come")
struct DaysToComeTests {
    /// - Parameter latest: Wh of each day, newest first.
    /// - Returns: low, expected and high of so many days, in Wh.
    private static func told(_ latest: [Int64], days: Int) -> [Int64]? {
        DaysToCome(latest: latest.map { Energy(wattHours: $0) }).map { known in
            let energy = known.energy(of: days)
            return [energy.low.wattHours, energy.expected.wattHours, energy.high.wattHours]
        }
    }

    private static func days(_ count: Int, _ wattHours: Int64) -> [Int64] { Array(repeating: wattHours, count: count) }

    @Test(
        "are told by the mean of the latest fourteen, and by how far the weeks of eight lie from it",
        arguments: [
            // All weeks alike: a tenth of the mean off, of a day more than there are.
            (days(56, 10_000), 9, [80_000, 90_000, 100_000]),
            // Six of eight weeks lie 8 kWh off: 1 + 5/4 × 6 a day.
            (days(14, 10_000) + days(42, 18_000), 9, [5000, 90_000, 175_000]),
            (days(14, 10_000) + days(42, 2000), 9, [5000, 90_000, 175_000]),
            // The two weeks of the mean itself differ by 4 kWh, the others lie on it: 1.2 + 5/4 × 0.5.
            (days(7, 10_000) + days(7, 14_000) + days(42, 12_000), 9, [89_750, 108_000, 126_250]),
            // What is older than eight weeks says nothing.
            (days(56, 10_000) + days(10, 90_000), 9, [80_000, 90_000, 100_000]),
            // Exact over all the days, not a day's mean times their number.
            (days(13, 10_000) + days(43, 10_013), 14, [124_833, 140_013, 155_193]),
        ] as [([Int64], Int, [Int64])])
    func told(latest: [Int64], days: Int, told: [Int64]) { #expect(Self.told(latest, days: days) == told) }

    @Test("are not told by fewer than seven, and of a newcomer each unknown week counts as a fifth off")
    func newcomer() {
        #expect(Self.told(Self.days(6, 8000), days: 9) == nil)
        // 0.8 + 5/4 × 7/8 × 1.6 a day; a week that is not whole is not known.
        for known in 7...13 { #expect(Self.told(Self.days(known, 8000), days: 9) == [46_500, 72_000, 97_500]) }
        #expect(Self.told(Self.days(14, 8000), days: 9) == [49_000, 72_000, 95_000])
    }

    @Test("are never below nothing, nor beyond any bill, whatever the days before were")
    func bounds() throws {
        // Away for two weeks: nothing is expected, and that people come home is not ruled out.
        #expect(Self.told(Self.days(14, 0) + Self.days(42, 8000), days: 9) == [0, 0, 75_000])
        #expect(Self.told(Self.days(56, 0), days: 9) == [0, 0, 0])
        // A dial that went back.
        #expect(Self.told([-50_000] + Self.days(55, 0), days: 9) == [0, 0, 0])
        let most = try #require(Self.told(Self.days(28, .max) + Self.days(28, 0), days: 31))
        #expect(most[1] == 31_000_000_000_000)
        #expect(Self.told(Self.days(56, 10_000), days: 0) == [0, 0, 0], "of no days there is nothing to be told")
    }
}
