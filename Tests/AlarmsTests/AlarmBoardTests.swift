import Metering
import Testing

@testable import Alarms

/// A board that is looked at minute by minute, from 03:00 on.
private struct Watch {
    var board = AlarmBoard()

    static func instant(_ minute: Int64) -> Instant { Instant(microseconds: 0) + .minutes(180 + minute) }

    /// What was raised (`+`) and cleared (`-`).
    mutating func look(_ minute: Int64, _ signs: AlarmSign...) -> [String] {
        board.look(signs, at: Self.instant(minute)).filter(board.isNews).map { change in
            switch change {
            case .raised(let alarm, _): "+\(alarm)"
            case .cleared(let alarm, _): "-\(alarm)"
            }
        }
    }

    mutating func acknowledge(_ alarm: Alarm, _ minute: Int64) -> Bool {
        board.acknowledge(alarm, .init(who: "Lan", at: Self.instant(minute), note: "calling the carrier"))
    }

    var shown: [String] { board.shown.map { "\($0.alarm) ×\($0.seen)" } }
}

@Suite("An alarm")
struct AlarmBoardTests {
    private static func commits(_ milliseconds: Int64) -> AlarmSign {
        .commits(milliseconds: milliseconds, AlarmThresholds())
    }

    @Test("is raised once it was bad for its time, counted while it lasts, and cleared once it was good for its time")
    func life() {
        var watch = Watch()
        var changes: [String] = []
        changes = watch.look(0, Self.commits(1000))
        #expect(changes == [])
        changes = watch.look(4, Self.commits(1200))
        #expect(changes == [])
        #expect(watch.shown == [])
        changes = watch.look(5, Self.commits(1100))
        #expect(changes == ["+commits-slow"])
        changes = watch.look(6, Self.commits(1300))
        #expect(changes == [], "raised once")
        #expect(watch.shown == ["commits-slow ×4"])
        changes = watch.look(7, Self.commits(400))
        #expect(changes == [])
        changes = watch.look(16, Self.commits(400))
        #expect(changes == [])
        changes = watch.look(17, Self.commits(400))
        #expect(changes == ["-commits-slow"])
        #expect(watch.board.states == [])
    }

    @Test("between bad and good it neither comes nor goes")
    func slack() {
        var watch = Watch()
        var changes: [String] = []
        _ = watch.look(0, Self.commits(1000))
        _ = watch.look(4, Self.commits(999))
        changes = watch.look(5, Self.commits(1000))
        #expect(changes == [], "it waits anew")
        changes = watch.look(10, Self.commits(1000))
        #expect(changes == ["+commits-slow"])
        _ = watch.look(11, Self.commits(500))
        _ = watch.look(20, Self.commits(501))
        changes = watch.look(21, Self.commits(500))
        #expect(changes == [], "its good time begins anew")
        changes = watch.look(31, Self.commits(500))
        #expect(changes == ["-commits-slow"])
    }

    @Test("is acknowledged by somebody until it is cleared; raised anew it is nobody's")
    func acknowledged() {
        var watch = Watch()
        let station = [GatewayStanding(name: "GW1", station: "T1", district: "D1", isLost: true)]
        let back = [GatewayStanding(name: "GW1", station: "T1", district: "D1", isLost: false)]
        let alarm = Alarm(.gatewaysLost, "T1")
        var isThere = watch.acknowledge(alarm, 0)
        #expect(!isThere, "there is none yet")
        for sign in AlarmSign.gateways(station, AlarmThresholds()) { _ = watch.look(0, sign) }
        isThere = watch.acknowledge(alarm, 1)
        #expect(isThere)
        #expect(watch.board.shown.first?.acknowledged?.who == "Lan")
        for sign in AlarmSign.gateways(back, AlarmThresholds()) { _ = watch.look(2, sign) }
        #expect(watch.board.states == [])
        for sign in AlarmSign.gateways(station, AlarmThresholds()) { _ = watch.look(3, sign) }
        #expect(watch.board.shown.first?.acknowledged == nil)
    }

    @Test("that another explains is not shown while that one lasts")
    func children() {
        var watch = Watch()
        func gateways(_ lost: ClosedRange<Int>) -> [AlarmSign] {
            AlarmSign.gateways(
                (1...40).map {
                    GatewayStanding(
                        name: "GW\($0)", station: "T\($0)", district: "D1", isLost: lost.contains($0))
                }, AlarmThresholds())
        }
        var changes = watch.board.look(gateways(1...2), at: Watch.instant(0))
        #expect(changes.count == 2, "two of forty are five per cent, no more")
        changes = watch.board.look(gateways(1...3), at: Watch.instant(1)).filter(watch.board.isNews)
        #expect(changes.map { "\($0)".contains("district") } == [true])
        #expect(watch.shown == ["district-lost D1 ×1"])
        _ = watch.board.look(gateways(2...2), at: Watch.instant(2))
        #expect(watch.shown == ["gateways-lost T2 ×3"])
    }

