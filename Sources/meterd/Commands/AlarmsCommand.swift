import Alarms
import ArgumentParser
import Metering
import Store
import Web

struct AlarmsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alarms",
        abstract: "What needs somebody soon; the daemon looks each minute.",
        subcommands: [List.self, Acknowledge.self, History.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Alarms that are raised; without this word the same.")

        enum OutputFormat: String, ExpressibleByArgument { case text, json }

        @Flag(help: "Those too that another explains.") var all = false
        @Option(help: "text or json.") var format: OutputFormat = .text
        @OptionGroup var config: ConfigurationOption

        func run() throws {
            let workplace = try config.workplace()
            let board = try workplace.openStore(.tool).alarmBoard()
            let document = AlarmDocument(
                all ? board.states.filter { $0.raisedAt != nil } : board.shown,
                calendar: workplace.configuration.calendar)
            switch format {
            case .text: output(document.text)
            case .json: output(document.json.text + "\n")
            }
        }
    }

    struct Acknowledge: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Somebody has seen it and does something; it stays until it is over.")

        @Argument(help: "Its kind, as the list shows it.") var kind: Alarm.Kind
        @Argument(help: "What it is about: a station, a district, a rule; nothing where there is only one.")
        var subject = ""
        @Option(help: "What is being done.") var note: String
        @Option(help: "Who does it; without it, who is logged in.") var by: String = Person.loggedIn
        @OptionGroup var config: ConfigurationOption

        func run() throws {
            let workplace = try config.workplace()
            let alarm = Alarm(kind, subject)
            do {
                try workplace.openStore(.tool).acknowledge(alarm, by: by, note: note, at: workplace.now())
                output("alarm \(alarm) is acknowledged\n")
            } catch let error as StoreError where error.isAboutData {
                complain(error.description)
                throw ExitCode(Exit.data)
            }
        }
    }
}

extension AlarmsCommand {
    struct History: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What became of alarms: raised, acknowledged by whom, over.",
            discussion: "Oldest first. Kept as long as indices are.")

        @Option(help: "First day, YYYY-MM-DD; without it a week before the last.", transform: ServiceDay.argument)
        var from: ServiceDay?
        @Option(help: "Last day; without it today.", transform: ServiceDay.argument) var through: ServiceDay?
        @Option(help: "text or json.") var format: List.OutputFormat = .text
        @OptionGroup var config: ConfigurationOption

        func run() throws {
            let workplace = try config.workplace()
            let calendar = workplace.configuration.calendar
            let last = through ?? calendar.day(at: workplace.now())
            let first = from ?? last - 6
            guard first <= last else {
                throw ValidationError("--from \(first) is after \(through == nil ? "today" : "--through") \(last)")
            }
            let events = try workplace.openStore(.tool).alarmEvents(
                from: calendar.start(of: first), to: calendar.start(of: last.next))
            let document = AlarmHistoryDocument(events, of: first...last, calendar: calendar)
            switch format {
            case .text: output(document.text)
            case .json: output(document.json.text + "\n")
            }
        }
    }
}

extension Alarm.Kind: ExpressibleByArgument {}
