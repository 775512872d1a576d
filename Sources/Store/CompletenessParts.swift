import Metering

/// What a day's completeness is cut by.
package enum CompletenessCut: String, CaseIterable, Hashable, Sendable {
    case district, station, gateway
    /// The meter's model.
    case profile
    /// Why meters are missing (`MissingReason`). Those that are not missing are one part more, `known`.
    case reason

    /// `nil` where the registry alone does not say it.
    var place: DayMeters.Place? {
        switch self {
        case .district: .district
        case .station: .station
        case .gateway: .gateway
        case .profile: .profile
        case .reason: nil
        }
    }
}

/// The meters of a day that have something in common.
package struct CompletenessPart: Hashable, Sendable {
    /// Of the district, the station …; empty where the registry says none.
    package let name: String
    /// Where the cut is by reason and these are missing.
    package let reason: MissingReason?
    package let completeness: Completeness

    init(name: String, reason: MissingReason? = nil, completeness: Completeness) {
        self.name = name
        self.reason = reason
        self.completeness = completeness
    }

    /// The most missing first, then the most estimated: where the most is to be done.
    static func isWorse(_ left: CompletenessPart, _ right: CompletenessPart) -> Bool {
        let (first, second) = (left.completeness, right.completeness)
        if first.missing != second.missing { return first.missing > second.missing }
        if first.estimated != second.estimated { return first.estimated > second.estimated }
        return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }
}

/// A day cut into parts: each meter that should have an index is in one of them.
package struct CompletenessParts: Hashable, Sendable {
    package let cut: CompletenessCut
    /// The sum of the parts.
    package let total: Completeness
    /// Worst first.
    package let parts: [CompletenessPart]
}

/// Why a meter has no index of a day, as far as it decides who has to do what. Told from what the store has heard since
/// the day's first instant, so that it says what stands in the way now.
package enum MissingReason: Hashable, Sendable {
    /// The gateway has not answered since, or did not the last time.
    case gatewaySilent
    /// The meter answers, and a case keeps its readings from counting.
    case refused(MeterCase.Kind)
    /// Asked, and never heard since it was installed.
    case neverHeard
    /// The gateway answers, the meter does not.
    case meterSilent
    /// The meter answers, but with nothing that could be read.
    case unreadable
    /// Neither heard nor failed: its turn has not come, or it is not polled at all.
    case unasked
    /// It has been read since, but nothing is known from before the day to draw the index from, or too long ago.
    case noBracket

    /// A stable word; a refusal's ends with the kind of its case.
    package var name: String {
        switch self {
        case .gatewaySilent: "gateway-silent"
        case .refused(let kind): "refused-\(kind.rawValue)"
        case .neverHeard: "never-heard"
        case .meterSilent: "meter-silent"
        case .unreadable: "unreadable"
        case .unasked: "unasked"
        case .noBracket: "no-bracket"
        }
    }

    /// Who does what.
    package var remedy: String {
        switch self {
        case .gatewaySilent: "the network or a crew at the gateway: its power, its SIM, its address"
        case .refused: "the work list: meterd exceptions"
        case .neverHeard: "the registry or the fitter: gateway, unit and model as they hang there"
        case .meterSilent: "a crew at the meter: its supply and the line to the gateway"
        case .unreadable: "an engineer: meterd probe, and the profile"
        case .unasked: "nobody yet; should it stay so, the service's log says why it is not polled"
        case .noBracket: "the fitter's index in meters.csv, or an index by eye: meterd edit"
        }
    }
}

/// A meter that should have an index of a day and has none.
package struct MissingMeter: Hashable, Sendable {
    package let usagePoint: String
    package let serial: String
    package let station: String
    package let district: String
    package let gateway: String
    package let unit: UInt8
    package let profile: String
    package let reason: MissingReason
    /// When its last accepted live reading was answered; `nil` for one that never gave any.
    package let lastHeard: Instant?
    /// The latest failure since the day's first instant.
    package let lastFailure: String?
}
