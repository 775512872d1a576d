import Foundation

/// One text file of the repository, by its path below the root.
struct SourceFile: Sendable {
    let path: String
    let lines: [String]
    let code: [String]
    let comments: [String]

    init(path: String, text: String) {
        self.path = path
        let all = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        lines = all.last == "" ? all.dropLast() : all
        let taken = path.hasSuffix(".swift") ? SwiftText(text) : nil
        code = taken?.code ?? []
        comments = taken?.comments ?? []
    }

    /// `Store` for `Sources/Store/…`, `metersim` for `simulators/metersim/…`; `nil` outside the house.
    var target: String? {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "Sources" || parts[0] == "simulators" else { return nil }
        return String(parts[1])
    }
}

/// The checkout these tests were built from. `METERD_ROOT` names it where the sources are linked from elsewhere.
struct Repository: Sendable {
    struct Lost: Error, CustomStringConvertible {
        let description: String
    }

    let root: URL

    init() throws {
        if let named = ProcessInfo.processInfo.environment["METERD_ROOT"] {
            root = URL(fileURLWithPath: named, isDirectory: true)
        } else {
            var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            while !FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path) {
                guard folder.path != "/" else { throw Lost(description: "no Package.swift above \(#filePath)") }
                folder.deleteLastPathComponent()
            }
            root = folder
        }
        guard exists("Package.swift"), exists("Sources") else {
            throw Lost(description: "\(root.path) has no Package.swift and Sources")
        }
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    func file(_ path: String) throws -> SourceFile {
        SourceFile(path: path, text: try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8))
    }

    /// All files below these folders whose names end like this, in order. A folder that is not there has none.
    func files(below folders: [String], ending: String) throws -> [SourceFile] {
        try folders.filter(exists).flatMap { try paths(below: $0) }.filter { $0.hasSuffix(ending) }.sorted().map(file)
    }

    private func paths(below folder: String) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)
        return try names.filter { !$0.hasPrefix(".") }.flatMap { name in
            let path = folder == "." ? name : "\(folder)/\(name)"
            let isFolder = (try? root.appendingPathComponent(path).resourceValues(forKeys: [.isDirectoryKey]))?
                .isDirectory
            return isFolder == true ? try paths(below: path) : [path]
        }
    }

    /// Every Swift file that people wrote.
    func swiftFiles() throws -> [SourceFile] {
        try files(below: ["Sources", "simulators", "Benchmarks", "Tests"], ending: ".swift") + [file("Package.swift")]
    }

    /// Every Markdown file, wherever it stands; what the build fetched lies in a hidden folder.
    func documents() throws -> [SourceFile] { try files(below: ["."], ending: ".md") }
}
