import HeadEnd
import Metering
import Store

/// Ingest is idempotent: what was handed over may be handed over again, whole or in other pieces, at any time.
extension Rehearsal {
    /// Of so many batches one is handed over a second time at once.
    private static let batchesARepetition = 400

    func hand(_ batch: [PollOutcome], overAgainTo store: Store) throws {
        guard figures.batches % Self.batchesARepetition == 7 else { return }
        let before = try Self.fingerprint(of: store)
        _ = try store.ingest(batch)
        guard try Self.fingerprint(of: store) != before else { return }
        record.surprises.append(
            "batch \(figures.batches) of \(batch.count) outcomes changed the store when it was handed over again")
    }

    /// A number for all that is stored.
    package static func fingerprint(of store: Store) throws -> UInt64 {
        var sum: UInt64 = 0
        try store.forEachRow { table, row in
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in table.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            for byte in row.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            sum = SeededRandom.mixed(sum ^ hash)
        }
        return sum
    }
}
