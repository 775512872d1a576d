import Testing

@Suite("a live reading")
struct LiveReadingTests {
    @Test("is accepted as a dial's first, whatever it shows")
    func first() throws {
        try check("read 04-30 10:00 99999.999 kWh -> accepted")
    }

    @Test("is accepted when the dial stood still or moved on")
    func ordinary() throws {
        try check(
            """
            read 04-30 10:00 120.000 kWh -> accepted
            read 04-30 10:30 120.000 kWh -> accepted
            read 04-30 11:00 123.456 kWh -> accepted
            """)
    }

    @Test("is a duplicate when the same poll is handed over again")
    func duplicate() throws {
        try check(
            """
            read 04-30 10:00 for 2s 120.000 kWh -> accepted
            read 04-30 10:00 for 2s 120.000 kWh -> duplicate
            read 04-30 10:00 for 1s 120.000 kWh -> duplicate
            """)
    }

    @Test("is late when it was taken before the one already accepted, and moves nothing")
    func late() throws {
        try check(
            """
            read 04-30 10:00 120.000 kWh -> accepted
            read 04-30 11:00 121.000 kWh -> accepted
            read 04-30 10:30 120.500 kWh -> late
            read 04-30 10:59 120.999 kWh -> late
            read 04-30 11:00 120.999 kWh -> late
            read 04-30 11:30 121.000 kWh -> accepted
            """)
    }

    @Test("is late, not doubled, when it was taken before the accepted one and the dial stood still since")
    func lateAtStandstill() throws {
        try check(
            """
            read 04-30 10:00 120.000 kWh -> accepted
            read 04-30 08:00 120.000 kWh -> late
            """)
    }

    @Test("says nothing against the dial when its poll overlaps the accepted one: it may have looked first")
    func overlapping() throws {
        try check(
            """
            read 04-30 10:00:00 for 5s 120.001 kWh -> accepted
            read 04-30 10:00:01 for 5s 120.000 kWh -> late
            read 04-30 10:00:01 for 5s 120.001 kWh -> duplicate
            read 04-30 10:00:01 for 3s 120.002 kWh -> late
            read 04-30 10:00:01 for 5s 120.002 kWh -> accepted
            read 04-30 10:00:07 for 1s 120.001 kWh -> decreased by 0.001 kWh
            """)
    }

    @Test("is suspect when the dial went back, by a watt-hour or by all it had")
    func decrease() throws {
        try check(
            """
            read 04-30 10:00 120.000 kWh -> accepted
            read 04-30 10:30 119.999 kWh -> decreased by 0.001 kWh
            read 04-30 11:00 0.000 kWh -> decreased by 120.000 kWh
            read 04-30 11:30 120.001 kWh -> accepted      # judged beside the last accepted one
            """)
    }

    @Test("is suspect above what the meter can pass, give or take one step of a coarse dial")
    func ceiling() throws {
        try check(
            """
            ceiling 15180 W
            read 04-30 10:00 100.000 kWh -> accepted
            read 04-30 11:00 116.181 kWh -> above ceiling, most 15.180 kWh     # a watt-hour over ceiling and step
            read 04-30 11:00 116.180 kWh -> accepted
            """)
    }

    @Test("has the whole span from the earlier request to the later answer to pass its energy in")
    func ceilingOverSpans() throws {
        try check(
            """
            ceiling 3600 W                                # a watt-hour a second
            read 04-30 10:00:00 for 10s 100.000 kWh -> accepted
            read 04-30 10:00:20 for 10s 101.031 kWh -> above ceiling, most 0.030 kWh
            read 04-30 10:00:20 for 10s 101.030 kWh -> accepted
            """)
    }

    @Test("is suspect with more digits than the dial, or below zero")
    func overflow() throws {
        try check(
            """
            digits 5
            read 04-30 10:00 100000.000 kWh -> overflow
            read 04-30 10:00 -0.001 kWh -> overflow
            read 04-30 10:00 99999.999 kWh -> accepted
            read 04-30 10:30 100000.000 kWh -> overflow
            """)
    }

    @Test("cannot have too many digits where the dial's digits are unknown")
    func unknownDigits() throws {
        try check(
            """
            read 04-30 10:00 999999999999.999 kWh -> accepted
            read 04-30 10:30 -0.001 kWh -> overflow
            """)
    }
}
