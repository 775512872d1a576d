import Foundation

/// A file or stream that could not be written, and why.
package struct OutputError: Error, CustomStringConvertible {
    package let path: String
    package let reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    package var description: String { "\(path) cannot be written: \(reason)" }
}

/// Text written in large pieces. `close` writes the rest; without it the end is missing.
package final class OutputFile {
    private let path: String
    private let handle: FileHandle
    private let ownsHandle: Bool
    private var pending = ""

    private static let pieceBytes = 1 << 16

    /// Creates the file, or empties it.
    package init(path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw OutputError(path: path, reason: "it cannot be created; does its folder exist, may you write?") }
        self.path = path
        self.handle = handle
        ownsHandle = true
    }

    /// Standard output.
    package init() {
        path = "standard output"
        handle = .standardOutput
        ownsHandle = false
    }

    package func write(_ text: String) throws {
        pending += text
        if pending.utf8.count >= Self.pieceBytes { try flush() }
    }

    package func close() throws {
        try flush()
        guard ownsHandle else { return }
        do {
            try handle.close()
        } catch {
            throw OutputError(path: path, reason: error.localizedDescription)
        }
    }

    private func flush() throws {
        do {
            try handle.write(contentsOf: Data(pending.utf8))
        } catch {
            throw OutputError(path: path, reason: error.localizedDescription)
        }
        pending.removeAll(keepingCapacity: true)
    }
}
