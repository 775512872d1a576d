import ArgumentParser
import Metering
import Store
import Web

struct ExceptionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exceptions",
        abstract: "The work list: what a person has to look into, and what was done about it.",
        discussion: """
            A case that blocks keeps readings from becoming indices: edit the index, or tell the registry what \
            happened. One that holds keeps the bill from being final, one that warns nothing: release it once somebody \
            has looked. Everything done leaves who, when and why.
            """,
        subcommands: [
            ListCases.self, ShowCase.self, AcknowledgeCases.self, VisitCases.self, ReleaseCases.self,
            ExplainCase.self,
        ],
        defaultSubcommand: ListCases.self)
}

/// Which cases are meant.
struct CaseOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only of this kind or rule; may be given more than once.", valueName: "name"))
    var kind: [String] = []
    @Option(help: "Only at this usage point.") var usagePoint: String?
    @Option(help: "Only at this transformer station.") var station: String?
    @Option(help: "Only in this district.") var district: String?
    @Option(help: "Only behind this gateway.") var gateway: String?

    var filter: CaseFilter {
        CaseFilter(
            kinds: kind.isEmpty ? nil : Set(kind), usagePoint: usagePoint, station: station, district: district,
            gateway: gateway)
    }

    var isEmpty: Bool { filter == CaseFilter() }
}

enum DocumentFormat: String, ExpressibleByArgument { case text, json }

private struct ListCases: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Cases, the most pressing first; without this word the same.")

    @OptionGroup var options: CaseOptions
    @Option(help: "Only in this state; without it all that are live: open, acknowledged, field-visit.")
    var state: MeterCase.State?
    @Option(help: "By stake (what blocks, what holds, then the largest deviation), by age, or the newest first.")
    var order = CaseOrder.stake
    @Option(help: ArgumentHelp("At most so many.", valueName: "n")) var limit = 50
    @Option(help: "text or json.") var format: DocumentFormat = .text
    @OptionGroup var config: ConfigurationOption

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit \(limit) must be 1 or more") }
    }

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        var filter = options.filter
        if let state { filter.states = [state] }
        let document = CaseDocument(
            try store.cases(filter, order: order, limit: limit), total: try store.caseCount(filter),
            at: workplace.now(), calendar: workplace.configuration.calendar, tariffs: workplace.tariffs)
        switch format {
        case .text: output(document.text)
        case .json: output(document.json.text + "\n")
        }
    }
}

private struct ShowCase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One case, and what was done about it.")

    @Argument(help: "Its id, as the list shows it.") var id: Int64
    @Option(help: "text or json.") var format: DocumentFormat = .text
    @OptionGroup var config: ConfigurationOption

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        let all = CaseFilter(ids: [id], states: Set(MeterCase.State.allCases))
        guard let one = try store.cases(all, limit: 1).first else {
            complain("case \(id): there is none; meterd exceptions lists what is live")
            throw ExitCode(Exit.data)
        }
        let acts = try store.acts(on: id)
        let calendar = workplace.configuration.calendar
        switch format {
        case .text:
            output(CaseDocument.text(one, acts, calendar: calendar, tariffs: workplace.tariffs))
        case .json:
            let done = JSONValue.array(
                acts.map {
                    .members([
                        "act": .string($0.kind.rawValue), "at": .string(calendar.text($0.at)), "who": .string($0.who),
                        "why": .string($0.why),
                    ])
                })
            output(
                CaseDocument.json(one, calendar, workplace.tariffs).appending(["acts": done]).text + "\n")
        }
    }
}

/// What the three acts have in common.
struct CaseActOptions: ParsableArguments {
    @Argument(help: "Ids, as the list shows them; without any, all that the options below choose.") var ids: [Int64] =
        []
    @OptionGroup var options: CaseOptions
    @Option(
        help: ArgumentHelp("Only those no further than this from the usual, in whole kWh.", valueName: "kwh"))
    var deviationMost: Int64?
    @Option(help: "Why, in a sentence.") var reason: String
    @Option(help: "Who answers for it; without it, who is logged in.") var by: String = Person.loggedIn
    @OptionGroup var config: ConfigurationOption

    func validate() throws {
        guard !ids.isEmpty || !options.isEmpty else {
            throw ValidationError("give ids, or choose with --kind, --usage-point, --station, --district or --gateway")
        }
        guard deviationMost.map({ (0...1_000_000_000).contains($0) }) ?? true else {
            throw ValidationError("--deviation-most must be whole kWh, 0 or more")
        }
        guard !reason.allSatisfy(\.isWhitespace) else { throw ValidationError("--reason must say why") }
        guard !by.allSatisfy(\.isWhitespace) else { throw ValidationError("--by must name somebody") }
    }

    func run(_ act: CaseAct.Kind) throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        var filter = options.filter
        if !ids.isEmpty {
            filter.ids = Set(ids)
            // One that has ended shall be told of, not passed over.
            filter.states = Set(MeterCase.State.allCases)
        }
        filter.deviationMost = deviationMost.map { Energy(wattHours: $0 * 1000) }
        do {
            let report = try store.act(act, on: filter, by: by, why: reason, at: workplace.now())
            let unchanged = report.unchanged > 0 ? ", \(report.unchanged) were so before" : ""
            if report.done + report.unchanged > 0 {
                output("\(report.done == 1 ? "1 case" : "\(report.done) cases") now \(act.rawValue)\(unchanged)\n")
            }
            let known = ids.isEmpty ? [] : Set(try store.cases(filter, order: .age, limit: ids.count).map(\.id))
            let unknown = ids.filter { !known.contains($0) }
            for id in unknown { complain("case \(id): there is none, or not among what the options choose") }
            for refusal in report.refused { complain("case \(refusal.id): \(refusal.why)") }
            if report.refusedCount > report.refused.count {
                complain("and \(report.refusedCount - report.refused.count) more like these")
            }
            if report.done + report.unchanged + report.refusedCount == 0 {
                complain("no case is meant by that; meterd exceptions lists what is live")
            }
            if report.refusedCount > 0 || !unknown.isEmpty || report.done + report.unchanged == 0 {
                throw ExitCode(Exit.data)
            }
        } catch let error as StoreError where error.isAboutData {
            complain(error.description)
            throw ExitCode(Exit.data)
        }
    }
}

private struct AcknowledgeCases: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acknowledge", abstract: "Somebody has seen them.")
    @OptionGroup var what: CaseActOptions
    func run() throws { try what.run(.acknowledged) }
}

private struct VisitCases: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "visit", abstract: "Somebody goes to the meters.")
    @OptionGroup var what: CaseActOptions
    func run() throws { try what.run(.fieldVisit) }
}

private struct ReleaseCases: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "The values are real; ends the cases.",
        discussion: "A case that blocks cannot be released: readings that cannot be true are not made true by it.")
    @OptionGroup var what: CaseActOptions
    func run() throws { try what.run(.released) }
}

extension MeterCase.State: ExpressibleByArgument {}
extension CaseOrder: ExpressibleByArgument {}
