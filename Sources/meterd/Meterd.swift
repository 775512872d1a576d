import ArgumentParser

/// The head-end's commands (design §6.1). A command that is not built yet is absent, not pretended.
@main
struct Meterd: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "meterd",
        abstract: "Head-end of a power company: polls meters, keeps daily indices, makes provisional bills.",
        discussion: """
            Days are YYYY-MM-DD and periods include both ends. With --format json one JSON document goes to standard \
            output; logs and errors go to standard error.
            Exit codes: 0 done, 64 wrong usage, 65 faulty data, 78 faulty configuration, 1 anything else.
            """,
        version: version,
        subcommands: [
            RunCommand.self, CheckConfigCommand.self, RegistryCommand.self, ProbeCommand.self, ProfilesCommand.self,
            StatusCommand.self, CompletenessCommand.self, BalanceCommand.self, IndexCommand.self,
            LoadProfileCommand.self, QuoteCommand.self, BillCommand.self, BillRunCommand.self, BillRunsCommand.self,
            FeedCommand.self, EditCommand.self,
            CorrectionsCommand.self, ExceptionsCommand.self, AlarmsCommand.self, BackupCommand.self,
            RestoreCommand.self, VerifyCommand.self,
        ])
}
