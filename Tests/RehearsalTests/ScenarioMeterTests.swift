import Metering
import Testing

@testable import Rehearsal

/// Meters that refuse, lack or misstate what they are asked for, and meters that something happens to.
@Suite("The head-end lives through a scenario of bad meters:")
struct ScenarioMeterTests {
    private static let window = ScenarioCourse.window
    private static let afterwards = ScenarioCourse.afterwards

    @Test("each exception is told by its number, none is a value, and all registers are read again afterwards")
    func exceptions() throws {
        let course = try ScenarioCourse("exceptions")
        let evidence = try course.end()
        for unit: UInt8 in 1...6 {
            #expect(course.reads("GW1", unit, in: Self.window).isEmpty)
            #expect(Set(course.failures("GW1", unit).keys) == ["exception \(unit)"])
            #expect(!course.reads("GW1", unit, in: Self.afterwards).isEmpty)
        }
        #expect(course.figures("GW1").connects == 1)
        #expect(
            try evidence.qualities("GW1")
                == ["frozen", "estimated", "estimated", "estimated", "estimated", "estimated"])
        // Exception 2 to everything says nothing of a single register.
        #expect(try evidence.qualities("GW1", .activeExport)[1] == "estimated")
        #expect(try evidence.findings() == [])
    }

    @Test("what a gateway says for want of a unit's own word is the unit's silence, and a maker's own code is life")
    func exceptionsOfGateways() throws {
        let course = try ScenarioCourse("exceptions-of-gateways")
        try course.advance(to: "10 21:00")
        #expect(course.line("GW1")?.unitsOut == 2)
        let evidence = try course.end()
        #expect(Set(course.failures("GW1", 1).keys) == ["exception 10"])
        #expect(Set(course.failures("GW1", 2).keys) == ["exception 11"])
        #expect(Set(course.failures("GW1", 3).keys) == ["exception 129"])
        // No way to a unit is not tried again soon; a silent unit is, before it is only probed.
        #expect(course.failures("GW1", 1, in: "10 18:00"..."10 18:45") == ["exception 10": 1])
        for unit: UInt8 in [1, 2, 3] { #expect(!course.reads("GW1", unit, in: Self.afterwards).isEmpty) }
        #expect(try evidence.qualities("GW1") == ["frozen", "estimated", "estimated"])
        #expect(try evidence.qualities("GW1", .activeExport)[1] == "estimated")
        #expect(try evidence.findings() == [])
    }

    @Test("a meter that answers few words at once is read in smaller requests")
    func registerLimit() throws {
        let course = try ScenarioCourse("register-limit")
        let evidence = try course.end()
        // Eleven words are what the profiles ask for at the most; fewer are learnt, once.
        #expect(course.figures("GW1").exceptions == 0)
        for gateway in ["GW1", "GW2", "GW3"] {
            #expect(course.failures(gateway) == [:])
            #expect(course.figures(gateway).exceptions <= 12)
            #expect(try evidence.qualities(gateway) == ["measured", "measured", "measured"])
            #expect(try evidence.qualities(gateway, .reactiveImport)[0] == "measured")
        }
        #expect(try evidence.findings() == [])
    }

    @Test("a register that a meter lacks is told once, and takes none of its neighbours with it")
    func registerGap() throws {
        let course = try ScenarioCourse("register-gap")
        let evidence = try course.end()
        #expect(course.failures("GW1", 1) == ["exception 2": 1])
        #expect(try evidence.qualities("GW1", .reactiveImport) == ["none", "estimated", "estimated", "measured"])
        #expect(try evidence.qualities("GW1") == ["measured", "measured", "estimated", "measured"])
        #expect(try evidence.qualities("GW1", .activeExport) == ["measured", "measured", "estimated", "measured"])
        // A zero where the dial stood higher.
        #expect(try evidence.verdicts("GW1", 2, .reactiveImport)["decreased"] ?? 0 > 10)
        #expect(try evidence.verdicts("GW1", 2, .activeImport).keys.sorted() == ["accepted"])
        #expect(Set(course.failures("GW1", 3).keys) == ["timeout"])
        #expect(course.reads("GW1", 3, in: Self.window).isEmpty)
        #expect(course.failures("GW1", 4) == [:])
        #expect(course.longestPause("GW1", 4) <= 31)
        #expect(try evidence.findings() == [])
    }

    @Test("words in reverse order are suspect and in no closed day; kept days are read again when they are right")
    func swappedWords() throws {
        let course = try ScenarioCourse("swapped-words")
        let evidence = try course.end()
        #expect(try evidence.verdicts("GW1", 2, .activeImport).keys.filter { $0 != "accepted" } != [])
        #expect(try evidence.qualities("GW1") == ["frozen", "estimated", "estimated", "measured"])
        #expect(try evidence.findings() == [])
    }

    @Test("a new meter whose words come in reverse order contradicts its profile, and nothing of it counts")
    func swappedWordsOfNewMeters() throws {
        let course = try ScenarioCourse("swapped-words", from: "10 20:00", through: "11 05:00")
        let evidence = try course.end()
        for unit: UInt8 in [2, 3] {
            #expect(course.failures("GW1", unit)["identity"] ?? 0 > 0)
            #expect(course.reads("GW1", unit).isEmpty)
        }
        #expect(course.failures("GW1", 4) == [:])
        #expect(try evidence.findings(except: ["liveness"]) == [])
    }

    @Test("what is not available is absent, and kept days are read again when they are there")
    func notAvailable() throws {
        let course = try ScenarioCourse("not-available")
        let evidence = try course.end()
        for unit: UInt8 in 2...6 {
            #expect(Set(course.failures("GW1", unit).keys) == ["absent"])
            #expect(course.reads("GW1", unit, in: Self.window).isEmpty)
            #expect(try evidence.verdicts("GW1", unit).keys.sorted() == ["accepted"])
        }
        for gateway in ["GW1", "GW2"] {
            #expect(
                try evidence.qualities(gateway)
                    == ["frozen", "estimated", "estimated", "estimated", "estimated", "estimated"])
        }
        #expect(try evidence.findings() == [])
    }

    @Test("a new meter whose records say all ones contradicts its profile, and none of them is asked for")
    func notAvailableOfNewMeters() throws {
        let course = try ScenarioCourse("not-available", from: "10 20:00", through: "11 05:00")
        let evidence = try course.end()
        #expect(Set(course.failures("GW2", 1).keys) == ["identity"])
        #expect(try evidence.verdicts("GW2", 1, .activeImport).isEmpty)
        #expect(try evidence.findings(except: ["liveness"]) == [])
    }

    @Test("dials that show zero or anything after a reboot are suspect for that hour, and no day is made from them")
    func indexAfterReboot() throws {
        let course = try ScenarioCourse("index-after-reboot")
        let evidence = try course.end()
        for unit: UInt8 in [2, 3] {
            #expect(try evidence.verdicts("GW1", unit, .activeImport)["decreased"] ?? 0 > 1)
            #expect(try evidence.verdicts("GW1", unit, .activeImport)["accepted"] == 2)
        }
        #expect(try evidence.verdicts("GW2", 2, .activeImport).keys.filter { $0 != "accepted" } != [])
        for gateway in ["GW1", "GW2"] {
            #expect(try evidence.qualities(gateway) == ["frozen", "estimated", "estimated"])
        }
        #expect(try evidence.store.cases(limit: 10).isEmpty)
        #expect(try evidence.findings() == [])
    }

    @Test("a dial that begins again at zero goes on: every day is measured, and somebody is told")
    func rollover() throws {
        let course = try ScenarioCourse("rollover", through: "12 08:30")
        let evidence = try course.end()
        #expect(try evidence.verdicts("GW1", 1, .activeImport)["decreased"] ?? 0 == 0)
        // Just before it the meter's float says 1,000,000 kWh: a digit more than the dial has.
        #expect(try evidence.verdicts("GW1", 1, .activeImport)["overflow"] ?? 0 > 0)
        #expect(try evidence.qualities("GW1", on: 11) == ["measured", "measured", "measured"])
        #expect(try evidence.qualities("GW1", on: 12) == ["measured", "measured", "measured"])
        let cases = try evidence.store.cases(limit: 9)
        #expect(cases.map(\.kind) == [.rollover] && cases.map(\.severity) == [.warns])
        let days = try evidence.store.dailyIndices(
            usagePoint: "PA09010000001", register: .activeImport,
            from: cases[0].days?.lowerBound ?? ServiceDay(number: 0),
            through: ServiceDay(number: 30_000))
        #expect(days.prefix(2).map(\.index.index).max() == days.first?.index.index, "people see the dial")
        #expect(days.first?.consumption.map { $0 > .zero && $0 < Energy(wattHours: 40_000) } == true)
        for unit: UInt8 in [2, 3] { #expect(course.failures("GW1", unit) == [:]) }
        #expect(try evidence.findings() == [])
    }

    @Test("another meter in a meter's place is found out, and its readings are nobody's until somebody tells")
    func meterExchange() throws {
        let course = try ScenarioCourse("meter-exchange", through: "12 08:30")
        let evidence = try course.end()
        #expect(course.failures("GW1", 1)["identity"] ?? 0 > 0)
        #expect(course.reads("GW1", 1, in: "11 10:50"..."12 08:30").isEmpty)
        #expect(try evidence.verdicts("GW1", 1)["foreign-meter"] ?? 0 > 10)
        #expect(try evidence.qualities("GW1", on: 12) == ["none", "measured", "measured"])
        let cases = try evidence.store.cases(limit: 10)
        #expect(cases.map(\.found) == ["24000901"] && cases.map(\.serial) == ["24000001"])
        #expect(try evidence.findings(except: ["liveness"]) == [])
    }

    @Test("once the registry knows of an exchange the new meter has its own days, and the case is closed")
    func meterExchangeTold() throws {
        let course = try ScenarioCourse("meter-exchange", through: "13 08:30", toldOfExchanges: "11 14:00")
        let evidence = try course.end()
        // The old meter's row, then the new one's, both of unit 1.
        #expect(try evidence.qualities("GW1", on: 12) == ["none", "measured", "measured", "measured"])
        #expect(try evidence.store.cases(limit: 10).isEmpty)
        #expect(try evidence.findings() == [])
    }
}
