import ArgumentParser
import HeadEnd
import Metering
import Modbus
import Web

struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Read one meter once, through libmodbus, and show its values with their words.",
        discussion: "A second opinion beside the head-end's own framing. Needs no database; stores nothing.")

    @Argument(help: "HOST or HOST:PORT (port 502).") var host: String
    @Argument(help: "Unit id, 0 to 247.") var unit: UInt8
    @Option(help: "Profile name (meterd profiles lists them).") var profile: String
    @Option(help: ArgumentHelp("Folder with own profiles.", valueName: "dir")) var profiles: String?
    @Option(help: "CT × VT, for registers counted on the primary side.") var multiplier: Int64 = 1
    @Option(help: ArgumentHelp("Milliseconds to wait for an answer.", valueName: "ms")) var timeout: Int = 2000
    @Option(help: "text or json.") var format: OutputFormat = .text

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    func validate() throws {
        guard unit <= 247 else { throw ValidationError("unit \(unit) is outside 0 to 247") }
        guard multiplier >= 1 else { throw ValidationError("multiplier \(multiplier) must be 1 or more") }
        guard (1...60_000).contains(timeout) else { throw ValidationError("timeout must be 1 to 60000 ms") }
    }

    func run() throws {
        let library: ProfileLibrary
        do {
            library = try ProfileLibrary.load(folder: profiles)
        } catch let faults as InputFaults {
            throw refuse(faults, code: Exit.configuration)
        }
        guard let known = library[profile] else {
            throw ValidationError("no profile \(profile); known are \(library.names.joined(separator: ", "))")
        }
        let endpoint = ListenAddress(host) ?? ListenAddress(host: host, port: 502)
        let probe = LibmodbusProbe(
            host: endpoint.host, port: UInt16(clamping: endpoint.port), unit: unit, timeoutMilliseconds: timeout)
        let answers: [LibmodbusProbe.Answer]
        do {
            answers = try probe.read(known, multiplier: multiplier)
        } catch {
            complain("\(error.description)")
            throw ExitCode.failure
        }
        switch format {
        case .text: output(text(answers, of: known))
        case .json: output(json(answers, of: known).text + "\n")
        }
        if answers.allSatisfy({ if case .failure = $0.result { true } else { false } }) { throw ExitCode.failure }
    }

    private func text(_ answers: [LibmodbusProbe.Answer], of profile: MeterProfile) -> String {
        var lines = ["\(profile.label)  \(profile.manufacturer) \(profile.model), \(host) unit \(unit)"]
        for answer in answers {
            switch answer.result {
            case .failure(let failure):
                lines.append("  \(answer.range.place)  not read: \(failure)")
            case .success(let values):
                for value in values {
                    let name = value.value.name.padding(to: 18)
                    let shown = Self.shown(value).padding(to: 22)
                    lines.append("  \(value.value.range.place)  \(name)\(shown)\(Self.hex(value.words))")
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func json(_ answers: [LibmodbusProbe.Answer], of profile: MeterProfile) -> JSONValue {
        let values = answers.flatMap { answer -> [JSONValue] in
            switch answer.result {
            case .failure(let failure):
                [.members(["at": .string(answer.range.place), "failure": .string(failure.description)])]
            case .success(let values):
                values.map { value in
                    var json = JSONValue.members([
                        "name": .string(value.value.name), "at": .string(value.value.range.place),
                        "words": .string(Self.hex(value.words)),
                    ])
                    switch value.outcome {
                    case .energy(let energy):
                        let index = JSONValue.integer(energy.wattHours)
                        json = json.appending(Self.isReactive(value) ? ["index_varh": index] : ["index_wh": index])
                    case .quantity(let number, let unit):
                        json = json.appending(["value": .string(number), "unit": .string(unit)])
                    case .text(let text): json = json.appending(["text": .string(text)])
                    case .absent(let why): json = json.appending(["absent": .string(why)])
                    }
                    return json
                }
            }
        }
        return .members([
            "profile": .string(profile.label), "host": .string(host), "unit": .integer(Int64(unit)),
            "values": .array(values),
        ])
    }

    private static func shown(_ value: DecodedValue) -> String {
        switch value.outcome {
        case .energy(let energy): "\(energy.kilowattHours) \(isReactive(value) ? "kvarh" : "kWh")"
        case .quantity(let number, let unit): "\(number) \(unit)"
        case .text(let text): text
        case .absent(let why): "not available (\(why))"
        }
    }

    private static func isReactive(_ value: DecodedValue) -> Bool {
        value.value.register == .reactiveImport || value.value.register == .reactiveExport
    }

    private static func hex(_ words: [UInt16]) -> String {
        words.map { word in
            let text = String(word, radix: 16, uppercase: true)
            return String(repeating: "0", count: 4 - text.count) + text
        }.joined(separator: " ")
    }
}

extension String {
    /// Spaces after the text up to `width`, at least one.
    func padding(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(1, width - count)) }
}
