import ArgumentParser
import Foundation
import Glibc
import Metering
import Store

/// What the store alone takes for the nights of a province: readings as a head-end brings them, gateway after gateway
/// in turn, judged and committed with `synchronous=FULL`. The first night's readings are each series' first; every
/// later night draws an index for each register. Prints one line a night.
@main
struct Ingest: ParsableCommand {
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
            limits: ["bench": 75_900])
        _ = try store.importRegistry(registry(from: first), at: calendar.start(of: first))
        print("night, readings, seconds, readings a second, CPU seconds, MB written, indices, WAL MB, peak MB")
        for night in 0..<nights {
            try sweep(first + night, number: night, store, calendar.start(of: first + night))
        }
        try store.close()
    }

    private func sweep(_ day: ServiceDay, number: Int, _ store: Store, _ midnight: Instant) throws {
        var seconds = 0.0
        var cpu = 0.0
        var written: Int64 = 0
        var readings = 0
        var report = IngestReport()
        for start in stride(from: 0, to: meters, by: batch) {
            let polls = (start..<min(meters, start + batch)).map { poll($0, day, number: number, midnight) }
            readings += polls.count * registers
            let before = (Self.monotonicSeconds(), Self.cpuSeconds(), Self.bytesWritten())
            report = try store.ingest(polls)
            seconds += Self.monotonicSeconds() - before.0
            cpu += Self.cpuSeconds() - before.1
            written += Self.bytesWritten() - before.2
            guard report.suspects == 0, report.unknownMeters.isEmpty else { throw ExitCode.failure }
        }
        let counts = try store.counts()
        print(
            "\(day), \(readings), \(Self.text(seconds)), \(Int(Double(readings) / seconds)), \(Self.text(cpu)), "
                + "\(written >> 20), \(counts.indices), \(counts.walBytes >> 20), \(Self.peakMegabytes())")
    }

    /// The `turn`-th poll of a night: all gateways in turn, unit by unit.
    private func poll(_ turn: Int, _ day: ServiceDay, number: Int, _ midnight: Instant) -> PollOutcome {
        let (position, gateway) = turn.quotientAndRemainder(dividingBy: gateways)
        let answered = midnight + .seconds(1) + Instant.Span(microseconds: Int64(turn) * 30)
        let meter = first(of: gateway) + position
        let readings = registersRead.map { register in
            let index = Int64(1_000_000 + meter % 5000 + number * (register == .activeImport ? 8000 + meter % 997 : 7))
            return Reading(
                register: register, moment: kind == .frozen ? .frozen(day) : .live, index: Energy(wattHours: index),
                words: [UInt16(truncatingIfNeeded: index >> 16), UInt16(truncatingIfNeeded: index)])
        }
        return PollOutcome(
            meter: MeterID(Int32(meter + 1)), gateway: "GW\(gateway + 1000)", unit: UInt8(position + 1),
            transaction: UInt16(truncatingIfNeeded: turn), profile: "bench/1",
            requested: answered - Instant.Span(microseconds: 900), answered: answered, result: .success(readings))
    }

    /// The first `meters % gateways` gateways have one meter more than the others.
    private func first(of gateway: Int) -> Int {
        let (share, rest) = meters.quotientAndRemainder(dividingBy: gateways)
        return gateway * share + min(gateway, rest)
    }

    private func registry(from day: ServiceDay) -> Registry {
        var registry = Registry()
        for gateway in 0..<gateways {
            registry.gateways.append(
                Gateway(name: "GW\(gateway + 1000)", host: "127.0.0.1", port: UInt16(20_000 + gateway)))
            for position in 0..<(first(of: gateway + 1) - first(of: gateway)) {
                let name = "PA0901\(1_000_000 + registry.usagePoints.count)"
                registry.usagePoints.append(UsagePoint(name: name, customer: "KH\(name.dropFirst(6))"))
                registry.installations.append(
                    MeterInstallation(
                        serial: String(24_000_000 + registry.installations.count), usagePoint: name,
                        gateway: "GW\(gateway + 1000)", unit: UInt8(position + 1), profile: "bench", digits: 6,
                        installedOn: day - 1))
            }
        }
        return registry
    }

    // MARK: - What it took

    private static func text(_ seconds: Double) -> String { String(format: "%.2f", seconds) }

    private static func monotonicSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func peakMegabytes() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }

    /// All bytes handed to `write`, from `/proc/self/io`.
    private static func bytesWritten() -> Int64 {
        guard let text = try? String(contentsOfFile: "/proc/self/io", encoding: .utf8) else { return 0 }
        let line = text.split(separator: "\n").first { $0.hasPrefix("wchar:") }
        return line.flatMap { Int64($0.dropFirst(7)) } ?? 0
    }
}
