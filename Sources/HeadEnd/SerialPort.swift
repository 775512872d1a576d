import CLibmodbus
import Glibc
import Metering

/// An RS-485 line at this machine, through libmodbus's RTU backend. It blocks: it belongs to a thread of its own.
struct SerialPort {
    /// How `gateways.csv` names a line: `/dev/ttyUSB0:9600:8N1` (device, bits a second, data bits, parity, stop bits).
    struct Name: Hashable, Sendable {
        let device: String
        let baud: Int32
        let dataBits: Int32
        /// `N`, `E` or `O`.
        let parity: CChar
        let stopBits: Int32

        /// `nil` unless the text is `DEVICE:BAUD:MODE` with 5...8 data bits, parity N, E or O, and 1 or 2 stop bits.
        init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, !parts[0].isEmpty, let baud = Int32(parts[1]), (300...1_000_000).contains(baud)
            else { return nil }
            let mode = Array(parts[2].uppercased().utf8)
            guard mode.count == 3, (0x35...0x38).contains(mode[0]), [0x4E, 0x45, 0x4F].contains(mode[1]),
                (0x31...0x32).contains(mode[2])
            else { return nil }
            device = String(parts[0])
            self.baud = baud
            dataBits = Int32(mode[0] - 0x30)
            parity = CChar(mode[1])
            stopBits = Int32(mode[2] - 0x30)
        }
    }

    /// What came back for a request.
    enum Reply {
        /// A whole frame, checksum included; libmodbus has checked it.
        case frame([UInt8])
        case silence
        /// The bytes were no frame, or the port failed.
        case broken(String)
    }

    struct OpenError: Error, CustomStringConvertible {
        let description: String
    }

    private let context: OpaquePointer

    /// Opens the line; throws `OpenError` with the system's reason.
    init(_ name: Name) throws(OpenError) {
        guard let context = modbus_new_rtu(name.device, name.baud, name.parity, name.dataBits, name.stopBits) else {
            throw OpenError(description: "\(name.device): \(Self.problem())")
        }
        guard modbus_connect(context) == 0 else {
            let why = Self.problem()
            modbus_free(context)
            throw OpenError(description: "\(name.device): \(why)")
        }
        self.context = context
    }

    func close() {
        modbus_close(context)
        modbus_free(context)
    }

    /// Sends a serial frame (libmodbus makes its checksum) and waits at most `microseconds` for the answer.
    func exchange(_ frame: [UInt8], microseconds: Int64) -> Reply {
        guard frame.count >= 4 else { return .broken("a request of \(frame.count) bytes") }
        modbus_flush(context)
        modbus_set_slave(context, Int32(frame[0]))
        let wait = UInt32(clamping: max(1000, microseconds))
        modbus_set_response_timeout(context, wait / 1_000_000, wait % 1_000_000)
        let request = Array(frame.dropLast(2))
        guard modbus_send_raw_request(context, request, Int32(request.count)) >= 0 else {
            return .broken("sending: \(Self.problem())")
        }
        var reply = [UInt8](repeating: 0, count: Int(MODBUS_RTU_MAX_ADU_LENGTH))
        let count = modbus_receive_confirmation(context, &reply)
        if count > 0 { return .frame(Array(reply.prefix(Int(count)))) }
        // 0: another unit's frame, which libmodbus passes over.
        guard count < 0, errno != ETIMEDOUT else { return count == 0 ? .broken("another unit's frame") : .silence }
        return .broken(Self.problem())
    }

    private static func problem() -> String { modbus_strerror(errno).map { String(cString: $0) } ?? "errno \(errno)" }
}
