import ArgumentParser
import HeadEnd
import Metering
import Modbus
import Web

struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Read one meter once, through libmodbus, and show its values with their words.",
        discussion: """
            A second opinion beside the head-end's own framing. Needs no database; stores nothing.

            --rehearse tries each value of the profile at its address, one below and one above, in every word \
            order, and marks what could be true: for whoever stands before the meter and wants to prove or correct \
            a profile.
            """)

    @Argument(help: "HOST or HOST:PORT (port 502).") var host: String
    @Argument(help: "Unit id, 0 to 247.") var unit: UInt8
    @Option(help: "Profile name (meterd profiles lists them).") var profile: String
    @Option(help: ArgumentHelp("Folder with own profiles.", valueName: "dir")) var profiles: String?
    @Option(help: "CT × VT, for registers counted on the primary side.") var multiplier: Int64 = 1
    @Option(help: ArgumentHelp("Milliseconds to wait for an answer.", valueName: "ms")) var timeout: Int = 2000
    @Option(help: ArgumentHelp("Also the newest days that the meter keeps itself.", valueName: "n")) var days: Int = 0
    @Flag(help: "Show each request and reply as the bytes that passed.") var frames = false
    @Flag(help: "Try addresses and word orders instead.") var rehearse = false
    @Option(help: "Whole kWh digits of the dial, for --rehearse.") var digits: Int = 6
    @Option(help: ArgumentHelp("Time zone of the meter's clock and days.", valueName: "zone"))
    var timeZone = ServiceCalendar.vietnam.identifier
    @Option(help: "text or json.") var format: OutputFormat = .text

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    func validate() throws {
        guard unit <= 247 else { throw ValidationError("unit \(unit) is outside 0 to 247") }
        guard multiplier >= 1 else { throw ValidationError("multiplier \(multiplier) must be 1 or more") }
        guard (1...60_000).contains(timeout) else { throw ValidationError("timeout must be 1 to 60000 ms") }
        guard (0...100).contains(days) else { throw ValidationError("days must be 0 to 100") }
        guard (1...12).contains(digits) else { throw ValidationError("digits must be 1 to 12") }
        guard ServiceCalendar(timeZone: timeZone) != nil else {
            throw ValidationError("\(timeZone) is no time zone this system knows")
        }
    }

    func run() throws {
        let library: ProfileLibrary
        do {
            library = try ProfileLibrary.load(folder: profiles)
        } catch let faults as InputFaults {
            throw refuse(faults, code: Exit.configuration)
        }
        guard let known = library[profile] else {
            throw noProfile(profile, in: library)
        }
        let endpoint = ListenAddress(host) ?? ListenAddress(host: host, port: 502)
        let probe = LibmodbusProbe(
            host: endpoint.host, port: UInt16(clamping: endpoint.port), unit: unit, timeoutMilliseconds: timeout,
            isTapped: frames)
        let heading = ProbeHeading(profile: known, host: host, unit: unit)
        let hasAnswered: Bool
        do {
            hasAnswered = try rehearse ? rehearse(probe, heading) : examine(probe, heading)
        } catch let failure as LibmodbusProbe.Failure {
            complain("\(failure.description)")
            throw ExitCode.failure
        }
        if !hasAnswered { throw ExitCode.failure }
    }

    /// False when the meter answered nothing.
    private func examine(_ probe: LibmodbusProbe, _ heading: ProbeHeading) throws -> Bool {
        let calendar = ServiceCalendar(timeZone: timeZone) ?? .vietnam
        let examination = try probe.examine(
            heading.profile, multiplier: multiplier, days: days, calendar: calendar, now: Wall.now)
        switch format {
        case .text: output(ExaminationText(heading: heading, examination: examination, calendar: calendar).text)
        case .json:
            let document = ExaminationDocument(heading: heading, examination: examination, calendar: calendar)
            output(document.json(frames: frames).text + "\n")
        }
        return examination.answers.contains { $0.hasSucceeded }
    }

    private func rehearse(_ probe: LibmodbusProbe, _ heading: ProbeHeading) throws -> Bool {
        let rehearsals = try probe.rehearse(heading.profile, digits: digits)
        let tally = RehearsalTally(rehearsals)
        switch format {
        case .text: output(RehearsalText(heading: heading, rehearsals: rehearsals, tally: tally, digits: digits).text)
        case .json:
            let document = RehearsalDocument(heading: heading, rehearsals: rehearsals, tally: tally)
            output(document.json(frames: frames).text + "\n")
        }
        return rehearsals.contains { $0.attempts.contains { $0.reply.hasSucceeded } }
    }
}

extension LibmodbusProbe.Reply {
    var hasSucceeded: Bool { if case .success = result { true } else { false } }
}

/// Which meter was asked, and as what.
struct ProbeHeading {
    let profile: MeterProfile
    let host: String
    let unit: UInt8

    var line: String { "\(profile.label)  \(profile.manufacturer) \(profile.model), \(host) unit \(unit)" }

    var json: JSONValue {
        .members(["profile": .string(profile.label), "host": .string(host), "unit": .integer(Int64(unit))])
    }
}

enum ProbeWords {
    static func hex(_ words: [UInt16]) -> String { words.map(\.hex).joined(separator: " ") }

    static func hex(_ bytes: [UInt8]) -> String { bytes.map(\.hex).joined(separator: " ") }

    static func isReactive(_ register: Register?) -> Bool { register == .reactiveImport || register == .reactiveExport }

    static func energy(_ energy: Energy, _ register: Register?) -> String {
        "\(energy.kilowattHours) \(isReactive(register) ? "kvarh" : "kWh")"
    }

    /// Frames as lines of 32 bytes: `>` what was sent, `<` what came.
    static func frameLines(_ frames: [WireBytes]) -> [String] {
        frames.flatMap { frame in
            stride(from: 0, to: frame.bytes.count, by: 32).map { start in
                let mark = start > 0 ? " " : frame.isRequest ? ">" : "<"
                return "    \(mark) " + hex(Array(frame.bytes[start..<min(start + 32, frame.bytes.count)]))
            }
        }
    }

    /// The same as a document: one object a request, its reply in one piece.
    static func frames(_ frames: [WireBytes], at range: WordRange) -> JSONValue {
        func joined(_ isRequest: Bool) -> JSONValue {
            .string(hex(frames.filter { $0.isRequest == isRequest }.flatMap(\.bytes)))
        }
        return .members(["at": .string(range.description), "request": joined(true), "reply": joined(false)])
    }
}

extension String {
    /// Spaces after the text up to `width`, at least one.
    func padding(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(1, width - count)) }
}
