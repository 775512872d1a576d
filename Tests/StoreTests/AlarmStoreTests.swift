import Alarms
import Metering
import Testing
import VEE

@testable import Store

@Suite("Alarms that are kept")
struct AlarmStoreTests {
    private static func behind(_ days: Int) -> AlarmSign { .closing(daysBehind: days, AlarmThresholds()) }

    @Test("outlive the daemon, with who is at it, and are gone once they are over")
    func kept() throws {
        let book = try LogBook()
        let raised = try book.store.look([Self.behind(3)], at: book.instant("05-10 09:00"))
        #expect(raised.count == 1)
        try book.store.acknowledge(
            Alarm(.daysNotClosed), by: "Lan", note: "looking at the log", at: book.instant("05-10 09:05"))
        try book.reopen()
        #expect(try book.store.look([Self.behind(4)], at: book.instant("05-10 09:10")).isEmpty)
        let state = try #require(try book.store.alarmBoard().shown.first)
        #expect(state.seen == 2 && state.acknowledged?.who == "Lan" && state.text.hasPrefix("4 days"))
        #expect(state.raisedAt == book.instant("05-10 09:00"))
        _ = try book.store.look([Self.behind(0)], at: book.instant("05-10 09:11"))
        #expect(try book.store.alarmBoard().states == [])
    }

    @Test("leave what became of them, and who had acknowledged them, when they are over")
    func past() throws {
        let book = try LogBook()
        let alarm = Alarm(.daysNotClosed)
        _ = try book.store.look([Self.behind(3)], at: book.instant("05-10 09:00"))
        try book.store.acknowledge(alarm, by: "Lan", note: "looking at the log", at: book.instant("05-10 09:05"))
        _ = try book.store.look([Self.behind(4)], at: book.instant("05-10 09:06"))
        _ = try book.store.look([Self.behind(0)], at: book.instant("05-10 09:11"))
        let events = try book.store.alarmEvents(from: book.instant("05-10 09:00"), to: book.instant("05-10 09:12"))
        #expect(events.map(\.kind) == [.raised, .acknowledged, .cleared])
        #expect(events.map(\.who) == [nil, "Lan", nil])
        #expect(
            events[1]
                == AlarmEvent(
                    at: book.instant("05-10 09:05"), alarm: alarm, kind: .acknowledged, who: "Lan",
                    text: "looking at the log"))
        #expect(events[0].text?.hasPrefix("3 days") == true)
        #expect(try book.store.alarmEvents(from: book.instant("05-10 09:06"), to: book.instant("05-10 09:11")) == [])
    }

    @Test("want a person, a note and something that is raised to be acknowledged")
    func refused() throws {
        let book = try LogBook()
        for (who, note) in [("", "note"), ("Lan", " "), ("Lan", "nothing is raised")] {
            #expect(throws: StoreError.self) {
                try book.store.acknowledge(
                    Alarm(.diskLow), by: who, note: note, at: book.instant("05-10 09:00"))
            }
        }
    }

    @Test("that another explains leave what became of them as well")
    func explained() throws {
        let book = try LogBook()
        func look(_ lost: Bool, _ minute: Int) throws -> Int {
            let gateways = (1...3).map {
                GatewayStanding(name: "G\($0)", station: "T\($0)", district: "D", isLost: lost)
            }
            return try book.store.look(
                AlarmSign.gateways(gateways, AlarmThresholds()), at: book.instant("05-10 09:0\(minute)")
            ).count
        }
        #expect(try look(true, 0) == 1, "the district, which explains its stations")
        _ = try look(false, 1)
        let events = try book.store.alarmEvents(from: book.instant("05-10 09:00"), to: book.instant("05-10 09:02"))
        for subject in ["D", "T1", "T2", "T3"] {
            #expect(events.filter { $0.alarm.subject == subject }.map(\.kind) == [.raised, .cleared], "\(subject)")
        }
    }

    @Test("of rules stay as they are while the day is judged again")
    func judgedAgain() throws {
        let book = try LogBook()
        try book.write("frozen 05-02 00:10 05-02 1000\nclose 05-02")
        #expect(try book.store.lastJudgedDay() == nil)
        try book.write("frozen 05-03 00:10 05-03 2000\nclose 05-03\nclose 05-04")
        let judge = ConsumptionJudge(rules: RuleBook([]))
        _ = try book.store.judgeDays(by: judge, at: book.instant("05-04 06:00"))
        #expect(try book.store.lastJudgedDay() == book.day("05-03"))
        try book.write("frozen 05-04 08:00 05-04 3000")
        _ = try book.store.closeReopenedDays(at: book.instant("05-04 09:00"))
        #expect(try book.store.lastJudgedDay() == nil, "not the day before: that would clear what this one raised")
        _ = try book.store.judgeDays(by: judge, at: book.instant("05-04 09:00"))
        #expect(try book.store.lastJudgedDay() == book.day("05-03"))
    }

    @Test("of stations that are no longer looked at are forgotten")
    func forgotten() throws {
        let book = try LogBook()
        func look(_ stations: [String]) throws {
            let gateways = stations.map { GatewayStanding(name: "G\($0)", station: $0, district: $0, isLost: true) }
            _ = try book.store.look(
                AlarmSign.gateways(gateways, AlarmThresholds()), at: book.instant("05-10 09:00"))
        }
        try look(["T1", "T2"])
        try look(["T2"])
        #expect(try book.store.alarmBoard().shown.map(\.alarm.subject) == ["T2"])
        let events = try book.store.alarmEvents(from: book.instant("05-10 09:00"), to: book.instant("05-10 09:01"))
        #expect(events.map { "\($0.kind) \($0.alarm.subject)" } == ["raised T1", "raised T2", "cleared T1"])
        // A daemon that has just begun looks at no gateways yet.
        _ = try book.store.look([Self.behind(0)], at: book.instant("05-10 09:01"))
        #expect(try book.store.alarmBoard().shown.map(\.alarm.subject) == ["T2"])
    }

    @Test("a station's losses are those that are told in per cent; one without any is looked at all the same")
    func losses() throws {
        let book = try StationBalanceTests.book(without: ["S1 05-03"])
        try book.write("close 05-02\nclose 05-03\nclose 05-04\nclose 05-05")
        let last = try #require(try book.store.lastBalancedDay())
        let losses = try book.store.stationLosses(through: last, estimatedMost: 50)
        #expect(losses == ["T1": [DayLoss(day: book.day("05-04"), thousandths: 42)]])
        #expect(try book.store.stationLosses(through: book.day("05-03"), estimatedMost: 50) == ["T1": []])
        let sign = AlarmSign(Alarm(.stationLoss, "T1"), .bad, "12 %")
        #expect(try book.store.look([sign], at: book.instant("05-06 09:00")).count == 1)
        _ = try book.store.look([Self.behind(0)], at: book.instant("05-06 09:01"))
        #expect(try book.store.alarmBoard().shown.map(\.alarm) == [sign.alarm], "it was not looked at meanwhile")
    }
}
