import ArgumentParser
import Billing
import Dispatch
import Foundation
import Metering
import Modbus
import Rehearsal
import Synchronization
import VEE

@main
struct Rehearse: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Lives through months of simulated fields with the production code, and checks what came of them.",
        discussion: """
            Each seed is a world of its own: gateways, meters, a bad network, faults, restarts. The same seed and days \
            are the same world on every machine. Ends with 1 when a world broke a promise of the house; \
            simulators/REHEARSAL.md says how to read that.
            """)

    @Option(help: "Worlds to live through, with consecutive seeds.") var seeds = 200
    @Option(help: "Seed of the first one.") var first: UInt64 = 1
    @Option(help: "Midnights in each world, 3 or more.") var days = 30
    @Option(help: "Only the world of this seed, told in detail.") var seed: UInt64?
    @Flag(help: "Nothing goes wrong in any world.") var calm = false
    @Flag(help: "Idle lines are looked at each second too, as the daemon does; many times slower.") var eager = false
    @Flag(help: "With --seed: everything that happens, line by line.") var trace = false
    @Option(help: "Worlds at the same time, each on a thread of its own.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount
    @Option(help: "Folder for the stores, which are removed again.") var folder = Self.memoryFolder

    /// Memory where there is some: else every commit of a month would wait for a disk.
    private static var memoryFolder: String {
        let memory = "/dev/shm"
        return FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    }

    func validate() throws {
        guard days >= 3 else { throw ValidationError("a world has at least 3 midnights") }
        guard seeds >= 1, jobs >= 1 else { throw ValidationError("give at least one seed and one job") }
    }

    func run() throws {
        let workshop = try Workshop(
            library: ProfileLibrary.load(folder: nil), rules: RuleBook.load(file: nil),
            tariffs: TariffBook.load(folder: nil), folder: URL(fileURLWithPath: folder, isDirectory: true), days: days,
            isCalm: calm, isEager: eager)
        let hasFailed = try seed.map { try tell($0, workshop) } ?? liveThroughAll(workshop)
        if hasFailed { throw ExitCode.failure }
    }

    private func tell(_ seed: UInt64, _ workshop: Workshop) throws -> Bool {
        say(workshop.world(seed))
        let report = try workshop.report(seed, trace: trace ? { say($0) } : nil)
        say("  \(report.figures)")
        for finding in report.findings { say(finding) }
        say(report.verdict)
        return !report.findings.isEmpty
    }

    private func liveThroughAll(_ workshop: Workshop) -> Bool {
        let tally = Mutex(Tally(next: first, end: first + UInt64(seeds)))
        let begin = ContinuousClock.now
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while let seed = tally.withLock({ $0.take() }) {
                let report = Result { try workshop.report(seed) }
                tally.withLock { $0.add(report, of: seed) }
                let sentences: [String]
                switch report {
                case .success(let report): sentences = report.findings.map(\.description)
                case .failure(let error): sentences = ["the store failed: \(error)"]
                }
                guard !sentences.isEmpty else { continue }
                say(
                    (["seed \(seed):"] + sentences.prefix(3).map { "  \($0)" } + [
                        sentences.count > 3 ? "  and \(sentences.count - 3) more" : "",
                        "  again: \(command(again: seed))",
                    ]).filter { !$0.isEmpty }.joined(separator: "\n"))
            }
        }
        let sum = tally.withLock { $0 }
        say("\(sum.told(days: days)); \((ContinuousClock.now - begin).components.seconds) s")
        return sum.failed > 0
    }

    private func command(again seed: UInt64) -> String {
        ".build/release/rehearse --seed \(seed) --days \(days)" + (calm ? " --calm" : "") + (eager ? " --eager" : "")
    }
}

/// At once, also into a file: a run of many worlds is watched.
private func say(_ text: some CustomStringConvertible) {
    FileHandle.standardOutput.write(Data("\(text)\n".utf8))
}

/// What every world is made with.
private struct Workshop: Sendable {
    let library: ProfileLibrary
    let rules: RuleBook
    let tariffs: TariffBook
    let folder: URL
    let days: Int
    let isCalm: Bool
    let isEager: Bool

    func world(_ seed: UInt64) -> World {
        var world = World(seed: seed, days: days, library: library, isCalm: isCalm)
        world.daemon.looksAtIdleLines = isEager
        return world
    }

    func report(_ seed: UInt64, trace: ((String) -> Void)? = nil) throws -> RehearsalReport {
        try Rehearsal.report(
            world(seed), library: library, rules: rules, tariffs: tariffs, below: folder, trace: trace)
    }
}

/// What came of all worlds together.
private struct Tally {
    var next: UInt64
    let end: UInt64
    var lived = 0
    var failed = 0
    var meters = 0
    var figures = Figures()

    init(next: UInt64, end: UInt64) {
        self.next = next
        self.end = end
    }

    mutating func take() -> UInt64? {
        guard next < end else { return nil }
        defer { next += 1 }
        return next
    }

    mutating func add(_ report: Result<RehearsalReport, any Error>, of seed: UInt64) {
        lived += 1
        guard case .success(let report) = report else {
            failed += 1
            return
        }
        if !report.findings.isEmpty { failed += 1 }
        meters += report.world.meterCount
        figures += report.figures
    }

    func told(days: Int) -> String {
        "\(lived) worlds of \(days) days, \(meters) meters, \(figures): \(failed) with findings"
    }
}
