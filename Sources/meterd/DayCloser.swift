import Foundation
import Logging
import Metering
import ServiceLifecycle
import Store
import Synchronization

/// Closes each day some hours after its first instant: by then what can be read has been read. Days that changed
/// after they were closed, by late readings or a registry that knows better who was there, are closed again.
final class DayCloser: Service {
    private let store: Store
    private let calendar: ServiceCalendar
    private let clock: ServiceClock
    private let closeAfter: Instant.Span
    private let judge: ConsumptionJudge
    private let logger: Logger
    /// Where closing begins in a store that has closed no day: the first midnight that this process lives through.
    private let firstDay: ServiceDay
    /// Closed days that are counted again in one turn, before it is looked whether another has come due.
    private static let reopenedAtOnce = 4
    private let queue = DispatchQueue(label: "meterd.dayclose")
    private let countAgainFrom = Mutex(ContinuousClock.now)

    init(
        store: Store, calendar: ServiceCalendar, clock: ServiceClock, closeAfter: Instant.Span,
        judge: ConsumptionJudge, logger: Logger
    ) {
        self.store = store
        self.calendar = calendar
        self.clock = clock
        self.closeAfter = closeAfter
        self.judge = judge
        self.logger = logger
        firstDay = calendar.day(at: clock.civil(at: Wall.now())).next
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.closeWhatIsDue()
                try? await Task.sleep(for: self.pause())
            }
        }
    }

    /// Until the next day is due, but a second at the most: late readings should not wait for long.
    private func pause() -> Duration {
        let now = Wall.now()
        let today = calendar.day(at: clock.civil(at: now) - closeAfter)
        let due = clock.real(at: calendar.start(of: today.next) + closeAfter)
        return .microseconds(min(1_000_000, max(1000, (due - now).microseconds)))
    }

    private func closeWhatIsDue() async {
        await withCheckedContinuation { continuation in
            queue.async {
                do { try self.close(at: self.clock.civil(at: Wall.now())) } catch {
                    self.logger.error("days cannot be closed: \(error); trying again in a second")
                }
                continuation.resume()
            }
        }
    }

    private func close(at civil: Instant) throws {
        let due = calendar.day(at: civil - closeAfter)
        // A day that has begun may stay: a clock that is put right by a second must not take back what it closed.
        if let last = try store.forgetClosedDays(after: calendar.day(at: civil), at: civil) {
            logger.error(
                "the clock was ahead: days through \(last) had been closed; each is closed again in its time"
            )
        }
        let first = try store.lastClosedDay()?.next ?? firstDay
        // What is due is waited for; an import may have reopened two months.
        guard first <= due else { return try closeReopened(at: civil) }
        for day in first...due {
            // A clock that was years ahead for a moment would have them all closed.
            guard day <= calendar.day(at: clock.civil(at: Wall.now()) - closeAfter) else { break }
            let closed = try store.closeDay(day, at: civil)
            // A day's energy is known once the day after it has its indices.
            let before = try store.completenessHistory(from: day.previous, through: day.previous).first
            let energy = before.map { "; \($0.consumptionSentence(until: closed))" } ?? ""
            logger.info("closed \(closed.sentence)\(energy)")
        }
        try judgeDays(at: civil)
    }

    private func judgeDays(at civil: Instant) throws {
        for report in try store.judgeDays(by: judge, at: civil) where report.days > 0 {
            let months = report.months > 0 ? ", \(report.months) billing periods" : ""
            let found = report.found.map { ", \($0.kind.rawValue) \($0.count)" }.joined()
            logger.info("judged the energy of \(report.day): \(report.days) meters\(months)\(found)")
        }
    }

    /// While late readings stream in, a day changes each second; counting and judging it takes a tenth of the time at
    /// most.
    private func closeReopened(at civil: Instant) throws {
        let began = ContinuousClock.now
        guard countAgainFrom.withLock({ $0 <= began }) else { return }
        let reopened = try store.closeReopenedDays(at: civil, limit: Self.reopenedAtOnce)
        for day in reopened { logger.debug("\(day) is counted again: an index changed") }
        try judgeDays(at: civil)
        countAgainFrom.withLock { $0 = .now + (.now - began) * 9 }
    }
}
