import Metering
import Testing

@testable import Alarms

@Suite("A station's loss")
struct StationLossTests {
    /// From 1 May 2025, a value a day; `·` is a day whose loss is not known.
    private static func losses(_ text: String) -> [DayLoss] {
        text.split(separator: " ").enumerated().compactMap { number, word in
            Int64(word).map { DayLoss(day: first + number, thousandths: $0) }
        }
    }

    private static let first = ServiceDay(number: 20_209)
    /// 28 days between 46 and 54 ‰; their median deviation is 2.
    private static let usual = Array(repeating: "50 48 52 46 54 49 51", count: 4).joined(separator: " ")

    private static func sign(_ days: String) -> AlarmSign {
        .stationLoss(
            "T1", losses(days), through: first + (days.split(separator: " ").count - 1), AlarmThresholds())
    }

    @Test(
        "is bad after three days outside its own band, good after one inside, and else neither",
        arguments: [
            ("", AlarmSign.Level.good), ("61 40 50", .good), ("90 90", .between), ("90 90 90", .bad),
            ("40 40 39", .between), ("39 38 39", .bad), ("-20 -20 -20", .bad), ("90 · 90 · 90", .bad),
            ("90 90 90 60", .good), ("90 90 60 61", .between), ("90 90 60 90", .between),
            ("90 90 90 · · ·", .bad), ("90 90 90 · · · · · · ·", .between),
        ])
    func level(days: String, level: AlarmSign.Level) {
        #expect(Self.sign(Self.usual + " " + days).level == level)
    }

    @Test("stays bad while it lasts, until half of the days are so")
    func lasting() {
        func after(_ days: Int) -> AlarmSign.Level {
            Self.sign(Self.usual + String(repeating: " 120", count: days)).level
        }
        #expect((3...16).allSatisfy { after($0) == .bad })
        #expect(after(18) == .good, "by now it is what is usual there")
    }

    @Test("of which too few days are known says nothing")
    func young() {
        #expect(Self.sign("50 50 50 50 50 50 50 50 50 50 50 50 50 90 90 90").level == .between)
        #expect(Self.sign("50 50 50 50 50 50 50 50 50 50 50 50 50 50 90 90 90").level == .bad)
        #expect(Self.sign("").level == .between)
    }

    @Test("is told with what is usual, also where it is below zero")
    func text() {
        #expect(
            Self.sign(Self.usual + " 4 -15 -120").text.hasPrefix("T1 lost -12 % on 2025-05-31, usually 4 % to 6 %; "))
    }

    @Test("in a station that scatters more must be further out")
    func scatter() {
        let wild = Array(repeating: "10 90 50 30 70 20 80", count: 4).joined(separator: " ")
        #expect(Self.sign(wild + " 120 120 120").level == .good)
        #expect(Self.sign(wild + " 300 300 300").level == .bad)
    }
}
