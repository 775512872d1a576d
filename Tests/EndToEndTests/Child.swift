import Foundation

/// A started program. Its output goes to files, so that it never waits for a reader.
final class Child {
    private let name: String
    private let process: Process
    private let outputFile: URL
    private let logFile: URL

    /// Starts the program with `folder` as its working directory.
    init(_ program: Program, _ arguments: [String], in folder: URL, number: Int, environment: [String: String]) throws {
        name = ([program.rawValue] + arguments).joined(separator: " ")
        outputFile = folder.appendingPathComponent("child\(number).out")
        logFile = folder.appendingPathComponent("child\(number).err")
        process = Process()
        process.executableURL = try program.url
        process.arguments = arguments
        process.currentDirectoryURL = folder
        var inherited = ProcessInfo.processInfo.environment
        // What started the tests is not who watches these programs.
        inherited["NOTIFY_SOCKET"] = nil
        process.environment = inherited.merging(environment) { _, own in own }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.handle(outputFile)
        process.standardError = try Self.handle(logFile)
        try process.run()
    }

    private static func handle(_ file: URL) throws -> FileHandle {
        try Data().write(to: file)
        return try FileHandle(forWritingTo: file)
    }

    var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }
    var log: String { (try? String(contentsOf: logFile, encoding: .utf8)) ?? "" }
    var isRunning: Bool { process.isRunning }

    /// Waits for a line of the log with this text and gives back that line.
    /// Throws when the program ends first or says nothing of the kind in time.
    func line(with text: String, within seconds: Int = 60) async throws -> String {
        var found: String?
        try await wait(for: "\"\(text)\" in the log of \(name)", seconds: seconds, explain: { self.account }) {
            // Asked before the log is read: what a program says just before it ends still counts.
            let hasEnded = !isRunning
            found = log.split(separator: "\n").map(String.init).first { $0.contains(text) }
            if found == nil, hasEnded { throw Late("\(name) ended early\n\(account)") }
            return found != nil
        }
        return found ?? ""
    }

    /// Waits for the program to end by itself, and gives back its exit code; a signal that ended it is negative.
    func code(within seconds: Int = 60) async throws -> Int32 {
        try await wait(for: "the end of \(name)", seconds: seconds, explain: { self.account }) { !isRunning }
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    /// Asks the program to end, as systemd does.
    func terminate() {
        if process.isRunning { kill(process.processIdentifier, SIGTERM) }
    }

    /// Ends the program whatever it does, and returns once it is gone.
    func end() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        for _ in 0..<1000 where process.isRunning { usleep(10_000) }
    }

    private var account: String {
        "its output ends:\n\(output.suffix(1500))\nits log ends:\n\(log.suffix(3000))"
    }
}

/// Something that did not come in time.
struct Late: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Looks every 20 ms whether the condition holds; throws `Late` when it does not within so many seconds.
func wait(
    for what: String, seconds: Int = 60, explain: () throws -> String = { "" }, until condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    repeat {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(20))
    } while ContinuousClock.now < end
    throw Late("waited \(seconds) s in vain for \(what)\n\(try explain())")
}
