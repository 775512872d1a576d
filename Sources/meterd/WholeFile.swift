import Foundation

/// A file that appears whole or not at all: written beside its place, flushed to disk, then renamed.
enum WholeFile {
    /// Calls `body` with a function that appends text. Throws what `body` throws, or the system's refusal.
    static func write(_ path: String, _ body: ((String) throws -> Void) throws -> Void) throws {
        let part = path + ".part"
        guard FileManager.default.createFile(atPath: part, contents: nil),
            let file = FileHandle(forWritingAtPath: part)
        else { throw WholeFileError(path: path, reason: String(cString: strerror(errno))) }
        do {
            try body { try file.write(contentsOf: Data($0.utf8)) }
            try file.synchronize()
            try file.close()
            guard rename(part, path) == 0 else {
                throw WholeFileError(path: path, reason: String(cString: strerror(errno)))
            }
        } catch {
            try? file.close()
            try? FileManager.default.removeItem(atPath: part)
            throw error
        }
    }
}

struct WholeFileError: Error, CustomStringConvertible {
    let path: String
    let reason: String
    var description: String { "\(path) cannot be written: \(reason); nothing was left behind" }
}
