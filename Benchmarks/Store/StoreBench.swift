import ArgumentParser
import Foundation

/// What the store takes and gives at the size of a province (`make bench-store`, `make ingest`). Each command goes on
/// from the file that the one before left in the folder, and appends a JSON line for each measurement.
@main
struct StoreBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storebench",
        subcommands: [
            Fill.self, Bounds.self, Close.self, Bills.self, Serve.self, Stream.self, Drill.self, Nights.self,
        ])
}

/// Lines of measurements, for `table.py`.
struct Report {
    private let path: String

    init(_ path: String) { self.path = path }

    /// Floating point throughout: these are seconds, counts and ratios of a measurement.
    func line(_ what: String, of text: [String: String] = [:], _ numbers: [String: Double]) throws {
        var parts = ["\"what\":\"\(what)\""]
        parts += text.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
        parts += numbers.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        let line = "{" + parts.joined(separator: ",") + "}\n"
        FileHandle.standardError.write(Data(line.utf8))
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let file = FileHandle(forWritingAtPath: path) else { throw CocoaError(.fileWriteUnknown) }
        try file.seekToEnd()
        try file.write(contentsOf: Data(line.utf8))
        try file.close()
    }
}
