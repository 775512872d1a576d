import Metering
import Testing

@Suite("the service clock")
struct ServiceClockTests {
    static let processStart = Instant(seconds: 1_700_000_000)

    @Test("of the system leaves time as it is")
    func system() {
        let instant = Instant(microseconds: 1_234_567)
        #expect(ServiceClock.system.civil(at: instant) == instant)
        #expect(ServiceClock.system.real(at: instant) == instant)
        #expect(ServiceClock.system.speed == 1)
    }

    @Test("lets two civil seconds pass in a real one, from the anchor on and before it")
    func doubleSpeed() throws {
        let clock = try ServiceClock(
            simulated: "2025-04-20T00:00:00+07:00,2,2030-01-01T00:00:00Z", processStart: Self.processStart)
        let start = try #require(Instant(rfc3339: "2025-04-20T00:00:00+07:00"))
        let anchor = try #require(Instant(rfc3339: "2030-01-01T00:00:00Z"))
        #expect(clock.speed == 2)
        #expect(clock.civil(at: anchor) == start)
        #expect(clock.civil(at: anchor + .seconds(10)) == start + .seconds(20))
        #expect(clock.civil(at: anchor - .seconds(10)) == start - .seconds(20))
        #expect(clock.real(at: start + .seconds(20)) == anchor + .seconds(10))
        // An odd microsecond of civil time is reached only with the next real one.
        #expect(clock.real(at: start + Instant.Span(microseconds: 3)) == anchor + Instant.Span(microseconds: 2))
        #expect(clock.real(at: start - Instant.Span(microseconds: 3)) == anchor - Instant.Span(microseconds: 1))
    }

    @Test("starts with the process where no anchor is given")
    func withoutAnchor() throws {
        let clock = try ServiceClock(simulated: "2025-04-20T00:00:00+07:00,43200", processStart: Self.processStart)
        let start = try #require(Instant(rfc3339: "2025-04-20T00:00:00+07:00"))
        #expect(clock == .simulated(start: start, speed: 43_200, anchor: Self.processStart))
    }

    @Test("finds the first real instant of a civil one, and back", arguments: [1, 7, 60, 43_200, 1_000_000] as [Int64])
    func inverse(speed: Int64) {
        var random = SeededRandom(seed: UInt64(speed))
        for _ in 0..<1000 {
            let anchor = Instant(microseconds: .random(in: 0...2_000_000_000_000_000, using: &random))
            let start = Instant(
                microseconds: .random(in: -1_000_000_000_000_000...2_000_000_000_000_000, using: &random))
            let clock = ServiceClock.simulated(start: start, speed: speed, anchor: anchor)
            let civil =
                start + Instant.Span(microseconds: .random(in: -9_000_000_000_000...9_000_000_000_000, using: &random))
            let real = clock.real(at: civil)
            #expect(clock.civil(at: real) >= civil)
            #expect(clock.civil(at: real - Instant.Span(microseconds: 1)) < civil)
            let moment = anchor + Instant.Span(microseconds: .random(in: -9_000_000...9_000_000, using: &random))
            #expect(clock.real(at: clock.civil(at: moment)) == moment)
        }
    }

    @Test(
        "refuses what is not START,SPEED[,ANCHOR] and says which part",
        arguments: [
            ("", .shape("")),
            ("2025-04-20T00:00:00+07:00", .shape("2025-04-20T00:00:00+07:00")),
            ("2025-04-20T00:00:00Z,1,2025-04-20T00:00:00Z,", .shape("2025-04-20T00:00:00Z,1,2025-04-20T00:00:00Z,")),
            (",", .instant("")),
            ("2025-04-20,60", .instant("2025-04-20")),
            ("2025-04-20T00:00:00,60", .instant("2025-04-20T00:00:00")),
            ("2025-04-20T00:00:00Z,", .speed("")),
            ("2025-04-20T00:00:00Z,0", .speed("0")),
            ("2025-04-20T00:00:00Z,-1", .speed("-1")),
            ("2025-04-20T00:00:00Z,1.5", .speed("1.5")),
            ("2025-04-20T00:00:00Z, 60", .speed(" 60")),
            ("2025-04-20T00:00:00Z,1000001", .speed("1000001")),
            ("2025-04-20T00:00:00Z,99999999999999999999", .speed("99999999999999999999")),
            ("2025-04-20T00:00:00Z,60,", .instant("")),
            ("2025-04-20T00:00:00Z,60,now", .instant("now")),
        ] as [(String, ServiceClockError)])
    func refuses(text: String, fault: ServiceClockError) {
        #expect(throws: fault) { try ServiceClock(simulated: text, processStart: Self.processStart) }
        switch fault {
        case .shape(let part), .instant(let part), .speed(let part), .outOfTime(let part):
            #expect(fault.description.contains("\"\(part)\""))
        }
    }

    @Test("a text without an anchor gets one that tells the same time in every later process")
    func anchored() throws {
        let start = Self.processStart + Instant.Span(microseconds: 700_000)
        let text = try #require(ServiceClock.anchored("2025-05-10T12:00:00+07:00,600", at: start))
        let clock = try ServiceClock(simulated: text, processStart: start + .hours(1))
        let own = try ServiceClock(simulated: "2025-05-10T12:00:00+07:00,600", processStart: Self.processStart)
        #expect(clock.civil(at: start + .hours(1)) == own.civil(at: start + .hours(1)))
        #expect(ServiceClock.anchored(text, at: start) == nil)
    }

    @Test("accepts the slowest and the fastest speed", arguments: [1, 1_000_000] as [Int64])
    func speedBounds(speed: Int64) throws {
        let clock = try ServiceClock(simulated: "2025-04-20T00:00:00Z,\(speed)", processStart: Self.processStart)
        #expect(clock.speed == speed)
    }

    @Test("refuses an anchor so far away that the clock would show no year from 1 to 9999")
    func distantAnchor() {
        let text = "2025-04-20T00:00:00Z,1000000,2015-01-01T00:00:00Z"
        let today = Instant(seconds: 1_750_000_000)
        #expect(throws: ServiceClockError.outOfTime(text)) { try ServiceClock(simulated: text, processStart: today) }
    }

    @Test("stands still at the end of the year 9999 rather than stop the process")
    func endOfTime() {
        let clock = ServiceClock.simulated(start: Instant(seconds: 0), speed: 1_000_000, anchor: Instant(seconds: 0))
        let end = Instant(seconds: 253_402_300_799)
        #expect(clock.civil(at: Instant(seconds: 1_750_000_000)) == end)
        #expect(clock.civil(at: Instant(seconds: -1_750_000_000)) == Instant(seconds: -62_135_596_800))
    }
}
