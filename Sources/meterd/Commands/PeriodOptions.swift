import ArgumentParser
import Metering
import Store

/// `--from D --to D`, both ends included.
struct PeriodOptions: ParsableArguments {
    @Option(help: "First day, YYYY-MM-DD.", transform: ServiceDay.argument) var from: ServiceDay
    @Option(help: "Last day, YYYY-MM-DD, included.", transform: ServiceDay.argument) var to: ServiceDay

    func validate() throws {
        guard from <= to else { throw ValidationError("--from \(from) lies after --to \(to)") }
        guard to - from < 36_525 else { throw ValidationError("a period of more than 100 years") }
    }
}

extension Workplace {
    /// The usage point a command was given, or a refusal that says how to find the right one.
    func requireUsagePoint(_ name: String, in store: Store) throws -> UsagePoint {
        guard let found = try store.usagePoint(name) else {
            complain("no usage point \(name); `meterd registry export DIR` lists them")
            throw ExitCode(Exit.data)
        }
        return found
    }
}
