import ArgumentParser
import Billing
import Metering
import Store
import Web

struct BillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bill", abstract: "A customer's provisional bill of the period that a day lies in.",
        discussion: """
            The bill counts the days before --as-of, whose last index is the one at 00:00 of that day. Without --as-of \
            it is today. With --known-at it is made with what was known at that moment, as it stood before late \
            readings and corrections, and --as-of is the day of that moment unless it is given.
            """)

    enum OutputFormat: String, ExpressibleByArgument { case text, json, html }

    @Argument(help: "Usage point.") var usagePoint: String
    @Option(help: "Day, YYYY-MM-DD; the bill counts the days before it.", transform: ServiceDay.argument)
    var asOf: ServiceDay?
    @Option(
        help: ArgumentHelp("The bill as it was at this moment, e.g. 2025-06-01T08:00:00+07:00.", valueName: "instant"),
        transform: Instant.argument)
    var knownAt: Instant?
    @OptionGroup var config: ConfigurationOption
    @Option(help: "text, json or html.") var format: OutputFormat = .text

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        _ = try workplace.requireUsagePoint(usagePoint, in: store)
        let calendar = workplace.configuration.calendar
        let now = workplace.now()
        if let knownAt, knownAt > now {
            complain("--known-at \(calendar.text(knownAt)) lies ahead; it is \(calendar.text(now))")
            throw ExitCode(Exit.data)
        }
        let (day, today) = (asOf ?? calendar.day(at: knownAt ?? now), calendar.day(at: now))
        guard day <= today else {
            complain("usage point \(usagePoint): no bill as of \(day): that day lies ahead; today is \(today)")
            throw ExitCode(Exit.data)
        }
        let bill: CustomerBill
        do {
            bill = try store.provisionalBill(
                usagePoint: usagePoint, asOf: day, knownAt: knownAt, tariffs: workplace.tariffs)
        } catch let error as BillingError {
            complain(error.description)
            throw ExitCode(Exit.data)
        } catch let error as StoreError where error.isAboutData {
            complain(try sentence(error, asOf: day, workplace, store))
            throw ExitCode(Exit.data)
        }
        let document = BillDocument(bill)
        switch format {
        case .text: output(document.text)
        case .json:
            output(document.json.text + "\n")
            for note in document.notes { complain("note: \(note)") }
        case .html: output(document.htmlDocument(try Pages()))
        }
    }

    private func sentence(
        _ error: StoreError, asOf day: ServiceDay, _ workplace: Workplace, _ store: Store
    ) throws -> String {
        guard case .noIndex(let usagePoint, let from, let through) = error else { return error.description }
        if let knownAt {
            let then = workplace.configuration.calendar.text(knownAt)
            return "usage point \(usagePoint): no index from \(from) to \(through) was known at \(then)"
        }
        let today = workplace.configuration.calendar.day(at: workplace.now())
        return try MissingBill(error, of: usagePoint, asOf: day, today: today, store: store).description
    }
}
