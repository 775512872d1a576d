/// How the energy of days without an index is told (vee-and-feeds §1.5). The day close draws straight lines; the others
/// are scored beside it (`make score`).
package enum EstimationMethod: String, CaseIterable, Hashable, Sendable {
    /// Both ends of the gap are known: equal days between them.
    case straightLine = "straight line"
    /// The same, each day as heavy as the days like it in the four weeks before.
    case likeDayWeights = "like-day weights"
    /// Nothing is known after the gap: the mean of the 28 latest known days.
    case meanOf28Days = "mean of 28 days"
    /// The same, the mean of the days like it in the four weeks before.
    case likeDays = "like days"

    /// Whether the sum over the gap is known and only its split is an estimate.
    package var isBracketed: Bool {
        switch self {
        case .straightLine, .likeDayWeights: true
        case .meanOf28Days, .likeDays: false
        }
    }
}
