import Metering

/// Something about a meter that a person has to look into. What the meter itself shows opens it and may end it
/// (another serial, a dial that went back); so do the rules for days and months; and so may a person or a fact of the
/// registry. Nothing about it is ever deleted while indices of its days are kept.
package struct MeterCase: Hashable, Sendable {
    /// What it is about: one of these, or the name of a rule (`high`, `month-on-month` …).
    package struct Kind: RawRepresentable, Hashable, Sendable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// Another meter hangs there, or the registry is wrong: an exchange nobody has told.
        package static let identity = Kind(rawValue: "identity")
        /// The meter's own voltages, frequency or tariffs contradict its profile.
        package static let profile = Kind(rawValue: "profile")

        /// The meter's clock is wrong, and its own records of days with it (`ClockDoubt`).
        package static let clock = Kind(rawValue: "clock")

        /// The import dial stands still under load (`StandingDial`).
        package static let `static` = Kind(rawValue: "static")

        /// What a fitter read contradicts what the meter shows beside it.
        package static let fitter = Kind(rawValue: "fitter")

        /// The dial began at 0 again.
        package static let rollover = Kind(rawValue: "rollover")

        /// Of readings that cannot be true beside those before; named as their verdicts.
        package init(_ verdict: ReadingVerdict) { rawValue = verdict.name }

        /// Those of a meter's own records that are about the record's day.
        static let ofRecords = [ReadingVerdict.decreased, .aboveCeiling, .overflow].map(Kind.init(_:))
    }

    /// What it holds up meanwhile.
    package enum Severity: String, CaseIterable, Hashable, Sendable {
        /// Readings: none becomes an index until it is ended.
        case blocks
        /// The bill, which says so.
        case holds
        /// Nothing.
        case warns
    }

    package enum State: String, CaseIterable, Hashable, Sendable {
        case open
        /// Somebody has seen it.
        case acknowledged
        /// Somebody is on the way to the meter.
        case fieldVisit = "field-visit"
        /// Ended by a person: the values are real.
        case released
        /// Ended by a person who replaced a value.
        case edited
        /// Ended by a fact of the registry: an exchange, a removal.
        case explained
        /// Ended by the meter, or by values that came later: it is no longer so.
        case passed

        /// Whether somebody still has to do something.
        package var isLive: Bool { Self.live.contains(self) }
        package static let live: Set<State> = [.open, .acknowledged, .fieldVisit]
    }

    /// Known to people: `meterd exceptions show 17`.
    package let id: Int64
    package let kind: Kind
    package let severity: Severity
    package let state: State
    package let meter: MeterID
    /// `nil` where it is about the whole meter.
    package let register: Register?
    package let serial: String
    package let usagePoint: String
    package let station: String
    package let district: String
    package let category: String
    package let gateway: String
    package let unit: UInt8
    package let text: String
    /// The serial number it shows; `nil` where it shows none.
    package let found: String?
    /// The days it is about; `nil` for one about what the meter shows now.
    package let days: ClosedRange<ServiceDay>?
    /// What these days took, multiplier applied, and what so many took before them.
    package let energy: Energy?
    package let usual: Energy?
    package let opened: Instant
    package let lastSeen: Instant
    package let closed: Instant?

    /// How far the energy is from the usual, either way.
    package var deviation: Energy? {
        energy.map { Energy(wattHours: abs(($0 - (usual ?? .zero)).wattHours)) }
    }

    /// Whether a person may say that what was found is real. Readings that cannot be true are not made true by saying
    /// so: a fact of the registry or an edit ends such a case.
    package var isReleasable: Bool { severity != .blocks }
}

/// Something that was done about a case.
package struct CaseAct: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        case acknowledged
        case fieldVisit = "field-visit"
        case released
        case edited
        case explained
        /// By meterd itself: the days took something else than a person had released.
        case reopened

        var state: MeterCase.State {
            switch self {
            case .acknowledged: .acknowledged
            case .fieldVisit: .fieldVisit
            case .released: .released
            case .edited: .edited
            case .explained: .explained
            case .reopened: .open
            }
        }
    }

    package let kind: Kind
    package let at: Instant
    package let who: String
    package let why: String
}

/// Which cases are meant; what is `nil` does not narrow the choice.
package struct CaseFilter: Hashable, Sendable {
    package var ids: Set<Int64>?
    package var states: Set<MeterCase.State>
    package var kinds: Set<String>?
    package var severities: Set<MeterCase.Severity>?
    package var usagePoint: String?
    package var station: String?
    package var district: String?
    package var gateway: String?
    /// Cases that are further from the usual are left out, and those of which that is not known.
    package var deviationMost: Energy?

    package init(
        ids: Set<Int64>? = nil, states: Set<MeterCase.State> = MeterCase.State.live, kinds: Set<String>? = nil,
        severities: Set<MeterCase.Severity>? = nil, usagePoint: String? = nil, station: String? = nil,
        district: String? = nil, gateway: String? = nil, deviationMost: Energy? = nil
    ) {
        self.ids = ids
        self.states = states
        self.kinds = kinds
        self.severities = severities
        self.usagePoint = usagePoint
        self.station = station
        self.district = district
        self.gateway = gateway
        self.deviationMost = deviationMost
    }
}

package enum CaseOrder: String, CaseIterable, Hashable, Sendable {
    /// What blocks first, then what holds; the largest deviation first.
    case stake
    /// The oldest first.
    case age
    case newest
}
