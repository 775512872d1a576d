import Dispatch
import Foundation
import Glibc
import Synchronization

/// Bytes that went over the wire one after the other in one direction.
package struct WireBytes: Hashable, Sendable {
    package let isRequest: Bool
    package internal(set) var bytes: [UInt8]
}

/// Stands between libmodbus and the gateway and writes down what passes: libmodbus shows its own frames on standard
/// output only, and made-up ones would prove nothing. It hands libmodbus one end of a socket pair and passes bytes on
/// from a thread of its own until either side ends.
final class FrameTap: Sendable {
    /// For libmodbus, which closes it.
    let end: Int32
    /// Bytes kept between two looks.
    private static let bytesMax = 65_536

    private let passed = Mutex<[WireBytes]>([])
    private let finished = DispatchSemaphore(value: 0)

    /// Takes over `gateway`, a connected socket. `nil` when the system has no socket pair left; nothing is taken then.
    init?(gateway: Int32) {
        var pair: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else { return nil }
        end = pair[0]
        let client = pair[1]
        Thread.detachNewThread { [self] in
            pass(client: client, gateway: gateway)
            close(client)
            close(gateway)
            finished.signal()
        }
    }

    /// What passed since the last call, in its order; neighbours in one direction are one.
    func take() -> [WireBytes] {
        passed.withLock { passed in
            defer { passed = [] }
            return passed
        }
    }

    /// Waits until both sides are closed; call it after libmodbus has closed its end.
    func finish() { finished.wait() }

    private func pass(client: Int32, gateway: Int32) {
        var sides = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
            pollfd(fd: gateway, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let ready = poll(&sides, 2, -1)
            guard ready > 0 else {
                if errno == EINTR { continue }
                return
            }
            if sides[0].revents != 0, !move(from: client, to: gateway, isRequest: true) { return }
            if sides[1].revents != 0, !move(from: gateway, to: client, isRequest: false) { return }
        }
    }

    /// False when this side has ended or the other takes no more.
    private func move(from source: Int32, to sink: Int32, isRequest: Bool) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = recv(source, &buffer, buffer.count, 0)
        guard count > 0 else { return count < 0 && (errno == EINTR || errno == EAGAIN) }
        let bytes = Array(buffer[..<count])
        // Written down before they are passed on: whoever has an answer finds it here.
        passed.withLock { passed in
            // A line that floods is no exchange to show.
            guard passed.reduce(0, { $0 + $1.bytes.count }) < Self.bytesMax else { return }
            if let last = passed.indices.last, passed[last].isRequest == isRequest {
                passed[last].bytes += bytes
            } else {
                passed.append(WireBytes(isRequest: isRequest, bytes: bytes))
            }
        }
        var sent = 0
        while sent < count {
            let more = bytes[sent...].withUnsafeBytes {
                send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if more < 0, errno == EINTR { continue }
            // libmodbus leaves its sockets non-blocking or not as it likes: wait for room.
            if more < 0, errno == EAGAIN {
                var room = pollfd(fd: sink, events: Int16(POLLOUT), revents: 0)
                _ = poll(&room, 1, 1000)
                continue
            }
            guard more > 0 else { return false }
            sent += more
        }
        return true
    }
}
