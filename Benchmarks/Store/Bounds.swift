import ArgumentParser
import Foundation
import Metering
import Store

/// Meters that freeze nothing: each midnight is drawn from the readings on both sides, and each index has its bound.
/// Six weeks of them, for what such a month takes.
struct Bounds: ParsableCommand {
    @OptionGroup var place: Place
    private static let first = Truth.day("2025-08-31")
    private static let last = Truth.day("2025-10-09")

    func run() throws {
        let store = try place.store("bounds")
        let field = try Field(place, store)
        let calendar = ServiceCalendar.vietnam
        let province = field.province
        _ = try store.importRegistry(province.registry(from: Truth.first), at: calendar.start(of: Self.first))
        let meters = province.order(.gateways, seed: 1)
        var (indices, month, week) = (0, 0, 0)
        for day in Self.first...Self.last {
            // A meter is read every quarter of an hour, at a moment of its own: the last time before midnight.
            let evening = meters.enumerated().map { turn, meter in
                let before = SeededRandom.mixed(UInt64(meter)) % 900
                return (turn: turn, meter: meter, seconds: 86_400 - 1 - Int(before))
            }
            indices += try sweep(evening, day, field, calendar)
            // And once as soon as the day has begun.
            let night = meters.enumerated().map { (turn: $0, meter: $1, seconds: 1 + $0 * 30 / meters.count) }
            indices += try sweep(night, day.next, field, calendar)
            while let step = try store.compact(today: day.next) {
                if step.period.hasPrefix("month") { month += step.indices }
                // Those of September went on into its month.
                if step.period.hasPrefix("week 2025-10") { week += step.indices }
            }
        }
        try place.report.line(
            "bounds", ["indices": Double(indices), "month": Double(month), "week": Double(week)])
        try store.checkpoint()
        try store.close()
    }

    private func sweep(
        _ polls: [(turn: Int, meter: Int, seconds: Int)], _ day: ServiceDay, _ field: Field,
        _ calendar: ServiceCalendar
    ) throws -> Int {
        var indices = 0
        for start in stride(from: 0, to: polls.count, by: place.batch) {
            let outcomes = polls[start..<min(polls.count, start + place.batch)].compactMap { poll -> PollOutcome? in
                let readings = field.truth.readings(poll.meter, on: day, after: Double(poll.seconds) / 86_400)
                return readings.isEmpty
                    ? nil
                    : field.province.poll(
                        poll.meter, turn: poll.turn, answered: calendar.start(of: day) + .seconds(Int64(poll.seconds)),
                        readings)
            }
            let report = try field.store.ingest(outcomes)
            guard report.suspects == 0 else { throw ValidationError("\(day): \(report)") }
            indices += report.indices
        }
        return indices
    }
}
