import MeterFleet
import Metering
import Store

/// Every accepted reading shows the dial as it was: a live one as it stood at some moment between request and answer,
/// a frozen one as it stood at that midnight.
package struct DialCheck: Check {
    package let name = "dial"

    package init() {}

    package func faults(in evidence: Evidence) throws -> [String] {
        var faults: [String] = []
        try evidence.store.forEachReading { id, register, reading in
            guard reading.verdict == .accepted, evidence.truth[id] != nil else { return }
            let what =
                "\(evidence.truth.name(of: id)), \(register.name) answered "
                + "\(evidence.world.calendar.text(reading.answered))"
            let shown = evidence.truth.shown(reading.index, of: id)
            switch reading.moment {
            case .frozen(let day):
                guard let truth = evidence.truth.index(of: id, register, on: day), truth == shown else {
                    let truth = evidence.truth.index(of: id, register, on: day)
                    return faults.append(
                        "\(what): \(reading.index) of \(day), when the dial showed \(truth?.description ?? "nothing")")
                }
            case .live:
                guard let low = evidence.truth.live(of: id, register, at: reading.requested),
                    let high = evidence.truth.live(of: id, register, at: reading.answered),
                    // Between the two it may have begun again at 0.
                    low <= high ? low <= shown && shown <= high : low <= shown || shown <= high
                else {
                    let low = evidence.truth.live(of: id, register, at: reading.requested)
                    let high = evidence.truth.live(of: id, register, at: reading.answered)
                    return faults.append(
                        "\(what): \(reading.index), when the dial went from \(low?.description ?? "nothing") to "
                            + "\(high?.description ?? "nothing")")
                }
            }
        }
        return faults
    }
}
