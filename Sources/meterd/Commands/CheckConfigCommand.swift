import ArgumentParser
import Metering

struct CheckConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config",
        abstract: "Check configuration, profiles, tariffs, rules and holidays; report all faults at once.")

    @OptionGroup var config: ConfigurationOption

    func run() throws {
        let workplace = try config.workplace()
        workplace.warn()
        let configuration = workplace.configuration
        let holidays = workplace.holidays.years.map { year in
            "\(year.year) \(year.days) days" + (year.unverified > 0 ? " (\(year.unverified) unverified)" : "")
        }
        output(
            """
            \(config.file): no fault
            store       \(configuration.store.path)
            time zone   \(configuration.calendar.identifier)
            profiles    \(workplace.profiles.names.joined(separator: ", "))
            tariffs     \(workplace.tariffs.decisions.map(\.number).joined(separator: ", "))
            rules       \(workplace.rules.rules.map(\.name).joined(separator: ", "))
            holidays    \(holidays.joined(separator: ", "))
            listens on  \(configuration.listen)

            """)
    }
}
