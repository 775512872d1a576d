import Metering
import Modbus

/// A simulated field: gateways, the meters behind them, and what they all share. Immutable; every answer is a
/// function of it and of the moment.
package struct Fleet: Sendable {
    package let seed: UInt64
    package let calendar: ServiceCalendar
    /// The day on which all dials stand at their start index.
    package let origin: ServiceDay
    package let gateways: [SimulatedGateway]

    package init(seed: UInt64, calendar: ServiceCalendar, origin: ServiceDay, gateways: [SimulatedGateway]) {
        self.seed = seed
        self.calendar = calendar
        self.origin = origin
        self.gateways = gateways
    }

    package var meterCount: Int { gateways.reduce(0) { $0 + $1.meters.count } }
}

/// One gateway: an endpoint and the units behind it.
package struct SimulatedGateway: Sendable {
    /// How requests pass to the meters.
    package enum Working: String, CaseIterable, Sendable {
        /// One at a time, as over a serial bus: each answer takes the latency after the one before it.
        case serial
        /// All at once: each answer takes the latency after its request.
        case concurrent
    }

    /// What a request for a unit without a meter meets.
    package enum UnknownUnit: String, CaseIterable, Sendable {
        /// Exception 0x0B, "gateway target device failed to respond" (Modbus Application Protocol V1.1b3 §7).
        case exception
        case silence
    }

    /// How frames travel.
    package enum Transport: String, CaseIterable, Sendable {
        /// Modbus/TCP, with its own header.
        case tcp
        /// The serial line's frames as they are, unit, PDU and CRC: a gateway that only passes bytes on.
        case rtuOverTCP = "rtu-over-tcp"
    }

    /// What the registry tells a head-end about talking to a gateway; `nil` leaves it the head-end's default. The
    /// gateway itself knows nothing of it.
    package struct Terms: Hashable, Sendable {
        package let depth: Int?
        package let timeoutMilliseconds: Int?
        package let pauseMilliseconds: Int?

        package init(depth: Int? = nil, timeoutMilliseconds: Int? = nil, pauseMilliseconds: Int? = nil) {
            self.depth = depth
            self.timeoutMilliseconds = timeoutMilliseconds
            self.pauseMilliseconds = pauseMilliseconds
        }
    }

    package let name: String
    package let host: String
    /// 0 lets the system choose.
    package let port: UInt16
    package let station: String
    package let district: String
    package let latencyMilliseconds: Int
    package let working: Working
    package let unknownUnit: UnknownUnit
    package let transport: Transport
    package let terms: Terms
    package let faults: [Fault]
    /// What happens to the meters themselves; `successions` follows from it.
    package let facts: [MeterFact]
    /// The meters as they were put up first; `meter(_:at:)` knows what became of them.
    package let meters: GatewayMeters
    /// Only the units that something has happened to.
    package let successions: [UInt8: MeterSuccession]

    package init(
        name: String, host: String = "127.0.0.1", port: UInt16, station: String = "", district: String = "",
        latencyMilliseconds: Int = 0, working: Working = .serial, unknownUnit: UnknownUnit = .exception,
        transport: Transport = .tcp, terms: Terms = Terms(), faults: [Fault] = [], facts: [MeterFact] = [],
        meters: GatewayMeters
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.station = station
        self.district = district
        self.latencyMilliseconds = latencyMilliseconds
        self.working = working
        self.unknownUnit = unknownUnit
        self.transport = transport
        self.terms = terms
        self.faults = faults
        self.facts = facts
        self.meters = meters
        var successions: [UInt8: MeterSuccession] = [:]
        for unit in facts.isEmpty ? [] : meters.units {
            let own = facts.filter { $0.units?.contains(unit) ?? true }
            if !own.isEmpty { successions[unit] = meters[unit].map { MeterSuccession($0, own) } }
        }
        self.successions = successions
    }

    /// The meter that counts at a unit at a moment; `nil` for a unit without one.
    package func meter(_ unit: UInt8, at moment: CivilMoment) -> SimulatedMeter? {
        guard !successions.isEmpty, let succession = successions[unit] else { return meters[unit] }
        return succession.meter(at: moment)
    }

    /// What a request meets.
    enum Content: Hashable, Sendable {
        /// The words that were appended.
        case words(ReadFunction)
        case exception(UInt8, function: UInt8)
        case silence
    }

    /// What a gateway in order has to say to one request; its words, if any, are appended to `words`.
    func content(
        _ unit: UInt8, _ asked: Result<WordRange, ServerRefusal>, at moment: CivilMoment, to words: inout [UInt16]
    ) -> Content {
        guard let meter = meter(unit, at: moment) else {
            guard unknownUnit == .exception else { return .silence }
            switch asked {
            case .success(let range): return .exception(0x0B, function: range.function.rawValue)
            case .failure(let refusal): return .exception(0x0B, function: refusal.function)
            }
        }
        switch asked {
        case .failure(let refusal): return .exception(refusal.code, function: refusal.function)
        case .success(let range):
            if let code = meter.append(range, at: moment, to: &words) {
                return .exception(code, function: range.function.rawValue)
            }
            return .words(range.function)
        }
    }

    /// Appends the answer that a gateway in order gives to one request, if it gives one. `words` is room for the
    /// reply's words, left empty.
    package func answer(
        _ header: MBAPHeader, _ pdu: UnsafeRawBufferPointer, at moment: CivilMoment, words: inout [UInt16],
        to bytes: inout [UInt8]
    ) {
        words.removeAll(keepingCapacity: true)
        switch content(header.unit, ServerPDU.parse(pdu), at: moment, to: &words) {
        case .silence: break
        case .exception(let code, let function):
            ServerPDU.appendException(
                code: code, function: function, unit: header.unit, transaction: header.transaction, to: &bytes)
        case .words(let function):
            ServerPDU.appendReply(
                words: words, function: function, unit: header.unit, transaction: header.transaction, to: &bytes)
        }
    }
}

