import Glibc

/// The socket that systemd would give a service of `Type=notify` (sd_notify(3)).
struct NotifySocket {
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// As it stands in `NOTIFY_SOCKET`.
    let name: String
    private let descriptor: Int32

    init(path: String) throws { try self.init(name: path, address: Array(path.utf8) + [0]) }

    /// In the abstract namespace: its address begins with NUL and no NUL ends it (unix(7)).
    init(abstract name: String) throws { try self.init(name: "@\(name)", address: [0] + Array(name.utf8)) }

    private init(name: String, address bytes: [UInt8]) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else {
            throw Refused(description: "\(name) is too long for a socket's name")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let flags = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_UNIX, Int32(flags), 0)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard bound == 0 else {
            let why = String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            throw Refused(description: "\(name): \(why)")
        }
        self.name = name
        self.descriptor = descriptor
    }

    func end() { close(descriptor) }

    /// What has come since the last look, a datagram each.
    func messages() -> [String] {
        var messages: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return messages }
            messages.append(String(decoding: buffer[..<count], as: UTF8.self))
        }
    }
}
