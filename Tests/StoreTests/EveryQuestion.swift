import Alarms
import Billing
import Metering
import VEE

@testable import Store

/// Everything that a store can be asked, and everything it can be told, one by one: for stores whose pages are damaged.
/// A new question is one more line.
enum EveryQuestion {
    private typealias Question = (String, @Sendable (Store) throws -> Void)

    private static let days = (LogBook.day("05-01"), LogBook.day("05-08"))
    private static let now = LogBook.instant("05-08 12:00")

    private static func questions() throws -> [Question] {
        let tariffs = try TariffBook.load(folder: nil)
        let point = LogBook.usagePoint
        let day = LogBook.day("05-03")
        return [
            ("registry", { _ = try $0.registry() }),
            ("fieldVersion", { _ = try $0.fieldVersion() }),
            ("forEachGateway", { try $0.forEachGateway(notRemovedBy: days.0) { _, _ in } }),
            ("meters", { _ = try $0.meters(inServiceOn: day) }),
            ("search", { _ = try $0.searchUsagePoints("P", limit: 9) }),
            ("installations", { _ = try $0.installations(of: point) }),
            (
                "dailyIndices",
                {
                    _ = try $0.dailyIndices(usagePoint: point, register: nil, from: days.0, through: days.1)
                }
            ),
            (
                "indexRevisions",
                { _ = try $0.indexRevisions(usagePoint: point, register: nil, from: days.0, through: days.1) }
            ),
            ("forEachRegister", { try $0.forEachRegister(from: days.0, through: days.1) { _, _, _ in } }),
            ("verify", { _ = try $0.verify(VerificationScope(), found: { _ in }) }),
            (
                "backup",
                { store in
                    _ = try store.backup(
                        to: store.path + ".copy", replace: true, version: "1", civil: now, utc: now)
                }
            ),
            (
                "loadProfile",
                { _ = try $0.loadProfile(usagePoint: point, register: nil, from: days.0, through: days.1) }
            ),
            ("everyUsagePoint", { _ = try $0.everyUsagePoint(on: day, register: .activeImport) }),
            (
                "lineage",
                { store in
                    for day in days.0...days.1 {
                        _ = try store.lineage(usagePoint: point, register: .activeImport, day: day)
                    }
                }
            ),
            ("bill", { _ = try $0.provisionalBill(usagePoint: point, asOf: days.1, tariffs: tariffs) }),
            (
                "bill as known",
                {
                    _ = try $0.provisionalBill(
                        usagePoint: point, asOf: days.1, knownAt: LogBook.instant("05-04 12:00"), tariffs: tariffs)
                }
            ),
            (
                "corrections",
                { _ = try $0.forEachCorrection(CorrectionFilter(), limit: nil, tariffs: tariffs) { _ in } }
            ),
            ("completeness", { _ = try $0.completeness(of: day) }),
            ("completeness by reason", { _ = try $0.completeness(of: day, by: .reason) }),
            ("missingMeters", { _ = try $0.missingMeters(on: day) }),
            ("lastBalancedDay", { _ = try $0.lastBalancedDay() }),
            ("stationBalances", { _ = try $0.stationBalances(from: days.0, through: days.1, station: "T1") }),
            ("completenessHistory", { _ = try $0.completenessHistory(from: days.0, through: days.1) }),
            ("lastClosedDay", { _ = try $0.lastClosedDay() }),
            ("reopenedDays", { _ = try $0.reopenedDays() }),
            (
                "owedFrozenDays",
                {
                    _ = try $0.owedFrozenDays(from: days.0, through: days.1, profiles: ["sdm630"])
                }
            ),
            ("gateways", { _ = try $0.gateways(now: now) }),
            ("latestFailures", { _ = try $0.latestFailures(limit: 9) }),
            ("cases", { _ = try $0.cases(limit: 9) }),
            ("caseCount", { _ = try $0.caseCount() }),
            ("liveCaseCounts", { _ = try $0.liveCaseCounts() }),
            ("findings", { _ = try $0.findings(of: day) }),
            ("findings before", { _ = try $0.findings(before: day, of: "high") }),
            ("alarmBoard", { _ = try $0.alarmBoard() }),
            ("acts", { _ = try $0.acts(on: 1) }),
            ("meterSelf", { _ = try $0.meterSelf(MeterID(1)) }),
            ("counts", { _ = try $0.counts() }),
            ("forEachIndex", { try $0.forEachIndex { _ in } }),
            ("forEachReading", { try $0.forEachReading { _, _, _ in } }),
            ("forEachRow", { try $0.forEachRow { _, _ in } }),
        ]
    }

    private static let orders: [Question] = [
        ("ingest", { store in for batch in FaultScenario.batches { _ = try store.ingest(batch) } }),
        ("closeDay", { _ = try $0.closeDay(LogBook.day("05-06"), at: now) }),
        ("closeReopenedDays", { _ = try $0.closeReopenedDays(at: now) }),
        (
            "edit",
            {
                try $0.edit(
                    usagePoint: LogBook.usagePoint, register: .activeImport, day: LogBook.day("05-04"),
                    index: Energy(wattHours: 2600), reason: "read by eye", by: "Lan", at: now)
            }
        ),
        ("importRegistry", { _ = try $0.importRegistry(FaultScenario.registry(), at: now) }),
        (
            "checkConsumption",
            { store in
                let judge = ConsumptionJudge(rules: try RuleBook.load(file: nil))
                _ = try store.checkConsumption(of: LogBook.day("05-03"), by: judge, at: now)
            }
        ),
        ("act", { _ = try $0.act(.acknowledged, on: CaseFilter(), by: "Lan", why: "seen", at: now) }),
        (
            "look",
            { _ = try $0.look([AlarmSign(Alarm(.daysNotClosed), .bad, "two days")], at: now) }
        ),
        ("judgeDays", { _ = try $0.judgeDays(by: .init(rules: RuleBook([])), at: now) }),
        ("compact", { _ = try $0.compact(today: LogBook.day("06-20")) }),
        ("foldLoadProfiles", { _ = try $0.foldLoadProfiles(today: LogBook.day("06-20")) }),
        ("forgetLineage", { _ = try $0.forgetLineage(before: LogBook.day("05-02")) }),
        ("checkpoint", { try $0.checkpoint() }),
    ]

    /// Asks everything, then orders everything. Returns the errors, by what they came from.
    static func ask(_ store: Store) throws -> [(question: String, error: any Error)] {
        try (questions() + orders).compactMap { question, ask in
            do {
                try ask(store)
                return nil
            } catch {
                return (question, error)
            }
        }
    }
}
