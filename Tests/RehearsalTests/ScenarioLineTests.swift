import Testing

@testable import Rehearsal

/// Answers that come late or not at all, and connections that fail.
@Suite("The head-end lives through a scenario of bad lines:")
struct ScenarioLineTests {
    private static let window = ScenarioCourse.window
    private static let afterwards = ScenarioCourse.afterwards

    @Test("answers that are late, but in time, bring every reading, once it is known how late they come")
    func lateReplyInside() throws {
        let course = try ScenarioCourse("late-reply-inside")
        let evidence = try course.end()
        #expect(course.figures("GW1").timeouts <= 1)
        #expect(course.figures("GW1").lateReplies == course.figures("GW1").timeouts)
        for unit: UInt8 in [1, 2, 3] { #expect(course.longestPause("GW1", unit) <= 31) }
        #expect(try evidence.qualities("GW1") == ["frozen", "measured", "measured"])
        #expect(try evidence.findings() == [])
    }

    @Test("answers that come after their time are counted and thrown away, and the stream stays in step")
    func lateReplyAfter() throws {
        let course = try ScenarioCourse("late-reply-after")
        try course.advance(to: "10 21:00")
        #expect(course.line("GW1")?.unitsOut == 1)
        let evidence = try course.end()
        #expect(course.reads("GW1", 1, in: Self.window).isEmpty)
        #expect(Set(course.failures("GW1", 1).keys) == ["timeout"])
        let figures = course.figures("GW1")
        #expect(figures.lateReplies == figures.timeouts && figures.lateReplies > 10)
        #expect([figures.foreignReplies, figures.badReplies, figures.framingViolations] == [0, 0, 0])
        #expect(figures.connects == 1)
        for unit: UInt8 in [2, 3] { #expect(course.failures("GW1", unit) == [:]) }
        #expect(try evidence.qualities("GW1") == ["frozen", "measured", "measured"])
        #expect(try evidence.findings() == [])
    }

    @Test("an answer that is delivered beside another unit's is late, and never that unit's")
    func lateReplyOtherUnit() throws {
        let course = try ScenarioCourse("late-reply-other-unit")
        let evidence = try course.end()
        for gateway in ["GW1", "GW2"] {
            #expect(course.figures(gateway).lateReplies > 10)
            #expect(course.figures(gateway).foreignReplies == 0)
            #expect(course.failures(gateway, 2) == [:])
            #expect(try evidence.qualities(gateway) == ["estimated", "measured"])
        }
        #expect(try evidence.findings() == [])
    }

    @Test("answers that never get whole cost their own meter its readings, and the others a connection now and then")
    func dribble() throws {
        let course = try ScenarioCourse("dribble")
        try course.advance(to: "10 21:00")
        #expect(course.line("GW1")?.unitsOut == 1)
        let evidence = try course.end()
        #expect(course.reads("GW1", 1, in: Self.window).isEmpty)
        for unit: UInt8 in [2, 3] { #expect(course.longestPause("GW1", unit) <= 61) }
        #expect((2...20).contains(course.figures("GW1").connects))
        #expect(!course.reads("GW1", 1, in: Self.afterwards).isEmpty)
        #expect(try evidence.qualities("GW1") == ["frozen", "measured", "measured"])
        #expect(try evidence.findings() == [])
    }

    @Test("a dead unit is asked less and less often, costs its neighbours nothing, and is back at once")
    func deadUnit() throws {
        let course = try ScenarioCourse("dead-unit")
        try course.advance(to: "10 21:00")
        #expect(course.line("GW1")?.unitsOut == 1)
        let early = course.figures("GW1").timeouts
        try course.advance(to: "11 00:00")
        // A try each half hour by now.
        #expect(course.figures("GW1").timeouts - early <= 8)
        let evidence = try course.end()
        #expect(course.reads("GW1", 2, in: Self.window).isEmpty)
        #expect(!course.reads("GW1", 2, in: "11 06:00"..."11 06:30").isEmpty)
        for unit: UInt8 in [1, 3, 4, 5, 6] {
            #expect(course.failures("GW1", unit) == [:])
            #expect(course.longestPause("GW1", unit) <= 31)
        }
        #expect(course.figures("GW1").connects == 1)
        #expect(
            try evidence.qualities("GW1") == ["frozen", "estimated", "measured", "measured", "measured", "measured"])
        #expect(try evidence.findings() == [])
    }

    @Test("gateways out of reach are down, tried each half minute, and their days are closed afterwards")
    func gatewayDead() throws {
        let course = try ScenarioCourse("gateway-dead")
        try course.advance(to: "10 23:00")
        #expect(try course.state("GW1") == .offline)
        #expect(try course.state("GW2") == .offline)
        #expect(try course.state("GW3") == .online)
        let evidence = try course.end()
        // One line an attempt, whichever meter it is for.
        let told = course.failures("GW1")["no-connection"] ?? 0
        #expect(told <= course.figures("GW1").connectFailures + 3 && told > 500)
        for gateway in ["GW1", "GW2"] {
            #expect((course.figures(gateway).connects + course.figures(gateway).connectFailures) < 3000)
            for unit: UInt8 in [1, 2, 3] {
                #expect(course.reads(gateway, unit, in: Self.window).isEmpty)
                #expect(!course.reads(gateway, unit, in: "11 06:00"..."11 06:35").isEmpty)
            }
            #expect(try evidence.qualities(gateway) == ["frozen", "estimated", "estimated"])
        }
        #expect(course.failures("GW3") == [:])
        #expect(try evidence.findings() == [])
    }

    @Test("connections that went silent without an end are given up, and made anew as soon as that is possible")
    func halfOpen() throws {
        let course = try ScenarioCourse("half-open")
        let evidence = try course.end()
        for gateway in ["GW1", "GW2", "GW3"] {
            #expect(course.figures(gateway).silentConnections > 0)
            for unit: UInt8 in [1, 2] { #expect(!course.reads(gateway, unit, in: "11 06:00"..."11 06:35").isEmpty) }
        }
        #expect(course.figures("GW1").connects == 2)
        for unit: UInt8 in [1, 2] { #expect(course.longestPause("GW1", unit) <= 61) }
        for gateway in ["GW2", "GW3"] { #expect(course.reads(gateway, 2, in: Self.window).isEmpty) }
        #expect(course.figures("GW2").connectFailures > 500)
        #expect(try evidence.qualities("GW1") == ["frozen", "measured"])
        #expect(try evidence.qualities("GW2") == ["frozen", "estimated"])
        #expect(try evidence.qualities("GW3") == ["frozen", "estimated"])
        #expect(try evidence.findings() == [])
    }

    @Test("a gateway that falls silent after ten requests is found out within a minute, and everything is read")
    func silentAfter() throws {
        let course = try ScenarioCourse("silent-after")
        let evidence = try course.end()
        for gateway in ["GW1", "GW2"] {
            #expect(course.figures(gateway).silentConnections > 0)
            for unit: UInt8 in [1, 2, 3] { #expect(course.longestPause(gateway, unit) <= 31) }
            #expect(try evidence.qualities(gateway) == ["frozen", "measured", "measured"])
        }
        // On GW2 the old connection works again by itself, now and then before it is given up.
        #expect(course.figures("GW2").connects <= course.figures("GW1").connects)
        #expect(try evidence.findings() == [])
    }

    @Test("connections reset in the middle of one meter's answers leave the others read, and none of the bytes used")
    func resetMidReply() throws {
        let course = try ScenarioCourse("reset-mid-reply")
        let evidence = try course.end()
        #expect(course.reads("GW1", 1, in: Self.window).isEmpty)
        #expect(Set(course.failures("GW1").keys) == ["no-connection"])
        #expect(course.figures("GW1").framingViolations == 0)
        for unit: UInt8 in [2, 3] {
            #expect(course.failures("GW1", unit) == [:])
            #expect(course.longestPause("GW1", unit) <= 31)
        }
        #expect(try evidence.qualities("GW1") == ["frozen", "measured", "measured"])
        #expect(try evidence.findings() == [])
    }

    @Test("garbage that greets a new connection ends it, the next one waits longer, and all is read once it is over")
    func garbageOnConnect() throws {
        let course = try ScenarioCourse("garbage-on-connect", from: "10 20:00")
        try course.advance(to: "10 21:00")
        let connects = course.figures("GW1").connects
        // Within the first minutes the pause grows to half a minute.
        try #require((60...260).contains(connects))
        #expect(course.figures("GW1").framingViolations == connects)
        let evidence = try course.end()
        for unit: UInt8 in [1, 2, 3] {
            #expect(course.reads("GW1", unit, in: Self.window).isEmpty)
            #expect(!course.reads("GW1", unit, in: "11 06:00"..."11 06:35").isEmpty)
            #expect(course.longestPause("GW2", unit, in: "10 20:31"..."11 08:30") <= 31)
        }
        #expect((1...20).contains(course.figures("GW2").framingViolations))
        #expect(try evidence.qualities("GW1") == ["frozen", "none", "none"])
        #expect(try evidence.qualities("GW2") == ["frozen", "measured", "measured"])
        #expect(try evidence.findings() == [])
    }

    @Test("gateways that bear few clients are read over one connection at a time, closed before the next is made")
    func connectionLimit() throws {
        let course = try ScenarioCourse("connection-limit")
        let evidence = try course.end()
        for gateway in ["GW1", "GW2", "GW3"] {
            #expect(course.figures(gateway).connectFailures == 0)
            #expect((2...10).contains(course.figures(gateway).connects))
            for unit: UInt8 in [1, 2] { #expect(course.longestPause(gateway, unit) <= 31) }
            #expect(try evidence.qualities(gateway) == ["frozen", "measured"])
        }
        #expect(try evidence.findings() == [])
    }

    @Test("meters that need a rest are given it, and read without a fault")
    func pauseNeeded() throws {
        let course = try ScenarioCourse("pause-needed")
        let evidence = try course.end()
        for gateway in ["GW1", "GW2", "GW3"] {
            #expect(course.failures(gateway) == [:])
            let figures = course.figures(gateway)
            #expect([figures.timeouts, figures.lateReplies, figures.foreignReplies] == [0, 0, 0])
            #expect(try evidence.qualities(gateway) == ["measured", "measured", "measured"])
        }
        #expect(try evidence.findings() == [])
    }

    @Test("meters that are not given the rest they need time out, or meet old answers, which are not believed")
    func pauseForgotten() throws {
        let course = try ScenarioCourse("pause-needed", through: "11 01:00") { $0.with(pauseMilliseconds: 0) }
        _ = try course.end()
        #expect(course.figures("GW1").timeouts > 0)
        #expect(course.figures("GW2").timeouts > 0)
        #expect(course.figures("GW2").foreignReplies + course.figures("GW2").lateReplies > 0)
    }

    @Test("a busy gateway is asked again a bounded number of times, and its days are closed afterwards")
    func busy() throws {
        let course = try ScenarioCourse("busy")
        let evidence = try course.end()
        for unit: UInt8 in [1, 2, 3] {
            #expect(course.reads("GW1", unit, in: Self.window).isEmpty)
            #expect(Set(course.failures("GW1", unit).keys) == ["exception 6"])
            // Twice a slot, three times at midnight; the days owed are asked for in the same rhythm.
            #expect((24...100).contains(course.failures("GW1", unit)["exception 6"] ?? 0))
            #expect(!course.reads("GW1", unit, in: "11 06:00"..."11 06:35").isEmpty)
        }
        #expect(course.failures("GW2") == [:])
        #expect(course.figures("GW1").connects == 1)
        #expect(try evidence.qualities("GW1") == ["frozen", "estimated", "estimated"])
        #expect(try evidence.findings() == [])
    }

    @Test("records that take a minute are waited for once that is known, and others are late by one at the most")
    func slowHistory() throws {
        let course = try ScenarioCourse("slow-history")
        let evidence = try course.end()
        for gateway in ["GW1", "GW2"] {
            #expect(try evidence.qualities(gateway) == ["frozen", "frozen", "measured"])
            #expect(try evidence.qualities(gateway, on: 10) == ["frozen", "frozen", "none"])
            #expect(course.longestPause(gateway, 3, in: "10 16:31"..."11 08:30") <= 33)
        }
        #expect(course.figures("GW1").timeouts < 60)
        let findings = try evidence.findings()
        #expect(findings == [])
    }
}
