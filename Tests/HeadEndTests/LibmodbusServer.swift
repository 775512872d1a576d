import CLibmodbus
import Foundation
import Glibc
import Reactor
import Synchronization

/// A Modbus/TCP server made of libmodbus alone: a gateway that shares no line with the head-end or the simulator.
/// One connection at a time, on a thread of its own, each unit with its own words.
final class LibmodbusServer: Sendable {
    /// The words of one unit. A request for others meets exception 2.
    struct Image: Sendable {
        struct Block: Sendable {
            let start: UInt16
            let words: [UInt16]

            init(start: UInt16 = 0, _ words: [UInt16] = []) {
                self.start = start
                self.words = words
            }
        }

        let unit: UInt8
        let holding: Block
        let input: Block

        init(unit: UInt8, holding: Block = Block(), input: Block = Block()) {
            self.unit = unit
            self.holding = holding
            self.input = input
        }
    }

    /// A request as libmodbus took it from the wire.
    struct Request: Hashable, Sendable {
        let transaction: UInt16
        let unit: UInt8
    }

    struct StartError: Error, CustomStringConvertible {
        let description: String
    }

    private struct State {
        /// Open sockets, −1 for none; shut down from outside, closed by the thread.
        var listener: Int32 = -1
        var connection: Int32 = -1
        var isStopping = false
        var requests: [Request] = []
        var waitingMost = 0
    }

    let port: UInt16
    private let thread: ServerThread

    /// Listens on a port of the system's choice.
    init(_ images: [Image]) async throws {
        let thread = ServerThread()
        port = try await withCheckedThrowingContinuation { started in
            Thread.detachNewThread { thread.serve(images, started) }
        }
        self.thread = thread
    }

    /// Every request so far, in the order of the wire.
    var requests: [Request] { thread.state.withLock(\.requests) }

    /// The most requests that had already come in behind the one being answered.
    var waitingMost: Int { thread.state.withLock(\.waitingMost) }

    /// Ends the connection and waits until the thread is gone.
    func stop() async {
        thread.state.withLock { state in
            state.isStopping = true
            for socket in [state.listener, state.connection] where socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
        }
        for await _ in thread.ended {}
    }

    // MARK: - The thread

    private final class ServerThread: Sendable {
        let state = Mutex(State())
        let ended: AsyncStream<Void>
        private let end: AsyncStream<Void>.Continuation

        init() { (ended, end) = AsyncStream.makeStream(of: Void.self) }

        func serve(_ images: [Image], _ started: CheckedContinuation<UInt16, any Error>) {
            defer { end.finish() }
            func give(up what: String) {
                let why = modbus_strerror(errno).map { String(cString: $0) } ?? "errno \(errno)"
                started.resume(throwing: StartError(description: "libmodbus server: \(what): \(why)"))
            }
            guard let context = modbus_new_tcp_pi("127.0.0.1", "0") else { return give(up: "context") }
            defer { modbus_free(context) }
            var mappings: [UInt8: UnsafeMutablePointer<modbus_mapping_t>] = [:]
            defer { for mapping in mappings.values { modbus_mapping_free(mapping) } }
            for image in images {
                guard let mapping = Self.mapping(of: image) else { return give(up: "words of unit \(image.unit)") }
                mappings[image.unit] = mapping
            }
            var listener = modbus_tcp_pi_listen(context, 1)
            guard listener >= 0 else { return give(up: "listen") }
            state.withLock { $0.listener = listener }
            started.resume(returning: StreamSocket.localPort(of: listener))
            while state.withLock({ !$0.isStopping }), modbus_tcp_pi_accept(context, &listener) >= 0 {
                answer(context, mappings)
                state.withLock { $0.connection = -1 }
                modbus_close(context)
            }
            state.withLock { $0.listener = -1 }
            // accept() of some versions has closed it and says so.
            if listener >= 0 { close(listener) }
        }

        /// Until the peer hangs up.
        private func answer(_ context: OpaquePointer, _ mappings: [UInt8: UnsafeMutablePointer<modbus_mapping_t>]) {
            let connection = modbus_get_socket(context)
            // libmodbus's select() ends the whole process at descriptor 1,024 and beyond.
            guard connection < 1024 else { return }
            let mayTalk = state.withLock { state in
                state.connection = connection
                return !state.isStopping
            }
            guard mayTalk else { return }
            var request = [UInt8](repeating: 0, count: Int(MODBUS_TCP_MAX_ADU_LENGTH))
            while true {
                let length = modbus_receive(context, &request)
                guard length > 0 else { return }
                let unit = request[6]
                note(Request(transaction: UInt16(request[0]) << 8 | UInt16(request[1]), unit: unit), connection)
                let sent =
                    if let mapping = mappings[unit] {
                        modbus_reply(context, request, length, mapping)
                    } else {
                        // Gateway target device failed to respond.
                        modbus_reply_exception(context, request, 0x0B)
                    }
                guard sent > 0 else { return }
            }
        }

        private func note(_ request: Request, _ connection: Int32) {
            /// Header and PDU of a read request.
            let requestBytes = 12
            var ahead = [UInt8](repeating: 0, count: 64 * requestBytes)
            let waiting = recv(connection, &ahead, ahead.count, Int32(Int(MSG_PEEK) | Int(MSG_DONTWAIT)))
            state.withLock { state in
                state.requests.append(request)
                state.waitingMost = max(state.waitingMost, waiting / requestBytes)
            }
        }

        private static func mapping(of image: Image) -> UnsafeMutablePointer<modbus_mapping_t>? {
            let (holding, input) = (image.holding, image.input)
            guard
                let mapping = modbus_mapping_new_start_address(
                    0, 0, 0, 0, UInt32(holding.start), UInt32(holding.words.count), UInt32(input.start),
                    UInt32(input.words.count))
            else { return nil }
            for (offset, word) in holding.words.enumerated() { mapping.pointee.tab_registers[offset] = word }
            for (offset, word) in input.words.enumerated() { mapping.pointee.tab_input_registers[offset] = word }
            return mapping
        }
    }
}
