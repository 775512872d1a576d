import Foundation

/// An advisory lock on a file of its own (`flock`), held until the value goes away. The kernel frees it when the
/// process dies, however it dies, so there is no stale lock to clean up.
final class FileLock: Sendable {
    private let descriptor: Int32

    /// `nil` when another process holds it and `waits` is false.
    /// - Throws: `StoreError.cannotOpen` when the lock file cannot be made.
    init?(path: String, waits: Bool) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            let code = errno
            if code == ENOSPC { throw StoreError.diskFull(path: path, doing: "making it") }
            throw StoreError.cannotOpen(path: path, why: String(cString: strerror(code)))
        }
        while flock(descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            _ = Glibc.close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw StoreError.cannotOpen(path: path, why: String(cString: strerror(code)))
        }
        self.descriptor = descriptor
    }

    deinit { _ = Glibc.close(descriptor) }
}
