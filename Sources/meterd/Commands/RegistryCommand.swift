import ArgumentParser
import Foundation
import Metering
import Store

struct RegistryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registry", abstract: "Gateways, usage points, meters and contracts as CSV files.",
        subcommands: [Import.self, Export.self])

    private static let files = ["gateways.csv", "usage_points.csv", "meters.csv"]

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take in gateways.csv, usage_points.csv and meters.csv of a folder: all or nothing.",
            discussion: "So is contracts.csv, where the folder has one.")

        @Argument(help: "Folder with the files.") var folder: String
        @OptionGroup var config: ConfigurationOption

        func run() throws {
            let workplace = try config.workplace()
            let change: RegistryChange
            do {
                let (bytes, contracts) = try RegistryCommand.read(folder)
                let registry = try RegistryFiles.parse(
                    gateways: bytes[0], usagePoints: bytes[1], meters: bytes[2], contracts: contracts,
                    profiles: Set(workplace.profiles.names), categories: Set(workplace.tariffs.categories))
                change = try workplace.openStore(.tool).importRegistry(registry, at: workplace.now())
            } catch let faults as InputFaults {
                let refusal = refuse(faults, code: Exit.data)
                complain("nothing was imported")
                throw refusal
            } catch let error as StoreError where error.isAboutData {
                complain(error.description)
                throw ExitCode(Exit.data)
            }
            output("\(change.sentence)\n")
            complain("a running meterd takes the changes in within seconds")
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the registry as CSV files into a folder.",
            discussion: "contracts.csv is written where a usage point has a contract of its own.")

        @Argument(help: "Folder; made where it does not exist.") var folder: String
        @OptionGroup var config: ConfigurationOption

        func run() throws {
            let registry = try config.workplace().openStore(.tool).registry()
            let csv = RegistryFiles.csv(registry)
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            } catch {
                throw WholeFileError(path: folder, reason: error.localizedDescription)
            }
            for (name, text) in zip(RegistryCommand.files, [csv.gateways, csv.usagePoints, csv.meters]) {
                try WholeFile.write(RegistryCommand.path(name, in: folder)) { try $0(text) }
            }
            let contracts = RegistryCommand.path(RegistryFiles.contractsFile, in: folder)
            // One from an earlier export would bring back contracts that are over.
            if csv.contracts != nil || FileManager.default.fileExists(atPath: contracts) {
                try WholeFile.write(contracts) { try $0(csv.contracts ?? RegistryFiles.noContracts) }
            }
            output(
                "\(registry.gateways.count) gateways, \(registry.usagePoints.count) usage points, "
                    + "\(registry.installations.count) meters\n")
        }
    }

    private static func path(_ name: String, in folder: String) -> String {
        URL(fileURLWithPath: folder).appendingPathComponent(name).path
    }

    /// What is in `files`, in their order; contracts `nil` where there is no such file.
    private static func read(_ folder: String) throws -> (files: [[UInt8]], contracts: [UInt8]?) {
        var faults: [InputFault] = []
        func bytes(_ name: String, remedy: String) -> [UInt8] {
            let path = path(name, in: folder)
            guard let data = FileManager.default.contents(atPath: path) else {
                faults.append(InputFault(file: path, field: "", value: "", remedy: remedy))
                return []
            }
            return Array(data)
        }
        let needed = files.map { bytes($0, remedy: "cannot be read; all three are needed") }
        let hasContracts = FileManager.default.fileExists(atPath: path(RegistryFiles.contractsFile, in: folder))
        let contracts = hasContracts ? bytes(RegistryFiles.contractsFile, remedy: "cannot be read") : nil
        guard faults.isEmpty else { throw InputFaults(faults) }
        return (needed, contracts)
    }
}
