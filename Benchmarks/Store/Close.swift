import ArgumentParser
import Foundation
import Metering
import Store
import VEE

/// What closing a day of a full store takes: a hundredth of the meters is silent that night, five in a thousand show
/// what cannot be true. Gaps are estimated, the day before is judged by the shipped rules, the day is counted; then all
/// of it once more, as after a kill.
struct Close: ParsableCommand {
    @OptionGroup var place: Place

    func run() throws {
        let field = try Field(place, place.store())
        let judge = ConsumptionJudge(
            rules: try RuleBook.load(file: nil), resolutions: ["bench": Energy(wattHours: 10)])
        // A file that was closed before goes on from there, on days that nobody has read yet.
        var day = try field.store.lastClosedDay() ?? Truth.last
        // Where no day was ever closed, the estimates of ten weeks are drawn first.
        if try field.store.lastClosedDay() == nil { try field.close(day, judge, "first") }
        for _ in 0..<2 {
            day = day.next
            try field.freeze(day, .gateways)
            try field.suspect(oneOf: 200, on: day)
            try field.close(day, judge, "usual")
            try field.close(day, judge, "again")
        }
        // A day with which everybody's billing period ends.
        var end = Truth.last
        while end.next.civil.day != 1 { end = end.previous }
        try field.judge(end, judge)
        try field.report.line("peak", ["megabytes": Double(Effort.peakMegabytes())])
        try field.store.close()
    }
}

extension Field {
    fileprivate func close(_ day: ServiceDay, _ judge: ConsumptionJudge, _ kind: String) throws {
        let at = calendar.start(of: day) + .hours(6)
        var (judging, closing) = (Effort(), Effort())
        let judged = try judging.measure { try store.checkConsumption(of: day.previous, by: judge, at: at) }
        let counted = try closing.measure { try store.closeDay(day, at: at) }
        try report.line(
            "close", of: ["day": "\(day)", "kind": kind],
            [
                "seconds": judging.seconds + closing.seconds, "cpu": judging.cpuSeconds + closing.cpuSeconds,
                "judging": judging.seconds, "closing": closing.seconds, "judged": Double(judged.days),
                "months": Double(judged.months), "found": Double(judged.found.reduce(0) { $0 + $1.count }),
                "expected": Double(counted.expected), "missing": Double(counted.missing),
                "estimated": Double(counted.estimated), "live": Double(try store.caseCount()),
            ])
    }

    fileprivate func judge(_ day: ServiceDay, _ judge: ConsumptionJudge) throws {
        var judging = Effort()
        let at = calendar.start(of: day) + .hours(30)
        let judged = try judging.measure { try store.checkConsumption(of: day, by: judge, at: at) }
        try report.line(
            "judging", of: ["day": "\(day)"],
            [
                "seconds": judging.seconds, "cpu": judging.cpuSeconds, "judged": Double(judged.days),
                "months": Double(judged.months), "found": Double(judged.found.reduce(0) { $0 + $1.count }),
            ])
    }

    /// Dials that show less than they did an hour before.
    fileprivate func suspect(oneOf many: Int, on day: ServiceDay) throws {
        let at = calendar.start(of: day) + .hours(1)
        func polls(_ after: Instant.Span, _ readings: (Int) -> [Reading]) -> [PollOutcome] {
            stride(from: 0, to: province.meters, by: many).map {
                province.poll($0, turn: $0, answered: at + after, readings($0))
            }
        }
        _ = try store.ingest(polls(.seconds(0)) { truth.readings($0, on: day, after: 0.04) })
        let report = try store.ingest(polls(.hours(1)) { _ in [Province.reading(.activeImport, .live, 7)] })
        guard report.suspects > 0 else { throw ValidationError("\(day): nothing was suspect") }
    }
}
