import Metering

/// When a fault happens: a window of civil time and, within it, a share of all cases.
package struct FaultSchedule: Hashable, Sendable {
    package enum Window: Hashable, Sendable {
        case always
        /// From an instant on and before another; `nil` for no such limit.
        case between(Instant?, Instant?)
        /// Every day, from a time of the day on and before another, in microseconds since its first instant; over
        /// midnight where the second is not later than the first.
        case daily(from: Int64, to: Int64)
    }

    package let window: Window
    /// Share of the cases, 0...1,000,000 in a million.
    package let millionths: Int64
    /// Sets apart two faults that are otherwise alike.
    package let seed: UInt64

    package static let everyCase: Int64 = 1_000_000

    package init(_ window: Window = .always, millionths: Int64 = Self.everyCase, seed: UInt64 = 0) {
        precondition((0...Self.everyCase).contains(millionths), "a share is 0 to 1,000,000 millionths")
        self.window = window
        self.millionths = millionths
        self.seed = seed
    }

    /// Whether the window is open at an instant, given both as such and as the meters' clocks show it.
    func isOpen(at civil: Instant, _ local: CivilMoment) -> Bool {
        switch window {
        case .always: true
        case .between(let from, let to): (from.map { $0 <= civil } ?? true) && (to.map { civil < $0 } ?? true)
        case .daily(let from, let to) where from < to: from <= local.microseconds && local.microseconds < to
        case .daily(let from, let to): from <= local.microseconds || local.microseconds < to
        }
    }

    /// The first instant after `civil` at which the window opens or closes.
    func edge(after civil: Instant, in calendar: ServiceCalendar) -> Instant? {
        switch window {
        case .always: return nil
        case .between(let from, let to): return [from, to].compactMap { $0 }.filter { $0 > civil }.min()
        case .daily(let from, let to):
            let today = calendar.day(at: civil)
            let edges = [today.previous, today, today.next].flatMap { day in
                [from, to].map { calendar.start(of: day) + Instant.Span(microseconds: $0) }
            }
            return edges.filter { $0 > civil }.min()
        }
    }

    /// Draws one case.
    func happens(_ chance: Chance) -> Bool {
        millionths == Self.everyCase || chance.number(in: 0...Self.everyCase - 1) < millionths
    }
}
