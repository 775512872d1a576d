import Billing
import Foundation
import Metering
import Testing
import VEE

@testable import Store

/// A store in a folder of its own, with one usage point read as a log-book tells; the folder goes with it.
///
/// Days are written `MM-DD` of 2025, instants `MM-DD HH:MM` local time; a live poll takes two seconds and its answer
/// comes at the second of the minute given.
final class LogBook {
    let folder: URL
    let path: String
    private(set) var store: Store
    let calendar = ServiceCalendar.vietnam
    private let limits: [String: Int64]
    private let loadProfiles: LoadProfileChoice
    private let estimation: EstimationRules
    private let rateRegisters: RateRegisters
    private var transaction: UInt16 = 0
    /// Every batch handed over so far, for handing over again.
    private(set) var outcomes: [PollOutcome] = []

    static let usagePoint = "PA09010000001"

    init(
        _ registry: Registry = LogBook.registry(), limits: [String: Int64] = [:],
        loadProfiles: LoadProfileChoice = .nobodys, estimation: EstimationRules = .standard,
        rateRegisters: RateRegisters = .standard
    ) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "meterd-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appending(path: "meterd.sqlite").path
        self.limits = limits
        self.loadProfiles = loadProfiles
        self.estimation = estimation
        self.rateRegisters = rateRegisters
        store = try Self.store(path, limits, loadProfiles, estimation, rateRegisters)
        _ = try store.importRegistry(registry, at: instant("05-01 00:00"))
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    static func registry(
        multiplier: Int64 = 1, digits: Int = 6, installedOn: String = "05-01", removedOn: String? = nil,
        category: String = "residential", readingDay: Int = 0
    ) -> Registry {
        Registry(
            gateways: [Gateway(name: "G1", host: "10.0.0.1", district: "PA0901")],
            usagePoints: [
                UsagePoint(
                    name: usagePoint, customer: "Trần Thị Bình", station: "T1", district: "PA0901",
                    category: category, readingDay: readingDay)
            ],
            installations: [
                MeterInstallation(
                    serial: "S1", usagePoint: usagePoint, gateway: "G1", unit: 1, profile: "sdm630",
                    multiplier: multiplier, digits: digits, installedOn: day(installedOn),
                    removedOn: removedOn.map { day($0) })
            ])
    }

    static func day(_ text: String) -> ServiceDay {
        guard let day = ServiceDay(iso: "2025-\(text)") else { preconditionFailure("no day: \(text)") }
        return day
    }

    func day(_ text: String) -> ServiceDay { Self.day(text) }

    static func instant(_ text: String) -> Instant {
        let time = text.dropFirst(6)
        let full = time.count == 5 ? "\(time):00" : String(time)
        guard let instant = Instant(rfc3339: "2025-\(text.prefix(5))T\(full)+07:00") else {
            preconditionFailure("no instant: \(text)")
        }
        return instant
    }

    func instant(_ text: String) -> Instant { Self.instant(text) }

    func meter(_ serial: String = "S1", on day: String = "05-01") throws -> MeterID {
        try #require(try store.meters(inServiceOn: self.day(day)).first { $0.installation.serial == serial }).id
    }

    // MARK: - Entries

    func poll(
        _ at: String, _ readings: [Reading], meter: MeterID = MeterID(1), took: Instant.Span = .seconds(2)
    ) -> PollOutcome {
        transaction += 1
        let address = address(of: meter)
        return PollOutcome(
            meter: meter, gateway: address.gateway, unit: address.unit, transaction: transaction, profile: "sdm630/1",
            requested: instant(at) - took, answered: instant(at), result: .success(readings))
    }

    /// Where the registry has the meter; G1 unit 1 for one it does not know.
    private func address(of meter: MeterID) -> (gateway: String, unit: UInt8) {
        let known = try? store.meters(notRemovedBy: ServiceDay(number: 0)).first { $0.id == meter }?.installation
        return known.map { ($0.gateway, $0.unit) } ?? ("G1", 1)
    }

