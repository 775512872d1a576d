/// One register's dial as a meter reported it, already in exact watt-hours, with the words it came from.
package struct Reading: Hashable, Sendable {
    /// Which moment the value stands for.
    package enum Moment: Hashable, Sendable {
        /// The dial while the request was answered.
        case live
        /// The dial at the first instant of this day, kept by the meter itself (a frozen register or log).
        case frozen(ServiceDay)
    }

    package let register: Register
    package let moment: Moment
    /// The dial's index, before the installation's multiplier.
    package let index: Energy
    private let wireWords: WireWords

    /// The words on the wire that this value was decoded from, in the order received.
    package var words: [UInt16] { wireWords.words }

    package init(register: Register, moment: Moment, index: Energy, words: [UInt16]) {
        self.init(register: register, moment: moment, index: index, words: WireWords(words[...]))
    }

    package init(register: Register, moment: Moment, index: Energy, words: WireWords) {
        self.register = register
        self.moment = moment
        self.index = index
        wireWords = words
    }
}

/// Why a poll brought no reading. Each case names who must act; none of them is ever a value (design §5).
package enum PollFailure: Hashable, Sendable {
    /// The gateway did not accept or keep the connection.
    case noConnection(String)
    /// No answer within the gateway's time-out.
    case timeout
    /// The meter or gateway refused; the code of the Modbus exception.
    case exception(UInt8)
    /// An answer that does not fit the request; what was wrong with it.
    case badReply(String)
    /// The register answers "not available" (a sentinel) or the frozen record is of no known day.
    case absent(String)
    /// The meter is not the one the registry names at this place.
    case identity(IdentityMismatch)

    /// A stable word for counters, tables and filters.
    package var kind: String {
        switch self {
        case .noConnection: "no-connection"
        case .timeout: "timeout"
        case .exception: "exception"
        case .badReply: "bad-reply"
        case .absent: "absent"
        case .identity: "identity"
        }
    }
}

extension PollFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noConnection(let why): "no connection: \(why)"
        case .timeout: "no answer within the time-out"
        case .exception(let code):
            "Modbus exception 0x\(String(code, radix: 16, uppercase: true)) (\(Self.meaning(code)))"
        case .badReply(let what): "reply refused: \(what)"
        case .absent(let what): "not available: \(what)"
        case .identity(let mismatch): "another meter: \(mismatch)"
        }
    }

    /// Modbus Application Protocol V1.1b3 §7.
    private static func meaning(_ code: UInt8) -> String {
        switch code {
        case 0x01: "function not supported"
        case 0x02: "no such register"
        case 0x03: "count refused"
        case 0x04: "meter failure"
        case 0x05: "acknowledged, still working"
        case 0x06: "busy"
        case 0x0A: "gateway has no path"
        case 0x0B: "meter behind the gateway is silent"
        default: "vendor code"
        }
    }
}

/// How a meter fails to be the one that the registry names.
package enum IdentityMismatch: Error, Hashable, Sendable, CustomStringConvertible {
    case serial(found: String, registered: String)
    /// The words where the profile's model word lies.
    case model(String)
    /// It answers, but not what its profile says every meter of the model answers about itself.
    case silent
    /// Its own values contradict its profile; one sentence each.
    case implausible(String)

    package var description: String {
        switch self {
        case .serial(let found, let registered): "it shows serial \(found), the registry has \(registered)"
        case .model(let words): "its model words \(words) are not those of its profile"
        case .implausible(let why): "its values contradict its profile: \(why)"
        case .silent: "it does not answer for its identity as its profile says"
        }
    }
}

/// What a meter has shown of itself beside its dials; shared, so that an outcome stays small.
package final class MeterFacts: Sendable {
    package enum Standing: Hashable, Sendable {
        /// It has shown the identity that registry and profile name.
        case proven
        /// It has shown another.
        case foreign
        /// It has shown values that its profile cannot mean, although its identity is right.
        case implausible(String)
        /// Its values are such as its profile means.
        case plausible
        /// Nothing about its identity was asked.
        case unasked
    }

    package let standing: Standing
    package let serial: String?
    package let firmware: String?
    /// The meter's clock less ours, at the middle of the request.
    package let clockOffset: Instant.Span?
    /// The day that the newest of its own records is dated: what a meter whose clock cannot be read shows of it.
    package let newestDay: ServiceDay?
    /// Active power in W as the meter shows it, imported energy being positive; rounded towards zero.
    package let load: Int64?

    package init(
        standing: Standing, serial: String? = nil, firmware: String? = nil, clockOffset: Instant.Span? = nil,
        newestDay: ServiceDay? = nil, load: Int64? = nil
    ) {
        self.standing = standing
        self.serial = serial
        self.firmware = firmware
        self.clockOffset = clockOffset
        self.newestDay = newestDay
        self.load = load
    }
}

/// A meter's identity inside the store: dense, assigned when its installation is first imported.
package struct MeterID: Hashable, Comparable, Sendable {
    package let number: Int32
    package init(_ number: Int32) { self.number = number }
    package static func < (left: MeterID, right: MeterID) -> Bool { left.number < right.number }
}

/// What one request to one meter came to, with everything needed to trace it back to the wire.
package struct PollOutcome: Sendable {
    package let meter: MeterID
    package let gateway: String
    package let unit: UInt8
    package let transaction: UInt16
    /// Profile name and version that planned and decoded the request, e.g. `sdm630/1`.
    package let profile: String
    /// Civil time just before the request was sent.
    package let requested: Instant
    /// Civil time just after the answer was read: the dial was looked at between the two.
    package let answered: Instant
    /// Without readings where the meter was asked for something else, such as its serial number.
    package let result: Result<[Reading], PollFailure>
    package let facts: MeterFacts?
    /// The meter has shown a foreign identity: these readings are evidence, and nobody's index.
    package let isQuarantined: Bool

    package init(
        meter: MeterID, gateway: String, unit: UInt8, transaction: UInt16, profile: String,
        requested: Instant, answered: Instant, result: Result<[Reading], PollFailure>, facts: MeterFacts? = nil,
        isQuarantined: Bool = false
    ) {
        self.meter = meter
        self.gateway = gateway
        self.unit = unit
        self.transaction = transaction
        self.profile = profile
        self.requested = requested
        self.answered = answered
        self.result = result
        self.facts = facts
        self.isQuarantined = isQuarantined
    }
}

extension PollFailure: Error {}
