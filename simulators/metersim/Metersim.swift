import ArgumentParser
import Foundation
import MeterFleet
import Metering

@main
struct Metersim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metersim",
        abstract: "A simulated field: gateways and meters on Modbus/TCP, of any size, on any clock.",
        subcommands: [Generate.self, Replay.self, Serve.self, Truth.self, WriteRegistry.self])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            leave(with: error)
        }
    }

    /// Exit codes follow sysexits.h: 64 usage (ArgumentParser), 65 bad data, 71 endpoints taken and other limits
    /// of the system, 73 output that cannot be written.
    private static func leave(with error: any Error) -> Never {
        switch error {
        case let faults as InputFaults: leave(saying: faults.description, code: 65)
        case let refusal as FleetServer.StartError: leave(saying: refusal.description, code: 71)
        case let output as OutputError: leave(saying: output.description, code: 73)
        default: exit(withError: error)
        }
    }

    private static func leave(saying text: String, code: Int32) -> Never {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
        Foundation.exit(code)
    }
}

extension ServiceDay {
    /// For `transform` of an option: ArgumentParser's own refusal would not say what a day looks like.
    @Sendable static func argument(_ text: String) throws -> ServiceDay {
        guard let day = ServiceDay(iso: text) else {
            throw ValidationError("must be a day as YYYY-MM-DD, e.g. 2025-05-10")
        }
        return day
    }
}

/// `adl400,sdm630`: names with commas between.
struct ProfileNames: ExpressibleByArgument {
    let names: [String]

    init(_ names: [String]) { self.names = names }

    init?(argument: String) {
        let names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard !names.contains("") else { return nil }
        self.names = names
    }

    var defaultValueDescription: String { names.joined(separator: ",") }
}
