import Dispatch
import Logging
import Metering
import ServiceLifecycle
import Store

/// Keeps the store small while it is used: moves days that are over into chunks, forgets what has been kept long
/// enough. Each step is a short transaction, and others come in between.
final class Upkeep: Service {
    /// So long the runs of everybody's bills are kept: two months, for comparing.
    private static let billRunDays = 62

    private let store: Store
    private let calendar: ServiceCalendar
    private let clock: ServiceClock
    private let retention: Configuration.StoreSection
    private let logger: Logger
    private let queue = DispatchQueue(label: "meterd.upkeep", qos: .utility)

    init(
        store: Store, calendar: ServiceCalendar, clock: ServiceClock, retention: Configuration.StoreSection,
        logger: Logger
    ) {
        self.store = store
        self.calendar = calendar
        self.clock = clock
        self.retention = retention
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var trouble: String?
            while !Task.isCancelled {
                let began = ContinuousClock.now
                do {
                    let hasMore = try await self.step()
                    if trouble != nil { self.logger.notice("the store's upkeep goes on") }
                    trouble = nil
                    // Half of the time is left to those who wait for the store.
                    try? await Task.sleep(for: hasMore ? .now - began : .seconds(1))
                } catch {
                    if trouble != "\(error)" {
                        self.logger.error("the store's upkeep waits: \(error); trying again each minute")
                    }
                    trouble = "\(error)"
                    try? await Task.sleep(for: .seconds(60))
                }
            }
        }
    }

    private func step() async throws -> Bool {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.work() }) }
        }
    }

    /// One step of what is due; `false` when nothing is.
    private func work() throws -> Bool {
        let today = calendar.day(at: clock.civil(at: Wall.now()))
        if let step = try store.compact(today: today) {
            if step.isFinished { logger.info("\(step.period) is compacted") }
            return true
        }
        if let step = try store.foldLoadProfiles(today: today) {
            if step.isFinished { logger.info("\(step.period) are folded") }
            return true
        }
        if try store.forgetLineage(before: today - retention.lineageDays) { return true }
        if try store.forgetBillRuns(madeBefore: today - Self.billRunDays) { return true }
        guard let months = retention.indexMonths else { return false }
        return try store.forgetIndices(before: Store.firstKept(months, today: today))
    }
}
