import Billing
import Foundation
import HeadEnd
import MeterFleet
import Metering
import Modbus
import Store

@testable import Rehearsal

/// A scenario's fleet and the production head-end living through it in virtual time: 10 May 2025 from noon on, unless
/// told otherwise.
final class ScenarioCourse {
    static let library = Result { try ProfileLibrary.load(folder: nil) }
    static let tariffs = Result { try TariffBook.load(folder: nil) }
    static let files = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../simulators/scenarios").standardized.path

    let fleet: Fleet
    let rehearsal: Rehearsal
    private let folder: RehearsalFolder
    private(set) var figures: [String: LineFigures] = [:]

    /// - Parameters:
    ///   - registry: changes what `metersim registry` would write.
    ///   - toldOfExchanges: when the registry learns of the fleet's exchanges; `nil` for never.
    init(
        _ name: String, from: String = "2025-05-10T12:00:00+07:00", through: String = "2025-05-11T12:00:00+07:00",
        toldOfExchanges told: String? = nil, registry change: (Registry) -> Registry = { $0 }
    ) throws {
        let folder = try RehearsalFolder()
        let fleet = try FleetFile.load(path: "\(Self.files)/\(name).yaml")
        let registry = change(try Self.registry(of: fleet, asOf: nil, in: folder))
        var exchanges: [World.Exchange] = []
        if let told {
            let known = try Self.registry(of: fleet, asOf: ServiceCalendar.vietnam.day(at: instant(told)), in: folder)
            exchanges = Self.exchanges(from: registry, to: known, told: instant(told))
        }
        let world = World(
            fleet, registry: registry, from: instant(from), through: instant(through), exchanges: exchanges)
        rehearsal = Rehearsal(world, library: try Self.library.get(), folder: folder.url)
        self.fleet = fleet
        self.folder = folder
        try rehearsal.begin()
    }

    /// The rows that `metersim registry` writes for a fleet.
    private static func registry(of fleet: Fleet, asOf day: ServiceDay?, in folder: RehearsalFolder) throws -> Registry {
        let place = folder.url.appending(path: "registry").path
        try FleetFolder(place).writeRegistry(fleet, asOf: day)
        func bytes(_ file: String) throws -> [UInt8] { try InputFile.bytes("\(place)/\(file)") }
        return try RegistryFiles.parse(
            gateways: bytes(RegistryFiles.gatewaysFile), usagePoints: bytes(RegistryFiles.usagePointsFile),
            meters: bytes(RegistryFiles.metersFile), profiles: Set(library.get().names),
            categories: Set(tariffs.get().categories))
    }

    private static func exchanges(from before: Registry, to after: Registry, told: Instant) -> [World.Exchange] {
        let known = Set(before.installations.map(\.serial))
        return after.installations.filter { !known.contains($0.serial) }.compactMap { new in
            let site = before.gateways.map(\.name).sorted().firstIndex(of: new.gateway)
            let old = after.installations.first { $0.usagePoint == new.usagePoint && $0.removedOn != nil }
            guard let site, let old else { return nil }
            return World.Exchange(site: site, unit: new.unit, at: told, told: told, rows: [old, new])
        }
    }

    // MARK: - Time

    /// Lets time pass to this moment of the world.
    func advance(to text: String) throws {
        try rehearsal.advance(to: instant(text))
        note()
    }

    /// Lets time pass to the world's end and gives what the checks look at.
    func end() throws -> Evidence {
        try rehearsal.advance(to: rehearsal.world.through)
        note()
        try rehearsal.finish()
        return try rehearsal.evidence(tariffs: Self.tariffs.get())
    }

    private func note() {
        for site in rehearsal.world.sites {
            if let line = rehearsal.conversation(with: site.row.name) { figures[site.row.name] = line.figures }
        }
    }

    func line(_ gateway: String) -> GatewayConversation? { rehearsal.conversation(with: gateway) }

    // MARK: - What came of it

    /// Outcomes of a unit that brought no reading, by what they say, within a span of time.
    func failures(
        _ gateway: String, _ unit: UInt8? = nil, from: String = "2025-05-10T00:00:00+07:00",
        to: String = "2025-05-13T00:00:00+07:00"
    ) -> [String: Int] {
        var counts: [String: Int] = [:]
        for outcome in outcomes(gateway, unit, from: from, to: to) {
            if case .failure(let failure) = outcome.result { counts[failure.word, default: 0] += 1 }
        }
        return counts
    }

    /// When a unit brought readings that were not put into quarantine.
    func reads(
        _ gateway: String, _ unit: UInt8, from: String = "2025-05-10T00:00:00+07:00",
        to: String = "2025-05-13T00:00:00+07:00"
    ) -> [Instant] {
        outcomes(gateway, unit, from: from, to: to).filter { outcome in
            if case .success(let readings) = outcome.result { !readings.isEmpty && !outcome.isQuarantined } else { false }
        }.map(\.answered)
    }

    func outcomes(_ gateway: String, _ unit: UInt8?, from: String, to: String) -> [PollOutcome] {
        let (from, to) = (instant(from), instant(to))
        return rehearsal.record.batches.joined().filter {
            $0.gateway == gateway && (unit == nil || $0.unit == unit) && from <= $0.answered && $0.answered < to
        }
    }
}

extension PollFailure {
    /// The kind, and of an exception its code.
    fileprivate var word: String {
        if case .exception(let code) = self { "exception \(code)" } else { kind }
    }
}


extension Evidence {
    /// How each unit behind a gateway came by an index of a day: `frozen`, `measured`, `estimated`, or `none`.
    func qualities(_ gateway: String, _ day: String = "2025-05-11", _ register: Register = .activeImport) throws
        -> [String]
    {
        let day = ServiceDay(iso: day) ?? ServiceDay(number: 0)
        let table = try IndexTable(store)
        let meters = truth.meters.filter { $0.installation.gateway == gateway }
            .sorted { ($0.installation.unit, $0.id) < ($1.installation.unit, $1.id) }
        return meters.map { table[$0.id, register, day]?.quality.name ?? "none" }
    }

    /// What is wrong with what is stored: sentences of all checks but those of `except`.
    func findings(except: Set<String> = []) throws -> [String] {
        var findings = record.surprises
        for check in RehearsalReport.checks where !except.contains(check.name) {
            findings += try check.findings(in: self).map(\.description)
        }
        return findings
    }

    /// Verdicts on the readings kept of a unit, counted.
    func verdicts(_ gateway: String, _ unit: UInt8) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        try store.forEachReading { _, _, reading in
            if reading.gateway == gateway, reading.unit == unit { counts[reading.verdict.name, default: 0] += 1 }
        }
        return counts
    }
}

func instant(_ text: String) -> Instant {
    guard let instant = Instant(rfc3339: text) else { preconditionFailure("\(text) is no instant") }
    return instant
}
