import ArgumentParser
import Metering
import Web

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Completeness, gateways, backlog; works while the daemon runs.")

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    @OptionGroup var config: ConfigurationOption
    @Option(help: "text or json.") var format: OutputFormat = .text

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        let calendar = workplace.configuration.calendar
        let figures = try FleetFigures(store: store, at: workplace.now(), calendar: calendar)
        let document = StatusDocument(figures, calendar: calendar)
        switch format {
        case .text: output(document.text)
        case .json: output(document.json.text + "\n")
        }
    }
}
