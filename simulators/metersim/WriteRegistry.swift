import ArgumentParser
import MeterFleet
import Metering

struct WriteRegistry: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registry",
        abstract: "Write the registry's three CSV files that fit a fleet file.",
        discussion: """
            For a fleet file written by hand, such as a scenario; generate and replay write them by themselves. With \
            --as-of the registry knows the meters exchanged up to that day, with the dials the fitter read.
            """)

    @Argument(help: "The fleet file.")
    var fleet: String
    @Option(help: "The folder to write to; made if it is not there.")
    var out: String
    @Option(
        name: .customLong("as-of"), help: "The last day whose exchanges are known; none without it.",
        transform: ServiceDay.argument)
    var asOf: ServiceDay?

    func run() throws {
        try FleetFolder(out).writeRegistry(FleetFile.load(path: fleet), asOf: asOf)
    }
}
