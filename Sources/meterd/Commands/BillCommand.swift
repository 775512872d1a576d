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
            it is today.
            """)

    enum OutputFormat: String, ExpressibleByArgument { case text, json, html }

    @Argument(help: "Usage point.") var usagePoint: String
    @Option(help: "Day, YYYY-MM-DD; the bill counts the days before it.", transform: ServiceDay.argument)
    var asOf: ServiceDay?
    @OptionGroup var config: ConfigurationOption
    @Option(help: "text, json or html.") var format: OutputFormat = .text

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        _ = try workplace.requireUsagePoint(usagePoint, in: store)
        let day = asOf ?? workplace.configuration.calendar.day(at: workplace.now())
        let bill: CustomerBill
        do {
            bill = try store.provisionalBill(usagePoint: usagePoint, asOf: day, tariffs: workplace.tariffs)
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
        guard case .noIndex = error else { return error.description }
        let today = workplace.configuration.calendar.day(at: workplace.now())
        return try MissingBill(error, of: usagePoint, asOf: day, today: today, store: store).description
    }
}
