import ArgumentParser
import Metering
import Store
import Web

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Look at everything that is stored, or at a backup; works while the daemon runs.",
        discussion: """
            Pages, references, chunks with their checksums, where each index is kept, dials, evidence, revisions, the \
            counts of closed days and the sizes. A sentence for each finding on standard output, progress on standard \
            error. Exit code 0: nothing found, 65: something found. See docs/OPERATING.md.
            """)

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    @Option(name: .customLong("config"), help: ArgumentHelp("Configuration file (YAML).", valueName: "file"))
    var configurationFile: String?
    @Option(help: ArgumentHelp("A backup instead of the store; needs no configuration.", valueName: "file"))
    var backup: String?
    @Option(help: ArgumentHelp("How many of the latest closed days are counted again.", valueName: "n")) var days = 7
    @Flag(help: "Count all closed days again.") var all = false
    @Flag(help: "Only the file's pages and the latest closed days.") var quick = false
    @Option(help: "text or json.") var format: OutputFormat = .text

    func validate() throws {
        guard (configurationFile == nil) != (backup == nil) else {
            throw ValidationError("give --config FILE to verify its store, or --backup FILE to verify a backup")
        }
        guard days >= 0 else { throw ValidationError("--days \(days) must not be negative") }
    }

    func run() throws {
        var scope = VerificationScope()
        scope.days = all ? nil : days
        scope.isQuick = quick
        let findings = Findings(isText: format == .text)
        let path: String
        let report: VerificationReport
        do {
            if let backup {
                path = backup
                report = try Store.verifyBackup(backup, scope, progress: findings.say, found: findings.take).report
            } else {
                let workplace = try ConfigurationOption.workplace(configurationFile ?? "")
                path = workplace.configuration.store.path
                report = try workplace.openStore(.tool).verify(scope, progress: findings.say, found: findings.take)
            }
        } catch let error as BackupError where error.isAboutData {
            complain(error.description)
            throw ExitCode(Exit.data)
        }
        switch format {
        case .text: output("\(path): \(report.sentence)\n" + report.notes.map { "note: \($0)\n" }.joined())
        case .json: output(findings.json(path, report).text + "\n")
        }
        if report.findings > 0 { throw ExitCode(Exit.data) }
    }
}

/// Findings as they come: told at once, or gathered for one document.
private final class Findings {
    /// More are counted only.
    private static let gatheredMost = 10_000
    private let isText: Bool
    private var gathered: [VerificationFinding] = []
    private var line = ProgressLine()
    private var part = ""

    init(isText: Bool) { self.isText = isText }

    func take(_ finding: VerificationFinding) {
        if isText { return output("\(finding.description)\n") }
        if gathered.count < Self.gatheredMost { gathered.append(finding) }
    }

    func say(_ progress: VerificationProgress) {
        line.say(
            "verifying \(progress.part)" + (progress.rows > 0 ? ": \(progress.rows)" : ""), isNew: progress.part != part
        )
        part = progress.part
    }

    func json(_ path: String, _ report: VerificationReport) -> JSONValue {
        .members([
            "file": .string(path), "findings_total": .integer(report.findings),
            "findings": .array(
                gathered.map { finding in
                    .members([
                        "kind": .string(finding.kind.rawValue),
                        "usage_point": .optional(finding.usagePoint) { .string($0) },
                        "register": .optional(finding.register) { .string($0.name) },
                        "period": .optional(finding.period) { .string($0) },
                        "sentence": .string(finding.description),
                    ])
                }),
            "looked_at": .members([
                "indices": .integer(report.indices), "chunks": .integer(report.chunks),
                "half_hours": .integer(report.halfHours),
                "revisions": .integer(report.revisions), "dials": .integer(report.dials),
                "readings": .integer(report.readings), "days": .integer(report.days),
            ]),
            "notes": .array(report.notes.map { .string($0) }),
        ])
    }
}

extension VerificationReport {
    /// `nothing found in 1234 indices, …`
    var sentence: String {
        let all =
            "\(indices) indices (\(chunks) chunks), "
            + (halfHours > 0 ? "\(halfHours) half hours, " : "")
            + "\(revisions) revisions, \(dials) dials, \(readings) readings; "
            + "\(days) days counted again"
        return (findings == 0 ? "nothing found in " : "\(findings) found in ") + all
    }
}