    func failure(_ at: String, _ failure: PollFailure, meter: MeterID = MeterID(1)) -> PollOutcome {
        PollOutcome(
            meter: meter, gateway: "G1", unit: 1, transaction: 0, profile: "sdm630/1",
            requested: instant(at) - .seconds(2), answered: instant(at), result: .failure(failure))
    }

    static func live(_ wattHours: Int64, _ register: Register = .activeImport) -> Reading {
        Reading(
            register: register, moment: .live, index: Energy(wattHours: wattHours),
            words: [UInt16(truncatingIfNeeded: wattHours >> 16), UInt16(truncatingIfNeeded: wattHours)])
    }

    static func frozen(_ day: String, _ wattHours: Int64, _ register: Register = .activeImport) -> Reading {
        Reading(
            register: register, moment: .frozen(Self.day(day)), index: Energy(wattHours: wattHours), words: [0xFFFF])
    }

    /// The process ends and another opens the store.
    func reopen() throws {
        try store.close()
        store = try Self.store(path, limits, loadProfiles, estimation, rateRegisters)
    }

    private static func store(
        _ path: String, _ limits: [String: Int64], _ loadProfiles: LoadProfileChoice, _ estimation: EstimationRules,
        _ rateRegisters: RateRegisters
    ) throws -> Store {
        try Store(
            path: path, role: .daemon, calendar: .vietnam, limits: limits, loadProfiles: loadProfiles,
            estimation: estimation, rateRegisters: rateRegisters)
    }

    @discardableResult
    func ingest(_ batch: [PollOutcome]) throws -> IngestReport {
        outcomes += batch
        return try store.ingest(batch)
    }

    /// One entry a line: `live 05-01 12:00 1000`, `frozen 05-02 00:10 05-02 2000`, `close 05-03`, `edit 05-02 2500`,
    /// and what a fitter does (`fit`). A reading of another meter than `meter` begins with that one's serial.
    func write(_ entries: String, meter: MeterID = MeterID(1)) throws {
        for line in entries.split(separator: "\n") {
            var words = line.split(separator: " ").map(String.init)
            var meter = meter
            if words[0].hasPrefix("S") { meter = try standing(words.removeFirst(), on: day(words[1])) }
            switch words[0] {
            case "exchange", "install", "remove": try fit(words)
            case "live":
                let value = try #require(Int64(words[3]))
                try ingest([poll("\(words[1]) \(words[2])", [Self.live(value)], meter: meter)])
            case "frozen":
                let value = try #require(Int64(words[4]))
                try ingest([poll("\(words[1]) \(words[2])", [Self.frozen(words[3], value)], meter: meter)])
            case "edit":
                try store.edit(
                    usagePoint: Self.usagePoint, register: .activeImport, day: day(words[1]),
                    index: Energy(wattHours: try #require(Int64(words[2]))), reason: "read by eye",
                    by: "Lan", at: instant("12-31 00:00"))
            case "close":
                _ = try store.closeDay(day(words[1]), at: instant("\(words[1]) 01:00"))
            default: Issue.record("no such entry: \(line)")
            }
        }
    }

    /// A line a day: `05-02 2000 frozen ±0 r1 +1000`, the last being the day's consumption.
    func indices(_ register: Register? = .activeImport) throws -> String {
        try store.dailyIndices(
            usagePoint: Self.usagePoint, register: register, from: day("01-01"), through: day("12-31")
        ).map { line in
            let index = line.index
            let consumption = line.consumption.map { " +\($0.wattHours)" } ?? ""
            return "\(index.day.description.dropFirst(5)) \(index.index.wattHours) \(index.quality.name) "
                + "±\(index.errorBound.wattHours) r\(index.revision)\(consumption)"
        }.joined(separator: "\n")
    }

    /// All rows of all tables as text: two stores with the same text hold the same.
    func dump() throws -> [String] {
        var rows: [String] = []
        try store.forEachRow { rows.append("\($0): \($1)") }
        return rows
    }
}
