import Alarms
import Metering
import Store

/// What the control centre, `meterd status` and the metrics say about the fleet, read from the store in one go.
package struct FleetFigures: Sendable {
    /// Civil time the figures were read at.
    package let at: Instant
    /// The civil day at that time.
    package let today: ServiceDay
    package let lastClosedDay: ServiceDay?
    /// Of the last closed day; of today so far when none is closed yet.
    package let completeness: Completeness
    package let districts: [DistrictCompleteness]
    /// Closed days in order, the last closed one included; at most `historyDays`.
    package let history: [Completeness]
    /// In order of their names.
    package let gateways: [GatewayHealth]
    /// Latest first.
    package let failures: [MeterFailure]
    /// What a person has to look into, most pressing first; at most `casesMax` of the `openCases`.
    package let cases: [MeterCase]
    /// Raised, and explained by no other.
    package let alarms: [AlarmState]
    /// All that are live, by kind.
    package let caseCounts: [CaseCount]
    package var openCases: Int { caseCounts.reduce(0) { $0 + $1.count } }
    /// What each rule found in the last day that was judged, the one before the last closed one.
    package let findings: [CaseCount]
    package let counts: StoreCounts

    package static let historyDays = 45
    private static let failuresMax = 50
    private static let casesMax = 50

    /// Counting a day by district looks at every installation, so the counts of `previous` are kept as long as the
    /// store's own count of that day has not changed since. A gateway silent for `gatewayQuiet` counts as offline.
    package init(
        store: Store, at: Instant, calendar: ServiceCalendar, gatewayQuiet: Instant.Span = .hours(2),
        after previous: FleetFigures? = nil
    ) throws {
        self.at = at
        today = calendar.day(at: at)
        lastClosedDay = try store.lastClosedDay()
        let day = lastClosedDay ?? today
        history = try store.completenessHistory(from: day - (Self.historyDays - 1), through: day)
        completeness = try history.last ?? store.completeness(of: day)
        if let previous, previous.completeness == completeness, completeness.closedAt != nil {
            districts = previous.districts
        } else {
            districts = try store.completenessByDistrict(of: day)
        }
        gateways = try store.gateways(now: at, quiet: gatewayQuiet)
        failures = try store.latestFailures(limit: Self.failuresMax)
        cases = try store.cases(limit: Self.casesMax)
        caseCounts = try store.liveCaseCounts()
        alarms = try store.alarmBoard().shown
        findings = try lastClosedDay.map { try store.findings(of: $0.previous) } ?? []
        counts = try store.counts()
    }

    /// The last day whose both ends are closed, and the day that ends it.
    package var lastWholeDay: (day: Completeness, next: Completeness)? {
        guard let last = history.last, let before = history.dropLast().last, before.day == last.day.previous else {
            return nil
        }
        return (before, last)
    }

    package func gateways(_ state: GatewayHealth.State) -> Int { gateways.count { $0.state == state } }

    /// Days that have ended since the last closed one: their midnight indices are still being collected.
    package var daysBehind: Int { lastClosedDay.map { max(0, today - $0) } ?? 0 }
}
