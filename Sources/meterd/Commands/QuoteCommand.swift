import ArgumentParser
import Billing
import Metering
import Web

struct QuoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quote", abstract: "A provisional bill for given kWh, without a database.",
        discussion: """
            A price change inside the period is split at its day: by the index of that day where --kwh-before-change \
            gives the kWh used before it, else in proportion to the days.
            """)

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    @Option(help: "Tariff category, e.g. residential.") var category: String
    @OptionGroup var period: PeriodOptions
    @Option(help: "Whole kWh of the period.") var kwh: Int64
    @Option(
        help: "Households sharing the meter, up to two decimals (default: 1).", transform: QuoteCommand.hundredths)
    var households = 100
    @Option(help: "kWh used before the price change inside the period.") var kwhBeforeChange: Int64?
    @Flag(help: "Scale the quotas by days: first or last period, changed reading day.") var irregular = false
    @Option(help: ArgumentHelp("Folder with own tariff decisions.", valueName: "dir")) var tariffs: String?
    @Option(help: "text or json.") var format: OutputFormat = .json

    func run() throws {
        let book: TariffBook
        do throws(InputFaults) {
            book = try TariffBook.load(folder: tariffs)
        } catch {
            throw refuse(error, code: Exit.configuration)
        }
        guard let period = BillingPeriod(from: period.from, through: period.to) else {
            throw ValidationError("--from \(period.from) lies after --to \(period.to)")
        }
        do throws(BillingError) {
            let bill = try book.bill(
                BillRequest(
                    category: category, period: period, kwh: kwh, kwhBeforeChange: kwhBeforeChange,
                    householdHundredths: households, isIrregular: irregular))
            let document = BillDocument(quote: bill)
            output(format == .json ? document.json.text + "\n" : document.text)
            if format == .json { for note in document.notes { complain("note: \(note)") } }
        } catch {
            complain(error.description)
            throw ExitCode(Exit.data)
        }
    }

    /// `1.75` → 175; exact, no floating point.
    @Sendable private static func hundredths(_ text: String) throws -> Int {
        let refusal = ValidationError("must be a number above 0 with up to two decimals")
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }) else {
            throw refusal
        }
        guard (1...2).contains(parts.count), let whole = Int(parts[0]), (0...100_000).contains(whole) else {
            throw refusal
        }
        var fraction = 0
        if parts.count == 2 {
            guard (1...2).contains(parts[1].count), let digits = Int(parts[1]), digits >= 0 else { throw refusal }
            fraction = parts[1].count == 1 ? digits * 10 : digits
        }
        let value = whole * 100 + fraction
        guard value > 0 else { throw refusal }
        return value
    }
}
