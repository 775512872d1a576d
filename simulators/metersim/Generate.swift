import ArgumentParser
import MeterFleet
import Metering
import Modbus

struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Invent a fleet: fleet.yaml and the registry's three CSV files.",
        discussion: "The same options always give the same files.")

    @Option(help: "How many meters, one for each usage point.")
    var meters: Int
    @Option(help: "How many gateways; each has at most 247 meters.")
    var gateways: Int
    @Option(help: "The folder to write to; made if it is not there.")
    var out: String
    @Option(help: "What chance hangs on.")
    var seed: UInt64 = 1
    @Option(name: .customLong("first-port"), help: "Port of the first gateway on 127.0.0.1; the others follow.")
    var firstPort = 15_020
    @Option(help: "Meter models, in turn.")
    var profiles = ProfileNames(["adl400", "sdm630", "abb-b23"])
    @Option(help: "The day the meters were installed (default: 2025-04-01).", transform: ServiceDay.argument)
    var start = ServiceDay(iso: "2025-04-01") ?? ServiceDay(number: 0)

    func run() throws {
        guard seed <= UInt64(Int64.max) else { throw ValidationError("--seed must be at most \(Int64.max)") }
        let library = try ProfileLibrary.load(folder: nil)
        let plan: FleetPlan
        do {
            plan = try FleetPlan(
                meters: meters, gateways: gateways, seed: seed, firstPort: firstPort, profiles: profiles.names,
                start: start, library: library)
        } catch {
            throw ValidationError(error.description)
        }
        try FleetFolder(out).write(plan.fleet)
    }
}
