import Metering
import Testing

@testable import VEE

@Suite("a dial that begins at 0 again")
struct RolloverTests {
    @Test("goes on with its span more, and the midnight between lies on the line through both")
    func midnight() throws {
        try check(
            """
            digits 5
            read 04-29 23:55 99999.000 kWh -> accepted
            read 04-30 00:05 00001.000 kWh -> rollover
            index 04-30 100000.000 kWh ±1.024 measured
            read 04-30 00:35 00002.500 kWh -> accepted
            """)
    }

    @Test("has gone back unless it stood in the last tenth of its span")
    func lastTenth() throws {
        try check(
            """
            digits 5
            ceiling 20000000 W
            read 04-29 10:00 90000.000 kWh -> accepted
            read 04-29 11:00 00000.001 kWh -> decreased by 89999.999 kWh
            """)
        try check(
            """
            digits 5
            ceiling 20000000 W
            read 04-29 10:00 90000.001 kWh -> accepted
            read 04-29 11:00 00000.001 kWh -> rollover
            """)
    }

    @Test("has gone back where more would have passed than the meter can")
    func ceiling() throws {
        try check(
            """
            digits 5
            ceiling 1000 W
            read 04-29 10:00 99999.000 kWh -> accepted
            read 04-29 11:00 00001.001 kWh -> decreased by 99997.999 kWh
            read 04-29 11:00 00001.000 kWh -> rollover
            """)
    }

    @Test("has gone back where nobody knows its digits")
    func unknownDigits() throws {
        try check(
            """
            read 04-29 10:00 99999.000 kWh -> accepted
            read 04-29 11:00 00001.000 kWh -> decreased by 99998.000 kWh
            """)
    }

    @Test("has passed its span again and again")
    func twice() throws {
        try check(
            """
            digits 1
            ceiling 1000 W
            read 04-29 10:00 9.500 kWh -> accepted
            read 04-29 11:00 0.400 kWh -> rollover
            read 04-29 20:00 9.200 kWh -> accepted
            read 04-29 21:00 0.100 kWh -> rollover
            """)
    }

    @Test("is not believed to have done so in a reading from before")
    func late() throws {
        try check(
            """
            digits 5
            read 04-29 10:00 99999.000 kWh -> accepted
            read 04-29 11:00 00001.000 kWh -> rollover
            read 04-29 10:30 99999.500 kWh -> late
            """)
    }

    @Test("keeps its own records in the same count, from whichever side they come")
    func frozen() throws {
        try check(
            """
            digits 5
            ceiling 15180 W
            frozen 04-29 99990.000 kWh -> accepted
            frozen 04-30 00010.000 kWh -> accepted
            frozen 05-01 00020.000 kWh -> accepted
            fill 04-29 05-01
            index 04-30 100005.000 kWh ±16.384 estimated
            """)
        try check(
            """
            digits 5
            ceiling 15180 W
            read 05-01 10:00 00030.000 kWh -> accepted
            frozen 05-01 00020.000 kWh -> accepted
            frozen 04-29 99990.000 kWh -> decreased by 99970.000 kWh
            """)
    }

    @Test(
        "what a person reads off is in the turn that is nearest to what is known",
        arguments: [
            (3, 99_990, 100_003), (99_990, 100_003, 99_990), (50_000, 99_990, 50_000), (3, 299_990, 300_003),
            (99_990, 3, 99_990), (7, 0, 7),
        ])
    func nearest(shown: Int64, known: Int64, counted: Int64) {
        let limits = DialLimits(ceilingWatts: 1, digits: 2)
        func energy(_ value: Int64) -> Energy { Energy(wattHours: value) }
        #expect(limits.counted(energy(shown), nearest: energy(known)) == energy(counted))
        #expect(limits.shown(energy(counted)) == energy(shown))
    }
}
