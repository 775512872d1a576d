import ArgumentParser
import Metering
import Store

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the store's place; the daemon must be stopped.",
        discussion: """
            The backup is copied beside the store's place and checked there before anything is touched. A store \
            that is there is kept as STORE.before-restore-TIME. Run it as the service's user. See docs/OPERATING.md.
            """)

    @Argument(help: "The backup's file, as `meterd backup` made it, with FILE.json beside it.") var file: String
    @Flag(help: "Restore in the place of a store that is there; that one is kept beside.") var replace = false
    @OptionGroup var config: ConfigurationOption

    func run() throws {
        let workplace = try config.workplace()
        let path = workplace.configuration.store.path
        let restoration: Restoration
        do {
            restoration = try Store.restore(file, to: path, replace: replace, utc: Wall.now()) { progress in
                switch progress {
                case .copying: complain("copying \(file)")
                case .checking: complain("checking the copy")
                case .copied, .kept, .cleared, .done: break
                }
            }
        } catch let error as BackupError where error.isAboutData {
            complain(error.description)
            throw ExitCode(Exit.data)
        }
        let manifest = restoration.manifest
        let taken = workplace.configuration.calendar.text(manifest.taken)
        output("\(path): restored from \(file), taken \(taken) by meterd \(manifest.version): \(manifest.sentence)\n")
        if let keptAs = restoration.keptAs { output("\(keptAs): the store that was there\n") }
        if !restoration.stepsBehind.isEmpty {
            complain("taking it on to this version's schema: \(restoration.stepsBehind.joined(separator: ", "))")
        }
        // Opened as meterd opens it, which takes an older schema on to this version's.
        let store = try workplace.openStore(.tool)
        var scope = VerificationScope()
        scope.isQuick = true
        complain("verifying the pages and the latest closed days")
        let report = try store.verify(scope, found: { output("\($0.description)\n") })
        try store.close()
        guard report.findings == 0 else {
            complain("the store is in its place, but is not as it must be; restore another backup with --replace")
            throw ExitCode(Exit.data)
        }
        complain("start the daemon; `meterd verify` looks at the rest")
    }
}
