import ArgumentParser
import Foundation
import Metering
import Store
import Web

struct FeedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed", abstract: "What customers get: one usage point's days, or every customer's day.",
        discussion: """
            With a usage point: --from D --to D (both included) --format csv|json, on standard output.
            Without one: --day D --format csv|jsonl --out FILE, every usage point's day; the file appears whole or \
            not at all.
            """)

    enum OutputFormat: String, ExpressibleByArgument { case csv, json, jsonl }

    @Argument(help: "Usage point.") var usagePoint: String?
    @Option(help: "First day, YYYY-MM-DD.", transform: ServiceDay.argument) var from: ServiceDay?
    @Option(help: "Last day, YYYY-MM-DD, included.", transform: ServiceDay.argument) var to: ServiceDay?
    @Option(help: "Every customer's day, YYYY-MM-DD.", transform: ServiceDay.argument) var day: ServiceDay?
    @Option(
        help: "Register: \(Register.names) (default: import).", completion: Register.completion,
        transform: Register.argument)
    var register = Register.activeImport
    @Option(help: ArgumentHelp("File to write.", valueName: "file")) var out: String?
    @OptionGroup var config: ConfigurationOption
    @Option(help: "csv, json (one usage point) or jsonl (every customer).") var format: OutputFormat = .csv

    func validate() throws {
        if usagePoint != nil {
            guard let from, let to, from <= to else { throw ValidationError("give --from and --to, in that order") }
            guard day == nil, out == nil else { throw ValidationError("--day and --out are for every customer's feed") }
            guard format != .jsonl else { throw ValidationError("jsonl is for every customer's feed; use json") }
        } else {
            guard day != nil, out != nil else {
                throw ValidationError("give a usage point with --from and --to, or --day and --out")
            }
            guard from == nil, to == nil else { throw ValidationError("--from and --to need a usage point") }
            guard format != .json else { throw ValidationError("every customer's feed is csv or jsonl") }
        }
    }

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        if let usagePoint, let from, let to {
            try one(usagePoint, from, to, workplace, store)
        } else if let day, let out {
            try every(day, out, workplace, store)
        }
    }

    private func one(
        _ usagePoint: String, _ from: ServiceDay, _ to: ServiceDay, _ workplace: Workplace, _ store: Store
    ) throws {
        _ = try workplace.requireUsagePoint(usagePoint, in: store)
        let document = try FeedDocument(reading: usagePoint, register: register, from: from, to: to.next, store: store)
        output(format == .json ? document.json.text + "\n" : document.csv)
    }

    private func every(_ day: ServiceDay, _ path: String, _ workplace: Workplace, _ store: Store) throws {
        let rows = try store.everyUsagePoint(on: day, register: register)
        let document = DayFeedDocument(
            day: day, register: register, rows: rows, calendar: workplace.configuration.calendar)
        try WholeFile.write(path) { write in
            switch format {
            case .csv: try document.writeCSV(write)
            case .json, .jsonl: try document.writeJSONLines(write)
            }
        }
        let missing = rows.count { $0.index == nil }
        complain("\(path): \(rows.count) usage points on \(day), \(missing) of them without an index")
    }
}
