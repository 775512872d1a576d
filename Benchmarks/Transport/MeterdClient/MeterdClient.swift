import ArgumentParser
import Glibc
import Logging
import TransportWire

/// The transport benchmark's job done by meterd's own collector. Prints the same line as the other clients.
@main
struct MeterdClient: AsyncParsableCommand {
    @Argument(help: "Port of the gateways.") var port: UInt16
    @Argument(help: "Gateways, each with a connection of its own.") var connections: Int
    @Argument(help: "Requests in flight on a connection, 1 to 16.") var depth: Int
    @Argument(help: "Meters behind each gateway, 1 to 247.") var units: Int
    @Argument(help: "Answers to wait for, times the connections.") var each: Int

    func validate() throws {
        guard (1...8000).contains(connections), (1...Int(WIRE_DEPTH_MAX)).contains(depth),
            (1...Int(WIRE_UNITS_MAX)).contains(units), each >= 1
        else { throw ValidationError("1...8000 connections, depth 1...16, 1...247 units, at least 1 answer") }
    }

    func run() async throws {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        // Whatever hangs, the benchmark ends.
        alarm(120)
        let collector = try Collector(
            .init(gateways: connections, units: units, port: port, depth: depth), wanted: connections * each)
        await collector.prepare()
        var run = wire_run()
        wire_begin(&run)
        let result = try await collector.run()
        wire_end(&run)
        wire_report(
            &run, "meterd", Int32(connections), Int32(depth), result.answers, result.faults, result.givenUp)
        guard result.faults == 0 else { throw ExitCode.failure }
    }
}
