import ArgumentParser
import Foundation
import Glibc
import Metering
import Store

/// What the store alone takes for the nights of a province: readings as a head-end brings them, gateway after gateway
/// in turn, judged and committed with `synchronous=FULL`. The first night's readings are each series' first; every
/// later night draws an index for each register. Prints one line a night.
struct Nights: ParsableCommand {
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        /// Readings just after midnight: an index is drawn between two nights' readings.
        case live
        /// The meter's own record of the day.
        case frozen
    }

    @Option(help: "Meters of the province.") var meters = 726_995
    @Option(help: "Gateways they are behind.") var gateways = 3600
    @Option(help: "Registers that each poll reads, 1 to 8.") var registers = 4
    @Option(help: "Polls committed together.") var batch = 10_000
    @Option(help: "How many nights.") var nights = 3
    @Option(help: "live or frozen.") var kind = Kind.live
    @Flag(help: "Each gateway at a pace of its own, another every night; else all in turn, unit by unit.")
    var paced = false
    @Option(help: "Folder for the database; a temporary one, removed at the end, without it.") var folder: String?

    private var registersRead: [Register] { Array(Register.allCases.prefix(registers)) }

    func run() throws {
        let own = FileManager.default.temporaryDirectory.appendingPathComponent("meterd-ingest-\(getpid())")
        let place = folder.map { URL(fileURLWithPath: $0) } ?? own
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { if folder == nil { try? FileManager.default.removeItem(at: own) } }
        let calendar = ServiceCalendar.vietnam
        guard let first = ServiceDay(iso: "2025-05-10") else { throw ExitCode.failure }
        let store = try Store(
            path: place.appendingPathComponent("ingest.sqlite").path, role: .daemon, calendar: calendar,
            limits: Province.limits)
        _ = try store.importRegistry(province.registry(from: first), at: calendar.start(of: first))
        print("night, readings, seconds, readings a second, CPU seconds, MB written, indices, WAL MB, peak MB")
        for night in 0..<nights {
            try sweep(first + night, number: night, store, calendar.start(of: first + night))
        }
        try store.close()
    }

    private func sweep(_ day: ServiceDay, number: Int, _ store: Store, _ midnight: Instant) throws {
        // A series is numbered when its meter is first heard, in the order of the first night.
        let order = paced ? province.order(.gateways, seed: UInt64(number)) : nil
        var effort = Effort()
        var readings = 0
        var report = IngestReport()
        for start in stride(from: 0, to: meters, by: batch) {
            let polls = (start..<min(meters, start + batch)).map { turn in
                poll(order?[turn] ?? province.meter(ofTurn: turn), turn: turn, day, number: number, midnight)
            }
            readings += polls.count * registers
            report = try effort.measure { try store.ingest(polls) }
            guard report.suspects == 0, report.unknownMeters.isEmpty else { throw ExitCode.failure }
        }
        let counts = try store.counts()
        print(
            "\(day), \(readings), \(Self.text(effort.seconds)), \(Int(Double(readings) / effort.seconds)), "
                + "\(Self.text(effort.cpuSeconds)), \(Int(effort.writtenBytes) >> 20), \(counts.indices), "
                + "\(counts.walBytes >> 20), \(Effort.peakMegabytes())")
    }

    /// The `turn`-th poll of a night.
    private func poll(_ meter: Int, turn: Int, _ day: ServiceDay, number: Int, _ midnight: Instant) -> PollOutcome {
        let readings = registersRead.map { register in
            let index = Int64(1_000_000 + meter % 5000 + number * (register == .activeImport ? 8000 + meter % 997 : 7))
            return Province.reading(register, kind == .frozen ? .frozen(day) : .live, index)
        }
        let answered = midnight + .seconds(1) + Instant.Span(microseconds: Int64(turn) * 30)
        return province.poll(meter, turn: turn, answered: answered, readings)
    }

    private var province: Province { Province(meters: meters, gateways: gateways) }

    private static func text(_ seconds: Double) -> String { String(format: "%.2f", seconds) }
}
