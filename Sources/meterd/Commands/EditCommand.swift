import ArgumentParser
import Metering
import Store

struct EditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Enter a day's index by hand, with the reason; the old value stays as a revision.")

    @Argument(help: "Usage point.") var usagePoint: String
    @Option(help: "Day at whose 00:00 the dial showed the index, YYYY-MM-DD.", transform: ServiceDay.argument)
    var day: ServiceDay
    @Option(help: "Register: \(Register.names).", completion: Register.completion, transform: Register.argument)
    var register: Register
    @Option(help: "The dial's index in whole Wh (varh), before the multiplier.") var indexWh: Int64
    @Option(help: "Why, and on whose word.") var reason: String
    @Option(help: "Who answers for it; without it, who is logged in.") var by: String = Person.loggedIn
    @OptionGroup var config: ConfigurationOption

    func validate() throws {
        guard !by.allSatisfy(\.isWhitespace) else { throw ValidationError("--by must name somebody") }
        guard indexWh >= 0 else { throw ValidationError("--index-wh \(indexWh) must not be negative") }
        guard !reason.allSatisfy(\.isWhitespace) else { throw ValidationError("--reason must say why") }
    }

    func run() throws {
        let workplace = try config.workplace()
        let store = try workplace.openStore(.tool)
        _ = try workplace.requireUsagePoint(usagePoint, in: store)
        do {
            let index = try store.edit(
                usagePoint: usagePoint, register: register, day: day, index: Energy(wattHours: indexWh), reason: reason,
                by: by, at: workplace.now())
            // What was counted when the days were closed has changed with it.
            for closed in try store.completenessHistory(from: day.previous, through: day).map(\.day) {
                _ = try store.closeDay(closed, at: workplace.now())
            }
            output("\(usagePoint) \(register.name) \(day): \(index.index), edited, revision \(index.revision)\n")
        } catch let error as StoreError where error.isAboutData {
            complain(error.description)
            throw ExitCode(Exit.data)
        }
    }
}
