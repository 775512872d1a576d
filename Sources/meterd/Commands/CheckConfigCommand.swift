import ArgumentParser
import Metering

struct CheckConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config",
        abstract: "Check configuration, profiles, tariffs and rules; report all faults at once.")

    @OptionGroup var config: ConfigurationOption

    func run() throws {
        let workplace = try config.workplace()
        workplace.warn()
        let configuration = workplace.configuration
        output(
            """
            \(config.file): no fault
            store       \(configuration.store.path)
            time zone   \(configuration.calendar.identifier)
            profiles    \(workplace.profiles.names.joined(separator: ", "))
            tariffs     \(workplace.tariffs.decisions.map(\.number).joined(separator: ", "))
            rules       \(workplace.rules.rules.map(\.name).joined(separator: ", "))
            listens on  \(configuration.listen)

            """)
    }
}
