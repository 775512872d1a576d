import Metering
import Testing

@testable import HeadEnd

@Suite("Days that the meter freezes itself")
struct FrozenDayTests {
    /// An ADL400 record: stamped `day` 00:00, total in units of 0.01 kWh, tariffs zero.
    static func record(_ day: String, total: UInt32) -> [UInt16] {
        let (year, month, dayOfMonth) = (ServiceDay(iso: day) ?? ServiceDay(number: 0)).civil
        let stamp = [UInt16(year - 2000) << 8 | UInt16(month), UInt16(dayOfMonth) << 8]
        return stamp + [UInt16(total >> 16), UInt16(total & 0xFFFF)]
    }

    /// The record padded with zero words to what was asked for.
    static func answer(_ request: SentRequest, _ day: String, total: UInt32) -> [UInt8] {
        let words = record(day, total: total)
        return request.answer(words + Array(repeating: 0, count: max(0, Int(request.count) - words.count)))
    }

    private static func isFrozen(_ request: SentRequest) -> Bool { (0x6000..<0x7000).contains(request.address) }

    private static func firstFrozen(_ line: inout ConversationHarness) throws -> SentRequest {
        var actions = try line.connected()
        for _ in 0..<10 {
            let request = try #require(actions.requests.first)
            if isFrozen(request) { return request }
            actions = line.hears(request.answer(Array(repeating: 0, count: Int(request.count))))
        }
        throw HarnessError.noFrozenRequest
    }

    enum HarnessError: Error { case noFrozenRequest }

    @Test("a week of downtime is fetched day by day, newest first")
    func backfill() throws {
        var line = try ConversationHarness(profile: "adl400", frozenThrough: "2025-05-02")
        var request = try Self.firstFrozen(&line)
        var days: [Int] = []
        for slot in 0..<7 {
            #expect(Int(request.address) == 0x6000 + 0x22 * slot)
            let day = (ServiceDay(iso: "2025-05-09") ?? ServiceDay(number: 0)) - slot
            let actions = line.hears(Self.answer(request, "\(day)", total: 1000))
            days += actions.readings.compactMap { reading in
                if case .frozen(let day) = reading.moment, reading.register == .activeImport {
                    Int(day.number)
                } else {
                    nil
                }
            }
            guard let next = actions.requests.first, Self.isFrozen(next) else { break }
            request = next
        }
        #expect(days.count == 7, "2025-05-03 to 2025-05-09, each once")
        #expect(Set(days).count == 7)
    }

    @Test("a record is booked to the day it carries, never to the day that was asked for")
    func ownDay() throws {
        var line = try ConversationHarness(profile: "adl400", frozenThrough: "2025-05-08")
        let request = try Self.firstFrozen(&line)
        let actions = line.hears(Self.answer(request, "2025-05-07", total: 4242))
        #expect(
            actions.readings.allSatisfy { $0.moment == .frozen(ServiceDay(iso: "2025-05-07") ?? ServiceDay(number: 0)) }
        )
        #expect(line.conversation.figures.absences == 1, "the day that was asked for is still owed")
    }

    @Test(
        "a record that cannot be this meter's day is a failure",
        arguments: [("2025-05-10", "has not begun"), ("2025-03-31", "not installed")])
    func impossibleDay(_ day: String, _ why: String) throws {
        var line = try ConversationHarness(profile: "adl400", frozenThrough: "2025-05-08")
        let request = try Self.firstFrozen(&line)
        let actions = line.hears(Self.answer(request, day, total: 1))
        #expect(actions.readings.isEmpty)
        #expect(actions.failures.first?.description.contains(why) == true)
    }

    @Test("the newest record tells what day the meter's calendar has", arguments: ["2025-05-09", "2025-05-10"])
    func newest(_ day: String) throws {
        var line = try ConversationHarness(profile: "adl400", frozenThrough: "2025-05-08")
        let request = try Self.firstFrozen(&line)
        let actions = line.hears(Self.answer(request, day, total: 1))
        #expect(actions.outcomes.compactMap(\.facts?.newestDay) == [ServiceDay(iso: day)])
    }
}
