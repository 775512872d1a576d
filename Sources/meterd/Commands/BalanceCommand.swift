import ArgumentParser
import Metering
import Store
import Web

struct BalanceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance",
        abstract: "What transformer stations lost on a day, worst first, or one station's days.",
        discussion: """
            The loss is what came into a station, by its own meter and from customers who generate, less what its \
            customers took. There is none where a meter is not known at both ends of the day, and no percentage where \
            too much is estimated (vee.balance_estimated_percent).
            """)

    enum OutputFormat: String, ExpressibleByArgument { case text, csv, json }

    @Option(help: "Day, YYYY-MM-DD; without it the last balanced one.", transform: ServiceDay.argument)
    var day: ServiceDay?
    @Option(help: "One station's days instead, the day and the 27 before it.") var station: String?
    @Option(help: ArgumentHelp("At most so many stations.", valueName: "n")) var limit = 50
    @Option(help: "text, csv or json.") var format: OutputFormat = .text
    @OptionGroup var config: ConfigurationOption

    private static let historyDays = 28

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit \(limit) must be 1 or more") }
    }

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        guard let last = try day ?? store.lastBalancedDay() else {
            complain(
                "no station was balanced yet: that takes a usage point of category \(UsagePoint.stationCategory) "
                    + "at the station, and two closed days")
            throw ExitCode(Exit.data)
        }
        let estimatedMost = workplace.configuration.vee.balanceEstimatedMost
        let days: [StationDay]
        if let station {
            days = try store.stationBalances(from: last - (Self.historyDays - 1), through: last, station: station)
        } else {
            let all = try store.stationBalances(from: last, through: last)
            days = Array(all.ranked(estimatedMost: estimatedMost).prefix(limit))
        }
        let document = StationBalanceDocument(days, estimatedMost: estimatedMost)
        switch format {
        case .text: output(document.text)
        case .csv: output(document.csv)
        case .json: output(document.json.text + "\n")
        }
    }
}
