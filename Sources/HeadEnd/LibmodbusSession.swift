import CLibmodbus
import Glibc
import Modbus

/// One connection through libmodbus, for a person who looks at one meter. Blocks; belongs to one thread.
final class LibmodbusSession {
    private let context: OpaquePointer
    private let unit: UInt8
    private let timeoutMilliseconds: Int
    private let tap: FrameTap?
    private var hasAsked = false

    /// - Parameter isTapped: write down the bytes that pass.
    init(
        host: String, port: UInt16, unit: UInt8, timeoutMilliseconds: Int, isTapped: Bool
    ) throws(LibmodbusProbe.Failure) {
        let made: OpaquePointer? = modbus_new_tcp_pi(host, String(port))
        guard let context = made else { throw .context(Self.problem()) }
        modbus_set_slave(context, Int32(unit))
        let microseconds = UInt32(clamping: timeoutMilliseconds) * 1000
        modbus_set_response_timeout(context, microseconds / 1_000_000, microseconds % 1_000_000)
        guard modbus_connect(context) == 0 else {
            let why = Self.problem()
            modbus_free(context)
            throw .connection(host: host, port: port, why)
        }
        let gateway = modbus_get_socket(context)
        let tap = isTapped ? FrameTap(gateway: gateway) : nil
        if let tap { modbus_set_socket(context, tap.end) }
        let descriptor = modbus_get_socket(context)
        guard descriptor < 1024, !isTapped || tap != nil else {
            modbus_close(context)
            modbus_free(context)
            tap?.finish()
            throw descriptor < 1024
                ? .context("no socket pair to watch the frames through") : .descriptorTooHigh(descriptor)
        }
        self.context = context
        self.unit = unit
        self.timeoutMilliseconds = timeoutMilliseconds
        self.tap = tap
    }

    deinit {
        modbus_close(context)
        modbus_free(context)
        tap?.finish()
    }

    /// The bytes that passed since the last call; empty without a tap.
    func takeFrames() -> [WireBytes] { tap?.take() ?? [] }

    /// The words of one range, after the pause that the meter needs between an answer and the next request.
    func words(of range: WordRange, pauseMilliseconds: Int) -> Result<[UInt16], LibmodbusProbe.ReadFailure> {
        if hasAsked { usleep(UInt32(clamping: pauseMilliseconds) * 1000) }
        hasAsked = true
        var words = [UInt16](repeating: 0, count: Int(range.count))
        let (address, count) = (Int32(range.address), Int32(range.count))
        let read: Int32
        switch range.function {
        case .holdingRegisters: read = modbus_read_registers(context, address, count, &words)
        case .inputRegisters: read = modbus_read_input_registers(context, address, count, &words)
        case .fileRecord: return file(range)
        }
        guard read == count else { return .failure(failure()) }
        return .success(words)
    }

    /// Function 20, which libmodbus can send and receive raw but does not know: it takes the header and two bytes of
    /// the reply, the rest is ours to take and to check.
    private func file(_ range: WordRange) -> Result<[UInt16], LibmodbusProbe.ReadFailure> {
        var request: [UInt8] = []
        range.appendRequest(to: &request, unit: unit, transaction: 0)
        // libmodbus writes the header itself: it takes the unit and what follows it.
        var raw = Array(request[6...])
        guard modbus_send_raw_request(context, &raw, Int32(raw.count)) > 0 else { return .failure(failure()) }
        var frame = [UInt8](repeating: 0, count: Int(MODBUS_MAX_ADU_LENGTH))
        let taken = modbus_receive_confirmation(context, &frame)
        guard taken >= 9 else { return .failure(failure()) }
        frame.removeLast(frame.count - Int(taken))
        let frameBytes = 6 + (Int(frame[4]) << 8 | Int(frame[5]))
        guard (frame.count...Int(MODBUS_MAX_ADU_LENGTH)).contains(frameBytes) else {
            return .failure(LibmodbusProbe.ReadFailure(description: "frame length \(frameBytes - 6)"))
        }
        guard complete(&frame, to: frameBytes) else {
            return .failure(LibmodbusProbe.ReadFailure(description: "the rest of the reply did not come"))
        }
        guard frame[6] == unit else {
            return .failure(LibmodbusProbe.ReadFailure(description: "unit \(frame[6]) where \(unit) was asked"))
        }
        switch frame[7...].withUnsafeBytes({ range.reply(in: UnsafeRawBufferPointer(rebasing: $0[...])) }) {
        case .words(let words): return .success(words)
        case .exception(let code): return .failure(LibmodbusProbe.ReadFailure(description: Self.exception(code)))
        case .fault(let fault): return .failure(LibmodbusProbe.ReadFailure(description: fault.description))
        }
    }

    /// Takes bytes from libmodbus's socket until `frame` has `frameBytes`; false when they do not come in time.
    private func complete(_ frame: inout [UInt8], to frameBytes: Int) -> Bool {
        let descriptor = modbus_get_socket(context)
        while frame.count < frameBytes {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, Int32(clamping: timeoutMilliseconds)) > 0 else { return false }
            var rest = [UInt8](repeating: 0, count: frameBytes - frame.count)
            let count = recv(descriptor, &rest, rest.count, 0)
            guard count > 0 else { return false }
            frame += rest[..<count]
        }
        return true
    }

    private func failure() -> LibmodbusProbe.ReadFailure {
        let why = Self.problem()
        // After a failed read the stream may hold the rest of an answer: the next request must not read it.
        modbus_flush(context)
        return LibmodbusProbe.ReadFailure(description: why)
    }

    static func problem() -> String { modbus_strerror(errno).map { String(cString: $0) } ?? "errno \(errno)" }

    /// As libmodbus names the exceptions it knows.
    private static func exception(_ code: UInt8) -> String {
        // MODBUS_ENOBASE, a macro of libmodbus's header that Swift sees as a number.
        let named = modbus_strerror(Int32(MODBUS_ENOBASE) + Int32(code)).map { String(cString: $0) }
        return (1...11).contains(code) ? named ?? "exception \(code)" : "exception \(code)"
    }
}
