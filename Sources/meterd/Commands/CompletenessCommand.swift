import ArgumentParser
import Metering
import Store
import Web

struct CompletenessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completeness",
        abstract: "A day's indices against the meters that should have one, cut by place, model or reason.",
        discussion: """
            Worst first. Above them, how the night went against the objective: a valid index by 06:00, with the \
            predicted finish while it is still going on (--day of today). By reason: what stands in the way of the \
            missing ones, as far as it decides who does what. With --missing: those meters one by one as well, in CSV \
            instead of the parts.
            """)

    enum OutputFormat: String, ExpressibleByArgument { case text, csv, json }

    @Option(help: "Day, YYYY-MM-DD; without it the last closed one.", transform: ServiceDay.argument)
    var day: ServiceDay?
    @Option(help: "What it is cut by.") var by = CompletenessCut.district
    @Flag(help: "The meters that are missing.") var missing = false
    @Option(help: "text, csv or json.") var format: OutputFormat = .text
    @OptionGroup var config: ConfigurationOption

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        let calendar = workplace.configuration.calendar
        let today = calendar.day(at: workplace.now())
        if let day, day > today { throw ValidationError("--day \(day) has not begun; today is \(today)") }
        let day = try day ?? store.lastClosedDay() ?? today
        let document = CompletenessDocument(
            try store.completeness(of: day, by: by), collection: try store.collection(of: day),
            missing: missing ? try store.missingMeters(on: day) : nil, calendar: calendar)
        switch format {
        case .text: output(document.text)
        case .csv: output(document.csv)
        case .json: output(document.json.text + "\n")
        }
    }
}

extension CompletenessCut: ExpressibleByArgument {}
