import ArgumentParser
import Metering
import Store
import Web

struct IndexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index", abstract: "Daily indices of one usage point, with consumption, quality and revision.",
        discussion: """
            The consumption in a row is that of the day that starts at its index, with the multiplier applied; it is \
            empty where the next index is missing. With --revisions: every value that an index has had, oldest \
            first, with what brought it, who answers for it and why.
            """)

    enum OutputFormat: String, ExpressibleByArgument { case csv, json }

    @Argument(help: "Usage point.") var usagePoint: String
    @OptionGroup var period: PeriodOptions
    @Option(
        help: "One register only: \(Register.names).", completion: Register.completion, transform: Register.argument)
    var register: Register?
    @OptionGroup var config: ConfigurationOption
    @Option(help: "csv or json.") var format: OutputFormat = .csv
    @Flag(help: "Every value that each index has had.") var revisions = false

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        _ = try workplace.requireUsagePoint(usagePoint, in: store)
        if revisions {
            let document = IndexRevisionsDocument(
                usagePoint: usagePoint, from: period.from, through: period.to,
                revisions: try store.indexRevisions(
                    usagePoint: usagePoint, register: register, from: period.from, through: period.to))
            return say(document.csv, document.json)
        }
        let indices = try store.dailyIndices(
            usagePoint: usagePoint, register: register, from: period.from, through: period.to)
        let document = IndexDocument(usagePoint: usagePoint, from: period.from, through: period.to, indices: indices)
        say(document.csv, document.json)
    }

    private func say(_ csv: String, _ json: JSONValue) {
        switch format {
        case .csv: output(csv)
        case .json: output(json.text + "\n")
        }
    }
}
