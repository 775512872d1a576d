import Metering
import Testing

@testable import VEE

@Suite("a frozen index")
struct FrozenIndexTests {
    @Test("is accepted beside the days before and after it, in whatever order they arrive")
    func anyOrder() throws {
        try check(
            """
            frozen 04-30 120.000 kWh -> accepted
            frozen 04-28 100.000 kWh -> accepted
            frozen 04-29 110.000 kWh -> accepted
            frozen 04-27 100.000 kWh -> accepted
            """)
    }

    @Test("is suspect below the frozen day before it or above the one after it")
    func decrease() throws {
        try check(
            """
            frozen 04-28 100.000 kWh -> accepted
            frozen 04-30 120.000 kWh -> accepted
            frozen 04-29 99.999 kWh -> decreased by 0.001 kWh
            frozen 04-29 120.001 kWh -> decreased by 0.001 kWh
            frozen 04-29 120.000 kWh -> accepted
            """)
    }

    @Test("is not accused by an index that was not on the dial")
    func estimatesDoNotAccuse() throws {
        try check(
            """
            known 04-28 100.000 kWh ±5.120 estimated
            known 04-30 120.000 kWh ±5.120 measured
            frozen 04-29 99.000 kWh -> accepted
            known 05-01 200.000 kWh ±0.000 edited
            frozen 05-02 150.000 kWh -> accepted
            """)
    }

    @Test("is suspect above what the meter passes in days of up to 25 hours, give or take a step")
    func ceiling() throws {
        try check(
            """
            ceiling 1000 W                                # 25 kWh a day
            frozen 04-28 100.000 kWh -> accepted
            frozen 04-29 126.001 kWh -> above ceiling, most 26.000 kWh
            frozen 04-29 126.000 kWh -> accepted
            frozen 05-01 177.001 kWh -> above ceiling, most 51.000 kWh
            frozen 05-01 177.000 kWh -> accepted
            """)
    }

    @Test("is suspect when the day after it shows more than the meter passes till then")
    func ceilingToTheDayAfter() throws {
        try check(
            """
            ceiling 1000 W                                # 25 kWh a day
            frozen 04-30 10000.000 kWh -> accepted
            frozen 04-29 9973.999 kWh -> above ceiling, most 26.000 kWh
            frozen 04-29 9974.000 kWh -> accepted
            """)
    }

    @Test("is suspect with more digits than the dial, or below zero")
    func overflow() throws {
        try check(
            """
            digits 5
            frozen 04-28 100000.000 kWh -> overflow
            frozen 04-28 -0.001 kWh -> overflow
            frozen 04-28 99999.999 kWh -> accepted
            """)
    }
}

@Suite("a bracketed estimate")
struct BracketedEstimateTests {
    @Test("splits a gap's energy evenly over its days")
    func evenly() throws {
        try check(
            """
            known 04-27 100.000 kWh ±0.000 frozen
            known 04-30 130.000 kWh ±0.000 frozen
            fill 04-27 04-30
              index 04-28 110.000 kWh ±20.480 estimated
              index 04-29 120.000 kWh ±20.480 estimated
            """)
    }

    @Test("rounds down, so that the days still add up")
    func roundsDown() throws {
        try check(
            """
            known 04-27 100.000 kWh ±0.000 frozen
            known 04-30 100.002 kWh ±0.000 frozen
            fill 04-27 04-30
              index 04-28 100.000 kWh ±0.002 estimated
              index 04-29 100.001 kWh ±0.001 estimated
            """)
    }

    @Test("carries the error of the days it stands between")
    func errorOfTheBrackets() throws {
        // The dial showed 99.600 on the 1st, 99.700 on the 2nd, 100.100 on the 3rd.
        try check(
            """
            known 05-01 100.000 kWh ±0.512 measured
            known 05-03 100.000 kWh ±0.224 measured
            fill 05-01 05-03
              index 05-02 100.000 kWh ±0.512 estimated
            """)
    }

    @Test("is not made where no day is missing or the dial went back")
    func none() throws {
        try check(
            """
            known 04-27 100.000 kWh ±0.000 frozen
            known 04-28 110.000 kWh ±0.000 frozen
            known 04-30 105.000 kWh ±0.000 frozen
            fill 04-27 04-28
            fill 04-28 04-30
            fill 04-28 04-27
            """)
    }
}
