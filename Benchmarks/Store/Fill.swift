import ArgumentParser
import Foundation
import Metering
import Store

struct Place: ParsableArguments {
    @Option(help: "Folder for the database and the dials.") var folder: String
    @Option(help: "Meters of the province.") var meters = 36_350
    @Option(help: "Polls committed together.") var batch = 10_000

    var url: URL { URL(fileURLWithPath: folder) }
    var report: Report { Report(url.appendingPathComponent("runs.jsonl").path) }
    /// 202 meters behind each.
    var province: Province { Province(meters: meters, gateways: max(1, meters / 202 + (meters % 202 > 0 ? 1 : 0))) }

    func store(_ name: String = "store") throws -> Store {
        try Store(
            path: url.appendingPathComponent("\(name).sqlite").path, role: .daemon, calendar: .vietnam,
            limits: Province.limits,
            rateRegisters: RateRegisters(
                normal: [.activeImportT1], offpeak: [.activeImportT2], peak: [.activeImportT3]))
    }
}

/// Thirteen months come into a new store: history as an earlier system hands it over, then ten weeks of polls with the
/// compactions that fall due.
struct Fill: ParsableCommand {
    @OptionGroup var place: Place

    func run() throws {
        try FileManager.default.createDirectory(at: place.url, withIntermediateDirectories: true)
        try Truth.make(folder: place.url, meters: place.meters, place.report)
        let field = try Field(place, place.store())
        try field.importRegistry()
        try field.adopt()
        // From October on the head-end polls. October waits until its month is due and is moved straight from rows;
        // November is moved week by week.
        for day in Truth.polledFrom...Truth.last {
            try field.freeze(day, day.number % 7 == 0 ? .shuffled : .gateways)
            if day >= Truth.day("2025-11-08"), day < Truth.last { try field.compact(today: day) }
        }
        try field.store.checkpoint()
        try field.store.close()
    }
}

/// A store with its province and what the dials there show.
struct Field {
    let store: Store
    let province: Province
    let truth: Truth
    let report: Report
    private let batch: Int
    let calendar = ServiceCalendar.vietnam

    init(_ place: Place, _ store: Store) throws {
        self.store = store
        province = place.province
        truth = try Truth(folder: place.url, meters: place.meters)
        report = place.report
        batch = place.batch
    }

    func importRegistry() throws {
        let registry = province.registry(from: Truth.first)
        var effort = Effort()
        _ = try effort.measure { try store.importRegistry(registry, at: calendar.start(of: Truth.first)) }
        try report.line("import", effort.numbers)
    }

    /// The past, month by month, as the store would keep it a week into the first month of polls.
    func adopt() throws {
        // A series is numbered when its meter is first heard: in the order of a night.
        let order = province.order(.gateways, seed: 1)
        var effort = Effort()
        var indices = 0
        var first = Truth.first
        while first < Truth.polledFrom {
            let end = first + (first.daysInMonth - first.civil.day + 1)
            for start in stride(from: 0, to: order.count, by: 8192) {
                var histories: [RegisterHistory] = []
                for meter in order[start..<min(order.count, start + 8192)] {
                    for (position, register) in Homes.registers(of: meter).enumerated() {
                        let days = (first..<end).compactMap { truth.index(meter, position, on: $0) }
                        histories.append(
                            RegisterHistory(meter: Province.id(of: meter), register: register, indices: days))
                    }
                }
                indices += try effort.measure { try store.adoptHistory(histories, today: Truth.polledFrom + 7) }
            }
            first = end
        }
        try report.line("adopt", effort.numbers.merging(["indices": Double(indices)]) { $1 })
    }

    /// Each meter's own record of a day, read after midnight.
    func freeze(_ day: ServiceDay, _ order: Province.Order, beside: String = "nothing") throws {
        try night(day, "frozen", order, beside: beside, at: 0) { truth.records($0, on: day) }
    }

    /// Each meter's dials as they stand at a part of a day.
    func read(_ day: ServiceDay, after fraction: Double, _ kind: String) throws {
        try night(day, kind, .gateways, beside: "nothing", at: fraction) {
            truth.readings($0, on: day, after: fraction)
        }
    }

    private func night(
        _ day: ServiceDay, _ kind: String, _ order: Province.Order, beside: String, at fraction: Double,
        _ readings: (Int) -> [Reading]
    ) throws {
        let start = calendar.start(of: day) + .seconds(Int64(86_400 * fraction) + 1)
        let meters = province.order(order, seed: UInt64(day.number))
        var effort = Effort()
        var (polls, rows, accepted, indices) = (0, 0, 0, 0)
        for first in stride(from: 0, to: meters.count, by: batch) {
            let outcomes = (first..<min(meters.count, first + batch)).compactMap { turn -> PollOutcome? in
                let found = readings(meters[turn])
                let answered = start + Instant.Span(microseconds: Int64(turn) * 35)
                return found.isEmpty ? nil : province.poll(meters[turn], turn: turn, answered: answered, found)
            }
            polls += outcomes.count
            rows += outcomes.reduce(0) { $0 + ((try? $1.result.get().count) ?? 0) }
            let report = try effort.measure { try store.ingest(outcomes) }
            accepted += report.accepted
            indices += report.indices
            guard report.suspects == 0, report.unknownMeters.isEmpty, report.misdirected.isEmpty else {
                throw ValidationError("\(day): \(report)")
            }
        }
        guard accepted == rows else { throw ValidationError("\(day): \(accepted) of \(rows) were taken") }
        try report.line(
            "ingest", of: ["day": "\(day)", "kind": kind, "order": order.rawValue, "beside": beside],
            effort.numbers.merging([
                "polls": Double(polls), "rows": Double(rows), "indices": Double(indices),
                "wal": Double(store.logBytes),
            ]) { $1 })
    }

    /// All that is due on a day, step by step.
    func compact(today: ServiceDay) throws {
        var (effort, indices) = (Effort(), 0)
        while true {
            let step = try effort.measure { try store.compact(today: today) }
            guard let step else { return }
            indices += step.indices
            guard step.isFinished else { continue }
            try report.line(
                "compaction", of: ["period": step.period], effort.numbers.merging(["indices": Double(indices)]) { $1 })
            (effort, indices) = (Effort(), 0)
        }
    }
}
