import Metering

/// What happened to an alarm, as it is kept when the alarm is over.
package struct AlarmEvent: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        case raised, acknowledged, cleared
    }

    package let at: Instant
    package let alarm: Alarm
    package let kind: Kind
    /// Who acknowledged it; `nil` for what meterd saw.
    package let who: String?
    /// What was bad, or what the person noted; `nil` for one that cleared.
    package let text: String?

    package init(at: Instant, alarm: Alarm, kind: Kind, who: String? = nil, text: String? = nil) {
        (self.at, self.alarm, self.kind, self.who, self.text) = (at, alarm, kind, who, text)
    }
}

extension AlarmChange {
    /// The change, seen at `instant`.
    package func event(at instant: Instant) -> AlarmEvent {
        switch self {
        case .raised(let alarm, let text): AlarmEvent(at: instant, alarm: alarm, kind: .raised, text: text)
        case .cleared(let alarm, _): AlarmEvent(at: instant, alarm: alarm, kind: .cleared)
        }
    }
}
