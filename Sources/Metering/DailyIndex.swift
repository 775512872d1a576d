/// Where a daily index comes from, best first (design §4). Raw values are stored: never renumber.
package enum IndexQuality: UInt8, CaseIterable, Hashable, Sendable {
    /// The meter's own midnight register or log.
    case frozen = 1
    /// A reading within the window around midnight, moved to 00:00 between the readings on both sides.
    case measured = 2
    /// Validated estimate: bracketed by readings that lie further away.
    case estimated = 3
    /// Entered by a person, with a reason.
    case edited = 4

    package var name: String {
        switch self {
        case .frozen: "frozen"
        case .measured: "measured"
        case .estimated: "estimated"
        case .edited: "edited"
        }
    }

    package init?(name: String) {
        guard let quality = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = quality
    }

    /// ESPI `QualityOfReading`: 19 revenue-quality, 17 validated, 9 linear interpolation, 7 manually edited.
    package var espiCode: Int {
        switch self {
        case .frozen: 19
        case .measured: 17
        case .estimated: 9
        case .edited: 7
        }
    }

    /// A frozen or measured index stands on the dial itself.
    package var isMeasured: Bool { self == .frozen || self == .measured }

    /// Whether an index of this quality may take the place of one of `other` without a person's word.
    /// What a person entered stays; a better or equal source replaces the rest.
    package func mayReplace(_ other: IndexQuality) -> Bool {
        other != .edited && rawValue <= other.rawValue
    }
}

/// What the dial shows at a day's first instant, before the multiplier.
package struct DailyIndex: Hashable, Sendable {
    package let day: ServiceDay
    package let index: Energy
    package let quality: IndexQuality
    /// The true dial lies in `index ± errorBound`; zero for a frozen index.
    package let errorBound: Energy
    /// 1 for the first value known for this day, one more for each value that replaced it.
    package let revision: Int

    @inlinable
    package init(day: ServiceDay, index: Energy, quality: IndexQuality, errorBound: Energy, revision: Int = 1) {
        self.day = day
        self.index = index
        self.quality = quality
        self.errorBound = errorBound
        self.revision = revision
    }
}
