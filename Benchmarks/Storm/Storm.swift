import ArgumentParser
import Foundation
import Glibc
import Metering
import Store

/// kill -9 of a process that does everything a store can do, at random moments, again and again on the same file. After
/// each death the file must be whole, every acknowledged value must be there once, and with the one step that was under
/// way told again the store must be, row by row, the one that a process without a death has. One line at the end.
@main
struct Storm: ParsableCommand {
    static let configuration = CommandConfiguration(subcommands: [Live.self])

    @Option(help: "How often a process is killed.") var kills = 200
    @Option(help: "What is done and when it ends is drawn from this; a kill itself strikes where it strikes.")
    var seed: UInt64 = 4711
    @Option(help: "Folder for the stores; a temporary one, removed when all is well, without it.") var folder: String?

    static func open(_ path: String) throws -> Store {
        try Store(
            path: path, role: .daemon, calendar: StormWorld.calendar, limits: ["storm": 75_900],
            loadProfiles: LoadProfileChoice(categories: ["residential"]))
    }

    func run() throws {
        let own = FileManager.default.temporaryDirectory.appendingPathComponent("meterd-storm-\(getpid())")
        let place = folder.map { URL(fileURLWithPath: $0) } ?? own
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let path = place.appendingPathComponent("killed.sqlite").path
        let reference = try Self.open(place.appendingPathComponent("unharmed.sqlite").path)
        var witness = Witness(reference, seed: seed)
        var random = SeededRandom(seed: seed ^ 0xD1E)
        for kill in 1...max(1, kills) {
            try Victim(path: path, seed: seed, from: witness.steps).end(&random, acknowledged: &witness)
            let troubles = try witness.examine(path)
            guard troubles.isEmpty else {
                print("after kill \(kill), at step \(witness.steps), in \(place.path):")
                for trouble in troubles { print("  \(trouble)") }
                throw ExitCode.failure
            }
        }
        try reference.close()
        if folder == nil { try FileManager.default.removeItem(at: own) }
        print(
            "\(kills) kills (\(witness.early) before the first step), \(witness.steps) steps, "
                + "\(witness.values) acknowledged values: \(witness.lost) lost, \(witness.doubled) doubled")
        print(witness.operations.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    }
}

/// The process that is killed.
struct Live: ParsableCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)

    @Option var path: String
    @Option var world: UInt64
    /// Steps told before.
    @Option var from: Int

    func run() throws {
        var world = StormWorld(seed: self.world)
        for _ in 0..<from { _ = world.next() }
        let store = try Storm.open(path)
        while true {
            let operation = world.next()
            try operation.perform(on: store)
            // Straight to the pipe: what is acknowledged has been said, whatever happens to this process next.
            let line = "\(operation.name)\n"
            guard write(STDOUT_FILENO, line, line.utf8.count) == line.utf8.count else { return }
        }
    }
}

/// A process with a pipe, from its start to its end.
struct Victim {
    let path: String
    let seed: UInt64
    let from: Int

    /// Lets it live for a while, kills it, and tells the witness what it acknowledged.
    func end(_ random: inout SeededRandom, acknowledged witness: inout Witness) throws {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["live", "--path", path, "--world", "\(seed)", "--from", "\(from)"]
        process.standardOutput = pipe
        try process.run()
        // Some die while they open the store, the others have said something first.
        var said = Data()
        let diesEarly = Int.random(in: 0..<5, using: &random) == 0
        if !diesEarly { said = pipe.fileHandleForReading.availableData }
        usleep(.random(in: 0...(diesEarly ? 40_000 : 250_000), using: &random))
        // 0 would be this process and all its children.
        precondition(process.processIdentifier > 1, "a process that was started has a number")
        kill(process.processIdentifier, SIGKILL)
        said += pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationReason == .uncaughtSignal, process.terminationStatus == SIGKILL else {
            throw Died(status: process.terminationStatus)
        }
        // A line that was cut off was not heard.
        try witness.hear(said.count { $0 == UInt8(ascii: "\n") })
    }

    struct Died: Error, CustomStringConvertible {
        let status: Int32
        var description: String { "the process ended by itself with \(status): see its message above" }
    }
}
