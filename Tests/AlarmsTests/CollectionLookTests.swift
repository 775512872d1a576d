import Metering
import Testing

@testable import Alarms

@Suite("The night's collection")
struct CollectionLookTests {
    private static let start = Instant(seconds: 1_746_118_800)

    @Test("is looked at every ten minutes from ten past midnight, and at 06:00 or as soon after it as somebody looks")
    func turns() {
        var turns = CollectionTurns()
        func looked(_ minutes: [Int64], _ days: Int64 = 0) -> [Int64] {
            minutes.filter {
                let start = Self.start + .hours(24 * days)
                return turns.take(at: start + .minutes($0), start: start, { true }) ?? false
            }
        }
        #expect(looked([0, 9, 10, 11, 19, 21, 30]) == [10, 21, 30])
        #expect(looked([345, 350, 359, 361, 370, 800]) == [345, 350, 361])
        #expect(looked([3, 12, 365], 1) == [12, 365], "the next night")
        #expect(looked([1200, 1300], 2) == [1200], "a daemon that begins in the evening looks once")
        #expect(looked([20, 20, 21], 1) == [20], "a clock that was a day ahead")
    }

    @Test("is looked at again until a look was kept, which is of the moment it was taken at")
    func failed() throws {
        struct NoRoom: Error {}
        var turns = CollectionTurns()
        var works = false
        func kept(_ minutes: [Int64]) -> [Int64] {
            minutes.filter { minute in
                let now = Self.start + .minutes(minute)
                let look = try? turns.take(at: now, start: Self.start) {
                    if !works { throw NoRoom() }
                    return now
                }
                return look == now
            }
        }
        works = true
        #expect(kept([350]) == [350])
        works = false
        #expect(kept([360, 361]) == [])
        works = true
        #expect(kept([362, 363, 400]) == [362])
    }

    @Test(
        "is met or missed at 06:00 by a look soon after it; of a later one only that it was missed is known",
        arguments: [
            (362, 980, true), (362, 979, false), (374, 980, true), (375, 980, nil), (840, 980, nil), (840, 979, false),
        ] as [(Int64, Int, Bool?)])
    func late(minutes: Int64, valid: Int, isMet: Bool?) {
        let look = CollectionLook(
            day: ServiceDay(number: 20_210), at: Self.start + .minutes(minutes), expected: 1000, valid: valid,
            silent: 0, predicted: valid, finish: nil)
        #expect(look.isMet(by: Self.start + CollectionLook.due) == isMet)
    }

    @Test("is predicted by the pace so far, and met where as many as are wanted will be valid")
    func predicted() {
        func look(_ known: Int, out: Int, sweep: Int64, left: Int64 = 60, waiting: Int = 1) -> CollectionLook {
            CollectionLook(
                CollectionForecast(
                    expected: 1000, known: known, out: out, waiting: waiting, sweep: .minutes(sweep),
                    left: .minutes(left)),
                of: ServiceDay(number: 20_210), at: Self.start + .hours(5))
        }
        let late = look(400, out: 0, sweep: 120)
        #expect(late.predicted == 700 && !late.isMet)
        #expect(late.finish == Self.start + .hours(7))
        #expect(look(400, out: 20, sweep: 60).isMet)
        #expect(!look(400, out: 21, sweep: 60).isMet)
        #expect(look(980, out: 20, sweep: 0, left: -1).finish == nil)
        #expect(look(980, out: 20, sweep: 0, left: -1).isMet)
        #expect(!look(963, out: 0, sweep: 0, left: -1).isMet, "at 06:00 nothing is predicted any more")
        #expect(!look(963, out: 0, sweep: 0, waiting: 0).isMet, "those that answered with nothing valid were asked")
    }
}
