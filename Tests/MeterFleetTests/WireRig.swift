import MeterFleet
import Metering
import Modbus

/// A gateway driven by hand: its wire, two clocks that only the test moves, and all that came out.
struct WireRig {
    enum Step: Hashable {
        case sent(UInt64, [UInt8])
        case closed(UInt64)
        case reset(UInt64)
        case refused(UInt64)
        case listening(Bool)
    }

    private(set) var wire: GatewayWire
    /// Milliseconds since the start, on both clocks: civil time runs at the monotonic one's speed.
    private(set) var milliseconds: UInt64 = 0
    private(set) var log: [(milliseconds: UInt64, step: Step)] = []
    private let start: Instant
    private var opened: UInt64 = 0
    private var transaction: UInt16 = 0

    static let start = ServiceCalendar.vietnam.start(of: day("2025-05-10"))

    init(_ gateway: SimulatedGateway, seed: UInt64 = 1, start: Instant = Self.start) {
        wire = GatewayWire(gateway, seed: seed)
        self.start = start
        happen(.wake)
    }

    var steps: [Step] { log.map(\.step) }
    var civil: Instant { start + Instant.Span(microseconds: Int64(milliseconds) * 1000) }

    /// The segments sent to a connection so far.
    func segments(to connection: UInt64 = 1) -> [[UInt8]] {
        steps.compactMap { step in
            guard case .sent(connection, let bytes) = step else { return nil }
            return bytes
        }
    }

    /// All bytes sent to a connection so far, in one piece.
    func bytes(to connection: UInt64 = 1) -> [UInt8] { segments(to: connection).flatMap { $0 } }

    // MARK: - Events

    @discardableResult
    mutating func open() -> UInt64 {
        opened += 1
        happen(.opened(ConnectionNumber(opened)))
        return opened
    }

    mutating func hangUp(_ connection: UInt64) { happen(.closed(ConnectionNumber(connection))) }

    mutating func send(_ bytes: [UInt8], on connection: UInt64 = 1) {
        bytes.withUnsafeBytes { happen(.received(ConnectionNumber(connection), $0)) }
    }

    /// Asks for a range with a transaction of its own, counted from 1.
    @discardableResult
    mutating func ask(_ range: WordRange, of unit: UInt8 = 1, on connection: UInt64 = 1) -> UInt16 {
        transaction += 1
        send(request(range, of: unit, transaction: transaction), on: connection)
        return transaction
    }

    /// Lets time pass; every wake on the way comes when it is due.
    mutating func pass(milliseconds span: UInt64) {
        let end = milliseconds + span
        while true {
            let wake = wire.wake()
            let civil = wake.civil.map { ($0 - start).microseconds }.map { UInt64(max(0, $0) + 999) / 1000 }
            let next = min(wake.nanoseconds.map { ($0 + 999_999) / 1_000_000 } ?? .max, civil ?? .max)
            guard next <= end else { break }
            milliseconds = max(milliseconds, next)
            happen(.wake)
        }
        milliseconds = end
    }

    private mutating func happen(_ event: GatewayWire.Event) {
        var actions = GatewayWire.Actions()
        let now = civil
        wire.handle(event, at: milliseconds * 1_000_000, civil: now, into: &actions)
        for step in actions.steps {
            switch step {
            case .send(let number, let range):
                log.append((milliseconds, .sent(number.rawValue, Array(actions.bytes[range]))))
            case .close(let number): log.append((milliseconds, .closed(number.rawValue)))
            case .reset(let number): log.append((milliseconds, .reset(number.rawValue)))
            case .refuse(let number): log.append((milliseconds, .refused(number.rawValue)))
            case .listen(let isOpen): log.append((milliseconds, .listening(isOpen)))
            }
        }
    }
}

func request(_ range: WordRange, of unit: UInt8, transaction: UInt16) -> [UInt8] {
    var bytes: [UInt8] = []
    range.appendRequest(to: &bytes, unit: unit, transaction: transaction)
    return bytes
}

/// A reply frame with these words, as V1.1b3 §6.3 has it.
func reply(_ words: [UInt16], of unit: UInt8 = 1, transaction: UInt16 = 1, function: ReadFunction = .holdingRegisters)
    -> [UInt8]
{
    var bytes: [UInt8] = []
    ServerPDU.appendReply(words: words, function: function, unit: unit, transaction: transaction, to: &bytes)
    return bytes
}

func exception(_ code: UInt8, of unit: UInt8 = 1, transaction: UInt16 = 1, function: UInt8 = 3) -> [UInt8] {
    var bytes: [UInt8] = []
    ServerPDU.appendException(code: code, function: function, unit: unit, transaction: transaction, to: &bytes)
    return bytes
}
