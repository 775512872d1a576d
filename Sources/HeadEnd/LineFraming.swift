import Metering
import Modbus

/// How requests and replies lie on a line: Modbus/TCP with its header, or serial frames with their checksum, which a
/// gateway passes through TCP unchanged or a serial port carries itself.
enum LineFraming: Sendable {
    case tcp(FrameParser)
    case rtu(RTUFrameParser)

    init(_ transport: Transport) {
        switch transport {
        case .tcp: self = .tcp(FrameParser())
        case .rtuOverTCP, .rtu: self = .rtu(RTUFrameParser())
        }
    }

    mutating func reset() {
        switch self {
        case .tcp(var parser):
            parser.reset()
            self = .tcp(parser)
        case .rtu: self = .rtu(RTUFrameParser())
        }
    }

    /// Bytes of an unfinished frame held back.
    var partialBytes: Int {
        switch self {
        case .tcp(let parser): parser.partialBytes
        case .rtu(let parser): parser.partialBytes
        }
    }

    mutating func append(_ range: WordRange, to bytes: inout [UInt8], unit: UInt8, transaction: UInt16) {
        switch self {
        case .tcp: range.appendRequest(to: &bytes, unit: unit, transaction: transaction)
        case .rtu(var parser):
            range.appendRTURequest(to: &bytes, unit: unit)
            parser.expect(range, from: unit)
            self = .rtu(parser)
        }
    }
}

extension GatewayPlan {
    /// A late reply could be taken for the next one's: one request in flight, and a new connection after each
    /// time-out (quirks §2, §20).
    var hasNoTransactions: Bool { ignoresTransactions || gateway.transport != .tcp }
}
