import HeadEnd
import Metering
import Modbus

/// What was seen while the world ran; the checks hold it, and the store, against the field's truth.
package struct Record: Sendable {
    package var wire: WireRecord
    package var limits = LimitRecord()
    /// Every batch that the store has taken, in order.
    package var batches: [[PollOutcome]] = []
    /// When each meter was read and the reading became durable, oldest first.
    package var reads: [MeterID: [Instant]] = [:]
    /// When the daemon was up.
    package var lives: [Life] = []
    /// What went wrong where nothing may: sentences.
    package var surprises: [String] = []

    package struct Life: Sendable {
        package let from: Instant
        package var to: Instant
    }

    init(_ world: World) {
        wire = WireRecord(sites: world.sites.map(\.row.name))
    }

    mutating func took(_ batch: [PollOutcome]) {
        batches.append(batch)
        for outcome in batch {
            guard case .success(let readings) = outcome.result, !readings.isEmpty, !outcome.isQuarantined else {
                continue
            }
            reads[outcome.meter, default: []].append(outcome.answered)
        }
    }
}

/// What each gateway's wire has said in answer to requests it had received: the other end of every reading's
/// provenance.
package struct WireRecord: Sendable {
    package struct Answer: Hashable, Sendable {
        /// When the gateway let go of it.
        package let at: Instant
        /// Function code onward.
        package let pdu: [UInt8]
    }

    private struct Entry: Sendable {
        let site: Int32
        let unit: UInt8
        let transaction: UInt16
        let answer: Answer

        func precedes(_ other: Entry) -> Bool {
            (site, unit, transaction, answer.at) < (other.site, other.unit, other.transaction, other.answer.at)
        }
    }

    private let sites: [String: Int]
    /// In the order of events until `sort`, by place and time from then on.
    private var entries: [Entry] = []

    init(sites: [String]) {
        self.sites = Dictionary(uniqueKeysWithValues: zip(sites, 0...))
    }

    mutating func note(site: Int, _ header: MBAPHeader, _ pdu: [UInt8], at civil: Instant) {
        entries.append(
            Entry(
                site: Int32(site), unit: header.unit, transaction: header.transaction,
                answer: Answer(at: civil, pdu: pdu)))
    }

    /// Once nothing more is noted.
    mutating func sort() { entries.sort { $0.precedes($1) } }

    /// What the gateway has said under this unit and transaction from one instant to another, both included.
    package func answers(
        of gateway: String, unit: UInt8, transaction: UInt16, from: Instant, through: Instant
    ) -> [Answer] {
        guard let site = sites[gateway] else { return [] }
        let sought = Entry(
            site: Int32(site), unit: unit, transaction: transaction, answer: Answer(at: from, pdu: []))
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].precedes(sought) { low = middle + 1 } else { high = middle }
        }
        return entries[low...].prefix {
            $0.site == site && $0.unit == unit && $0.transaction == transaction && $0.answer.at <= through
        }.map(\.answer)
    }

    /// Whether the gateway has said these words for a unit at all, in one answer or in several, from one instant to
    /// another.
    package func hasSaid(
        _ words: [UInt16], gateway: String, unit: UInt8, from: Instant, through: Instant
    ) -> Bool {
        guard let site = sites[gateway] else { return false }
        let said = entries.filter {
            $0.site == site && $0.unit == unit && from <= $0.answer.at && $0.answer.at <= through
        }
        // A dial's words and a record's stand side by side: each part must have been said.
        return (0...words.count).contains { cut in
            [words[..<cut], words[cut...]].allSatisfy { part in
                part.isEmpty || said.contains { $0.answer.holds(part) }
            }
        }
    }
}

extension WireRecord.Answer {
    /// The words stand in it one after the other.
    fileprivate func holds(_ words: ArraySlice<UInt16>) -> Bool {
        let bytes = words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        guard bytes.count <= pdu.count else { return false }
        return (0...pdu.count - bytes.count).contains { pdu[$0..<$0 + bytes.count].elementsEqual(bytes) }
    }
}
