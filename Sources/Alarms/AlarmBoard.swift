import Metering

/// Where an alarm stands.
package struct AlarmState: Hashable, Sendable {
    /// Somebody has seen it and does something.
    package struct Acknowledgement: Hashable, Sendable {
        package let who: String
        package let at: Instant
        package let note: String

        package init(who: String, at: Instant, note: String) {
            self.who = who
            self.at = at
            self.note = note
        }
    }

    package let alarm: Alarm
    package var text: String
    /// Since when it has been bad without a look that was good; `nil` once it is good.
    package var badSince: Instant?
    /// Since when it has been good; `nil` while it is bad, or neither.
    package var goodSince: Instant?
    /// `nil` while it waits to be raised.
    package var raisedAt: Instant?
    /// At how many looks it was bad.
    package var seen: Int
    package var lastBad: Instant?
    package var acknowledged: Acknowledgement?
    /// The alarm that explains it; then it is not shown.
    package var parent: Alarm?

    package init(
        alarm: Alarm, text: String, badSince: Instant? = nil, goodSince: Instant? = nil, raisedAt: Instant? = nil,
        seen: Int = 0, lastBad: Instant? = nil, acknowledged: Acknowledgement? = nil, parent: Alarm? = nil
    ) {
        self.alarm = alarm
        self.text = text
        self.badSince = badSince
        self.goodSince = goodSince
        self.raisedAt = raisedAt
        self.seen = seen
        self.lastBad = lastBad
        self.acknowledged = acknowledged
        self.parent = parent
    }
}

/// What happened to an alarm at a look.
package enum AlarmChange: Hashable, Sendable {
    case raised(Alarm, text: String)
    case cleared(Alarm, since: Instant)
}

/// All alarms that are not good, or not long enough. Pure: the time comes in with each look.
package struct AlarmBoard: Hashable, Sendable {
    private var known: [Alarm: AlarmState] = [:]

    package init(_ states: [AlarmState] = []) {
        for state in states { known[state.alarm] = state }
    }

    /// Of all, by kind and subject; those that wait to be raised too.
    package var states: [AlarmState] {
        known.values.sorted { ($0.alarm.kind.rawValue, $0.alarm.subject) < ($1.alarm.kind.rawValue, $1.alarm.subject) }
    }

    /// What people are shown: raised, and explained by no other that is raised.
    package var shown: [AlarmState] {
        states.filter { state in
            state.raisedAt != nil && state.parent.flatMap { known[$0]?.raisedAt } == nil
        }
    }

    /// Takes in what was seen at an instant; an alarm that is not mentioned is as it was.
    /// - Returns: what was raised or cleared by it, those that others explain too: see `isNews`.
    package mutating func look(_ signs: [AlarmSign], at instant: Instant) -> [AlarmChange] {
        var changes: [AlarmChange] = []
        for sign in signs {
            var state = known[sign.alarm] ?? AlarmState(alarm: sign.alarm, text: sign.text)
            switch sign.level {
            case .bad:
                state.text = sign.text
                state.parent = sign.parent
                state.badSince = state.badSince ?? instant
                state.goodSince = nil
                state.seen += 1
                state.lastBad = instant
                if state.raisedAt == nil, let since = state.badSince, instant - since >= sign.alarm.patience.raise {
                    state.raisedAt = instant
                    changes.append(.raised(sign.alarm, text: sign.text))
                }
                known[sign.alarm] = state
            case .between:
                // A raised one stays; one that waits to be raised does not wait on.
                state.goodSince = nil
                known[sign.alarm] = state.raisedAt == nil ? nil : state
            case .good:
                guard let raisedAt = state.raisedAt else {
                    known[sign.alarm] = nil
                    continue
                }
                state.goodSince = state.goodSince ?? instant
                state.badSince = nil
                if let since = state.goodSince, instant - since >= sign.alarm.patience.clear {
                    known[sign.alarm] = nil
                    changes.append(.cleared(sign.alarm, since: raisedAt))
                } else {
                    known[sign.alarm] = state
                }
            }
        }
        return changes
    }

    /// Whether people are told of a change: not of an alarm that another explains.
    package func isNews(_ change: AlarmChange) -> Bool {
        switch change {
        case .raised(let alarm, _): known[alarm]?.parent.flatMap { known[$0]?.raisedAt } == nil
        case .cleared: true
        }
    }

    /// A person has seen it. It stays until it is good; raised anew it is not acknowledged any more.
    /// - Returns: whether there is such an alarm.
    package mutating func acknowledge(_ alarm: Alarm, _ by: AlarmState.Acknowledgement) -> Bool {
        guard known[alarm]?.raisedAt != nil else { return false }
        known[alarm]?.acknowledged = by
        return true
    }

    /// What is not seen any more at all: of gateways or stations that the registry lost.
    /// - Returns: those of them that had been raised.
    package mutating func forget(_ kind: Alarm.Kind, except subjects: Set<String>) -> [AlarmChange] {
        let gone = states.filter { $0.alarm.kind == kind && !subjects.contains($0.alarm.subject) }
        for state in gone { known[state.alarm] = nil }
        return gone.compactMap { state in state.raisedAt.map { .cleared(state.alarm, since: $0) } }
    }
}
