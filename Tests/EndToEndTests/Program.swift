import Foundation

/// One of the two executables. They lie beside the test bundle; `METERD_BIN` names another folder.
enum Program: String {
    case meterd, metersim

    struct Lost: Error, CustomStringConvertible {
        let description: String
    }

    var url: URL {
        get throws {
            let files = FileManager.default
            if let named = ProcessInfo.processInfo.environment["METERD_BIN"] {
                let url = URL(fileURLWithPath: named, isDirectory: true).appendingPathComponent(rawValue)
                guard files.isExecutableFile(atPath: url.path) else {
                    throw Lost(description: "METERD_BIN=\(named): no program \(rawValue) there; build it first")
                }
                return url
            }
            let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            let folders = [bundle, Self.root?.appendingPathComponent(".build/debug")].compactMap { $0 }
            let found = folders.map { $0.appendingPathComponent(rawValue) }
                .first { files.isExecutableFile(atPath: $0.path) }
            guard let found else {
                throw Lost(
                    description: "no program \(rawValue) in \(folders.map(\.path).joined(separator: " or ")); "
                        + "`swift build` makes it, METERD_BIN names another folder")
            }
            return found
        }
    }

    /// The folder of `Package.swift`, symbolic links followed.
    static let root: URL? = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while !FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path) {
            guard folder.path != "/" else { return nil }
            folder.deleteLastPathComponent()
        }
        return folder
    }()
}