    @Test("of what the registry no longer has is forgotten")
    func forgotten() {
        var watch = Watch()
        let lost = ["T1", "T2"].map { GatewayStanding(name: "G\($0)", station: $0, district: "", isLost: true) }
        _ = watch.board.look(AlarmSign.gateways(lost, AlarmThresholds()), at: Watch.instant(0))
        #expect(
            watch.board.forget(.gatewaysLost, except: ["T2"])
                == [.cleared(Alarm(.gatewaysLost, "T1"), since: Watch.instant(0))])
        #expect(watch.board.states.map(\.alarm.subject) == ["", "T2"])
    }
}

@Suite("The sign of an alarm")
struct AlarmRuleTests {
    private static func level(_ signs: [AlarmSign]) -> [AlarmSign.Level] { signs.map(\.level) }

    @Test(
        "of a collection that falls behind, by what will have been read at 06:00",
        arguments: [(979, AlarmSign.Level.bad), (980, .between), (989, .between), (990, .good)])
    func collection(predicted: Int, level: AlarmSign.Level) {
        let thresholds = AlarmThresholds()
        let night = AlarmSign.collection(predicted: predicted, of: 1000, isNight: true, thresholds)
        #expect(Self.level(night) == [level])
        #expect(AlarmSign.collection(predicted: predicted, of: 1000, isNight: false, thresholds) == [])
        #expect(AlarmSign.collection(predicted: 0, of: 0, isNight: true, thresholds) == [])
    }

    @Test(
        "of a district, by how many of its gateways are lost; one of a handful is a fault of its own",
        arguments: [
            (1, 5, AlarmSign.Level.good), (2, 5, .bad), (2, 40, .between), (3, 40, .bad), (1, 40, .good),
            (2, 80, .good), (3, 80, .between),
        ])
    func gateways(lost: Int, all: Int, level: AlarmSign.Level) {
        let signs = AlarmSign.gateways(
            (1...all).map { GatewayStanding(name: "GW\($0)", station: "T1", district: "D1", isLost: $0 <= lost) },
            AlarmThresholds())
        #expect(signs.first { $0.alarm == Alarm(.districtLost, "D1") }?.level == level)
    }

    @Test("counts on those that answer, and on the time that is left")
    func predicted() {
        func predicted(_ out: Int, sweep: Int64, left: Int64) -> Int {
            CollectionForecast(
                expected: 1000, known: 400, out: out, waiting: 1, sweep: .minutes(sweep), left: .minutes(left)
            ).predicted
        }
        #expect(predicted(0, sweep: 60, left: 60) == 1000)
        #expect(predicted(100, sweep: 60, left: 60) == 900)
        #expect(predicted(100, sweep: 120, left: 60) == 650)
        #expect(predicted(700, sweep: 0, left: 60) == 400, "what is known stays known")
        #expect(predicted(0, sweep: 120, left: -5) == 400)
    }

    @Test(
        "of a rule, by how often it found something before",
        arguments: [
            (61, 12, AlarmSign.Level.bad), (60, 12, .between), (49, 12, .between), (48, 12, .good), (10, 0, .bad),
            (9, 0, .good),
        ])
    func findings(found: Int, daily: Int, level: AlarmSign.Level) {
        func signs(_ days: Int) -> [AlarmSign] {
            AlarmSign.findings(
                "high", found: found, before: Array(repeating: daily, count: days), AlarmThresholds())
        }
        #expect(Self.level(signs(28)) == [level])
        #expect(signs(6) == [], "a week says what is usual")
    }

    @Test(
        "of a disk, by its free share",
        arguments: [(149, .bad), (150, .bad), (151, .between), (169, .between), (170, .good)]
            as [(Int64, AlarmSign.Level)])
    func disk(free: Int64, level: AlarmSign.Level) {
        #expect(Self.level(AlarmSign.disk(free: free * 1_000_000, of: 1_000_000_000, AlarmThresholds())) == [level])
    }

    @Test("of days that are not closed, of a log that is held, of a clock that nobody keeps")
    func others() {
        #expect(
            (0...3).map { AlarmSign.closing(daysBehind: $0, AlarmThresholds()).level } == [.good, .good, .bad, .bad])
        #expect(AlarmSign.log(bytes: 1 << 30, isEmptied: false).text.contains("1024 MB"))
        #expect(AlarmSign.clock(isKept: false).level == .bad && AlarmSign.clock(isKept: true).level == .good)
    }
}
