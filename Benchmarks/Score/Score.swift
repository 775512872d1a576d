import ArgumentParser
import Billing
import Foundation
import Metering
import VEE

/// Scores estimates and rules on recorded homes and on simulated lives (`make score`): Markdown for docs/BENCHMARKS.md.
/// Percentages and counts of a measurement, so floating point throughout.
@main
struct Score: ParsableCommand {
    @Option(help: "Folder of the simulated fleets and their faults.") var simulators = "simulators"

    func run() throws {
        var isRight = true
        if let recorded = try RecordedHomes() {
            let days = recorded.homes.reduce(0) { $0 + $1.known }
            print("\(recorded.homes.count) recorded homes, \(days) known days.\n")
            estimates(recorded.homes, &isRight)
            try alarms(recorded.homes, &isRight)
            try projections(recorded.homes, &isRight)
        } else {
            print("skipped: no recorded homes beside the project (METERD_SHARED names the folder that has them)")
        }
        print()
        let lives = try LifeScore(simulators: URL(fileURLWithPath: simulators, isDirectory: true))
        lives.print()
        isRight = isRight && lives.isRight
        guard isRight else { throw ExitCode.failure }
    }

    /// vee-and-feeds §1.5: WAPE of days, median error of the gap's sum; random gaps there, all gaps here.
    private static let reference: [(gap: Int, [(days: Int, sum: Int)])] = [
        (1, [(15, 0), (16, 0), (29, 22), (30, 22), (28, 21)]),
        (3, [(19, 0), (20, 0), (28, 15), (29, 15), (32, 20)]),
        (7, [(22, 0), (23, 0), (30, 11), (30, 11), (33, 19)]),
        (14, [(24, 0), (26, 0), (31, 10), (32, 10), (35, 20)]),
    ]

    private func estimates(_ homes: [DayEnergies], _ isRight: inout Bool) {
        let methods: [EstimationScore.Method] = [
            .production(.straightLine), .production(.likeDayWeights), .production(.meanOf28Days),
            .production(.likeDays), .lastDayRepeated,
        ]
        print(
            "| days without an index | method | gaps | WAPE of days | there | median error of the sum | there "
                + "| greatest | within 2 points |\n|---|---|---|---|---|---|---|---|---|")
        for (gap, known) in Self.reference {
            for (method, there) in zip(methods, known) {
                let score = EstimationScore.of(homes, gap: gap, method: method)
                let distance = max(
                    abs(score.weighted * 100 - Double(there.days)), abs(score.sumMedian * 100 - Double(there.sum)))
                // The reference is in whole points: half a one is its rounding.
                let isNear = distance <= 2.5
                // The sum is what a bracketed method is given; that its days add up to it can be seen to.
                isRight = isRight && isNear && (!method.isBracketed || score.sumMost == 0 && score.malformed == 0)
                let sums =
                    method.isBracketed
                    ? ["exact", "–", "–"]
                    : [Self.percent(score.sumMedian), "\(there.sum) %", Self.percent(score.sumMost)]
                print(
                    "| \(gap) | \(method.name) | \(score.gaps) | \(Self.percent(score.weighted)) | \(there.days) % "
                        + "| \(sums.joined(separator: " | ")) | \(isNear ? "yes" : "**no**") |")
            }
        }
        print()
    }

    private static let customers = 726_995.0

    /// How often each shipped rule finds a day, or a month, unusual.
    private func alarms(_ homes: [DayEnergies], _ isRight: inout Bool) throws {
        let score = AlarmScore(homes, rules: try RuleBook.load(file: nil).rules)
        print("| rule | asked about | found | share | of 726,995 customers |\n|---|---|---|---|---|")
        for line in score.lines {
            let share = Double(line.found) / Double(max(1, line.asked))
            let span = line.rule.subject == .month ? "month" : "day"
            print(
                "| \(line.rule.name) | \(line.asked) \(span)s | \(line.found) | \(Self.percent(share, digits: 3)) "
                    + "| \(Int(share * Self.customers)) a \(span) |")
        }
        let warned = Double(score.warned) / Double(max(1, score.days)) * Self.customers
        print(
            "\nDays that a daily rule warns of: \(score.warned), \(Int(warned)) of 726,995 customers a day "
                + "(≤ 1,500, \(warned <= 1500 ? "met" : "**missed**")).")
        isRight = isRight && warned <= 1500
    }

    /// How near the projections of running months come to their bills, and whether low and high hold these.
    private func projections(_ homes: [DayEnergies], _ isRight: inout Bool) throws {
        let tariffs = try TariffBook.load(folder: nil)
        // The homes were recorded before there were these prices; a month's blocks are those of any month.
        guard let first = ServiceDay(year: 2026, month: 3, day: 1), let decision = tariffs.decision(on: first) else {
            throw ValidationError("the tariff files have no price of March 2026")
        }
        let month = BillingPeriod.containing(first, readingDay: 0)
        print(
            "\n| known days of the month | before it | method | months | median error of the amount | 90th percentile "
                + "| bills from low to high | 80 to 95 % | median width |\n|---|---|---|---|---|---|---|---|---|")
        for (known, before) in [(3, 62), (10, 62), (20, 62), (27, 62), (10, 0), (20, 0)] {
            for method in ProjectionScore.Method.allCases {
                let score = try ProjectionScore(homes, known: known, before: before, method: method) { energy in
                    try tariffs.bill(BillRequest(category: "residential", period: month, consumption: energy)).total
                }
                let isHeld = (0.80...0.95).contains(score.heldShare)
                isRight = isRight && (isHeld || method != .production)
                print(
                    "| \(known) | \(before) days | \(method.name) | \(score.count) "
                        + "| \(Self.percent(score.error(atPercent: 50))) | \(Self.percent(score.error(atPercent: 90))) "
                        + "| \(Self.percent(score.heldShare)) | \(isHeld ? "yes" : "**no**") "
                        + "| \(Self.percent(score.medianWidth)) |")
            }
        }
        print("\nA month as one of March 2026: `residential`, six blocks of \(decision.number), with VAT.")
        print("One projection by 56 days takes \(ProjectionScore.nanoseconds(homes)) ns.")
    }

    private static func percent(_ share: Double, digits: Int = 1) -> String {
        String(format: "%.\(digits)f %%", share * 100)
    }
}
