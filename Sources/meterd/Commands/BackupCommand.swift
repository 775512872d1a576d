import ArgumentParser
import Metering
import Store

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the store into a file, consistent as of one moment; works while the daemon runs.",
        discussion: """
            The file appears whole, checked and on the disk, or not at all; FILE.json beside it says what it is and is \
            part of it. Keep both on another machine. See docs/OPERATING.md.
            """)

    @Argument(help: "The backup's file.") var file: String
    @Flag(help: "Replace an earlier backup of this name, once the new one is whole.") var replace = false
    @OptionGroup var config: ConfigurationOption

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        let began = ContinuousClock.now
        var line = ProgressLine()
        let manifest = try store.backup(
            to: file, replace: replace, version: Meterd.version, civil: workplace.now(), utc: Wall.now()
        ) { progress in
            switch progress {
            case .copying(let megabytes, let all): line.say("copying: \(megabytes) of \(all) MB")
            case .checking: line.say("checking the copy", isNew: true)
            case .summing: line.say("taking its checksum", isNew: true)
            case .described, .placed, .done: break
            }
        }
        output("\(file): \(manifest.sentence) in \((ContinuousClock.now - began).components.seconds) s\n")
    }
}

extension BackupManifest {
    /// `124 MB, 2,100,000 indices of 726995 meters, closed through 2025-05-20`
    var sentence: String {
        "\(bytes >> 20) MB, \(indices) indices of \(meters) meters, "
            + (lastClosedDay.map { "closed through \($0)" } ?? "no day closed yet")
    }
}

/// How far a long command has come, on standard error: a line every few seconds, and at each new stage.
struct ProgressLine {
    private var last: ContinuousClock.Instant?

    mutating func say(_ text: @autoclosure () -> String, isNew: Bool = false) {
        let now = ContinuousClock.now
        guard isNew || last.map({ now - $0 >= .seconds(5) }) ?? true else { return }
        last = now
        complain(text())
    }
}
