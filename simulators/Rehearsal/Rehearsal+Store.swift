import Foundation
import HeadEnd
import Metering
import Modbus
import Store

/// A gateway's row with its meters, as they were last handed to the head-end: what an import can change of them.
struct GatewayRow: Hashable {
    private struct Meter: Hashable {
        let id: MeterID
        let unit: UInt8
        let names: [String]
        let multiplier: Int64
        let installedOn: ServiceDay
        let removedOn: ServiceDay?
        let keepsTime: Bool
    }

    private let gateway: Gateway
    private let meters: [Meter]

    init(_ gateway: Gateway, _ meters: [GatewayMeter]) {
        self.gateway = gateway
        self.meters = meters.map {
            Meter(
                id: $0.id, unit: $0.unit, names: [$0.serial, $0.profile], multiplier: $0.multiplier,
                installedOn: $0.installedOn, removedOn: $0.removedOn, keepsTime: $0.keepsTime)
        }
    }
}

/// The daemon beside its lines: start and end, the queue to the store, the day close, the registry.
extension Rehearsal {
    var storePath: String { folder.appendingPathComponent("meterd.sqlite").path }

    private static let closeAfter = Instant.Span.hours(6)
    private static let backfillDays = 35
    private static let second: Int64 = 1_000_000_000

    private func openStore(_ role: Store.Role) throws -> Store {
        try Store(
            path: storePath, role: role, calendar: world.calendar, limits: profiles.mapValues(\.ceilingWatts))
    }

    func prepareStore() throws {
        let tool = try openStore(.tool)
        _ = try tool.importRegistry(world.registry, at: civil)
        try tool.close()
    }

    /// Whether an outage of the store covers this instant.
    private var storeIsOut: Bool { world.daemon.storeOutages.contains { $0.from <= civil && civil < $0.to } }

    // MARK: - Up and down

    func start() throws {
        guard store == nil else { return }
        if storeIsOut { return add(.start, at: now + 5 * Self.second) }
        life += 1
        figures.lives += 1
        tell("the daemon starts")
        record.lives.append(Record.Life(from: civil, to: world.through))
        store = try openStore(.daemon)
        lines = []
        outcomes = WaitingOutcomes()
        mayAsk = true
        isStopping = false
        knownPlans = [:]
        fieldVersion = nil
        closing = DayClosing(firstDay: world.calendar.day(at: civil).next)
        try followRegistry()
        try closeDays()
    }

    func goDown(_ number: Int) throws {
        pendingDown = nil
        guard store != nil else { return }
        let down = world.daemon.downs[number]
        tell("the daemon goes down: \(down.manner.rawValue)")
        add(.start, at: now + down.lasting.microseconds * 1000)
        switch down.manner {
        case .stop:
            isStopping = true
            for site in lines.indices { lines[site].conversation.stop() }
            add(.endStop(life: life), at: now + 20 * Self.second)
            for site in lines.indices where isStopping { handle(.wake, site) }
        case .kill, .powerLoss:
            try die(silently: down.manner == .powerLoss)
        }
    }

    func endStopIfQuiet() {
        guard lines.allSatisfy(\.conversation.isQuiet) else { return }
        add(.endStop(life: life), at: now)
    }

    /// Every line is quiet, or has had its time: what was read is written, the connections are closed.
    func endStop() throws {
        guard isStopping, store != nil else { return }
        isStopping = false
        if !outcomes.pending.isEmpty { try write() }
        try store?.checkpoint()
        try die(silently: false)
    }

    private func die(silently: Bool) throws {
        collectFigures()
        for site in lines.indices {
            guard let link = lines[site].link else { continue }
            lines[site].link = nil
            closeFromHeadEnd(site, link, silently: silently)
        }
        life += 1
        lines = []
        isStopping = false
        outcomes = WaitingOutcomes()
        closing = nil
        try store?.close()
        store = nil
        record.lives[record.lives.count - 1].to = civil
    }

    /// The world ends: the daemon is stopped in order, and its store opened for the checks.
    package func finish() throws {
        if store != nil {
            try write()
            try closeDays()
            if !outcomes.pending.isEmpty {
                record.surprises.append("\(outcomes.pending.count) outcomes were never written")
            }
            try die(silently: false)
        }
        store = try openStore(.daemon)
        record.wire.sort()
    }

    private func collectFigures() {
        for line in lines {
            let figures = line.conversation.figures
            self.figures.lateReplies += figures.lateReplies
            self.figures.foreignReplies += figures.foreignReplies
            self.figures.wrongUnitReplies += figures.wrongUnitReplies
            self.figures.framingViolations += figures.framingViolations
            self.figures.timeouts += figures.timeouts
        }
    }

    // MARK: - Outcomes

    func append(_ more: [PollOutcome]) {
        outcomes.pending += more
        record.limits.pending(outcomes.pending.count)
        mayAsk = !outcomes.isFull(world.daemon)
        guard !outcomes.isScheduled else { return }
        outcomes.isScheduled = true
        let isMany = outcomes.pending.count >= world.daemon.batchMax
        add(.write(life: life), at: now + (isMany ? 0 : world.daemon.batchMilliseconds * 1_000_000))
    }

