import Metering
import Testing
import VEE

@Suite("A meter's clock")
struct ClockDoubtTests {
    private static func midnight(_ day: Int64) -> Instant { Instant(seconds: day * 86_400) }
    private static func noon(_ day: Int64) -> Instant { midnight(day) + .hours(12) }

    @Test(
        "is wrong from a quarter of an hour on, either way",
        arguments: [(0, false), (900, false), (-900, false), (901, true), (-901, true), (86_400, true)])
    func isWrong(seconds: Int64, isWrong: Bool) {
        #expect(ClockDoubt.isWrong(.seconds(seconds)) == isWrong)
    }

    @Test("that is a day ahead has dated records up to a day after it was put right")
    func ahead() {
        var doubt = ClockDoubt.wrong(by: .hours(24), at: Self.noon(10), lastRight: Self.noon(8), before: nil)
        #expect(
            [8, 9, 10, 11, 12, 50].map { doubt.covers(midnight: Self.midnight($0)) } == [false]
                + Array(repeating: true, count: 5))
        doubt.end(at: Self.noon(10) + .hours(1))
        #expect(
            [8, 9, 10, 11, 12].map { doubt.covers(midnight: Self.midnight($0)) } == [false, true, true, true, false])
    }

    @Test("that is behind has dated records until it was seen right")
    func behind() {
        var doubt = ClockDoubt.wrong(by: .hours(-24), at: Self.noon(10), lastRight: nil, before: nil)
        doubt.end(at: Self.noon(12))
        #expect([1, 10, 12, 13].map { doubt.covers(midnight: Self.midnight($0)) } == [true, true, true, false])
    }

    @Test("that goes wrong again is doubted from the first time on, unless that is long ago")
    func again() {
        var doubt = ClockDoubt.wrong(by: .hours(1), at: Self.noon(10), lastRight: Self.noon(9), before: nil)
        doubt.end(at: Self.noon(11))
        let soon = ClockDoubt.wrong(by: .hours(1), at: Self.noon(20), lastRight: Self.noon(19), before: doubt)
        #expect(soon.covers(midnight: Self.midnight(11)) && soon.covers(midnight: Self.midnight(20)))
        let late = ClockDoubt.wrong(by: .hours(1), at: Self.noon(200), lastRight: Self.noon(199), before: doubt)
        #expect(!late.covers(midnight: Self.midnight(11)) && late.covers(midnight: Self.midnight(200)))
    }
}
