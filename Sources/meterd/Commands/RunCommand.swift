import ArgumentParser
import Foundation
import HeadEnd
import Logging
import Metering
import Modbus
import ServiceLifecycle
import Store
import Web

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "The daemon: polls, ingests, closes days, serves the control centre.",
        discussion: "Ends on SIGTERM or SIGINT after the requests in flight; logs go to standard error.")

    @OptionGroup var config: ConfigurationOption
    @Option(help: "trace, debug, info, notice, warning, error.", transform: RunCommand.level)
    var logLevel = Logger.Level.info

    func run() async throws {
        let workplace = try config.workplace()
        workplace.warn()
        let level = logLevel
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let logger = Logger(label: "meterd")
        do {
            try await Assembly(workplace, logger: logger).run()
        } catch {
            logger.critical("\(error)")
            throw ExitCode.failure
        }
    }

    @Sendable private static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("log level \"\(text)\" is none of \(known)")
        }
        return level
    }
}
