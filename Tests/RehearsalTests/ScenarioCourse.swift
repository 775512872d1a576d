import Billing
import Foundation
import HeadEnd
import MeterFleet
import Metering
import Modbus
import Store
import VEE

@testable import Rehearsal

/// A scenario's fleet and the production head-end living through it in virtual time: over the midnight from 10 to 11
/// May 2025 and past the close of the 11th, unless told otherwise. Moments are written `day hour:minute` of that May.
final class ScenarioCourse {
    static let house = Result { try RehearsalHouse.shipped() }
    static let files = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../simulators").standardized

    private let course: FleetCourse
    private let folder: RehearsalFolder
    private(set) var figures: [String: LineFigures] = [:]

    var fleet: Fleet { course.fleet }
    var rehearsal: Rehearsal { course.rehearsal }

    /// - Parameters:
    ///   - name: of a file in `scenarios`, or in another folder.
    ///   - registry: changes what `metersim registry` would write.
    ///   - toldOfExchanges: when the registry learns of the fleet's exchanges; `nil` for never.
    init(
        _ name: String, in folderName: String = "scenarios", from: String = "10 16:00",
        through: String = "11 08:30", rules: RuleBook? = nil,
        toldOfExchanges told: String? = nil, registry change: (Registry) -> Registry = { $0 }
    ) throws {
        folder = try RehearsalFolder()
        var house = try Self.house.get()
        if let rules { house.rules = rules }
        course = try FleetCourse(
            FleetFile.load(path: Self.files.appending(path: "\(folderName)/\(name).yaml").path),
            span: (instant(from), instant(through)), toldOfExchanges: told.map(instant), with: house,
            folder: folder.url, registry: change)
    }

    // MARK: - Time

    /// Lets time pass to this moment of the world.
    func advance(to text: String) throws {
        try course.advance(to: instant(text))
        note()
    }

    /// Lets time pass to the world's end and gives what the checks look at.
    func end() throws -> Evidence {
        try rehearsal.advance(to: rehearsal.world.through)
        note()
        return try course.end()
    }

    private func note() {
        for site in rehearsal.world.sites {
            if let line = rehearsal.conversation(with: site.row.name) { figures[site.row.name] = line.figures }
        }
    }

    func line(_ gateway: String) -> GatewayConversation? { rehearsal.conversation(with: gateway) }

    // MARK: - What came of it

    /// A unit's outcomes, or all of a gateway's, from one moment to another.
    private func outcomes(_ gateway: String, _ unit: UInt8?, _ span: ClosedRange<String>) -> [PollOutcome] {
        let (from, to) = (instant(span.lowerBound), instant(span.upperBound))
        return rehearsal.record.batches.joined().filter {
            $0.gateway == gateway && (unit == nil || $0.unit == unit) && from <= $0.answered && $0.answered <= to
        }
    }

    static let always = "10 00:00"..."13 00:00"
    /// Most windows are open from 10 May 18:00 to 11 May 06:00; what was asked before has had its answer by then.
    static let window = "10 18:01"..."11 05:59"
    static let afterwards = "11 06:31"..."11 08:30"

    /// Outcomes without readings, counted by what they say.
    func failures(_ gateway: String, _ unit: UInt8? = nil, in span: ClosedRange<String> = always) -> [String: Int] {
        outcomes(gateway, unit, span).reduce(into: [:]) { counts, outcome in
            if case .failure(let failure) = outcome.result { counts[failure.word, default: 0] += 1 }
        }
    }

    /// When a unit brought readings that count.
    func reads(_ gateway: String, _ unit: UInt8, in span: ClosedRange<String> = always) -> [Instant] {
        outcomes(gateway, unit, span).filter { outcome in
            if case .success(let readings) = outcome.result {
                !readings.isEmpty && !outcome.isQuarantined
            } else {
                false
            }
        }.map(\.answered)
    }

    /// Minutes of the longest time in a span during which a unit brought no readings.
    func longestPause(_ gateway: String, _ unit: UInt8, in span: ClosedRange<String> = window) -> Int64 {
        let moments = [instant(span.lowerBound)] + reads(gateway, unit, in: span) + [instant(span.upperBound)]
        return zip(moments, moments.dropFirst()).map { ($1 - $0).seconds / 60 }.max() ?? .max
    }

    func figures(_ gateway: String) -> LineFigures { figures[gateway] ?? LineFigures() }

    /// What the control centre shows of a gateway now.
    func state(_ gateway: String) throws -> GatewayHealth.State? {
        try rehearsal.store?.gateways(now: rehearsal.civil).first { $0.gateway.name == gateway }?.state
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
    func qualities(_ gateway: String, _ register: Register = .activeImport, on dayOfMay: Int = 11) throws -> [String] {
        let day = ServiceCalendar.vietnam.day(at: instant("\(dayOfMay) 00:00"))
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
    func verdicts(_ gateway: String, _ unit: UInt8, _ register: Register? = nil) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        try store.forEachReading { _, kept, reading in
            guard reading.gateway == gateway, reading.unit == unit, register == nil || kept == register else { return }
            counts[reading.verdict.name, default: 0] += 1
        }
        return counts
    }
}

/// `10 23:30` is that minute of 10 May 2025 in Vietnam.
func instant(_ text: String) -> Instant {
    let parts = text.split(separator: " ")
    guard parts.count == 2, let instant = Instant(rfc3339: "2025-05-\(parts[0])T\(parts[1]):00+07:00") else {
        preconditionFailure("\(text) is no moment of May 2025")
    }
    return instant
}

extension Registry {
    /// The same with other terms for all gateways.
    func with(transport: Transport? = nil, pauseMilliseconds: Int? = nil) -> Registry {
        Registry(
            gateways: gateways.map { row in
                Gateway(
                    name: row.name, host: row.host, port: row.port, station: row.station, district: row.district,
                    depth: row.depth, timeoutMilliseconds: row.timeoutMilliseconds,
                    pauseMilliseconds: pauseMilliseconds ?? row.pauseMilliseconds,
                    transport: transport ?? row.transport)
            }, usagePoints: usagePoints, installations: installations)
    }
}
