import Metering

/// How the house tells days without an index.
package struct EstimationRules: Hashable, Sendable {
    /// Of days between two indices, one of `EstimationMethod.bracketed`.
    package let bracketed: EstimationMethod
    /// Of days after the last index, one of `EstimationMethod.open`; `nil`: they are not told at all.
    package let openDays: EstimationMethod?
    /// A bill with more than so many of 100 days estimated or projected is held up.
    package let sharePercentMax: Int
    /// Which days are like each other.
    package let kinds: DayKinds

    package init(
        bracketed: EstimationMethod = .straightLine, openDays: EstimationMethod? = .meanOf28Days,
        sharePercentMax: Int = 30, kinds: DayKinds = DayKinds()
    ) {
        precondition(bracketed.isBracketed, "a method for days between two indices")
        precondition(openDays.map(EstimationMethod.open.contains) ?? true, "a method for days after the last index")
        self.bracketed = bracketed
        self.openDays = openDays
        self.sharePercentMax = sharePercentMax
        self.kinds = kinds
    }

    /// What nobody has chosen otherwise (decision 019).
    package static let standard = EstimationRules()
}
