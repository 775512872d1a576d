import Alarms
import CTimex
import Dispatch
import Glibc
import HeadEnd
import Logging
import Metering
import ServiceLifecycle
import Store
import Synchronization

/// Looks each minute, oftener on a fast clock, whether something needs somebody soon, and tells the log when that
/// begins and ends.
final class AlarmWatch: Service {
    private let store: Store
    private let headEnd: HeadEnd
    private let calendar: ServiceCalendar
    private let clock: ServiceClock
    private let gatewayQuiet: Instant.Span
    private let rules: [String]
    private let balanceEstimatedMost: Int64
    /// The last balanced day that losses were looked at with.
    private let lossesThrough = Mutex(ServiceDay?.none)
    private let collectionTurns = Mutex(CollectionTurns())
    private let logger: Logger
    private let thresholds = AlarmThresholds()
    private let queue = DispatchQueue(label: "meterd.alarms", qos: .utility)

    /// - Parameters:
    ///   - gatewayQuiet: a gateway without a word for so long, in civil time, is lost.
    ///   - rules: names of those that find about as much each day; one for months finds nothing on most days and much
    ///     at their ends.
    ///   - balanceEstimatedMost: thousandths of a station's energy that may be estimated for its loss to count.
    init(
        store: Store, headEnd: HeadEnd, calendar: ServiceCalendar, clock: ServiceClock, gatewayQuiet: Instant.Span,
        rules: [String], balanceEstimatedMost: Int64, logger: Logger
    ) {
        self.store = store
        self.headEnd = headEnd
        self.calendar = calendar
        self.clock = clock
        self.gatewayQuiet = gatewayQuiet
        self.rules = rules
        self.balanceEstimatedMost = balanceEstimatedMost
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var commits = self.store.commitDurations
            let began = Wall.now()
            while !Task.isCancelled {
                try? await Task.sleep(for: self.pause)
                if Task.isCancelled { return }
                let lines = await self.headEnd.state().lines
                let now = self.store.commitDurations
                let latest = now.since(commits)
                commits = now
                await withCheckedContinuation { continuation in
                    self.queue.async {
                        do { try self.look(lines, commits: latest, since: began) } catch {
                            self.logger.error("alarms cannot be looked at: \(error); trying again in a minute")
                        }
                        continuation.resume()
                    }
                }
            }
        }
    }

    /// A minute; on a fast clock ten minutes of its time, but a second at the least.
    private var pause: Duration { .seconds(clock.speed == 1 ? 60 : min(60, max(1, 600 / clock.speed))) }

    private func look(_ lines: LineState, commits: CommitDurations, since began: Instant) throws {
        let civil = clock.civil(at: Wall.now())
        var signs: [AlarmSign] = []
        // A daemon that has just begun has heard of nobody yet.
        if civil - clock.civil(at: began) > gatewayQuiet {
            signs += AlarmSign.gateways(try standings(at: civil), thresholds)
        }
        signs += try collection(lines, at: civil)
        if let day = try store.lastJudgedDay() {
            let found = try store.findings(of: day)
            for rule in rules {
                signs += AlarmSign.findings(
                    rule, found: found.first { $0.kind.rawValue == rule }?.count ?? 0,
                    before: try store.findings(before: day, of: rule), thresholds)
            }
        }
        if let last = try store.lastClosedDay() {
            let behind = calendar.day(at: civil) - last
            signs.append(AlarmSign.closing(daysBehind: max(0, behind), thresholds))
        }
        signs += try losses(at: civil)
        if let milliseconds = commits.slowestHundredthMilliseconds {
            signs.append(AlarmSign.commits(milliseconds: milliseconds, thresholds))
        }
        if let disk = Disk(of: store.path) {
            signs += AlarmSign.disk(free: disk.free, of: disk.size, thresholds)
        }
        let bytes = store.logBytes
        signs.append(AlarmSign.log(bytes: bytes, isEmptied: bytes < Self.logUsual))
        if clock.speed == 1 { signs.append(AlarmSign.clock(isKept: MachineClock.isKept)) }
        for change in try store.look(signs, at: civil) {
            switch change {
            case .raised(let alarm, let text): logger.warning("alarm \(alarm): \(text)")
            case .cleared(let alarm, let since):
                logger.notice("alarm \(alarm) is over; it began \(calendar.text(since))")
            }
        }
    }

    /// Four times what the log may grow to between two checkpoints.
    private static let logUsual: Int64 = 256 << 20

    private func standings(at civil: Instant) throws -> [GatewayStanding] {
        try store.gateways(now: civil, quiet: gatewayQuiet).map { health in
            GatewayStanding(
                name: health.gateway.name, station: health.gateway.station, district: health.gateway.district,
                isLost: health.state == .offline)
        }
    }

    /// When a day more is balanced, and each hour: days that were balanced change.
    private func losses(at civil: Instant) throws -> [AlarmSign] {
        guard let last = try store.lastBalancedDay() else { return [] }
        let isNew = lossesThrough.withLock { known in
            defer { known = last }
            return known != last
        }
        guard isNew || civil.seconds / 60 % 60 == 0 else { return [] }
        return try store.stationLosses(through: last, estimatedMost: balanceEstimatedMost)
            .sorted { $0.key < $1.key }
            .map { .stationLoss($0.key, $0.value, through: last, thresholds) }
    }

    /// Keeps how far the day's collection is. Not each minute: counting looks at every meter.
    private func collection(_ lines: LineState, at civil: Instant) throws -> [AlarmSign] {
        let today = calendar.day(at: civil)
        let start = calendar.start(of: today)
        let look = try collectionTurns.withLock { turns in
            try turns.take(at: civil, start: start) {
                let counted = try store.completeness(of: today)
                let look = CollectionLook(
                    CollectionForecast(
                        expected: counted.expected, known: counted.valid, out: lines.unitsOut,
                        waiting: lines.forecast.waiting,
                        sweep: Instant.Span(microseconds: lines.forecast.milliseconds * 1000 * clock.speed),
                        left: start + CollectionLook.due - civil),
                    of: today, at: civil)
                try store.note(look)
                return look
            }
        }
        guard let look else { return [] }
        let isNight = (Instant.Span.hours(3)..<CollectionLook.due).contains(civil - start)
        return AlarmSign.collection(predicted: look.predicted, of: look.expected, isNight: isNight, thresholds)
    }
}

/// The room on the disk that a file lies on.
private struct Disk {
    let free: Int64
    let size: Int64

    init?(of path: String) {
        var found = statvfs()
        guard statvfs(path, &found) == 0 else { return nil }
        let block = Int64(found.f_frsize)
        free = Int64(clamping: found.f_bavail) * block
        size = Int64(clamping: found.f_blocks) * block
    }
}

/// Whether anything keeps the machine's clock right, as the kernel knows it (adjtimex(2)).
private enum MachineClock {
    static var isKept: Bool {
        var time = timex()
        return adjtimex(&time) != TIME_ERROR
    }
}