    func write() throws {
        guard let store else { return }
        countDaemonEvent()
        while true {
            let batch = Array(outcomes.pending.prefix(world.daemon.batchMax))
            if batch.isEmpty {
                outcomes.isScheduled = false
                return
            }
            guard !storeIsOut else { return add(.write(life: life), at: now + Self.second) }
            let report = try store.ingest(batch)
            outcomes.pending.removeFirst(batch.count)
            figures.batches += 1
            figures.outcomes += batch.count
            record.took(batch)
            if !report.unknownMeters.isEmpty { record.surprises.append("unknown meters: \(report.unknownMeters)") }
            if try !store.reopenedDays().isEmpty { lookAtDays(at: now + Self.second) }
            doubt(report.suspectMeters)
            try hand(batch, overAgainTo: store)
        }
    }

    /// As `Assembly` hands them back: meters whose readings are suspicious prove themselves anew.
    private func doubt(_ meters: [MeterID: String]) {
        for (meter, gateway) in meters.sorted(by: { $0.key < $1.key }) {
            for line in lines where line.conversation.plan.gateway.name == gateway { line.conversation.doubt(meter) }
        }
    }

    // MARK: - Day close

    private func lookAtDays(at nanoseconds: Int64) {
        guard let closing, nanoseconds < closing.lookAt || closing.lookAt <= now else { return }
        self.closing?.lookAt = nanoseconds
        add(.closeDays(life: life), at: nanoseconds)
    }

    func closeDays() throws {
        guard let store, let closing else { return }
        countDaemonEvent()
        guard !storeIsOut else { return lookAtDays(at: now + Self.second) }
        let due = world.calendar.day(at: civil - Self.closeAfter)
        let first = try store.lastClosedDay()?.next ?? closing.firstDay
        _ = try store.closeReopenedDays(at: civil)
        if first <= due {
            for day in first...due {
                let closed = try store.closeDay(day, at: civil)
                tell("closed \(day): \(closed.known) of \(closed.expected)")
            }
        }
        _ = try store.judgeDays(by: judge, at: civil)
        // Clocks that were seen wrong since.
        try followRegistry()
        // As `Upkeep` does it, yet a few series at a time, so that days are caught on their way.
        for _ in 0..<3 { _ = try store.compact(today: world.calendar.day(at: civil), seriesMax: 5) }
        lookAtDays(at: nanoseconds(at: world.calendar.start(of: due.next) + Self.closeAfter))
    }

    // MARK: - Registry

    func changeRegistry(_ number: Int) throws {
        let rows = Registry(installations: world.exchanges[number].rows)
        tell("registry: meter \(rows.installations[0].serial) is exchanged")
        if let store {
            _ = try store.importRegistry(rows, at: civil)
            add(.followRegistry(life: life), at: now + Self.second)
            if try !store.reopenedDays().isEmpty { lookAtDays(at: now + Self.second) }
        } else {
            let tool = try openStore(.tool)
            _ = try tool.importRegistry(rows, at: civil)
            try tool.close()
        }
    }

    func followRegistry() throws {
        guard let store, !isStopping else { return }
        guard try store.fieldVersion() != fieldVersion else { return }
        let today = world.calendar.day(at: civil)
        let owed = try store.owedFrozenDays(
            from: today - Self.backfillDays, through: today,
            profiles: Set(models.filter { $0.value.daysKept > 0 }.keys))
        var changed: [(GatewayPlan, OwedDays)] = []
        fieldVersion = try store.forEachGateway(notRemovedBy: today) { gateway, meters in
            let row = GatewayRow(gateway, meters)
            guard !meters.isEmpty, knownPlans[gateway.name] != row else { return }
            knownPlans[gateway.name] = row
            changed.append(plan(gateway, meters, owed))
        }
        for (plan, days) in changed { adopt(plan, owed: days) }
    }

    private func plan(
        _ gateway: Gateway, _ meters: [GatewayMeter], _ owed: OwedFrozenDays
    ) -> (GatewayPlan, OwedDays) {
        var plans: [MeterPlan] = []
        var days: OwedDays = [:]
        for meter in meters {
            guard let model = (meter.keepsTime ? models : clocklessModels)[meter.profile] else { continue }
            plans.append(
                MeterPlan(
                    meter: meter.id, unit: meter.unit, model: model, serial: meter.serial,
                    multiplier: meter.multiplier, installedOn: meter.installedOn, removedOn: meter.removedOn,
                    isNew: !meter.isKnown))
            let own = model.daysKept == 0 ? [] : owed[meter.id]
            if !own.isEmpty { days[meter.id] = own }
        }
        return (GatewayPlan(gateway: gateway, meters: plans), days)
    }

    private func adopt(_ plan: GatewayPlan, owed: OwedDays) {
        // The n-th site is always the n-th line, so that both ends of a connection know each other by number.
        guard let site = world.sites.firstIndex(where: { $0.row.name == plan.gateway.name }) else { return }
        if lines.indices.contains(site), lines[site].conversation.plan.gateway == plan.gateway {
            lines[site].conversation.adopt(plan, owed: owed, at: moment)
        } else {
            let conversation = GatewayConversation(
                plan, owed: owed, rhythm: world.rhythm, proof: world.daemon.proof, seed: daemonSeeds.next(), at: civil)
            precondition(site == lines.count, "gateways are handed out in the order of their names")
            lines.append(HeadEndLine(conversation))
        }
        handle(.wake, site)
    }
}
