import CLibmodbus
import Foundation
import Glibc
import Metering
import Modbus

/// Reads one meter once through libmodbus: a second opinion that shares no line of framing with the head-end.
///
/// It blocks for as long as the gateway makes it wait: call it on a thread of its own, never on a queue that serves
/// sockets. libmodbus 3.1.6 does not compare the unit of a reply: what it shows is for a person to judge, and is
/// never stored.
package struct LibmodbusProbe: Sendable {
    /// Why nothing could be asked.
    package enum Failure: Error, Sendable, CustomStringConvertible {
        case context(String)
        case connection(host: String, port: UInt16, String)
        /// libmodbus's select() aborts the process at descriptor 1,024 and beyond.
        case descriptorTooHigh(Int32)

        package var description: String {
            switch self {
            case .context(let why): "libmodbus: \(why)"
            case .connection(let host, let port, let why): "\(host):\(port): \(why)"
            case .descriptorTooHigh(let descriptor):
                "libmodbus cannot serve descriptor \(descriptor) (1,024 or more); probe from a process of its own"
            }
        }
    }

    /// One request and what came back.
    package struct Answer: Sendable {
        package let range: WordRange
        package let result: Result<[DecodedValue], ReadFailure>
    }

    package struct ReadFailure: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    package let host: String
    package let port: UInt16
    package let unit: UInt8
    package let timeoutMilliseconds: Int

    package init(host: String, port: UInt16, unit: UInt8, timeoutMilliseconds: Int = 2000) {
        self.host = host
        self.port = port
        self.unit = unit
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    /// Asks for everything the profile declares, request by request; a refused request does not end the probe.
    package func read(_ profile: MeterProfile, multiplier: Int64 = 1) throws(Failure) -> [Answer] {
        let context: OpaquePointer? = modbus_new_tcp_pi(host, String(port))
        guard let context else { throw .context(Self.problem()) }
        defer { modbus_free(context) }
        modbus_set_slave(context, Int32(unit))
        let microseconds = UInt32(clamping: timeoutMilliseconds) * 1000
        modbus_set_response_timeout(context, microseconds / 1_000_000, microseconds % 1_000_000)
        guard modbus_connect(context) == 0 else {
            throw .connection(host: host, port: port, Self.problem())
        }
        defer { modbus_close(context) }
        let descriptor = modbus_get_socket(context)
        guard descriptor < 1024 else { throw .descriptorTooHigh(descriptor) }
        var answers: [Answer] = []
        for block in profile.fullPlan.blocks {
            if !answers.isEmpty { usleep(UInt32(clamping: profile.pauseMilliseconds) * 1000) }
            answers.append(Answer(range: block.range, result: read(block, multiplier, from: context)))
        }
        return answers
    }

    private func read(
        _ block: ReadBlock, _ multiplier: Int64, from context: OpaquePointer
    ) -> Result<[DecodedValue], ReadFailure> {
        var words = [UInt16](repeating: 0, count: Int(block.range.count))
        let (address, count) = (Int32(block.range.address), Int32(block.range.count))
        let read =
            switch block.range.function {
            case .holdingRegisters: modbus_read_registers(context, address, count, &words)
            case .inputRegisters: modbus_read_input_registers(context, address, count, &words)
            case .fileRecord: Int32(-1)
            }
        guard block.range.function != .fileRecord else {
            return .failure(ReadFailure(description: "libmodbus does not know function 20, read file record"))
        }
        guard read == count else {
            let why = Self.problem()
            // After a failed read the stream may hold the rest of an answer: the next request must not read it.
            modbus_flush(context)
            return .failure(ReadFailure(description: why))
        }
        return .success(block.decode(words, multiplier: multiplier))
    }

    private static func problem() -> String { modbus_strerror(errno).map { String(cString: $0) } ?? "errno \(errno)" }
}
