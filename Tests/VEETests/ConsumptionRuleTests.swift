import Testing

@testable import VEE

@Suite("an unusual day")
struct UnusualDayTests {
    @Test("takes more than three means, one and a half times the most, and 10 kWh: all of them")
    func high() throws {
        try check(
            """
            took 04-01 28 x 8.000 kWh
            took 04-20 15.000 kWh                  # the most; the mean is 8.25
            took 04-29 24.750 kWh
            check 04-29 -> usual                   # three means are not more than three means
            took 04-29 24.751 kWh
            check 04-29 -> high
            took 04-20 17.000 kWh                  # one and a half times the most is more than three means now
            took 04-29 25.500 kWh
            check 04-29 -> usual
            took 04-29 25.501 kWh
            check 04-29 -> high
            """)
    }

    @Test("is none of a home that takes next to nothing")
    func little() throws {
        try check(
            """
            took 04-01 28 x 1.000 kWh
            took 04-29 10.000 kWh
            check 04-29 -> usual
            took 04-29 10.001 kWh
            check 04-29 -> high
            """)
    }

    @Test("is none within the first two weeks")
    func newcomer() throws {
        try check(
            """
            took 04-01 13 x 8.000 kWh
            took 04-14 90.000 kWh
            check 04-14 -> usual
            took 03-31 8.000 kWh
            check 04-14 -> high
            """)
    }

    @Test("takes less than a tenth of the mean, where a home takes anything at all; for who wants to hear of it")
    func low() throws {
        try check(
            """
            took 04-01 28 x 8.000 kWh
            took 04-29 0.799 kWh
            check 04-29 -> usual                   # thousands of homes a day: it is shipped off
            with low
            check 04-29 -> low
            took 04-29 0.800 kWh
            check 04-29 -> usual
            took 04-01 28 x 3.000 kWh              # of so little a tenth is next to nothing any day
            took 04-29 0.001 kWh
            check 04-29 -> usual
            took 04-01 3.028 kWh
            check 04-29 -> low
            took 07-01 13 x 8.000 kWh              # a new home
            took 07-14 0.001 kWh
            check 07-14 -> usual
            took 06-30 8.000 kWh
            check 07-14 -> low
            """)
    }

    @Test("is the thirtieth without energy, not those before and after")
    func zeroRun() throws {
        try check(
            """
            took 03-31 0.001 kWh
            took 04-01 31 x 0.000 kWh
            check 04-02 -> usual
            check 04-03 -> usual
            check 04-06 -> usual
            check 04-07 -> usual
            check 04-30 -> zero-run
            check 05-01 -> usual
            """)
    }

    @Test("is the fourth of the same energy, on a dial fine enough to tell days apart")
    func repeated() throws {
        try check(
            """
            resolution 0.010 kWh
            took 04-01 5.000 kWh
            took 04-02 5 x 8.120 kWh
            check 04-04 -> usual
            check 04-05 -> repeated
            check 04-06 -> usual
            resolution 0.100 kWh
            check 04-05 -> usual
            resolution 0.010 kWh
            took 04-02 5 x 0.500 kWh               # what a home takes in which nobody is
            check 04-05 -> usual
            """)
    }

    @Test("that is not known is nothing")
    func unknown() throws {
        try check(
            """
            took 04-01 28 x 8.000 kWh
            check 04-29 -> usual
            took 04-30 0.000 kWh                   # two days known, one between them not
            took 05-01 0.000 kWh
            took 05-03 0.000 kWh
            check 05-03 -> usual
            """)
    }
}

@Suite("an unusual month")
struct UnusualMonthTests {
    @Test("takes three tenths more a day than the month before, however many days either has")
    func monthOnMonth() throws {
        try check(
            """
            took 02-01 28 x 10.000 kWh
            took 03-01 31 x 13.000 kWh
            month 03 -> month-on-month
            took 03-31 12.999 kWh
            month 03 -> usual
            """)
    }

    @Test("is beside nothing where the month before has a day that is not known, or took nothing")
    func beside() throws {
        try check(
            """
            took 02-01 27 x 1.000 kWh
            took 03-01 31 x 13.000 kWh
            month 03 -> usual
            took 02-01 28 x 0.000 kWh
            month 03 -> usual
            """)
    }

    @Test("is the third of the same energy in whole kWh")
    func sameMonths() throws {
        try check(
            """
            took 03-01 31 x 10.000 kWh
            took 04-01 30 x 10.000 kWh
            took 04-30 20.000 kWh
            took 05-01 31 x 10.000 kWh
            month 05 -> same-months
            month 04 -> usual
            took 05-31 9.900 kWh
            month 05 -> usual
            took 05-31 10.900 kWh                  # 310.900 kWh are shown as 310
            month 05 -> same-months
            took 03-01 92 x 0.010 kWh              # nobody was there: no whole kWh in any
            month 05 -> usual
            """)
    }
}
