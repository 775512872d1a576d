import Glibc

/// A failed system call and the errno it left.
package struct SocketError: Error, Hashable, Sendable, CustomStringConvertible {
    package let call: String
    package let code: Int32

    package init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    package var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// An IPv4 or IPv6 endpoint.
package struct SocketAddress: Sendable {
    fileprivate let storage: sockaddr_storage
    fileprivate let length: socklen_t

    /// Numeric addresses are taken as they are; a name asks the resolver and may block: never call this with a name
    /// on a queue that serves sockets. `nil` when nothing is found.
    package init?(host: String, port: UInt16) { self.init(host: host, port: port, flags: 0) }

    /// A numeric address; `nil` for a name. Never blocks.
    package init?(numericHost host: String, port: UInt16) { self.init(host: host, port: port, flags: AI_NUMERICHOST) }

    private init?(host: String, port: UInt16, flags: Int32) {
        var hints = addrinfo()
        hints.ai_flags = flags
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let first = found else { return nil }
        defer { freeaddrinfo(first) }
        guard let address = first.pointee.ai_addr else { return nil }
        var storage = sockaddr_storage()
        let length = first.pointee.ai_addrlen
        withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
        }
        self.storage = storage
        self.length = length
    }

    fileprivate func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    fileprivate var family: Int32 { Int32(storage.ss_family) }
}

/// Non-blocking TCP sockets by descriptor; the owner closes them.
package enum StreamSocket {
    /// Begins to connect; the socket turns writable when it has or has failed (`connectError`).
    package static func connect(to address: SocketAddress) throws(SocketError) -> Int32 {
        let descriptor = try make(family: address.family)
        let result = address.withPointer { Glibc.connect(descriptor, $0, $1) }
        if result != 0, errno != EINPROGRESS {
            let code = errno
            close(descriptor)
            throw SocketError(call: "connect", code: code)
        }
        return descriptor
    }

    /// Listens; port 0 in the address lets the system choose (`localPort`).
    package static func listen(on address: SocketAddress, backlog: Int32 = 128) throws(SocketError) -> Int32 {
        let descriptor = try make(family: address.family)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard address.withPointer({ bind(descriptor, $0, $1) }) == 0 else {
            let code = errno
            close(descriptor)
            throw SocketError(call: "bind", code: code)
        }
        guard Glibc.listen(descriptor, backlog) == 0 else {
            let code = errno
            close(descriptor)
            throw SocketError(call: "listen", code: code)
        }
        return descriptor
    }

    /// Closes a listening socket's port without giving it up: whoever connects from now on is refused, and so is who
    /// waited to be accepted. Take the socket out of its set first.
    package static func deafen(_ listener: Int32) { shutdown(listener, Int32(SHUT_RD)) }

    /// Opens the port of a deafened socket again. `address` names the port, which the system may have let go where it
    /// chose it itself.
    package static func listenAgain(
        _ listener: Int32, on address: SocketAddress, backlog: Int32 = 128
    ) throws(SocketError) {
        // Fails where the socket has kept its port, and then nothing is missing.
        _ = address.withPointer { bind(listener, $0, $1) }
        guard Glibc.listen(listener, backlog) == 0 else { throw SocketError(call: "listen", code: errno) }
    }

    /// Closes a connection with a reset (RST) instead of an orderly end.
    package static func reset(_ descriptor: Int32) {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }

    /// The next waiting connection, `nil` when there is none.
    package static func accept(from listener: Int32) -> Int32? {
        // accept4 is hidden from Swift's Glibc: set both flags after the fact.
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        sendAtOnce(descriptor)
        return descriptor
    }

    /// What became of a connection attempt; `nil` when it succeeded.
    package static func connectError(of descriptor: Int32) -> SocketError? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else {
            return SocketError(call: "getsockopt", code: errno)
        }
        return code == 0 ? nil : SocketError(call: "connect", code: code)
    }

    package static func localPort(of descriptor: Int32) -> UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return 0 }
        // Port and family lie at the same offsets in sockaddr_in and sockaddr_in6.
        return withUnsafeBytes(of: &storage) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) }
    }

    /// What a read or write came to.
    package enum Transfer: Hashable, Sendable {
        case bytes(Int)
        /// Nothing now; the set will tell.
        case wouldBlock
        /// The peer closed its side (reads only).
        case closed
        case failed(SocketError)
    }

    package static func send(_ bytes: UnsafeRawBufferPointer, on descriptor: Int32) -> Transfer {
        let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if count >= 0 { return .bytes(count) }
        return errno == EAGAIN || errno == EINTR ? .wouldBlock : .failed(SocketError(call: "send", code: errno))
    }

    package static func receive(into buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32) -> Transfer {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        if count > 0 { return .bytes(count) }
        if count == 0 { return .closed }
        return errno == EAGAIN || errno == EINTR ? .wouldBlock : .failed(SocketError(call: "recv", code: errno))
    }

    private static func make(family: Int32) throws(SocketError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw SocketError(call: "socket", code: errno) }
        sendAtOnce(descriptor)
        return descriptor
    }

    /// A request is one small segment and waits for its answer: Nagle's delay would only add latency.
    private static func sendAtOnce(_ descriptor: Int32) {
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }
}
