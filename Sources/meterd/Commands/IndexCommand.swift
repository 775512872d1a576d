import ArgumentParser
import Metering
import Store
import Web

struct IndexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index", abstract: "Daily indices of one usage point, with consumption, quality and revision.",
        discussion: """
            The consumption in a row is that of the day that starts at its index, with the multiplier applied; it is \
            empty where the next index is missing.
            """)

    enum OutputFormat: String, ExpressibleByArgument { case csv, json }

    @Argument(help: "Usage point.") var usagePoint: String
    @OptionGroup var period: PeriodOptions
    @Option(
        help: "One register only: \(Register.names).", completion: Register.completion, transform: Register.argument)
    var register: Register?
    @OptionGroup var config: ConfigurationOption
    @Option(help: "csv or json.") var format: OutputFormat = .csv

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        _ = try workplace.requireUsagePoint(usagePoint, in: store)
        let indices = try store.dailyIndices(
            usagePoint: usagePoint, register: register, from: period.from, through: period.to)
        let document = IndexDocument(usagePoint: usagePoint, from: period.from, through: period.to, indices: indices)
        switch format {
        case .csv: output(document.csv)
        case .json: output(document.json.text + "\n")
        }
    }
}
