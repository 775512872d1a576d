import Metering
import Store

/// One thing that the store is told. A new operation of the store is a case here, a line in `perform`, and a row in
/// `StormWorld.draw`.
enum StormOperation {
    case ingest([PollOutcome])
    case closeDay(ServiceDay, at: Instant)
    case closeReopenedDays(at: Instant)
    case edit(usagePoint: String, Register, ServiceDay, Energy, at: Instant)
    case importRegistry(Registry, at: Instant)
    case checkpoint
    case compact(today: ServiceDay)
    case forget(today: ServiceDay)
    case backUp(at: Instant)

    /// Told again, alone or after a death in its midst, it ends the same.
    func perform(on store: Store) throws {
        switch self {
        case .ingest(let batch): _ = try store.ingest(batch)
        case .closeDay(let day, let at): _ = try store.closeDay(day, at: at)
        case .closeReopenedDays(let at): _ = try store.closeReopenedDays(at: at)
        case .edit(let usagePoint, let register, let day, let index, let at):
            do {
                try store.edit(
                    usagePoint: usagePoint, register: register, day: day, index: index, reason: "read by eye",
                    by: "Lan",
                    at: at)
            } catch StoreError.nothingInService {
                // An answer too.
            }
        case .importRegistry(let registry, let at): _ = try store.importRegistry(registry, at: at)
        case .checkpoint: try store.checkpoint()
        // A few series at a time, so that there are moments between its transactions.
        case .compact(let today):
            while try store.compact(today: today, seriesMax: 5) != nil {}
            while try store.foldLoadProfiles(today: today, seriesMax: 5) != nil {}
        case .forget(let today):
            while try store.forgetLineage(before: today - Self.lineageDays, rowsMax: 40) {}
            while try store.forgetIndices(before: today - Self.indexDays, rowsMax: 40) {}
        case .backUp(let at):
            _ = try store.backup(
                to: Self.backup(of: store.path), replace: true, version: "storm", civil: at, utc: at,
                pagesPerStep: 16)
        }
    }

    /// Works in several transactions, and a second run strikes off its list what the first one could not yet: one that
    /// was cut short and told again has run more often than one that was told once.
    var isSettling: Bool {
        switch self {
        case .closeDay, .closeReopenedDays: true
        case .ingest, .edit, .importRegistry, .checkpoint, .compact, .forget, .backUp: false
        }
    }

    private static let lineageDays = 30
    private static let indexDays = 70

    static func backup(of path: String) -> String { path + ".bak" }

    /// Whether it takes an index of this day away, so that half of it done may have.
    func mayHaveForgotten(_ day: ServiceDay) -> Bool {
        guard case .forget(let today) = self else { return false }
        return day < today - Self.indexDays
    }

    var name: String {
        switch self {
        case .ingest: "ingest"
        case .closeDay: "closeDay"
        case .closeReopenedDays: "closeReopenedDays"
        case .edit: "edit"
        case .importRegistry: "importRegistry"
        case .checkpoint: "checkpoint"
        case .compact: "compact"
        case .forget: "forget"
        case .backUp: "backUp"
        }
    }
}

/// Numbers that look like chance and are always the same for a seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
