import ArgumentParser
import Billing
import Dispatch
import Foundation
import Metering
import Modbus
import Rehearsal
import Synchronization

@main
struct Rehearse: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Lives through whole months of a simulated field with the production code, on one thread each.")

    @Option(help: "Worlds to live through, with consecutive seeds.") var seeds = 200
    @Option(help: "First of them.") var first: UInt64 = 1
    @Option(help: "Midnights in each world, 3 or more.") var days = 30
    @Option(help: "Only this world, told in detail.") var seed: UInt64?
    @Flag(help: "Nothing goes wrong in any world.") var calm = false
    @Flag(help: "With --seed: everything that happens.") var trace = false
    @Option(help: "Worlds at the same time.") var jobs = 2
    @Option(help: "Folder for the stores; they are removed again.") var folder = Self.defaultFolder

    /// Memory where there is some: every commit of a rehearsed month would wait for a disk.
    private static var defaultFolder: String {
        let memory = "/dev/shm"
        return FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    }

    func run() throws {
        let library = try ProfileLibrary.load(folder: nil)
        let tariffs = try TariffBook.load(folder: nil)
        let place = URL(fileURLWithPath: folder, isDirectory: true)
        if let seed {
            let world = World(seed: seed, days: days, library: library, isCalm: calm)
            print(world)
            let report = try Rehearsal.report(
                world, library: library, tariffs: tariffs, below: place, trace: trace ? { print($0) } : nil)
            print("  \(report.figures)")
            for finding in report.findings { print(finding) }
            if !report.findings.isEmpty { throw ExitCode.failure }
            return
        }
        let failed = Mutex(0)
        let queue = DispatchQueue(label: "rehearse", attributes: .concurrent)
        let group = DispatchGroup()
        let next = Mutex(first)
        for _ in 0..<jobs {
            queue.async(group: group) {
                while true {
                    let seed = next.withLock { next in
                        defer { next += 1 }
                        return next
                    }
                    guard seed < first + UInt64(seeds) else { return }
                    let world = World(seed: seed, days: days, library: library, isCalm: calm)
                    do {
                        let report = try Rehearsal.report(world, library: library, tariffs: tariffs, below: place)
                        if !report.findings.isEmpty {
                            failed.withLock { $0 += 1 }
                            print("seed \(seed): \(report.findings.count) findings; first: \(report.findings[0])")
                        }
                    } catch {
                        failed.withLock { $0 += 1 }
                        print("seed \(seed): \(error)")
                    }
                }
            }
        }
        group.wait()
        if failed.withLock({ $0 }) > 0 { throw ExitCode.failure }
    }
}
