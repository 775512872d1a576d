import ArgumentParser
import Metering
import Modbus

struct ProfilesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profiles", abstract: "Known meter models; with a name, that model's table.")

    @Argument(help: "Profile name.") var name: String?
    @Option(help: ArgumentHelp("Folder with own profiles.", valueName: "dir")) var profiles: String?

    func run() throws {
        let library: ProfileLibrary
        do {
            library = try ProfileLibrary.load(folder: profiles)
        } catch let faults as InputFaults {
            throw refuse(faults, code: Exit.configuration)
        }
        guard let name else {
            for name in library.names {
                guard let profile = library[name] else { continue }
                let kept = profile.frozen?.slots ?? profile.dailyEnergies?.days
                let days = kept.map { ", keeps \($0) days" } ?? ""
                output("\(profile.label)\t\(profile.manufacturer) \(profile.model)\(days)\n")
            }
            return
        }
        guard let profile = library[name] else {
            throw noProfile(name, in: library)
        }
        output(
            """
            \(profile.label)  \(profile.manufacturer) \(profile.model)
            manual    \(profile.manual)
            evidence  \(profile.evidence)
            at most \(profile.maxWords) words a request

            """)
        output(Self.row("FC", "address", "words", "type", "order", "one unit is", "value"))
        for value in profile.values {
            output(
                Self.row(
                    "\(value.range.function.rawValue)", "0x" + value.range.address.hex, "\(value.range.count)",
                    value.encoding.type.rawValue, value.encoding.order.rawValue, Self.step(value),
                    value.name + (value.parts > 1 ? " (sum of \(value.parts))" : "")
                        + (value.isOptional ? " (optional)" : "")))
        }
        if let frozen = profile.frozen {
            let base = "0x" + String(frozen.base, radix: 16, uppercase: true)
            let registers = frozen.registers.map(\.name).joined(separator: ", ")
            output("frozen days from \(base), every \(frozen.stride) words, \(frozen.slots) days: \(registers)\n")
        }
        if let energies = profile.dailyEnergies, let first = energies.range(daysBack: 0) {
            let registers = energies.registers.map(\.name).joined(separator: ", ")
            output(
                "energies of days from \(first.place), every \(energies.stride) words, \(energies.days) days: "
                    + "\(registers)\n")
        }
    }

    private static func row(_ fields: String...) -> String {
        zip(fields, [4, 9, 7, 7, 8, 14, 0]).map { $0.padding(to: $1) }.joined() + "\n"
    }

    /// What one raw unit means, e.g. `0.01 kWh`; `-` for a text.
    private static func step(_ value: ProfileValue) -> String {
        guard let unit = value.unit else { return "-" }
        let (scale, thousand) = (value.encoding.scale, Int64(1000))
        let (whole, rest) = scale.numerator.quotientAndRemainder(dividingBy: scale.denominator)
        guard rest == 0 else { return "\(scale.numerator)/\(scale.denominator * thousand) \(unit)" }
        var text = Energy(wattHours: whole).kilowattHours
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return "\(text) \(unit)"
    }
}
