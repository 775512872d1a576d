import ArgumentParser
import Metering
import Store

struct ExplainCase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what happened to the meter: an exchange, a reset, other transformers, a removal.",
        discussion: """
            Writes it to the registry, as new rows of meters.csv would, and ends the case. An exchange has a --serial, \
            a dial that was set back a --start-index-wh, other transformers a --multiplier. The indices are what the \
            dial showed when it happened; without them the energy of that day is not known.
            """)

    @Argument(help: "The case, as meterd exceptions lists it.") var id: Int64
    @Option(name: .customLong("on"), help: "Day during which it happened.", transform: ServiceDay.argument)
    var day: ServiceDay
    @Option(help: "Serial number of the meter that hangs there now; without it the same.") var serial: String?
    @Option(help: "CT × VT from then on.") var multiplier: Int64?
    @Option(help: "Digits of the dial in whole kWh, from then on.") var digits: Int?
    @Flag(help: "Nothing hangs there any more.") var removed = false
    @Option(help: "What the old dial showed last, in Wh, before the multiplier.") var endIndexWh: Int64?
    @Option(help: "What the dial showed first after it, in Wh, before the multiplier.") var startIndexWh: Int64?
    @Option(help: "Why, and on whose word.") var reason: String
    @Option(help: "Who answers for it; without it, who is logged in.") var by: String = Person.loggedIn
    @OptionGroup var config: ConfigurationOption

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        let change = DialChange(
            day: day, serial: serial, multiplier: multiplier, digits: digits, isRemoval: removed,
            endIndex: endIndexWh.map(Energy.init(wattHours:)), startIndex: startIndexWh.map(Energy.init(wattHours:)))
        do {
            try store.explain(case: id, by: change, who: by, why: reason, at: workplace.now())
            output("case \(id) is explained; the registry says so since \(day)\n")
            complain("a running meterd takes the change in within seconds; meterd registry export writes it down")
        } catch let error as StoreError where error.isAboutData {
            complain(error.description)
            throw ExitCode(Exit.data)
        }
    }
}
