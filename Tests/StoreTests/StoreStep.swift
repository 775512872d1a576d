import Metering
import VEE

@testable import Store

/// Something that a store is asked to do. A list of them is a scenario; a new operation of the store is one more
/// function here.
struct StoreStep: Sendable {
    let name: String
    /// Whoever asked may ask again at any time, and nothing changes: so it is with batches.
    var isHandedOverAgain = false
    let perform: @Sendable (Store) throws -> Void

    static func importing(_ registry: Registry, at: String) -> StoreStep {
        StoreStep(name: "importing a registry") { store in
            _ = try store.importRegistry(registry, at: LogBook.instant(at))
        }
    }

    static func ingesting(_ batch: [PollOutcome]) -> StoreStep {
        StoreStep(name: "ingesting \(batch.count) outcomes", isHandedOverAgain: true) { store in
            _ = try store.ingest(batch)
        }
    }

    static func closing(_ day: String, at: String) -> StoreStep {
        StoreStep(name: "closing \(day)") { store in
            _ = try store.closeDay(LogBook.day(day), at: LogBook.instant(at))
        }
    }

    static func closingReopened(at: String) -> StoreStep {
        StoreStep(name: "closing reopened days") { store in
            _ = try store.closeReopenedDays(at: LogBook.instant(at))
        }
    }

    /// By a rule that a day without energy breaks.
    static func judging(at: String) -> StoreStep {
        StoreStep(name: "judging the energy of days") { store in
            let rules = "rules: [{rule: zero-run, severity: warns, days: [1, 2, 3], source: test}]"
            let judge = ConsumptionJudge(rules: try RuleBook(yaml: rules, file: "test"))
            _ = try store.judgeDays(by: judge, at: LogBook.instant(at))
        }
    }

    static func editing(_ day: String, _ wattHours: Int64, at: String) -> StoreStep {
        StoreStep(name: "editing \(day)") { store in
            _ = try store.edit(
                usagePoint: LogBook.usagePoint, register: .activeImport, day: LogBook.day(day),
                index: Energy(wattHours: wattHours), reason: "read by eye", by: "Lan",
                at: LogBook.instant(at))
        }
    }

    /// All that is due, one series a transaction.
    static func compacting(today: String) -> StoreStep {
        StoreStep(name: "compacting as on \(today)") { store in
            while try store.compact(today: LogBook.day(today), seriesMax: 1) != nil {}
            while try store.foldLoadProfiles(today: LogBook.day(today), seriesMax: 1) != nil {}
        }
    }

    static func forgettingLineage(before day: String) -> StoreStep {
        StoreStep(name: "forgetting lineage from before \(day)") { store in
            while try store.forgetLineage(before: LogBook.day(day), rowsMax: 2) {}
        }
    }

    static let checkpoint = StoreStep(name: "emptying the log") { try $0.checkpoint() }

    static let reading = StoreStep(name: "reading everything") { store in
        try store.forEachIndex { _ in }
        try store.forEachReading { _, _, _ in }
        _ = try store.registry()
        _ = try store.counts()
    }
}

/// What a store held after a step that it acknowledged.
struct Holdings {
    /// An index that was told to somebody: it must never go, nor say something else under the same revision.
    struct Value: Hashable, CustomStringConvertible {
        let meter: MeterID
        let register: Register
        let day: ServiceDay
        let revision: Int
        let index: Energy

        var description: String { "meter \(meter.number) \(register.name) \(day) r\(revision) \(index)" }
    }

    private(set) var values: Set<Value> = []
    /// The same revision of a day twice, or two indices of a day that both claim to stand.
    private(set) var doubled: [Value] = []
    init(of store: Store) throws {
        /// Revision 0 stands for "the one that counts".
        struct Place: Hashable {
            let meter: MeterID
            let register: Register
            let day: ServiceDay
            let revision: Int
        }
        var places: Set<Place> = []
        try store.forEachIndex { stored in
            let index = stored.index
            let value = Value(
                meter: stored.meter, register: stored.register, day: index.day, revision: index.revision,
                index: index.index)
            values.insert(value)
            for revision in stored.isReplaced ? [index.revision] : [index.revision, 0] {
                let place = Place(
                    meter: stored.meter, register: stored.register, day: index.day, revision: revision)
                if !places.insert(place).inserted { doubled.append(value) }
            }
        }
    }

    /// What was acknowledged and is not here.
    func lost(of acknowledged: Holdings) -> [Value] { acknowledged.values.filter { !values.contains($0) } }
}

/// Every row of every table: two stores with the same rows hold the same.
struct EveryRow {
    private var rows: [String] = []

    init(of store: Store) throws {
        try store.forEachRow { rows.append("\($0): \($1)") }
    }

    /// The first rows that are here or there only; empty when both hold the same.
    func difference(from other: EveryRow) -> [String] {
        guard rows != other.rows else { return [] }
        let (own, others) = (Set(rows), Set(other.rows))
        let difference =
            rows.filter { !others.contains($0) }.map { "only here: \($0)" }
            + other.rows.filter { !own.contains($0) }.map { "only there: \($0)" }
        return difference.isEmpty ? ["the same rows, in other numbers"] : Array(difference.prefix(6))
    }
}
