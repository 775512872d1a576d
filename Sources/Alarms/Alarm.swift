import Metering

/// Something that somebody has to do something about soon: few, about symptoms, each with something to do
/// (vee-and-feeds §5.4). An alarm is known by what it is about; however often it is seen, it is one.
package struct Alarm: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// At 06:00 fewer meters will have been read than must be.
        case collectionBehind = "collection-behind"
        /// Gateways of a station do not answer.
        case gatewaysLost = "gateways-lost"
        /// More gateways of a district do not answer than single faults explain.
        case districtLost = "district-lost"
        /// A rule finds many times what it usually does: its threshold is wrong, or something happened to many.
        case findingsRise = "findings-rise"
        /// A station loses other than it usually does, for days.
        case stationLoss = "station-loss"
        /// The machine's clock is not kept by anything.
        case clockFree = "clock-free"
        /// Commits take so long that readings wait.
        case commitsSlow = "commits-slow"
        case diskLow = "disk-low"
        /// The write-ahead log grows and is never emptied.
        case logGrows = "log-grows"
        /// A midnight has passed long ago and its day is not closed.
        case daysNotClosed = "days-not-closed"
    }

    package let kind: Kind
    /// A station, a district, a rule; empty where there is only one.
    package let subject: String

    package init(_ kind: Kind, _ subject: String = "") {
        self.kind = kind
        self.subject = subject
    }

    /// How long it must be bad before it is raised, and how long good before it is cleared.
    package var patience: (raise: Instant.Span, clear: Instant.Span) {
        switch kind {
        case .collectionBehind, .findingsRise, .stationLoss, .daysNotClosed: (.seconds(0), .seconds(0))
        case .gatewaysLost, .districtLost: (.seconds(0), .seconds(0))
        case .clockFree: (.minutes(10), .minutes(10))
        case .commitsSlow: (.minutes(5), .minutes(10))
        case .diskLow: (.minutes(1), .minutes(10))
        case .logGrows: (.hours(1), .minutes(10))
        }
    }
}

extension Alarm: CustomStringConvertible {
    package var description: String { subject.isEmpty ? kind.rawValue : "\(kind.rawValue) \(subject)" }
}

/// What was seen of an alarm at one look.
package struct AlarmSign: Hashable, Sendable {
    package enum Level: Hashable, Sendable {
        case bad
        /// No longer bad enough to be raised, not yet good enough to be cleared.
        case between
        case good
    }

    package let alarm: Alarm
    package let level: Level
    /// What is seen and what to do, in a sentence.
    package let text: String
    /// The alarm that explains this one where both are bad: then only that one is shown.
    package let parent: Alarm?

    package init(_ alarm: Alarm, _ level: Level, _ text: String, parent: Alarm? = nil) {
        self.alarm = alarm
        self.level = level
        self.text = text
        self.parent = parent
    }

    /// Bad at `limit` or beyond, good at `clear` or within. Counts are whole numbers in any unit.
    package static func level(_ value: Int64, badFrom limit: Int64, goodUpTo clear: Int64) -> Level {
        precondition(clear < limit, "without slack an alarm would flutter")
        return value >= limit ? .bad : value <= clear ? .good : .between
    }
}
