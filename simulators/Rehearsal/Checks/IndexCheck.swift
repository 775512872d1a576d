import Metering
import Store

/// Every index ever stored, replaced ones too, is the dial's at that midnight, within the bound that it states; a
/// frozen one is so to the watt-hour. It belongs to a meter that carries the register and whose index it was to show.
package struct IndexCheck: Check {
    package let name = "index"

    package init() {}

    package func faults(in evidence: Evidence) throws -> [String] {
        var faults: [String] = []
        try evidence.store.forEachIndex { stored in
            let index = stored.index
            let what =
                "\(evidence.truth.name(of: stored.meter)), \(stored.register.name) on \(index.day), revision "
                + "\(index.revision)"
            guard let meter = evidence.truth[stored.meter],
                let truth = evidence.truth.index(of: stored.meter, stored.register, on: index.day)
            else { return faults.append("\(what): such a dial is nowhere in the field") }
            let error = evidence.truth.distance(index.index, from: truth, of: stored.meter)
            if error > index.errorBound {
                faults.append(
                    "\(what): \(index.index) (\(index.quality.name)) ± \(index.errorBound), but the dial showed "
                        + "\(truth)")
            }
            if index.quality == .frozen, index.errorBound != .zero {
                faults.append("\(what): frozen, yet with a bound of \(index.errorBound)")
            }
            // Before somebody told of an exchange nobody could know.
            let told = evidence.world.exchanges.first { $0.rows[0].serial == meter.installation.serial }?.told
            let isKnown = told.map { told in stored.basis?.lastInstant.map { told < $0 } ?? false } ?? true
            if !meter.installation.stay.showsIndex(of: index.day), isKnown {
                faults.append("\(what): the index of that day is not this meter's")
            }
        }
        return faults
    }
}

extension IndexBasis {
    /// When the latest reading that it rests on was answered; `nil` where it rests on indices.
    fileprivate var lastInstant: Instant? {
        switch self {
        case .record(let instant), .readings(_, let instant), .indexAndReading(_, let instant), .person(let instant):
            instant
        case .indices: nil
        }
    }
}
