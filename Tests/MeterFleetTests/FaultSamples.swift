import MeterFleet
import Metering
import Modbus

/// Two ABB B23 on the units 1 and 2 that stand at 1,234.567 kWh for ever, behind a gateway with these faults.
func faulty(
    _ faults: [Fault], facts: [MeterFact] = [], latency: Int = 0, working: SimulatedGateway.Working = .serial,
    transport: SimulatedGateway.Transport = .tcp
) -> SimulatedGateway {
    SimulatedGateway(
        name: "GW", port: 0, latencyMilliseconds: latency, working: working, transport: transport, faults: faults,
        facts: facts,
        meters: .listed([
            1: meter("abb-b23", dial: standing(at: 1_234_567)), 2: meter("abb-b23", dial: standing(at: 1_234_567)),
        ]))
}

/// The import dial of the meters behind `faulty`, and what an honest reply to it says: 123,456 × 0.01 kWh.
enum Honest {
    static let dial = words(.holdingRegisters, 0x5000, 4)
    static let shown: [UInt16] = [0, 0, 1, 0xE240]

    static func reply(of unit: UInt8 = 1, transaction: UInt16 = 1) -> [UInt8] {
        MeterFleetTests.reply(shown, of: unit, transaction: transaction)
    }
}

/// `hex("0001 0A")`: bytes as frames are printed.
func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }
    precondition(digits.count % 2 == 0, "\(text) is no whole number of bytes")
    return stride(from: 0, to: digits.count, by: 2).map { offset in
        let start = digits.index(digits.startIndex, offsetBy: offset)
        guard let byte = UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16) else {
            preconditionFailure("\(text) is not hexadecimal")
        }
        return byte
    }
}

/// An instant of the tests' day, 2025-05-10, at which `WireRig` begins.
func instant(_ clock: String) -> Instant {
    guard let instant = Instant(rfc3339: "2025-05-10T\(clock)+07:00") else {
        preconditionFailure("\(clock) is no time of day")
    }
    return instant
}

extension Fault {
    /// From one time of the tests' day to another.
    init(_ kind: FaultKind, units: Set<UInt8>? = nil, from: String, to: String? = nil) {
        self.init(
            kind, units: units, schedule: FaultSchedule(.between(instant(from), to.map { instant($0) })))
    }
}
