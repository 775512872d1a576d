import Metering
import Modbus
import Testing

@testable import HeadEnd

/// A conversation with hand-driven time and a gateway whose words the test writes.
struct ConversationHarness {
    var conversation: GatewayConversation
    var actions = GatewayConversation.Actions()
    var milliseconds = 0
    var civil: Instant

    static let start = ServiceCalendar.vietnam.start(of: ServiceDay(iso: "2025-05-09") ?? ServiceDay(number: 0))
    static let calendar = ServiceCalendar.vietnam

    /// Meters of one model at units 1, 2, … of gateway G1; it is 00:00 on 2025-05-09.
    init(
        meters: Int = 1, profile: String = "sdm630", depth: Int = 1, pause: Int = 0, frozenThrough: String? = nil,
        installedOn: String = "2025-04-01", removedOn: String? = nil, proof: ProofPolicy = .off,
        ignoresTransactions: Bool = false, transport: Transport = .tcp, isNew: Bool = false,
        civil: Instant = start
    ) throws {
        let library = try ProfileLibrary.load(folder: nil)
        let model = ModelPlan(try #require(library[profile]))
        let plans = (1...meters).map { number in
            MeterPlan(
                meter: MeterID(Int32(number)), unit: UInt8(number), model: model, serial: "\(24_000_000 + number)",
                installedOn: ServiceDay(iso: installedOn) ?? ServiceDay(number: 0),
                removedOn: removedOn.flatMap { ServiceDay(iso: $0) }, isNew: isNew)
        }
        let owed = Dictionary(uniqueKeysWithValues: plans.map { ($0.meter, Self.owed(after: frozenThrough)) })
        let gateway = Gateway(
            name: "G1", host: "127.0.0.1", depth: depth, timeoutMilliseconds: 1000, pauseMilliseconds: pause,
            transport: transport)
        conversation = GatewayConversation(
            GatewayPlan(gateway: gateway, meters: plans, ignoresTransactions: ignoresTransactions), owed: owed,
            rhythm: .init(calendar: Self.calendar), proof: proof, seed: 7, at: civil)
        self.civil = civil
    }

    /// The days after `day` up to the start, 2025-05-09.
    static func owed(after day: String?) -> [ServiceDay] {
        guard let day = day.flatMap({ ServiceDay(iso: $0) }) else { return [] }
        return Array(day.next...calendar.day(at: start))
    }

    var moment: Moment {
        Moment(monotonic: MonotonicTime(nanoseconds: Int64(milliseconds) * 1_000_000), civil: civil)
    }

    /// Lets time pass on both clocks, then lets the event happen. Returns what the conversation asked to be done.
    @discardableResult
    mutating func happens(
        _ event: GatewayConversation.Event, after elapsed: Int = 0, mayAsk: Bool = true
    ) -> GatewayConversation.Actions {
        milliseconds += elapsed
        civil = civil + Instant.Span(microseconds: Int64(elapsed) * 1000)
        actions.removeAll()
        conversation.handle(event, at: moment, mayAsk: mayAsk, into: &actions)
        return actions
    }

    @discardableResult
    mutating func hears(_ bytes: [UInt8], after elapsed: Int = 0) -> GatewayConversation.Actions {
        bytes.withUnsafeBytes { happens(.received($0), after: elapsed) }
    }

    /// Half an hour of civil time, in which every meter's daytime slot comes round.
    mutating func halfAnHourPasses() { civil = civil + .minutes(30) }

    /// Waits for the first due meter and connects: what is returned holds the first request.
    mutating func connected() throws -> GatewayConversation.Actions {
        halfAnHourPasses()
        let waking = happens(.wake)
        try #require(waking.shouldConnect)
        #expect(waking.bytes.isEmpty, "nothing is sent before the connection stands")
        return happens(.connected)
    }
}

/// A request as it went over the wire.
struct SentRequest: Equatable {
    let transaction: UInt16
    let unit: UInt8
    let function: UInt8
    let address: UInt16
    let count: UInt16

    /// Cuts a stream of 12-byte read requests.
    static func all(in bytes: [UInt8]) -> [SentRequest] {
        stride(from: 0, to: bytes.count - 11, by: 12).map { start in
            func word(_ offset: Int) -> UInt16 {
                UInt16(bytes[start + offset]) << 8 | UInt16(bytes[start + offset + 1])
            }
            return SentRequest(
                transaction: word(0), unit: bytes[start + 6], function: bytes[start + 7], address: word(8),
                count: word(10))
        }
    }

    /// The gateway's answer with these words; the arguments let it lie.
    func answer(_ words: [UInt16], transaction other: UInt16? = nil, unit otherUnit: UInt8? = nil) -> [UInt8] {
        frame(
            [function, UInt8(words.count * 2)] + words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }, other, otherUnit)
    }

    func exception(_ code: UInt8) -> [UInt8] { frame([function | 0x80, code], nil, nil) }

    private func frame(_ pdu: [UInt8], _ other: UInt16?, _ otherUnit: UInt8?) -> [UInt8] {
        let transaction = other ?? self.transaction
        return [
            UInt8(transaction >> 8), UInt8(transaction & 0xFF), 0, 0, 0, UInt8(pdu.count + 1), otherUnit ?? unit,
        ] + pdu
    }
}

extension GatewayConversation.Actions {
    var requests: [SentRequest] { SentRequest.all(in: bytes) }
    var failures: [PollFailure] {
        outcomes.compactMap { outcome -> PollFailure? in
            if case .failure(let failure) = outcome.result { failure } else { nil }
        }
    }
    var readings: [Reading] {
        outcomes.flatMap { outcome -> [Reading] in
            if case .success(let readings) = outcome.result { readings } else { [] }
        }
    }
}

/// SDM630 words 0x48...0x4F: import 1234.5 kWh = 0x449A5000, export 0, reactive 0 and 0.
let sdmWords: [UInt16] = [0x449A, 0x5000, 0, 0, 0, 0, 0, 0]
