import ArgumentParser
import Metering
import Store
import Web

struct CorrectionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corrections",
        abstract: "What came to be known of closed days: cause, days, bills.",
        discussion: """
            Late readings, edits, and gaps drawn again after a day was closed: what brought each value, what the days \
            took before and after, and the bills of the periods they lie in, rated before and after. Without --since: \
            since yesterday's 00:00, or of one usage point all that is kept.
            """)

    enum OutputFormat: String, ExpressibleByArgument { case text, json, jsonl }

    @Option(
        help: ArgumentHelp(
            "What came to be known from then on: an instant, or a day's 00:00.", valueName: "instant|day"))
    var since: String?
    @Option(help: "Only at this usage point.") var usagePoint: String?
    @Option(
        help: "Register: \(Register.names) (default: import, the one that bills stand on).",
        completion: Register.completion, transform: Register.argument)
    var register = Register.activeImport
    @Option(help: ArgumentHelp("At most so many (default: 50, of jsonl all).", valueName: "n")) var limit: Int?
    @OptionGroup var config: ConfigurationOption
    @Option(help: "text, json, or jsonl: one document a line.") var format: OutputFormat = .text

    func validate() throws {
        guard limit.map({ $0 > 0 }) ?? true else { throw ValidationError("--limit must be 1 or more") }
        guard since.map({ Instant(rfc3339: $0) != nil || ServiceDay(iso: $0) != nil }) ?? true else {
            throw ValidationError("--since must be a day, or an instant with its offset as 2025-05-10T06:00:00+07:00")
        }
    }

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        if let usagePoint { _ = try workplace.requireUsagePoint(usagePoint, in: store) }
        let calendar = workplace.configuration.calendar
        let filter = CorrectionFilter(
            since: since(calendar, now: workplace.now()), usagePoint: usagePoint, register: register)
        var documents: [JSONValue] = []
        var told = 0
        let more = try store.forEachCorrection(
            filter, limit: limit ?? (format == .jsonl ? nil : 50), tariffs: workplace.tariffs
        ) { correction in
            told += 1
            let document = CorrectionDocument(correction, calendar: calendar)
            switch format {
            case .text: output(document.text)
            case .json: documents.append(document.json)
            case .jsonl: output(document.json.text + "\n")
            }
        }
        switch format {
        case .text:
            if told == 0 { output("no correction\n") }
            if more > 0 { output("… and \(more) more; --limit shows them\n") }
        case .json:
            output(JSONValue.members(["more": .integer(more), "corrections": .array(documents)]).text + "\n")
        case .jsonl:
            if more > 0 { complain("\(more) more; without --limit all are written") }
        }
    }

    private func since(_ calendar: ServiceCalendar, now: Instant) -> Instant? {
        guard let since else { return usagePoint == nil ? calendar.start(of: calendar.day(at: now).previous) : nil }
        return Instant(rfc3339: since) ?? ServiceDay(iso: since).map(calendar.start(of:))
    }
}
