import ArgumentParser
import Dispatch
import Foundation
import Glibc
import HeadEnd
import Logging
import MeterFleet
import Metering
import Modbus
import Store
import Synchronization

/// One midnight sweep of a simulated fleet, in one process: fleet, head-end and store together on loopback.
/// Prints what it took; ends with an error when a single meter was not read.
@main
struct Sweep: AsyncParsableCommand {
    @Option(help: "Gateways, each with a connection of its own.") var gateways = 2000
    @Option(help: "Meters behind each gateway, 1 to 247.") var meters = 20
    @Option(help: "Requests in flight on a connection, 1 to 16.") var depth = 1
    @Option(help: "First of the ports that the gateways listen on.") var firstPort = 20_000

    func run() async throws {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("meterd-sweep-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let calendar = ServiceCalendar.vietnam
        let library = try ProfileLibrary.load(folder: nil)
        guard let day = ServiceDay(iso: "2025-05-10"), let profile = library["sdm630"] else { throw ExitCode.failure }

        let plan = try FleetPlan(
            meters: gateways * meters, gateways: gateways, seed: 1, firstPort: firstPort, profiles: ["sdm630"],
            start: day - 40, library: library)
        let fleet = plan.fleet
        try FleetFolder(folder.path).write(fleet)
        let registry = try RegistryFiles.parse(
            gateways: bytes(folder, "gateways.csv"), usagePoints: bytes(folder, "usage_points.csv"),
            meters: bytes(folder, "meters.csv"), profiles: ["sdm630"],
            categories: ["residential", "residential_shared"])
        let store = try Store(
            path: folder.appendingPathComponent("sweep.sqlite").path, role: .daemon, calendar: calendar,
            limits: ["sdm630": profile.ceilingWatts])
        _ = try store.importRegistry(registry, at: calendar.start(of: day))

        // Midnight comes three seconds after the start: by then everything is set up and nothing has been asked.
        let anchor = now()
        let midnight = calendar.start(of: day)
        let clock = ServiceClock.simulated(start: midnight - .seconds(3), speed: 1, anchor: anchor)
        let server = FleetServer(fleet: fleet, clock: clock)
        _ = try await server.start()
        let tally = Mutex(Tally())
        let outcomes = OutcomeQueue(logger: Logger(label: "sweep")) { batch in
            let report = try store.ingest(batch)
            tally.withLock { $0.add(batch, report, at: clock.civil(at: Self.now())) }
        }
        let headEnd = try HeadEnd(
            rhythm: .init(calendar: calendar, cadence: .hours(24)), proof: .off, clock: clock, outcomes: outcomes,
            logger: Logger(label: "sweep"), seed: 1)
        for plan in try plans(registry, store, ModelPlan(profile), day) { await headEnd.adopt(plan) }
        let cpuBefore = cpuSeconds()
        try await headEnd.start()
        let wanted = gateways * meters
        var waited = 0
        while tally.withLock({ $0.meters.count }) < wanted, waited < 1200 {
            try await Task.sleep(for: .milliseconds(100))
            waited += 1
        }
        let cpu = cpuSeconds() - cpuBefore
        let state = await headEnd.state()
        await headEnd.stop()
        await server.stop()
        let result = tally.withLock { $0 }
        let figures = state.lines.figures
        let dropped = figures.lateReplies + figures.foreignReplies + figures.wrongUnitReplies
        let took = result.last.map { Double(($0 - midnight).microseconds) / 1_000_000 } ?? 0
        print(
            """
            gateways                          \(gateways), depth \(depth)
            meters read, judged and durable   \(result.meters.count) of \(wanted)
            failures                          \(result.failures)
            replies dropped                   \(dropped) (late, foreign, of a wrong unit)
            connections open at once          \(state.lines.connected) (in one process with as many of the fleet's own)
            from midnight to the last commit  \(String(format: "%.2f", took)) s
            CPU of the whole process          \(String(format: "%.2f", cpu)) s (fleet, head-end and store)
            peak resident memory              \(peakMegabytes()) MB (fleet, head-end and store)
            """)
        guard result.meters.count == wanted, result.failures == 0 else { throw ExitCode.failure }
    }

    private struct Tally {
        var meters: Set<MeterID> = []
        var failures = 0
        var last: Instant?

        mutating func add(_ batch: [PollOutcome], _ report: IngestReport, at civil: Instant) {
            for outcome in batch {
                if case .success = outcome.result { meters.insert(outcome.meter) } else { failures += 1 }
            }
            failures += report.suspects
            last = civil
        }
    }

    private func plans(_ registry: Registry, _ store: Store, _ model: ModelPlan, _ day: ServiceDay) throws
        -> [GatewayPlan]
    {
        var behind: [String: [MeterPlan]] = [:]
        for meter in try store.meters(inServiceOn: day) {
            behind[meter.installation.gateway, default: []].append(
                MeterPlan(
                    meter: meter.id, unit: meter.installation.unit, model: model,
                    installedOn: meter.installation.installedOn))
        }
        return registry.gateways.map { row in
            let gateway = Gateway(
                name: row.name, host: row.host, port: row.port, depth: depth, timeoutMilliseconds: 10_000)
            return GatewayPlan(gateway: gateway, meters: behind[row.name] ?? [])
        }
    }

    private func bytes(_ folder: URL, _ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    private static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    private func now() -> Instant { Self.now() }

    private func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private func peakMegabytes() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }
}
