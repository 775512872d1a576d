import Testing

@testable import Rehearsal

/// Answers whose frames are wrong: whose header names another request, or whose bytes do not lie as they must.
@Suite("The head-end lives through a scenario of wrong frames:")
struct ScenarioFrameTests {
    private static let window = ScenarioCourse.window
    private static let afterwards = ScenarioCourse.afterwards

    @Test(
        "a gateway that does not echo transactions is not read but counted and shown as offline; its neighbour is read",
        arguments: ["transaction-constant", "transaction-zero", "transaction-off-by-one"])
    func wrongTransactions(name: String) throws {
        let course = try ScenarioCourse(name)
        try course.advance(to: "10 23:00")
        #expect(try course.state("GW1") == .offline)
        #expect(try course.state("GW2") == .online)
        let evidence = try course.end()
        for unit: UInt8 in [1, 2] { #expect(course.reads("GW1", unit, in: Self.window).isEmpty) }
        let figures = course.figures("GW1")
        #expect(figures.foreignReplies > 20)
        #expect(figures.foreignReplies == figures.timeouts)
        #expect(Set(course.failures("GW1").keys) == ["timeout"])
        #expect(course.failures("GW2") == [:])
        #expect(try evidence.qualities("GW1") == ["frozen", "estimated"])
        #expect(try evidence.qualities("GW2") == ["frozen", "measured"])
        #expect(try evidence.findings() == [])
    }

    @Test("answers that bear each other's transaction are refused for their unit, and the meters are read all the same")
    func transactionSwapped() throws {
        let course = try ScenarioCourse("transaction-swapped")
        let evidence = try course.end()
        #expect(course.figures("GW1").wrongUnitReplies > 3)
        #expect(Set(course.failures("GW1").keys) == ["timeout"])
        #expect(try evidence.qualities("GW1") == ["frozen", "measured", "measured", "measured"])
        #expect(try evidence.findings() == [])
    }

    @Test("answers that name another unit are counted and nobody's, and the neighbour they name is read as ever")
    func wrongUnit() throws {
        let course = try ScenarioCourse("wrong-unit")
        try course.advance(to: "10 21:00")
        #expect(course.line("GW1")?.unitsOut == 2)
        let evidence = try course.end()
        for unit: UInt8 in [1, 3] {
            #expect(course.reads("GW1", unit, in: Self.window).isEmpty)
            #expect(course.failures("GW1", unit).keys.contains("timeout"))
        }
        #expect(course.figures("GW1").wrongUnitReplies > 40)
        #expect(course.figures("GW1").lateReplies + course.figures("GW1").foreignReplies == 0)
        #expect(course.failures("GW1", 2) == [:])
        #expect(course.longestPause("GW1", 2) <= 30)
        #expect(try evidence.qualities("GW1") == ["estimated", "measured", "estimated"])
        #expect(try evidence.findings() == [])
    }

    @Test("answers that name another function are refused, on a connection that stays")
    func wrongFunction() throws {
        let course = try ScenarioCourse("wrong-function")
        let evidence = try course.end()
        #expect(course.reads("GW1", 1, in: Self.window).isEmpty)
        #expect(Set(course.failures("GW1", 1).keys) == ["bad-reply"])
        #expect(course.figures("GW1").badReplies == course.failures("GW1", 1)["bad-reply"])
        #expect(course.figures("GW1").connects == 1)
        for unit: UInt8 in [2, 3] { #expect(course.failures("GW1", unit) == [:]) }
        #expect(try evidence.qualities("GW1") == ["frozen", "measured", "measured"])
        #expect(try evidence.findings() == [])
    }

    @Test("a byte count that is too large, too small or odd is refused, and no word behind it is used")
    func byteCount() throws {
        let course = try ScenarioCourse("byte-count")
        let evidence = try course.end()
        for unit: UInt8 in [1, 2, 3] {
            #expect(course.reads("GW1", unit, in: Self.window).isEmpty)
            #expect(Set(course.failures("GW1", unit).keys) == ["bad-reply"])
            #expect(!course.reads("GW1", unit, in: Self.afterwards).isEmpty)
        }
        #expect(course.failures("GW1", 4) == [:])
        #expect(course.figures("GW1").connects == 1)
        #expect(try evidence.qualities("GW1") == ["frozen", "estimated", "estimated", "measured"])
        #expect(try evidence.findings() == [])
    }

    @Test("an exception of a wrong length is a fault of framing or length, and never searched for the next frame")
    func exceptionWrongLength() throws {
        let course = try ScenarioCourse("exception-wrong-length")
        let evidence = try course.end()
        for gateway in ["GW1", "GW2", "GW3"] {
            #expect(course.reads(gateway, 1, in: Self.window).isEmpty)
            #expect(course.longestPause(gateway, 2) <= 31)
            #expect(try evidence.qualities(gateway) == ["frozen", "measured"])
        }
        // A byte too many declared: nothing ends, and the next answer betrays it. One too few: the rest is no header.
        for gateway in ["GW1", "GW2"] {
            #expect(course.figures(gateway).framingViolations > 20)
            #expect(course.figures(gateway).connects > course.figures(gateway).framingViolations)
            #expect(course.figures(gateway).exceptions == 0)
        }
        #expect(Set(course.failures("GW1", 1).keys) == ["timeout", "no-connection"])
        #expect(Set(course.failures("GW2", 1).keys) == ["no-connection"])
        #expect(Set(course.failures("GW3").keys) == ["bad-reply"])
        #expect(course.figures("GW3").connects == 1)
        #expect(try evidence.findings() == [])
    }

    @Test("an answer without its last byte is none, and a stream that goes on without it is given up")
    func missingLastByte() throws {
        let course = try ScenarioCourse("missing-last-byte")
        let evidence = try course.end()
        for gateway in ["GW1", "GW2"] {
            #expect(course.reads(gateway, 1, in: Self.window).isEmpty)
            #expect(course.longestPause(gateway, 2) <= 31)
            #expect(try evidence.qualities(gateway) == ["frozen", "measured"])
        }
        #expect(Set(course.failures("GW1").keys) == ["timeout"])
        #expect(course.figures("GW1").silentConnections > 10)
        #expect(course.figures("GW2").framingViolations > 10)
        #expect(try evidence.findings() == [])
    }

    @Test("answers that come byte by byte are read as if they came whole")
    func oneByteSegments() throws {
        let course = try ScenarioCourse("one-byte-segments")
        let evidence = try course.end()
        for gateway in ["GW1", "GW2"] {
            #expect(course.failures(gateway) == [:])
            #expect(course.figures(gateway).framingViolations == 0)
            #expect(course.figures(gateway).connects == 1)
            #expect(try evidence.qualities(gateway) == ["frozen", "measured", "measured"])
        }
        #expect(try evidence.findings() == [])
    }

    @Test("two answers in one segment are two answers, and a copy of one is a stranger")
    func twoRepliesOneSegment() throws {
        let course = try ScenarioCourse("two-replies-one-segment")
        let evidence = try course.end()
        #expect(course.figures("GW1").timeouts <= 1)
        #expect(course.failures("GW2") == [:])
        #expect(course.figures("GW2").foreignReplies > 50)
        for gateway in ["GW1", "GW2"] {
            for unit: UInt8 in [1, 2, 3] { #expect(course.longestPause(gateway, unit) <= 31) }
            #expect(course.figures(gateway).connects == 1)
            #expect(try evidence.qualities(gateway) == ["frozen", "measured", "measured"])
        }
        #expect(try evidence.findings() == [])
    }

    @Test("frames that nobody asked for are counted and dropped, before answers and behind them")
    func foreignReply() throws {
        let course = try ScenarioCourse("foreign-reply")
        let evidence = try course.end()
        for gateway in ["GW1", "GW2"] {
            #expect(course.figures(gateway).foreignReplies > 20)
            #expect(course.failures(gateway) == [:])
            #expect(course.figures(gateway).connects == 1)
            #expect(try evidence.qualities(gateway) == ["frozen", "measured", "measured"])
        }
        #expect(try evidence.findings() == [])
    }

    @Test("serial frames on a Modbus/TCP connection are faults of framing, asked for again more and more seldom")
    func rtuFrames() throws {
        let course = try ScenarioCourse("rtu-frames")
        try course.advance(to: "10 20:00")
        // Two hours of a new connection each 30 seconds at the most; the first minute tries more often.
        let connects = course.figures("GW1").connects
        try #require((20...500).contains(connects))
        #expect(try course.state("GW2") == .online)
        let evidence = try course.end()
        for unit: UInt8 in [1, 2] {
            #expect(course.reads("GW1", unit, in: Self.window).isEmpty)
            #expect(Set(course.failures("GW1", unit).keys) == ["no-connection"])
            #expect(!course.reads("GW1", unit, in: Self.afterwards).isEmpty)
        }
        #expect(course.figures("GW1").framingViolations > 20)
        #expect(course.failures("GW2") == [:])
        #expect(try evidence.qualities("GW1") == ["frozen", "estimated"])
        #expect(try evidence.findings() == [])
    }

    @Test("a gateway that only passes serial frames on is read as rtu-over-tcp, and not at all as tcp")
    func rtuOverTCP() throws {
        let right = try ScenarioCourse("rtu-over-tcp")
        let evidence = try right.end()
        for gateway in ["GW1", "GW2"] {
            #expect(right.failures(gateway) == [:])
            #expect(try evidence.qualities(gateway) == ["frozen", "measured", "measured"])
        }
        // What the wire says is noted by Modbus/TCP headers, which GW1 does not have.
        #expect(try evidence.findings(except: ["provenance"]) == [])

        let wrong = try ScenarioCourse("rtu-over-tcp", through: "10 22:00") { $0.with(transport: .tcp) }
        _ = try wrong.end()
        for unit: UInt8 in [1, 2, 3] { #expect(wrong.reads("GW1", unit).isEmpty) }
        #expect(wrong.failures("GW2") == [:])
    }
}
