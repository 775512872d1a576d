import Glibc
import Testing

/// A plain blocking client that gives up after two seconds without a byte.
final class Client {
    private let descriptor: Int32

    /// Nobody listens on the port.
    struct Refused: Error {}

    /// - Throws: `Refused` when the port is closed.
    init(port: UInt16, bufferBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var bufferBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bufferBytes, socklen_t(MemoryLayout<Int32>.size))
            setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bufferBytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result != 0, errno == ECONNREFUSED { throw Refused() }
        try #require(result == 0)
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// Sends `bytes` from an offset on, as far as they go; `nil` when the socket takes nothing for 200 ms.
    func sendNow(_ bytes: [UInt8], from offset: Int) -> Int? {
        let flags = Int32(Int(MSG_NOSIGNAL) | Int(MSG_DONTWAIT))
        while true {
            let sent = bytes[offset...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
            if sent > 0 { return sent }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&waiting, 1, 200) == 1 else { return nil }
        }
    }

    /// Exactly `count` bytes, or fewer when the server closes or falls silent.
    func receive(_ count: Int) -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while received.count < count {
            let read = recv(descriptor, &buffer, min(buffer.count, count - received.count), 0)
            guard read > 0 else { break }
            received += buffer[..<read]
        }
        return received
    }

    /// Whether the server has closed its side.
    var isClosed: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, 0) == 0
    }

    /// Whether the server has torn the connection down.
    var isReset: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, 0) < 0 && errno == ECONNRESET
    }
}
