import ArgumentParser
import Billing
import Foundation
import Metering
import Web

struct QuoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quote", abstract: "A provisional bill for given kWh, without a database.",
        discussion: """
            A price change inside the period is split at its day: by the index of that day where --kwh-before-change \
            gives the kWh used before it, else in proportion to the days.

            Where prices are by the hour, --kwh-normal, --kwh-offpeak and --kwh-peak give the kWh of each rate; \
            without them everything is at the normal price, as for a customer without three-price metering.

            --file prices a file of cases instead and prints where it differs (docs/TARIFFS.md has the columns): \
            exit 1 if it does.
            """)

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    @Option(help: "Tariff category, e.g. residential.") var category: String?
    @Option(help: "First day, YYYY-MM-DD.", transform: ServiceDay.argument) var from: ServiceDay?
    @Option(help: "Last day, YYYY-MM-DD, included.", transform: ServiceDay.argument) var to: ServiceDay?
    @Option(help: "Whole kWh of the period.") var kwh: Int64?
    @Option(
        help: "Households sharing the meter, up to two decimals (default: 1).", transform: QuoteCommand.households)
    var households = 100
    @Option(help: "kWh at normal hours.") var kwhNormal: Int64?
    @Option(help: "kWh at off-peak hours.") var kwhOffpeak: Int64?
    @Option(help: "kWh at peak hours.") var kwhPeak: Int64?
    @Option(help: "Reactive energy of the period, for a customer who is charged for a low power factor.")
    var kvarh: Int64?
    @Option(help: "kWh used before the price change inside the period.") var kwhBeforeChange: Int64?
    @Flag(help: "Scale the quotas by days: first or last period, changed reading day.") var irregular = false
    @Option(help: "What so many kWh more would cost, and in which blocks.") var more: Int64?
    @Option(
        help: ArgumentHelp("The same by a decision that is published and not in force.", valueName: "decision"))
    var beside: String?
    @Option(help: ArgumentHelp("CSV of cases to price and to compare.", valueName: "file")) var file: String?
    @Option(help: ArgumentHelp("Folder with own tariff decisions.", valueName: "dir")) var tariffs: String?
    @Flag(help: "Use prices that are from memory and not verified.") var unverifiedPrices = false
    @Option(help: "text or json.") var format: OutputFormat?

    func validate() throws {
        if file != nil {
            let others = category != nil || from != nil || to != nil || kwh != nil || more != nil || beside != nil
            if others { throw ValidationError("--file brings its cases; leave --category, days, kWh and the like out") }
            return
        }
        var missing: [String] = []
        if category == nil { missing.append("--category") }
        if from == nil { missing.append("--from") }
        if to == nil { missing.append("--to") }
        if kwh == nil, rated == nil { missing.append("--kwh") }
        guard missing.isEmpty else {
            throw ValidationError("missing \(missing.joined(separator: ", ")); or give a file of cases with --file")
        }
        for kwh in [kwhNormal, kwhOffpeak, kwhPeak] {
            guard let kwh, !(0...BillRequest.kwhMax).contains(kwh) else { continue }
            throw ValidationError("\(kwh) kWh of a rate: give whole kWh from 0 to \(BillRequest.kwhMax)")
        }
        guard let from, let to else { return }
        guard from <= to else { throw ValidationError("--from \(from) lies after --to \(to)") }
        guard to - from < 36_525 else { throw ValidationError("a period of more than 100 years") }
    }

    func run() throws {
        let book: TariffBook
        do throws(InputFaults) {
            book = try TariffBook.load(folder: tariffs, unverifiedPrices: unverifiedPrices)
        } catch {
            throw refuse(error, code: Exit.configuration)
        }
        if let file {
            try compare(file, by: book)
            return
        }
        guard let category, let from, let to, let period = BillingPeriod(from: from, through: to) else { return }
        let request = BillRequest(
            category: category, period: period, kwh: kwh ?? rated?.sum ?? 0, kwhBeforeChange: kwhBeforeChange,
            rated: rated, kvarh: kvarh, householdHundredths: households, isIrregular: irregular)
        do throws(BillingError) {
            var document = BillDocument(quote: try book.bill(request))
            if let more { document.whatIf = try book.whatIf(request, more: more) }
            if let announced = try announced(in: book) { document.beside = try book.assuming(announced).bill(request) }
            let asText = format == .text
            output(asText ? document.text : document.json.text + "\n")
            if !asText { for note in document.notes { complain("note: \(note)") } }
        } catch {
            complain(error.description)
            throw ExitCode(Exit.data)
        }
    }

    private var rated: RatedKWh? {
        guard kwhNormal != nil || kwhOffpeak != nil || kwhPeak != nil else { return nil }
        return RatedKWh(normal: kwhNormal ?? 0, offpeak: kwhOffpeak ?? 0, peak: kwhPeak ?? 0)
    }

    private func announced(in book: TariffBook) throws(BillingError) -> AnnouncedDecision? {
        guard let beside else { return nil }
        guard let found = book.announced.first(where: { $0.number == beside }) else {
            throw .notAnnounced(beside, known: book.announced.map(\.number))
        }
        return found
    }

    private func compare(_ file: String, by book: TariffBook) throws {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            complain("\(file): cannot be read; check that it is a file and that its permissions allow it")
            throw ExitCode(Exit.data)
        }
        let cases: [PricedCase]
        do throws(InputFaults) {
            cases = try PricedCase.read([UInt8](bytes), file: file)
        } catch {
            throw refuse(error, code: Exit.data)
        }
        let document = CaseComparisonDocument(cases, by: book, file: file)
        output(format == .json ? document.json.text + "\n" : document.text)
        if !document.agrees { throw ExitCode.failure }
    }

    @Sendable private static func households(_ text: String) throws -> Int {
        guard let value = RegistryFiles.hundredths(text) else {
            throw ValidationError("must be a number above 0 with up to two decimals")
        }
        return value
    }
}
