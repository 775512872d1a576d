import Foundation
import HeadEnd
import Logging
import Metering
import Modbus
import ServiceLifecycle
import Store
import Web

/// The daemon, put together: store first up, then day close, control centre and head-end; down in reverse.
struct Assembly {
    private let workplace: Workplace
    private let logger: Logger

    init(_ workplace: Workplace, logger: Logger) {
        self.workplace = workplace
        self.logger = logger
    }

    func run() async throws {
        let configuration = workplace.configuration
        let store = try workplace.openStore(.daemon)
        logger.info("store \(configuration.store.path) is open")
        for name in configuration.store.loadProfiles.usagePoints.sorted() where try store.usagePoint(name) == nil {
            logger.warning("store.load_profile_usage_points names \(name), which the registry does not know (yet)")
        }
        let closer = DayCloser(
            store: store, calendar: configuration.calendar, clock: configuration.clock,
            closeAfter: configuration.headEnd.closeAfter, judge: workplace.judge, logger: logger)
        let upkeep = Upkeep(
            store: store, calendar: configuration.calendar, clock: configuration.clock,
            retention: configuration.store, logger: logger)
        let logger = logger
        let (doubts, doubted) = AsyncStream.makeStream(of: [MeterID: String].self)
        let outcomes = OutcomeQueue(logger: logger) { batch in
            let report = try store.ingest(batch)
            if !report.suspectMeters.isEmpty { doubted.yield(report.suspectMeters) }
            if !report.misdirected.isEmpty {
                logger.notice(
                    "\(report.misdirected.count) answers came from where the registry no longer has their meters")
            }
            if !report.damagedMeters.isEmpty {
                logger.error(
                    """
                    \(report.damagedMeters.count) meters go without: \(store.damages.joined(separator: "; ")); \
                    stop meterd and restore the latest backup, then their days are read again as far as they keep them
                    """)
            }
            if !report.unknownMeters.isEmpty {
                logger.error("\(report.unknownMeters.count) meters answered that the registry does not know")
            }
        }
        let headEnd = try headEnd(outcomes: outcomes)
        let field = FieldRegistry(workplace, store: store, headEnd: headEnd, logger: logger)
        try await field.follow()
        let clock = configuration.clock
        let server = try WebServer(
            store: store, tariffs: workplace.tariffs, calendar: configuration.calendar,
            now: { clock.civil(at: Wall.now()) },
            listen: configuration.listen, version: Meterd.version,
            clockNote: clock.speed == 1 ? nil : "mô phỏng ×\(VietnameseText.grouped(clock.speed))",
            clockSpeed: clock.speed,
            headEnd: { HeadEndFigures(await headEnd.state(), store.commitDurations) },
            readMeter: { await headEnd.read($0, behind: $1) }, logger: logger,
            gatewayQuiet: configuration.headEnd.cadence + configuration.headEnd.cadence)
        let web = ControlCentreService(server: server, address: configuration.listen) { port in
            let address = ListenAddress(host: configuration.listen.host, port: port)
            logger.info("control centre at http://\(address)/")
            let lines = await headEnd.state().lines
            SystemdNotify.ready("polling \(lines.meters) meters behind \(lines.gateways) gateways")
        }
        let alarms = AlarmWatch(
            store: store, headEnd: headEnd, calendar: configuration.calendar, clock: clock,
            gatewayQuiet: configuration.headEnd.cadence + configuration.headEnd.cadence,
            rules: workplace.rules.rules.filter { $0.subject != .month }.map(\.name),
            balanceEstimatedMost: configuration.vee.balanceEstimatedMost, logger: logger)
        let doubting = Task { for await meters in doubts { await headEnd.doubt(meters) } }
        defer { doubting.cancel() }
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: upkeep), .init(service: closer), .init(service: alarms), .init(service: web),
                    .init(service: HeadEndService(headEnd: headEnd)),
                    .init(service: field),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        SystemdNotify.stopping()
        try store.checkpoint()
        try store.close()
        logger.info("the store is closed")
    }

    /// The head-end without lines; `FieldRegistry` fills it.
    private func headEnd(outcomes: OutcomeQueue) throws -> HeadEnd {
        let configuration = workplace.configuration
        let settings = configuration.headEnd
        return try HeadEnd(
            rhythm: .init(
                calendar: configuration.calendar, cadence: settings.cadence, freezeDelay: settings.freezeDelay),
            proof: settings.identity, clock: configuration.clock, shards: settings.shards, outcomes: outcomes,
            logger: logger, seed: UInt64.random(in: .min ... .max))
    }
}

/// The head-end under the service group: polls until shutdown begins, then ends what is in flight.
private struct HeadEndService: Service {
    let headEnd: HeadEnd

    func run() async throws {
        try await headEnd.start()
        try? await gracefulShutdown()
        SystemdNotify.stopping()
        await headEnd.stop()
    }
}

private struct ControlCentreService: Service {
    let server: WebServer
    let address: ListenAddress
    let onListening: @Sendable (Int) async -> Void

    func run() async throws {
        do {
            try await server.run(onListening: onListening)
        } catch let error where !(error is CancellationError) {
            throw ControlCentreError(address: address, why: "\(error)")
        }
    }
}

/// The control centre could not listen, or ended by itself.
private struct ControlCentreError: Error, CustomStringConvertible {
    let address: ListenAddress
    let why: String

    var description: String {
        "control centre at \(address): \(why); if another program holds the port, stop it or change web.listen"
    }
}

extension HeadEndFigures {
    init(_ state: HeadEnd.State, _ commits: CommitDurations) {
        let lines = state.lines
        let figures = lines.figures
        self.init(
            requests: [
                "ok": Int64(figures.answers), "timeout": Int64(figures.timeouts),
                "exception": Int64(figures.exceptions), "bad-reply": Int64(figures.badReplies),
                "absent": Int64(figures.absences), "no-connection": Int64(figures.connectFailures),
                "identity": Int64(figures.mismatches),
            ],
            droppedReplies: [
                "late": Int64(figures.lateReplies), "foreign": Int64(figures.foreignReplies),
                "wrong-unit": Int64(figures.wrongUnitReplies), "framing": Int64(figures.framingViolations),
            ],
            connections: lines.connected, requestsInFlight: lines.inFlight,
            outcomesWaiting: state.waitingForStore, metersOverdue: lines.backlog,
            requestDuration: DurationHistogram(figures.latency), commitDuration: DurationHistogram(commits),
            commitCPUMicroseconds: commits.cpuMicroseconds)
        unitsOut = lines.unitsOut
        foreignMeters = lines.foreignMeters
        degradedGateways = lines.degradedGateways
        forecast.milliseconds = lines.forecast.milliseconds
        forecast.latest = lines.forecast.latest.map {
            Forecast.Line(gateway: $0.gateway, requests: $0.requests, milliseconds: $0.milliseconds)
        }
    }
}

extension DurationHistogram {
    init(_ latency: LatencyCounts) {
        self.init(
            buckets: zip(LatencyCounts.bounds, latency.counts).map { Bucket(microseconds: $0, count: $1) },
            above: latency.counts[LatencyCounts.bounds.count], sumMicroseconds: latency.sumMicroseconds)
    }

    init(_ commits: CommitDurations) {
        self.init(
            buckets: zip(CommitDurations.bounds, commits.counts).map { Bucket(microseconds: $0, count: $1) },
            above: commits.counts[CommitDurations.bounds.count], sumMicroseconds: commits.sumMicroseconds)
    }
}
