import Foundation
import Metering

/// Writes a fleet as files: `fleet.yaml` for the simulator, and the registry's three CSV files (design §6.2) for the
/// head-end that is to read it. The same fleet always gives the same bytes.
package struct FleetFolder {
    private let folder: String

    package init(_ folder: String) { self.folder = folder }

    /// - Parameter recordings: what listed meters follow; written as `series.csv` when there are any.
    /// - Throws: `OutputError` for a folder or file that cannot be written.
    package func write(_ fleet: Fleet, recordings: [RecordedSeries] = []) throws {
        try make()
        if !recordings.isEmpty {
            let file = try OutputFile(path: "\(folder)/series.csv")
            try file.write(RecordedSeriesFile.text(recordings))
            try file.close()
        }
        try writeFleet(fleet, hasSeries: !recordings.isEmpty)
        try writeRegistry(fleet)
    }

    /// Writes only what the head-end reads.
    /// - Parameter day: the registry knows the exchanges up to this day, included; `nil` for none.
    package func writeRegistry(_ fleet: Fleet, asOf day: ServiceDay? = nil) throws {
        try make()
        try writeGateways(fleet)
        try writeUsagePoints(fleet)
        try writeMeters(fleet, asOf: day)
    }

    private func make() throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw OutputError(path: folder, reason: error.localizedDescription)
        }
    }

    // MARK: - fleet.yaml

    private func writeFleet(_ fleet: Fleet, hasSeries: Bool) throws {
        let file = try OutputFile(path: "\(folder)/fleet.yaml")
        try file.write(
            """
            seed: \(fleet.seed)
            time_zone: \(fleet.calendar.identifier)
            origin: \(fleet.origin)
            defaults: {host: 127.0.0.1, latency_ms: 0, working: serial, unknown_unit: exception}

            """)
        if hasSeries { try file.write("series: series.csv\n") }
        try file.write("gateways:\n")
        for gateway in fleet.gateways {
            let head =
                "  - {name: \(gateway.name), port: \(gateway.port), station: \(gateway.station), "
                + "district: \(gateway.district), meters: "
            switch gateway.meters {
            case .run(let run):
                let profiles = run.models.map(\.profile.name).joined(separator: ", ")
                try file.write("\(head){count: \(run.count), first: \(run.first), profiles: [\(profiles)]}}\n")
            case .listed:
                let lines = gateway.meters.units.compactMap { gateway.meters[$0] }.map { meter in
                    let dial = Self.source(of: meter.dial)
                    return "      {unit: \(meter.unit), number: \(meter.number), profile: \(meter.model.profile.name), "
                        + "serial: \"\(meter.serial)\", usage_point: \(meter.usagePoint), \(dial)}"
                }
                try file.write("\(head)[\n\(lines.joined(separator: ",\n"))]}\n")
            }
        }
        try file.close()
    }

    private static func source(of dial: Dial) -> String {
        switch dial {
        case .household(let household): "household: \(household.number)"
        case .series(let series): "series: \(quoted(series.household))"
        case .station(let station): "station_loss: \(station.lossThousandths)"
        case .shifted(let dial, _), .still(let dial, _, _, _): source(of: dial)
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    // MARK: - The registry

    private func writeGateways(_ fleet: Fleet) throws {
        let file = try OutputFile(path: "\(folder)/gateways.csv")
        try file.write(
            CSV.line([
                "gateway", "host", "port", "station", "district", "depth", "timeout_ms", "pause_ms", "transport",
            ]))
        for gateway in fleet.gateways {
            let terms = [gateway.terms.depth, gateway.terms.timeoutMilliseconds, gateway.terms.pauseMilliseconds]
            try file.write(
                CSV.line(
                    [gateway.name, gateway.host, String(gateway.port), gateway.station, gateway.district]
                        + terms.map { $0.map { String($0) } ?? "" } + [gateway.transport.rawValue]))
        }
        try file.close()
    }

    private func writeUsagePoints(_ fleet: Fleet) throws {
        let file = try OutputFile(path: "\(folder)/usage_points.csv")
        try file.write(
            CSV.line([
                "usage_point", "customer", "station", "district", "category", "households", "reading_day", "voltage",
            ]))
        for (gateway, meter) in fleet.meters {
            let contract =
                meter.dial.isStation ? .station : SupplyContract(seed: fleet.seed, number: meter.number)
            try file.write(
                CSV.line([
                    meter.usagePoint, "KH\(MeterNames.padded(meter.number, digits: 7))", gateway.station,
                    gateway.district, contract.category, String(contract.households), String(contract.readingDay),
                    "0.4kV",
                ]))
        }
        try file.close()
    }

    private func writeMeters(_ fleet: Fleet, asOf day: ServiceDay?) throws {
        let file = try OutputFile(path: "\(folder)/meters.csv")
        try file.write(
            CSV.line([
                "serial", "usage_point", "gateway", "unit", "profile", "multiplier", "digits", "installed_on",
                "removed_on", "start_index_wh", "end_index_wh",
            ]))
        for (gateway, meter) in fleet.meters {
            for stay in Stay.all(of: meter, gateway.successions[meter.unit], asOf: day) {
                try file.write(
                    CSV.line([
                        stay.meter.serial, meter.usagePoint, gateway.name, String(meter.unit), meter.model.profile.name,
                        String(meter.multiplier), String(meter.digits), stay.installedOn.description,
                        stay.removedOn?.description ?? "", stay.startIndex?.description ?? "",
                        stay.endIndex?.description ?? "",
                    ]))
            }
        }
        try file.close()
    }
}

/// A meter's time at its usage point, as a fitter writes it down.
private struct Stay {
    let meter: SimulatedMeter
    var installedOn: ServiceDay
    var removedOn: ServiceDay?
    /// The import dial at both ends, in Wh.
    var startIndex: Int64?
    var endIndex: Int64?

    /// One after the other, as they are known on a day.
    static func all(of first: SimulatedMeter, _ succession: MeterSuccession?, asOf day: ServiceDay?) -> [Stay] {
        let meters = succession?.meters ?? [(nil, first)]
        var stays = [Stay(meter: meters[0].meter, installedOn: first.installed)]
        for (since, meter) in meters {
            guard let since, let day, since.day <= day else { continue }
            let leaving = stays.count - 1
            stays[leaving].removedOn = since.day
            stays[leaving].endIndex = index(of: stays[leaving].meter, at: since)
            stays.append(Stay(meter: meter, installedOn: since.day, startIndex: index(of: meter, at: since)))
        }
        return stays
    }

    private static func index(of meter: SimulatedMeter, at moment: CivilMoment) -> Int64? {
        meter.truth(.activeImport, meter.dial.face(at: moment))?.wattHours
    }
}

extension Fleet {
    /// Every meter with its gateway, in the order of gateways and units; each is made when it is reached.
    package var meters: some Sequence<(SimulatedGateway, SimulatedMeter)> {
        gateways.lazy.flatMap { gateway in
            gateway.meters.units.lazy.compactMap { unit in gateway.meters[unit].map { (gateway, $0) } }
        }
    }
}

/// How an invented customer is supplied and billed: nearly always one household, read at the month's end.
struct SupplyContract {
    let category: String
    let households: Int64
    /// Day of month 1...27; 0 for the month's last day.
    let readingDay: Int64

    /// Nobody's: a station's own meter.
    static let station = SupplyContract(category: UsagePoint.stationCategory, households: 1, readingDay: 0)

    private init(category: String, households: Int64, readingDay: Int64) {
        self.category = category
        self.households = households
        self.readingDay = readingDay
    }

    init(seed: UInt64, number: Int64) {
        let chance = Chance(seed: seed).of(number).of(100)
        // The first one is the same in every fleet, for guides and tests to rely on.
        let isShared = number != 1 && chance.of(1).happens(inTenThousand: 300)
        category = isShared ? "residential_shared" : "residential"
        households = isShared ? chance.of(2).number(in: 2...4) : 1
        if number == 1 {
            readingDay = 20
        } else {
            readingDay = chance.of(3).happens(inTenThousand: 6000) ? 0 : chance.of(4).number(in: 1...5) * 5
        }
    }
}
