import Metering
import Testing

@testable import VEE

@Suite("a dial's limits")
struct DialLimitsTests {
    @Test(
        "the most energy in a time is rounded up to a whole watt-hour",
        arguments: [
            (3600, 1_000_000, 1), (3600, 1_000_001, 2), (3600, 1, 1), (3600, 0, 0), (3600, -1_000_000, 0),
            (15_180, 3_600_000_000, 15_180), (15_180, 3_600_000_001, 15_181), (0, 3_600_000_000, 0),
        ] as [(Int64, Int64, Int64)])
    func most(watts: Int64, microseconds: Int64, wattHours: Int64) {
        let limits = DialLimits(ceilingWatts: watts)
        #expect(limits.most(in: Instant.Span(microseconds: microseconds)) == Energy(wattHours: wattHours))
    }

    @Test("the most energy in an endless time limits nothing and leaves room to add a dial")
    func endless() {
        let most = DialLimits(ceilingWatts: .max).most(in: Instant.Span(microseconds: .max))
        #expect(most > Energy(wattHours: 1_000_000_000_000_000))
        #expect(most + Energy(wattHours: 1_000_000_000_000_000) > most)
    }

    @Test(
        "a dial of n digits ends below 10^n kWh; other counts mean that it is unknown, and twelve digits are the most",
        arguments: [
            (1, 10_000), (5, 100_000_000), (12, 1_000_000_000_000_000), (0, 1_000_000_000_000_000),
            (-1, 1_000_000_000_000_000), (13, 1_000_000_000_000_000),
        ] as [(Int, Int64)])
    func span(digits: Int, wattHours: Int64) {
        #expect(DialLimits(ceilingWatts: 1, digits: digits).span == Energy(wattHours: wattHours))
    }

    @Test(
        "what went back, ran ahead or overflowed is suspect; the rest is not",
        arguments: [
            (.accepted, "accepted", false), (.duplicate, "duplicate", false), (.late, "late", false),
            (.decreased(by: .zero), "decreased", true), (.aboveCeiling(most: .zero), "above-ceiling", true),
            (.unconfirmed, "unconfirmed", true),
            (.overflow, "overflow", true),
        ] as [(Verdict, String, Bool)])
    func verdicts(verdict: Verdict, name: String, isSuspect: Bool) {
        #expect(verdict.name == name)
        #expect(verdict.isSuspect == isSuspect)
    }
}
