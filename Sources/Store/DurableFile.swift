import Crypto
import Foundation

/// The system's refusal of something asked of a file.
struct FileFailure: Error {
    let path: String
    let why: String

    /// Of the call that just failed.
    init(_ path: String) {
        self.path = path
        why = String(cString: strerror(errno))
    }
}

/// What backup and restore ask of files: that what is said to be there is there after a power failure too.
enum DurableFile {
    private static let blockBytes = 1 << 20

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Its length; `nil` where there is none.
    static func bytes(of path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    /// How the system names a file in `/proc/locks`; `nil` where there is none.
    static func inode(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        func hexadecimal(_ number: UInt32) -> String { (number < 16 ? "0" : "") + String(number, radix: 16) }
        let device = UInt64(status.st_dev)
        let major = UInt32((device >> 8) & 0xFFF), minor = UInt32((device & 0xFF) | ((device >> 12) & 0xFFF00))
        return "\(hexadecimal(major)):\(hexadecimal(minor)):\(status.st_ino)"
    }

    /// Makes an empty file for this user only: customers' data are in it. One that is there already is a failure.
    static func make(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0, close(descriptor) == 0 else { throw FileFailure(path) }
    }

    /// A file that is not there is none the less removed.
    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileFailure(path) }
    }

    /// Takes the place of whatever is at `place`, in one step.
    static func rename(_ path: String, to place: String) throws {
        guard Glibc.rename(path, place) == 0 else { throw FileFailure(place) }
    }

    static func write(_ bytes: Data, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileFailure(path) }
        defer { close(descriptor) }
        try bytes.withUnsafeBytes { try writeAll($0, to: descriptor, path) }
        guard fsync(descriptor) == 0 else { throw FileFailure(path) }
    }

    /// The file's content reaches the disk.
    static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileFailure(path) }
    }

    /// The names in the file's folder reach the disk.
    static func syncFolder(of path: String) throws {
        try sync(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }

    /// Length and SHA-256, in hexadecimal, of a file, which is copied on the way where `copy` names a new one: what is
    /// summed is what is written. The copy is on the disk when this returns.
    static func sum(_ path: String, copyingTo copy: String? = nil) throws -> (bytes: Int64, sha256: String) {
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw FileFailure(path) }
        defer { close(source) }
        var target: Int32 = -1
        if let copy {
            target = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard target >= 0 else { throw FileFailure(copy) }
        }
        defer { if target >= 0 { close(target) } }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockBytes, alignment: 4096)
        defer { block.deallocate() }
        var sum = SHA256()
        var bytes: Int64 = 0
        while true {
            let count = read(source, block.baseAddress, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure(path) }
            if count == 0 { break }
            let part = UnsafeRawBufferPointer(rebasing: block[..<count])
            sum.update(bufferPointer: part)
            if let copy { try writeAll(part, to: target, copy) }
            bytes += Int64(count)
        }
        if let copy { guard fsync(target) == 0 else { throw FileFailure(copy) } }
        let digits = sum.finalize().map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return (bytes, digits.joined())
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileFailure(path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}
