import Metering
import Modbus
import Store

/// Every reading that is kept came over the wire as it says: its gateway has said these very words under its
/// transaction and unit, after the request and before the answer, and they mean the index that was stored.
package struct ProvenanceCheck: Check {
    package let name = "provenance"

    package init() {}

    package func faults(in evidence: Evidence) throws -> [String] {
        var faults: [String] = []
        try evidence.store.forEachReading { id, register, reading in
            guard let meter = evidence.truth[id] else {
                return faults.append("a reading of \(evidence.truth.name(of: id))")
            }
            let what =
                "\(evidence.truth.name(of: id)), \(register.name) \(reading.index) (\(reading.verdict.name)) answered "
                + "\(evidence.world.calendar.text(reading.answered)) under transaction \(reading.transaction)"
            let place = meter.installation
            guard reading.gateway == place.gateway, reading.unit == place.unit else {
                return faults.append("\(what): it came from \(reading.gateway) unit \(reading.unit)")
            }
            let answers = evidence.record.wire.answers(
                of: reading.gateway, unit: reading.unit, transaction: reading.transaction, from: reading.requested,
                through: reading.answered)
            guard !answers.isEmpty else { return faults.append("\(what): the gateway had not answered this request") }
            let readings = answers.flatMap { meter.profile.everyReading(in: $0.pdu, multiplier: place.multiplier) }
            let isSaid = readings.contains {
                $0.register == register && $0.moment == reading.moment && $0.words == reading.words
                    && evidence.truth.shown($0.index, of: id) == evidence.truth.shown(reading.index, of: id)
            }
            // An index made from energies of days rests on the words of several answers, of which this was the last.
            if !isSaid, case .frozen = reading.moment, meter.profile.frozen == nil {
                let looked = reading.requested - Self.lookMost
                if evidence.record.wire.hasSaid(
                    reading.words, gateway: reading.gateway, unit: reading.unit, from: looked,
                    through: reading.answered)
                {
                    return
                }
            }
            if !isSaid { faults.append("\(what): the gateway's answer does not say so") }
        }
        return faults
    }

    /// How long a look at the energies of days may take.
    private static let lookMost = Instant.Span.hours(3)
}

extension MeterProfile {
    /// Whatever a PDU may mean as an answer to any request that is ever made for dials.
    fileprivate func everyReading(in pdu: [UInt8], multiplier: Int64) -> [Reading] {
        pdu.withUnsafeBytes { pdu in
            let blocks = (livePlan.blocks + energyPlan.blocks).flatMap { block in
                [block] + block.values.indices.map { block.alone($0) }
            }
            var readings: [Reading] = []
            for block in Set(blocks) {
                guard case .words(let words) = block.range.reply(in: pdu) else { continue }
                readings += block.readings(from: words, multiplier: multiplier).readings
            }
            if let frozen, case .words(let words)? = frozen.range(slot: 0)?.reply(in: pdu),
                case .record(_, let frozenReadings) = frozen.record(in: words, multiplier: multiplier)
            {
                readings += frozenReadings
            }
            return readings
        }
    }
}