/// The meters behind one gateway, listed one by one or as a run of numbered households.
package enum GatewayMeters: Sendable {
    case listed([UInt8: SimulatedMeter])
    case run(MeterRun)

    package subscript(unit: UInt8) -> SimulatedMeter? {
        switch self {
        case .listed(let meters): meters[unit]
        case .run(let run): run[unit]
        }
    }

    package var count: Int {
        switch self {
        case .listed(let meters): meters.count
        case .run(let run): run.count
        }
    }

    /// Units that have a meter, ascending.
    package var units: [UInt8] {
        switch self {
        case .listed(let meters): meters.keys.sorted()
        case .run(let run): (0..<run.count).map { UInt8($0 + 1) }
        }
    }
}

/// `count` meters on the units 1 ..< count + 1, with consecutive numbers and models in turn. Holds no meter.
package struct MeterRun: Sendable {
    /// Units of a Modbus bus: 1 to 247 (Modbus over Serial Line V1.02 §2.2).
    package static let countMax = 247

    package let count: Int
    /// Number of the meter on unit 1.
    package let first: Int64
    package let models: [MeterModel]
    package let seed: UInt64
    package let origin: ServiceDay
    package let installed: ServiceDay
    package let digits: Int
    package let district: String

    package init(
        count: Int, first: Int64, models: [MeterModel], seed: UInt64, origin: ServiceDay, installed: ServiceDay,
        digits: Int = 6, district: String = ""
    ) {
        precondition((0...Self.countMax).contains(count) && !models.isEmpty, "a run has 0 to 247 meters of a model")
        self.count = count
        self.first = first
        self.models = models
        self.seed = seed
        self.origin = origin
        self.installed = installed
        self.digits = digits
        self.district = district
    }

    package subscript(unit: UInt8) -> SimulatedMeter? {
        guard (1...max(1, count)).contains(Int(unit)), count > 0 else { return nil }
        let number = first + Int64(unit) - 1
        let model = models[Int((number - 1) % Int64(models.count))]
        let household = Household(
            seed: seed, number: number, origin: origin, ceilingWatts: model.profile.ceilingWatts)
        return SimulatedMeter(
            number: number, unit: unit, names: MeterNames(district: district), model: model,
            dial: .household(household), digits: digits, installed: installed)
    }
}
