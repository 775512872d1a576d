import Foundation
import Metering
import Rehearsal

/// The simulated lives and fault scenarios, each lived through by the production head-end: what it said of them beside
/// what truly happened.
struct LifeScore {
    private let lives: [(life: Life, outcome: LifeOutcome)]
    private let others: [(life: Life, outcome: LifeOutcome)]

    init(simulators: URL) throws {
        let house = try RehearsalHouse.shipped()
        let folder = FileManager.default.temporaryDirectory
        func lived(_ lives: [Life]) throws -> [(Life, LifeOutcome)] {
            try lives.map { ($0, try $0.live(in: simulators, with: house, below: folder)) }
        }
        lives = try lived(Life.all)
        others = try lived(Life.others(in: simulators))
    }

    /// No case is missed and none unfounded; in the lives no more is missing, or waits for somebody, than they say, and
    /// each bill is that of the true dials.
    var isRight: Bool {
        (lives + others).allSatisfy { $0.outcome.missed.isEmpty && $0.outcome.unfounded.isEmpty }
            && lives.allSatisfy { $0.outcome.missing == $0.life.missing && $0.outcome.live == $0.life.stays }
            && lives.allSatisfy { $0.outcome.bills.allSatisfy { $0.told.total == $0.truth.total } }
    }

    func print() {
        Swift.print(
            "| life | cases | missed | unfounded | open at its end | days | kWh billed "
                + "| true kWh | dong off |\n|---|---|---|---|---|---|---|---|---|")
        for (life, outcome) in lives {
            let known = IndexQuality.allCases.compactMap { quality in
                outcome.days[quality].map { "\($0) \(quality.name)" }
            }
            let days = known + (outcome.missing > 0 ? ["\(outcome.missing) missing"] : [])
            let bills = outcome.bills
            Swift.print(
                "| \(life) | \(Self.text(outcome.raised)) | \(Self.text(outcome.missed)) "
                    + "| \(Self.text(outcome.unfounded)) | \(Self.text(outcome.live)) "
                    + "| \(days.joined(separator: ", ")) | \(bills.map { "\($0.told.kwh)" }.joined(separator: ", ")) "
                    + "| \(bills.map { "\($0.truth.kwh)" }.joined(separator: ", ")) "
                    + "| \(bills.map { "\($0.told.total.dong - $0.truth.total.dong)" }.joined(separator: ", ")) |")
        }
        Swift.print("\n| rule | true | missed | unfounded |\n|---|---|---|---|")
        let all = (lives + others).map(\.outcome)
        let kinds = Set(all.flatMap { $0.raised.union($0.missed) }.map(\.kind)).sorted()
        for kind in kinds {
            func count(_ alarms: (LifeOutcome) -> Set<Life.Alarm>) -> Int {
                all.reduce(0) { $0 + alarms($1).count { $0.kind == kind } }
            }
            Swift.print(
                "| \(kind) | \(count { $0.raised.subtracting($0.unfounded) }) | \(count(\.missed)) "
                    + "| \(count(\.unfounded)) |")
        }
        Swift.print("\nOver \(lives.count) lives and \(others.count) other fault scenarios.")
        for (life, outcome) in others where !outcome.unfounded.isEmpty || !outcome.missed.isEmpty {
            Swift.print("\(life): missed \(Self.text(outcome.missed)), unfounded \(Self.text(outcome.unfounded))")
        }
    }

    private static func text(_ alarms: Set<Life.Alarm>) -> String {
        alarms.isEmpty ? "–" : alarms.map(\.description).sorted().joined(separator: ", ")
    }
}
