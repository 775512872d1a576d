/// How the energy of days without an index is told (vee-and-feeds §1.5, decision 019). `make score` scores them on
/// recorded homes.
package enum EstimationMethod: String, CaseIterable, Hashable, Sendable {
    /// Both ends of the gap are known: equal days between them.
    case straightLine = "straight line"
    /// The same, each day as heavy as the days like it in the four weeks before.
    case likeDayWeights = "like-day weights"
    /// Nothing is known after the gap: the mean of the 28 latest known days.
    case meanOf28Days = "mean of 28 days"
    /// The same, the mean of the days like it in the four weeks before.
    case likeDays = "like days"
    /// Too little is known of the usage point itself: the mean of its class.
    case classMean = "class mean"

    /// Those that know the sum over the gap, so that only its split is an estimate.
    package static let bracketed: [EstimationMethod] = [.straightLine, .likeDayWeights]
    /// Those for days after the last index, as far as they stand on the usage point's own days.
    package static let open: [EstimationMethod] = [.meanOf28Days, .likeDays]

    /// Whether the sum over the gap is known and only its split is an estimate.
    package var isBracketed: Bool { Self.bracketed.contains(self) }

    /// ESPI `QualityOfReading` (vee-and-feeds §1.6): 9 linear interpolation, 8 reference day, 12 projected.
    package var espiCode: Int {
        switch self {
        case .straightLine: 9
        case .likeDayWeights, .likeDays: 8
        case .meanOf28Days, .classMean: 12
        }
    }
}
