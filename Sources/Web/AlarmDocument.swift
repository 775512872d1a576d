import Alarms
import Metering

/// Alarms for people and programs.
package struct AlarmDocument {
    private let states: [AlarmState]
    private let calendar: ServiceCalendar

    package init(_ states: [AlarmState], calendar: ServiceCalendar) {
        self.states = states
        self.calendar = calendar
    }

    package var json: JSONValue {
        .members([
            "alarms": .array(
                states.map { state in
                    .members([
                        "kind": .string(state.alarm.kind.rawValue), "subject": .string(state.alarm.subject),
                        "text": .string(state.text),
                        "raised": .optional(state.raisedAt) { .string(calendar.text($0)) },
                        "last_seen": .optional(state.lastBad) { .string(calendar.text($0)) },
                        "seen": .integer(state.seen),
                        "explained_by": .optional(state.parent) { .string($0.description) },
                        "acknowledged": .optional(state.acknowledged) {
                            .members([
                                "by": .string($0.who), "at": .string(calendar.text($0.at)), "note": .string($0.note),
                            ])
                        },
                    ])
                })
        ])
    }

    package var text: String {
        guard !states.isEmpty else { return "no alarm\n" }
        var table = TextTable([.left, .left, .right, .left])
        for state in states {
            let who = state.acknowledged.map { " [\($0.who): \($0.note)]" } ?? ""
            table.add([
                state.alarm.description, state.raisedAt.map { calendar.text($0) } ?? "", "×\(state.seen)",
                state.text + who,
            ])
        }
        return table.text()
    }
}

/// What became of alarms, for people and programs.
package struct AlarmHistoryDocument {
    private let events: [AlarmEvent]
    private let days: ClosedRange<ServiceDay>
    private let calendar: ServiceCalendar

    /// - Parameter days: that were asked for.
    package init(_ events: [AlarmEvent], of days: ClosedRange<ServiceDay>, calendar: ServiceCalendar) {
        self.events = events
        self.days = days
        self.calendar = calendar
    }

    package var json: JSONValue {
        .members([
            "events": .array(
                events.map { event in
                    .members([
                        "at": .string(calendar.text(event.at)), "kind": .string(event.alarm.kind.rawValue),
                        "subject": .string(event.alarm.subject), "event": .string(event.kind.rawValue),
                        "by": .optional(event.who) { .string($0) }, "text": .optional(event.text) { .string($0) },
                    ])
                })
        ])
    }

    package var text: String {
        guard !events.isEmpty else {
            return "nothing happened to an alarm from \(days.lowerBound) to \(days.upperBound)\n"
        }
        var table = TextTable([.left, .left, .left, .left])
        for event in events {
            let text = [event.who, event.text].compactMap(\.self).joined(separator: ": ")
            table.add([calendar.text(event.at), event.alarm.description, event.kind.rawValue, text])
        }
        return table.text()
    }
}
