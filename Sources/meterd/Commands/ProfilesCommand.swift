import ArgumentParser
import Metering
import Modbus

struct ProfilesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profiles", abstract: "Known meter models; with a name, that model's table.")

    @Argument(help: "Profile name.") var name: String?
    @Option(help: ArgumentHelp("Folder with own profiles.", valueName: "dir")) var folder: String?

    func run() throws {
        let library: ProfileLibrary
        do {
            library = try ProfileLibrary.load(folder: folder)
        } catch let faults as InputFaults {
            throw refuse(faults, code: Exit.configuration)
        }
        guard let name else {
            for name in library.names {
                guard let profile = library[name] else { continue }
                let days = profile.frozen.map { ", keeps \($0.slots) days" } ?? ""
                output("\(profile.label)\t\(profile.manufacturer) \(profile.model)\(days)\n")
            }
            return
        }
        guard let profile = library[name] else {
            throw ValidationError("no profile \(name); known are \(library.names.joined(separator: ", "))")
        }
        output(
            """
            \(profile.label)  \(profile.manufacturer) \(profile.model)
            manual    \(profile.manual)
            evidence  \(profile.evidence)
            at most \(profile.maxWords) words a request

            """)
        for value in profile.values {
            let address = "0x" + String(value.range.address, radix: 16, uppercase: true)
            let fields = [
                "FC\(value.range.function.rawValue)", address, "+\(value.range.count)", value.encoding.type.rawValue,
                value.encoding.order.rawValue, value.name, value.unit ?? "", value.isOptional ? "optional" : "",
            ]
            output(fields.joined(separator: "\t") + "\n")
        }
        if let frozen = profile.frozen {
            let base = "0x" + String(frozen.base, radix: 16, uppercase: true)
            let registers = frozen.registers.map(\.name).joined(separator: ", ")
            output("frozen days from \(base), every \(frozen.stride) words, \(frozen.slots) days: \(registers)\n")
        }
    }
}
