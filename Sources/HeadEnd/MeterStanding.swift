import Metering

/// Whether a meter has shown that it is the one the registry names, in this process.
struct MeterStanding: Sendable {
    enum State: UInt8, Sendable {
        /// Nothing proven yet, or doubted since.
        case unknown
        case proven
        /// It showed another serial or model than the registry names, or values that its profile cannot mean: what it
        /// says is not booked.
        case foreign
    }

    var state = State.unknown
    /// The next of the model's proof requests.
    var step: UInt8 = 0
    /// Its firmware's place in the conversation's list, from 1; 0 while it has shown none.
    var firmware: UInt8 = 0
    /// Of the line, when it was last proven: after a long outage another gateway may answer at the same address.
    var outage: UInt16 = 0
    var provenAt = Instant(microseconds: .min / 2)
    /// The profile has shown plausible values at this meter.
    var isChecked: Bool
    /// They have contradicted its profile before: that nothing to check is available now does not clear it.
    var wasImplausible = false
    /// The day of the last record it brought.
    var lastRecord: ServiceDay?
    /// How often its records were waited for in vain, each time longer.
    var historyTimeouts: UInt8 = 0

    init(isChecked: Bool) { self.isChecked = isChecked }
}

/// How much a meter must show before its readings count (design §5, "identity before data").
package enum ProofPolicy: String, CaseIterable, Sendable {
    /// Model words and serial number must be those of profile and registry.
    case serial
    /// Only the model's words are compared: for utilities whose registry holds other numbers than the meters show.
    case model
    case off
}
