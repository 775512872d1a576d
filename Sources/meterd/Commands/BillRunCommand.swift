import ArgumentParser
import Billing
import Metering
import Store
import Web

struct BillRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bill-run", abstract: "Every customer's provisional bill as of a day.",
        discussion: """
            The bills are kept in the store; with --out they are written as CSV too, which appears whole or not at \
            all. A second run of the same day keeps what is another bill by then, and that only; one that was broken \
            off goes on. `meterd bill-runs` lists and compares them.
            """)

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    @Option(
        help: "Day, YYYY-MM-DD; the bills count the days before it (default: today).", transform: ServiceDay.argument)
    var asOf: ServiceDay?
    @Option(help: ArgumentHelp("CSV file to write, a row a customer.", valueName: "file")) var out: String?
    @OptionGroup var config: ConfigurationOption
    @Option(help: "text or json: each district's sums.") var format: OutputFormat = .text

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        let now = workplace.now()
        let today = workplace.configuration.calendar.day(at: now)
        let day = asOf ?? today
        guard day <= today else {
            complain("no bills as of \(day): that day lies ahead; today is \(today)")
            throw ExitCode(Exit.data)
        }
        let (run, districts) = try store.runBills(
            asOf: day, tariffs: workplace.tariffs, at: now, finishing: { workplace.now() })
        if let out {
            try WholeFile.write(out) { write in try BillRunDocument.writeCSV(of: run, store, write) }
            complain("\(out): \(run.billed) bills as of \(day), \(run.refused) customers without one")
        }
        let document = BillRunDocument(run, districts)
        output(format == .json ? document.json.text + "\n" : document.text)
    }
}

struct BillRunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bill-runs", abstract: "The runs of bills that are kept, and what differs between two.")

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    @Option(help: "Number of the earlier run to compare.") var from: Int64?
    @Option(help: "Number of the later one (default: the latest).") var to: Int64?
    @Option(help: ArgumentHelp("CSV file for the differences (default: standard output).", valueName: "file"))
    var out: String?
    @OptionGroup var config: ConfigurationOption
    @Option(help: "text or json: the list of runs.") var format: OutputFormat = .text

    func validate() throws {
        guard from != nil || (to == nil && out == nil) else {
            throw ValidationError("give the run to compare with: --from RUN")
        }
    }

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        let runs = try store.billRuns()
        guard let from else {
            let document = BillRunsDocument(runs, calendar: workplace.configuration.calendar)
            output(format == .json ? document.json.text + "\n" : document.text)
            return
        }
        let (earlier, later) = (try find(from, in: runs), try find(to ?? runs.last?.number ?? from, in: runs))
        var sums: (customers: Int, difference: Money) = (0, .zero)
        if let out {
            try WholeFile.write(out) { write in
                sums = try BillRunDocument.writeDifferences(from: earlier, to: later, store, write)
            }
        } else {
            sums = try BillRunDocument.writeDifferences(from: earlier, to: later, store) { output($0) }
        }
        complain(
            "runs \(earlier.number) (as of \(earlier.asOf)) and \(later.number) (as of \(later.asOf)): "
                + "\(sums.customers) customers differ, by \(sums.difference.dong) VND together")
    }

    private func find(_ number: Int64, in runs: [BillRun]) throws -> BillRun {
        guard let run = runs.first(where: { $0.number == number }) else {
            let known = runs.map { "\($0.number)" }.joined(separator: ", ")
            complain("no run \(number); " + (known.isEmpty ? "none is kept" : "kept are \(known)"))
            throw ExitCode(Exit.data)
        }
        return run
    }
}
