import HeadEnd
import Metering
import Store

/// Everything that was ever handed to the store may be handed over again, in other pieces: nothing changes.
package struct RepetitionCheck: Check {
    package let name = "repetition"

    package init() {}

    package func faults(in evidence: Evidence) throws -> [String] {
        var random = SeededRandom(seed: evidence.world.seed)
        let before = try Rehearsal.fingerprint(of: evidence.store)
        var piece: [PollOutcome] = []
        var room = random.number(in: 1...5000)
        for outcome in evidence.record.batches.lazy.joined() {
            piece.append(outcome)
            guard piece.count >= room else { continue }
            _ = try evidence.store.ingest(piece)
            piece.removeAll(keepingCapacity: true)
            room = random.number(in: 1...5000)
        }
        _ = try evidence.store.ingest(piece)
        let after = try Rehearsal.fingerprint(of: evidence.store)
        return before == after ? [] : ["the store is not the same after all was handed over again"]
    }
}
