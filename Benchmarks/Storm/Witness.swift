import Metering
import Store

/// A store that nobody kills, told what the killed one acknowledged.
struct Witness {
    /// An index that was told to somebody: it must never go, nor say something else under the same revision.
    private struct Place: Hashable {
        let meter: MeterID
        let register: Register
        let day: ServiceDay
        /// 0: the one that counts.
        let revision: Int
    }

    private let reference: Store
    private var world: StormWorld
    /// Told so far.
    private(set) var steps = 0
    private(set) var values = 0
    private(set) var lost = 0
    private(set) var doubled = 0
    /// How often each operation was acknowledged or under way.
    private(set) var operations: [String: Int] = [:]
    private var hasBackup = false
    /// Deaths before the first step was acknowledged.
    private(set) var early = 0

    init(_ reference: Store, seed: UInt64) {
        self.reference = reference
        world = StormWorld(seed: seed)
    }

    mutating func hear(_ count: Int) throws {
        early += count == 0 ? 1 : 0
        for _ in 0..<count {
            let operation = next()
            try operation.perform(on: reference)
            if case .backUp = operation { hasBackup = true }
        }
    }

    private mutating func next() -> StormOperation {
        steps += 1
        let operation = world.next()
        operations[operation.name, default: 0] += 1
        return operation
    }

    /// Looks at what the death left, and has the step that was under way told again.
    mutating func examine(_ path: String) throws -> [String] {
        let store = try Storm.open(path)
        defer { try? store.close() }
        var troubles = try verify(store)
        let underWay = next()
        let (found, twice) = try Self.indices(store)
        let (acknowledged, _) = try Self.indices(reference)
        let missing = acknowledged.filter {
            $0.key.revision > 0 && found[$0.key] != $0.value && !underWay.mayHaveForgotten($0.key.day)
        }
        values = acknowledged.count { $0.key.revision > 0 }
        lost += missing.count
        doubled += twice.count
        troubles += missing.prefix(5).map { "lost: \(Self.text($0.key)) \($0.value)" }
        troubles += twice.prefix(5).map { "doubled: \(Self.text($0))" }
        for _ in 0..<(underWay.isSettling ? 2 : 1) {
            try underWay.perform(on: store)
            try underWay.perform(on: reference)
        }
        return try troubles + Self.difference(store, reference)
    }

    /// What `meterd verify` finds in the store, and in the latest backup, which is whole whoever was killed.
    private func verify(_ store: Store) throws -> [String] {
        var troubles: [String] = []
        var scope = VerificationScope()
        scope.days = nil
        _ = try store.verify(scope) { troubles.append("\($0)") }
        let backup = StormOperation.backup(of: store.path)
        if hasBackup { _ = try Store.verifyBackup(backup, scope) { troubles.append("backup: \($0)") } }
        return troubles
    }

    private static func indices(_ store: Store) throws -> (values: [Place: Energy], doubled: [Place]) {
        var values: [Place: Energy] = [:]
        var doubled: [Place] = []
        try store.forEachIndex { stored in
            for revision in stored.isReplaced ? [stored.index.revision] : [stored.index.revision, 0] {
                let place = Place(
                    meter: stored.meter, register: stored.register, day: stored.index.day, revision: revision)
                if values.updateValue(stored.index.index, forKey: place) != nil { doubled.append(place) }
            }
        }
        return (values, doubled)
    }

    private static func text(_ place: Place) -> String {
        "meter \(place.meter.number) \(place.register.name) \(place.day) r\(place.revision)"
    }

    private static func difference(_ store: Store, _ reference: Store) throws -> [String] {
        func rows(_ store: Store) throws -> [String] {
            var rows: [String] = []
            try store.forEachRow { rows.append("\($0): \($1)") }
            return rows
        }
        let (here, there) = (try rows(store), try rows(reference))
        guard here != there else { return [] }
        let (own, others) = (Set(here), Set(there))
        let difference =
            own.subtracting(others).map { "only after the kills: \($0)" }
            + others.subtracting(own).map { "only without them: \($0)" }
        return difference.isEmpty ? ["the same rows, in other numbers"] : Array(difference.sorted().prefix(8))
    }
}
