import Metering
import Modbus

/// What a new fleet should be, checked whole before a file is written.
package struct FleetPlan: Sendable {
    /// Why a fleet of this shape cannot be.
    package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        case noMeters
        case gateways(Int, meters: Int)
        case metersPerGateway(meters: Int, gateways: Int)
        case ports(first: Int, gateways: Int)
        case tooManyMeters(Int)
        case profile(String, known: [String])

        package var description: String {
            switch self {
            case .noMeters: "a fleet has at least one meter"
            case .gateways(let gateways, let meters):
                "\(gateways) gateways cannot stand before \(meters) meters: use 1 to \(meters)"
            case .metersPerGateway(let meters, let gateways):
                "\(meters) meters behind \(gateways) gateways are up to \((meters + gateways - 1) / gateways) each, "
                    + "but a gateway has the units 1 to \(MeterRun.countMax): use at least "
                    + "\((meters + MeterRun.countMax - 1) / MeterRun.countMax) gateways"
            case .ports(let first, let gateways):
                "\(gateways) gateways from port \(first) on end beyond port 65535: choose a first port from 1 to "
                    + "\(max(1, 65_536 - gateways))"
            case .tooManyMeters(let meters):
                "\(meters) meters are more than usage points have numbers for: at most \(FleetPlan.metersMax)"
            case .profile(let name, let known):
                "\"\(name)\" is no known profile; known: \(known.joined(separator: ", "))"
            }
        }
    }

    /// Usage points end in seven digits.
    package static let metersMax = 9_999_999
    /// The eight districts of Thái Bình.
    package static let districts = (1...8).map { "PA090\($0)" }

    package let seed: UInt64
    package let start: ServiceDay
    package let models: [MeterModel]
    /// Meters of each gateway.
    private let shares: [Int]
    private let firstPort: Int

    package init(
        meters: Int, gateways: Int, seed: UInt64, firstPort: Int, profiles: [String], start: ServiceDay,
        library: ProfileLibrary
    ) throws(Refusal) {
        guard meters >= 1 else { throw .noMeters }
        guard meters <= Self.metersMax else { throw .tooManyMeters(meters) }
        guard (1...meters).contains(gateways) else { throw .gateways(gateways, meters: meters) }
        guard (meters + gateways - 1) / gateways <= MeterRun.countMax else {
            throw .metersPerGateway(meters: meters, gateways: gateways)
        }
        guard firstPort >= 1, firstPort + gateways - 1 <= 65_535 else {
            throw .ports(first: firstPort, gateways: gateways)
        }
        var models: [MeterModel] = []
        for name in profiles {
            guard let profile = library[name] else { throw .profile(name, known: library.names) }
            models.append(MeterModel(profile))
        }
        guard !models.isEmpty else { throw .profile("", known: library.names) }
        self.seed = seed
        self.start = start
        self.models = models
        self.firstPort = firstPort
        shares = (0..<gateways).map { meters / gateways + ($0 < meters % gateways ? 1 : 0) }
    }

    /// The fleet of invented households; models in turn.
    package var fleet: Fleet {
        build { count, first, district in
            .run(
                MeterRun(
                    count: count, first: first, models: models, seed: seed, origin: start, installed: start,
                    district: district))
        }
    }

    /// The fleet whose dials follow recordings, one each; there must be as many recordings as meters.
    package func fleet(following recordings: [RecordedSeries]) -> Fleet {
        precondition(recordings.count == shares.reduce(0, +), "one recording for each meter")
        return build { count, first, district in
            var meters: [UInt8: SimulatedMeter] = [:]
            for position in 0..<count {
                let number = first + Int64(position)
                let recording = recordings[Int(number - 1)]
                let unit = UInt8(position + 1)
                meters[unit] = SimulatedMeter(
                    number: number, unit: unit, names: MeterNames(district: district),
                    model: models[Int((number - 1) % Int64(models.count))],
                    dial: .series(SeriesDial(series: recording, firstDay: start, seed: seed, number: number)),
                    installed: start)
            }
            return .listed(meters)
        }
    }

    private func build(_ meters: (_ count: Int, _ first: Int64, _ district: String) -> GatewayMeters) -> Fleet {
        var first: Int64 = 1
        let gateways = shares.enumerated().map { position, count in
            // Neighbouring gateways lie in one district.
            let district = Self.districts[position * Self.districts.count / shares.count]
            let number = MeterNames.padded(Int64(position + 1), digits: 4)
            let gateway = SimulatedGateway(
                name: "GW\(number)", port: UInt16(firstPort + position), station: "TBA\(number)", district: district,
                meters: meters(count, first, district))
            first += Int64(count)
            return gateway
        }
        return Fleet(seed: seed, calendar: .vietnam, origin: start, gateways: gateways)
    }
}
