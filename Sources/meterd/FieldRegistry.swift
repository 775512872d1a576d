import Dispatch
import Foundation
import Glibc
import HeadEnd
import Logging
import Metering
import ServiceLifecycle
import Store
import Synchronization

/// Keeps the head-end's lines as the registry has them: at start, whenever `meterd registry import` has changed a row,
/// and on SIGHUP. Gateways that did not change are not disturbed.
final class FieldRegistry: Service {
    private let store: Store
    private let headEnd: HeadEnd
    private let models: [String: ModelPlan]
    /// The same for meters whose clocks are wrong.
    private let clocklessModels: [String: ModelPlan]
    private let freezing: Set<String>
    private let ignoringTransactions: Set<String>
    private let backfillDays: Int
    private let calendar: ServiceCalendar
    private let now: @Sendable () -> Instant
    private let logger: Logger
    /// Of each gateway: what its row and meters were when it was last handed over.
    private let known = Mutex<[String: Int]>([:])
    private let version = Mutex<FieldVersion?>(nil)
    /// Clocks that go wrong are looked at this often, in civil time: with them the whole registry is read again.
    private static let clockLook = Instant.Span.minutes(10)
    private let clocksDue = Mutex(Instant(seconds: 0))
    private let isAsked = Mutex(false)
    private let queue = DispatchQueue(label: "meterd.registry")

    init(_ workplace: Workplace, store: Store, headEnd: HeadEnd, logger: Logger) {
        self.store = store
        self.headEnd = headEnd
        let profiles = workplace.profiles.profiles
        models = profiles.mapValues { ModelPlan($0) }
        clocklessModels = profiles.mapValues { ModelPlan($0, keepsTime: false) }
        freezing = Set(models.filter { $0.value.daysKept > 0 }.keys)
        ignoringTransactions = workplace.configuration.headEnd.ignoreTransactions
        backfillDays = workplace.configuration.headEnd.backfillDays
        calendar = workplace.configuration.calendar
        now = { workplace.now() }
        self.logger = logger
    }

    /// Looks once a second; a look is one row.
    func run() async throws {
        signal(SIGHUP, SIG_IGN)
        let hangUp = DispatchSource.makeSignalSource(signal: SIGHUP, queue: queue)
        hangUp.setEventHandler { self.isAsked.withLock { $0 = true } }
        hangUp.activate()
        defer { hangUp.cancel() }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                await self.look()
            }
        }
    }

    private func look() async {
        let isAsked = isAsked.withLock { asked in
            defer { asked = false }
            return asked
        }
        do {
            guard try isAsked || isDue() else { return }
            let (changed, gone) = try await follow()
            logger.info("the registry was read again: \(changed) gateways changed or new, \(gone) gone")
        } catch {
            logger.error("the registry cannot be read: \(error); polling goes on as before, trying again in a second")
        }
    }

    private func isDue() throws -> Bool {
        let (current, known) = (try store.fieldVersion(), version.withLock { $0 })
        if current.registry != known?.registry { return true }
        return current.clocks != known?.clocks && now() >= clocksDue.withLock { $0 }
    }

    /// Reads the registry and hands over what changed. Returns how many gateways changed and how many are gone.
    @discardableResult
    func follow() async throws -> (changed: Int, gone: Int) {
        let changes = try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.changes() }) }
        }
        for change in changes.plans { await headEnd.adopt(change.plan, owed: change.owed) }
        let gone = await headEnd.keepOnly(changes.names)
        known.withLock { $0 = changes.marks }
        version.withLock { $0 = changes.version }
        clocksDue.withLock { $0 = now() + Self.clockLook }
        if changes.names.isEmpty {
            logger.notice("the registry has no meters: `meterd registry import DIR` fills it; polling begins by itself")
        }
        return (changes.plans.count, gone)
    }

    private struct Changes {
        var plans: [(plan: GatewayPlan, owed: OwedDays)] = []
        var names: Set<String> = []
        var marks: [String: Int] = [:]
        var version: FieldVersion?
    }

    private func changes() throws -> Changes {
        let before = known.withLock { $0 }
        let today = calendar.day(at: now())
        let owed = try store.owedFrozenDays(from: today - backfillDays, through: today, profiles: freezing)
        var changes = Changes()
        var unknownProfiles: [String: Int] = [:]
        changes.version = try store.forEachGateway(notRemovedBy: today) { gateway, meters in
            guard !meters.isEmpty else { return }
            changes.names.insert(gateway.name)
            var hasher = Hasher()
            hasher.combine(gateway)
            for meter in meters { meter.mark(&hasher) }
            let mark = hasher.finalize()
            changes.marks[gateway.name] = mark
            guard before[gateway.name] != mark else { return }
            var plans: [MeterPlan] = []
            plans.reserveCapacity(meters.count)
            var days: OwedDays = [:]
            for meter in meters {
                guard let model = (meter.keepsTime ? models : clocklessModels)[meter.profile] else {
                    unknownProfiles[meter.profile, default: 0] += 1
                    continue
                }
                plans.append(
                    MeterPlan(
                        meter: meter.id, unit: meter.unit, model: model, serial: meter.serial,
                        multiplier: meter.multiplier, installedOn: meter.installedOn, removedOn: meter.removedOn,
                        isNew: !meter.isKnown))
                let own = model.daysKept == 0 ? [] : owed[meter.id]
                if !own.isEmpty { days[meter.id] = own }
            }
            let isDegraded = ignoringTransactions.contains(gateway.name)
            changes.plans.append((GatewayPlan(gateway: gateway, meters: plans, ignoresTransactions: isDegraded), days))
        }
        for (profile, count) in unknownProfiles.sorted(by: { $0.key < $1.key }) {
            logger.error("no profile \(profile): its \(count) meters are not polled and count as missing")
        }
        return changes
    }
}

extension GatewayMeter {
    /// Mixes in what an import or its clock can change.
    fileprivate func mark(_ hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(unit)
        hasher.combine(serial)
        hasher.combine(profile)
        hasher.combine(multiplier)
        hasher.combine(installedOn)
        hasher.combine(removedOn)
        hasher.combine(keepsTime)
    }
}
