import ArgumentParser
import Foundation
import Metering
import Store

struct RegistryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registry", abstract: "Gateways, usage points and meters as three CSV files.",
        subcommands: [Import.self, Export.self])

    private static let files = ["gateways.csv", "usage_points.csv", "meters.csv"]

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take in gateways.csv, usage_points.csv and meters.csv of a folder: all or nothing.")

        @Argument(help: "Folder with the three files.") var folder: String
        @OptionGroup var config: ConfigurationOption

        func run() throws {
            let workplace = try config.workplace()
            let change: RegistryChange
            do {
                let bytes = try RegistryCommand.read(folder)
                let registry = try RegistryFiles.parse(
                    gateways: bytes[0], usagePoints: bytes[1], meters: bytes[2],
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
            abstract: "Write the registry as three CSV files into a folder.")

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
                let file = URL(fileURLWithPath: folder).appendingPathComponent(name)
                try WholeFile.write(file.path) { try $0(text) }
            }
            output(
                "\(registry.gateways.count) gateways, \(registry.usagePoints.count) usage points, "
                    + "\(registry.installations.count) meters\n")
        }
    }

    private static func read(_ folder: String) throws -> [[UInt8]] {
        var faults: [InputFault] = []
        let bytes = files.map { name -> [UInt8] in
            let path = URL(fileURLWithPath: folder).appendingPathComponent(name).path
            guard let data = FileManager.default.contents(atPath: path) else {
                faults.append(
                    InputFault(file: path, field: "", value: "", remedy: "cannot be read; all three are needed"))
                return []
            }
            return Array(data)
        }
        guard faults.isEmpty else { throw InputFaults(faults) }
        return bytes
    }
}
