import ArgumentParser
import Metering
import Store
import Web

struct LoadProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load-profile", abstract: "Half-hourly indices of one usage point, with consumption and quality.",
        discussion: """
            Kept for the usage points and categories that the configuration names (store.load_profile_categories, \
            store.load_profile_usage_points), from the day on which it does. A half hour is measured where a poll \
            lies near its beginning, estimated where it was drawn over a silence of up to two hours, and missing \
            beyond that. Bills rest on the daily index (`meterd index`), which may come from the meter's own record \
            instead.
            """)

    @Argument(help: "Usage point.") var usagePoint: String
    @OptionGroup var period: PeriodOptions
    @Option(
        help: "One register only: \(Register.names).", completion: Register.completion, transform: Register.argument)
    var register: Register?
    @OptionGroup var config: ConfigurationOption
    @Option(help: "csv or json.") var format: IndexCommand.OutputFormat = .csv

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        let point = try workplace.requireUsagePoint(usagePoint, in: store)
        let entries = try store.loadProfile(
            usagePoint: usagePoint, register: register, from: period.from, through: period.to)
        let choice = workplace.configuration.store.loadProfiles
        if entries.isEmpty, !choice.contains(point.name, category: point.category) {
            complain(
                "no load profile is kept of usage point \(usagePoint); name it in store.load_profile_usage_points of "
                    + "\(workplace.configuration.file), or its category \(point.category) in "
                    + "store.load_profile_categories, and restart meterd")
        }
        let document = LoadProfileDocument(
            usagePoint: usagePoint, from: period.from, through: period.to,
            calendar: workplace.configuration.calendar, entries: entries)
        switch format {
        case .csv: output(document.csv)
        case .json: output(document.json.text + "\n")
        }
    }
}
