import Testing

@Suite("an index at midnight")
struct MidnightTests {
    @Test("is drawn between the readings on both sides")
    func between() throws {
        try check(
            """
            read 04-29 23:50 120.000 kWh -> accepted
            read 04-30 00:10 121.000 kWh -> accepted
              index 04-30 120.500 kWh ±0.512 measured
            """)
    }

    @Test("lies nearer to the nearer reading and is rounded down")
    func weighted() throws {
        try check(
            """
            read 04-29 23:40 120.000 kWh -> accepted
            read 04-30 00:10 121.000 kWh -> accepted
              index 04-30 120.666 kWh ±0.768 measured
            """)
    }

    @Test("is bounded by the meter's ceiling where that says more than the readings")
    func boundedByCeiling() throws {
        try check(
            """
            ceiling 3600 W                                # 0.6 kWh in ten minutes, and a step of 1 kWh
            read 04-29 23:50 120.000 kWh -> accepted
            read 04-30 01:00 123.000 kWh -> accepted      # the line says 120.428; it was 121.600 at the most
              index 04-30 120.428 kWh ±1.280 measured
            """)
    }

    @Test("is known to the watt-hour where the dial stood still")
    func standstill() throws {
        try check(
            """
            read 04-29 12:00 120.000 kWh -> accepted
            read 04-30 12:00 120.000 kWh -> accepted
              index 04-30 120.000 kWh ±0.000 estimated
            """)
    }

    @Test("is measured with a reading within the window on either side, else estimated")
    func window() throws {
        try check(
            """
            window 15m
            read 04-28 23:45 10.000 kWh -> accepted
            read 04-29 12:00 10.000 kWh -> accepted
              index 04-29 10.000 kWh ±0.000 measured
            read 04-30 00:15 10.000 kWh -> accepted
              index 04-30 10.000 kWh ±0.000 measured
            read 04-30 23:44:59 10.000 kWh -> accepted
            read 05-01 00:15:01 10.000 kWh -> accepted
              index 05-01 10.000 kWh ±0.000 estimated
            """)
    }

    @Test("counts the window from the request before it and to the answer after it")
    func windowOverSpans() throws {
        try check(
            """
            window 15m
            read 04-28 23:44:59 for 2s 10.000 kWh -> accepted
            read 04-29 00:14:59 for 2s 10.000 kWh -> accepted
              index 04-29 10.000 kWh ±0.000 estimated
            """)
    }

    @Test("is the reading itself when one was taken exactly then, give or take the dial's step")
    func exactlyThen() throws {
        try check(
            """
            read 04-29 23:30 120.000 kWh -> accepted
            read 04-30 00:00 121.000 kWh -> accepted
              index 04-30 121.000 kWh ±1.024 measured
            read 04-30 00:30 122.000 kWh -> accepted      # confirms it
              index 04-30 121.000 kWh ±1.024 measured
            """)
    }

    @Test("belongs to the poll that began at midnight, and to the next one after a poll that ended there")
    func atTheEdges() throws {
        try check(
            """
            ceiling 3600 W
            read 04-28 23:59:50 for 5s 100.000 kWh -> accepted
            read 04-29 00:00:00 for 2s 100.010 kWh -> accepted
              index 04-29 100.008 kWh ±0.008 measured
            read 04-29 23:59:50 for 10s 100.010 kWh -> accepted
            read 04-30 00:00:06 for 2s 100.012 kWh -> accepted
              index 04-30 100.010 kWh ±0.002 measured
            """)
    }

    @Test("is left to the polls around it when it struck during a poll")
    func duringAPoll() throws {
        try check(
            """
            read 04-29 23:30 120.000 kWh -> accepted
            read 04-29 23:59:59 for 2s 121.000 kWh -> accepted
            read 04-30 00:30 122.000 kWh -> accepted
            """)
    }

    @Test("is not drawn from a suspect, a late or a doubled reading")
    func notFromSuspects() throws {
        try check(
            """
            digits 5
            read 04-29 23:50 120.000 kWh -> accepted
            read 04-30 00:05 119.000 kWh -> decreased by 1.000 kWh
            read 04-30 00:06 999.000 kWh -> above ceiling, most 4.048 kWh
            read 04-30 00:07 100000.000 kWh -> overflow
            read 04-29 23:40 119.900 kWh -> late
            read 04-29 23:50 120.000 kWh -> duplicate
            read 04-30 00:10 121.000 kWh -> accepted
              index 04-30 120.500 kWh ±0.512 measured
            """)
    }

    @Test("is drawn for each of ten midnights in one gap, so that the days add up")
    func tenMidnights() throws {
        try check(
            """
            read 04-20 12:00 100.000 kWh -> accepted
            read 04-30 12:00 200.000 kWh -> accepted      # 10 kWh a day
              index 04-21 105.000 kWh ±98.304 estimated
              index 04-22 115.000 kWh ±98.304 estimated
              index 04-23 125.000 kWh ±81.920 estimated
              index 04-24 135.000 kWh ±65.536 estimated
              index 04-25 145.000 kWh ±57.344 estimated
              index 04-26 155.000 kWh ±57.344 estimated
              index 04-27 165.000 kWh ±65.536 estimated
              index 04-28 175.000 kWh ±81.920 estimated
              index 04-29 185.000 kWh ±98.304 estimated
              index 04-30 195.000 kWh ±98.304 estimated
            """)
    }

    @Test("may be measured at a gap's ends and estimated inside it")
    func gapEnds() throws {
        try check(
            """
            window 15m
            read 04-27 23:50 100.000 kWh -> accepted
            read 04-30 00:10 100.000 kWh -> accepted
              index 04-28 100.000 kWh ±0.000 measured
              index 04-29 100.000 kWh ±0.000 estimated
              index 04-30 100.000 kWh ±0.000 measured
            """)
    }

    @Test("keeps to the service day where clocks change: the long day takes 25 parts, the next 24")
    func clocksChange() throws {
        try check(
            """
            zone Australia/Sydney
            read 04-05 23:00 0.000 kWh -> accepted
            read 04-08 00:00 50.000 kWh -> accepted       # 50 hours, 1 kWh each
              index 04-06 1.000 kWh ±16.384 estimated
              index 04-07 26.000 kWh ±28.672 estimated
              index 04-08 50.000 kWh ±1.024 measured
            """)
    }

    @Test("is the first instant of a day whose midnight the clocks skip")
    func midnightSkipped() throws {
        try check(
            """
            zone America/Sao_Paulo
            year 2018
            read 11-03 23:50 120.000 kWh -> accepted
            read 11-04 00:10 121.000 kWh -> accepted      # ten minutes into the day: 01:10 on the clock
              index 11-04 120.500 kWh ±0.512 measured
            """)
    }

    @Test("allows for a coarse dial that turns just before it")
    func coarseDial() throws {
        // 99 Wh had gathered behind a step of 100 when the dial was read; at midnight it showed 0.100.
        try check(
            """
            ceiling 15180 W
            read 04-29 23:59:59 0.000 kWh -> accepted
            read 04-30 01:00:00 0.300 kWh -> accepted
              index 04-30 0.000 kWh ±0.320 measured
            """)
    }
}
