import Foundation
import Metering
import Modbus
import Yams

/// Reads `fleet.yaml`. docs of every key: simulators/FLEET.md.
package enum FleetFile {
    /// Loads a fleet file, its series beside it and the profiles it names.
    /// - Throws: `InputFaults` with every fault of the file (and of its series), or what keeps a file from being read.
    package static func load(path: String) throws -> Fleet {
        let yaml = String(decoding: try InputFile.bytes(path), as: UTF8.self)
        return try parse(yaml, file: path, folder: (path as NSString).deletingLastPathComponent)
    }

    /// - Parameter folder: what `series` and `profile_folder` are relative to.
    package static func parse(_ yaml: String, file: String, folder: String) throws -> Fleet {
        var faults = FaultList(file: file)
        var found = faults.faults
        guard let root = YAMLSection.root(yaml, &faults) else { throw InputFaults(faults.faults) }
        let profileFolder = root.has("profile_folder") ? root.text("profile_folder", default: nil, &faults) : nil
        var library = ProfileLibrary(profiles: [:])
        do {
            library = try ProfileLibrary.load(folder: profileFolder.map { InputFile.path($0, in: folder) })
        } catch let error as InputFaults {
            found += error.faults
        }
        var series: [String: RecordedSeries] = [:]
        if root.has("series"), let name = root.text("series", default: nil, &faults) {
            do {
                let path = InputFile.path(name, in: folder)
                series = try RecordedSeriesFile.parse(InputFile.bytes(path), file: path)
            } catch let error as InputFaults {
                found += error.faults
            }
        }
        var reader = FleetReader(library: library, series: series, faults: faults)
        let fleet = reader.fleet(root)
        found = reader.faults.faults + found
        guard found.isEmpty, let fleet else { throw InputFaults(found) }
        return fleet
    }
}

/// Turns a fleet file's mappings into a fleet.
private struct FleetReader {
    let library: ProfileLibrary
    let series: [String: RecordedSeries]
    var faults: FaultList
    private var models: [String: MeterModel] = [:]
    private var usagePoints: Set<String> = []
    /// Numbers of the runs so far, by district: two runs that share one would name two usage points alike.
    private var runNumbers: [String: [Range<Int64>]] = [:]
    private var seed: UInt64 = 0
    private var origin = ServiceDay(number: 0)
    private var calendar = ServiceCalendar.vietnam
    /// Faults that stand at the top of the file.
    private var fleetFaults: [FaultReader.Entry] = []
    /// The meters behind the gateways of each station so far, its own one left out.
    private var customers: [String: [GatewayMeters]] = [:]
    /// Faults that stand at the meters of the gateway being read.
    private var meterFaults = FoundFaults()

    init(library: ProfileLibrary, series: [String: RecordedSeries], faults: FaultList) {
        self.library = library
        self.series = series
        self.faults = faults
    }

    /// What gateways and meters have where they say nothing else.
    private struct Defaults {
        var host = "127.0.0.1"
        var latencyMilliseconds: Int64 = 0
        var working = SimulatedGateway.Working.serial
        var unknownUnit = SimulatedGateway.UnknownUnit.exception
        var transport = SimulatedGateway.Transport.tcp
        var terms = SimulatedGateway.Terms()
        var digits: Int64 = 6
        var installed = ServiceDay(number: 0)
    }

    private static let rootKeys = [
        "seed", "time_zone", "origin", "profile_folder", "series", "defaults", "faults", "gateways",
    ]
    private static let defaultKeys = [
        "host", "latency_ms", "working", "unknown_unit", "transport", "depth", "timeout_ms", "pause_ms", "digits",
        "installed",
    ]
    private static let gatewayKeys = defaultKeys + ["name", "port", "station", "district", "faults", "meters"]
    private static let runKeys = ["count", "first", "profiles"]
    private static let meterKeys = [
        "unit", "number", "serial", "profile", "usage_point", "household", "series", "station_loss", "digits",
        "multiplier", "installed", "faults",
    ]
    /// A minute: longer than any gateway keeps a client waiting.
    private static let latencyMax: Int64 = 60_000

    mutating func fleet(_ root: YAMLSection) -> Fleet? {
        root.allow(Self.rootKeys, &faults)
        seed = UInt64(root.number("seed", in: 0...Int64.max, default: 1, &faults) ?? 1)
        let zone = root.text("time_zone", default: "Asia/Ho_Chi_Minh", &faults) ?? "Asia/Ho_Chi_Minh"
        let calendar = zone == ServiceCalendar.vietnam.identifier ? .vietnam : ServiceCalendar(timeZone: zone)
        if calendar == nil { root.note("is no time zone this system knows", at: "time_zone", value: zone, &faults) }
        self.calendar = calendar ?? .vietnam
        origin = root.day("origin", default: nil, &faults) ?? ServiceDay(number: 0)
        fleetFaults = FaultReader(calendar: self.calendar, level: .fleet).read(root, &faults)
        var defaults = Defaults()
        defaults.installed = origin
        if let node = root.node("defaults"), let section = YAMLSection(node, path: "defaults", &faults) {
            section.allow(Self.defaultKeys, &faults)
            defaults = self.defaults(section, over: defaults)
        }
        let nodes = root.list("gateways", &faults)
        if nodes.isEmpty { root.note("must list at least one gateway", at: "gateways", &faults) }
        var gateways: [(position: Int, gateway: SimulatedGateway)] = []
        var names: Set<String> = []
        var endpoints: [String: String] = [:]
        // A station's own meter follows those of all its gateways, which are read before it.
        let numbered = Array(nodes.enumerated())
        let ordered = numbered.filter { !Self.hasStation($1) } + numbered.filter { Self.hasStation($1) }
        for (position, node) in ordered {
            guard let section = YAMLSection(node, path: "gateways[\(position)]", &faults) else { continue }
            section.allow(Self.gatewayKeys, &faults)
            guard let gateway = gateway(section, defaults) else { continue }
            if !names.insert(gateway.name).inserted {
                section.note("is the name of two gateways", at: "name", value: gateway.name, &faults)
            }
            let endpoint = "\(gateway.host):\(gateway.port)"
            if gateway.port != 0, let other = endpoints.updateValue(gateway.name, forKey: endpoint) {
                section.note("\(endpoint) already belongs to \(other)", at: "port", &faults)
            }
            gateways.append((position, gateway))
        }
        for entry in fleetFaults {
            for name in (entry.gateways ?? []).subtracting(names).sorted() {
                entry.section.note("is no gateway of this fleet", at: "gateways", value: name, &faults)
            }
        }
        guard let calendar else { return nil }
        return Fleet(
            seed: seed, calendar: calendar, origin: origin,
            gateways: gateways.sorted { $0.position < $1.position }.map(\.gateway))
    }

    private static func hasStation(_ gateway: Node) -> Bool {
        gateway["meters"]?.sequence?.contains { $0[stationKey] != nil } ?? false
    }

    private static let stationKey = "station_loss"

    private mutating func defaults(_ section: YAMLSection, over defaults: Defaults) -> Defaults {
        var own = defaults
        own.host = section.text("host", default: defaults.host, &faults) ?? defaults.host
        own.latencyMilliseconds =
            section.number("latency_ms", in: 0...Self.latencyMax, default: defaults.latencyMilliseconds, &faults) ?? 0
        own.working = section.choice("working", default: defaults.working, &faults)
        own.unknownUnit = section.choice("unknown_unit", default: defaults.unknownUnit, &faults)
        own.transport = section.choice("transport", default: defaults.transport, &faults)
        own.terms = terms(section, over: defaults.terms)
        own.digits = section.number("digits", in: 0...12, default: defaults.digits, &faults) ?? 6
        own.installed = section.day("installed", default: defaults.installed, &faults) ?? defaults.installed
        return own
    }

    /// The registry's own limits (docs/REGISTRY.md).
    private mutating func terms(
        _ section: YAMLSection, over standard: SimulatedGateway.Terms
    ) -> SimulatedGateway.Terms {
        func number(_ key: String, _ range: ClosedRange<Int64>, over standard: Int?) -> Int? {
            section.has(key) ? section.number(key, in: range, default: nil, &faults).map { Int($0) } : standard
        }
        return SimulatedGateway.Terms(
            depth: number("depth", 1...16, over: standard.depth),
            timeoutMilliseconds: number("timeout_ms", 1...600_000, over: standard.timeoutMilliseconds),
            pauseMilliseconds: number("pause_ms", 0...60_000, over: standard.pauseMilliseconds))
    }

    private mutating func gateway(_ section: YAMLSection, _ defaults: Defaults) -> SimulatedGateway? {
        let own = self.defaults(section, over: defaults)
        let name = section.text("name", default: nil, &faults)
        let port = section.number("port", in: 0...65_535, default: nil, &faults)
        let station = section.text("station", default: "", &faults) ?? ""
        let district = section.text("district", default: "", &faults) ?? ""
        meterFaults = FoundFaults()
        guard let node = section.node("meters") else {
            section.note("is missing: a list of meters, or {count, first, profiles}", at: "meters", &faults)
            return nil
        }
        let meters: GatewayMeters
        if let list = node.sequence {
            meters = .listed(
                listed(Array(list), path: section.field("meters"), station: station, district: district, own))
        } else if let run = YAMLSection(node, path: section.field("meters"), &faults).flatMap({ run in
            self.run(run, district: district, own)
        }) {
            meters = .run(run)
            customers[station, default: []].append(meters)
        } else {
            return nil
        }
        var found = FoundFaults()
        for entry in fleetFaults where entry.gateways.map({ $0.contains(name ?? "") }) ?? true { found += entry.found }
        for entry in FaultReader(calendar: calendar, level: .gateway(meters)).read(section, &faults) {
            found += entry.found
        }
        found += meterFaults
        guard let name, let port else { return nil }
        return SimulatedGateway(
            name: name, host: own.host, port: UInt16(port), station: station, district: district,
            latencyMilliseconds: Int(own.latencyMilliseconds), working: own.working, unknownUnit: own.unknownUnit,
            transport: own.transport, terms: own.terms, faults: found.faults, facts: found.facts, meters: meters)
    }

    private mutating func run(_ section: YAMLSection, district: String, _ own: Defaults) -> MeterRun? {
        section.allow(Self.runKeys, &faults)
        let count = section.number("count", in: 0...Int64(MeterRun.countMax), default: nil, &faults)
        let first = section.number("first", in: 1...100_000_000, default: nil, &faults)
        let nodes = section.list("profiles", &faults)
        if nodes.isEmpty { section.note("must list at least one profile", at: "profiles", &faults) }
        let models = nodes.compactMap { model($0.string ?? "", section, at: "profiles") }
        guard let count, let first, models.count == nodes.count, !models.isEmpty else { return nil }
        let numbers = first..<first + count
        if runNumbers[district]?.last(where: { $0.overlaps(numbers) }) != nil {
            section.note(
                "meters \(first) to \(first + count - 1) stand for two gateways of this district", at: "first",
                value: String(first), &faults)
        }
        runNumbers[district, default: []].append(numbers)
        return MeterRun(
            count: Int(count), first: first, models: models, seed: seed, origin: origin, installed: own.installed,
            digits: Int(own.digits), district: district)
    }

    private mutating func model(_ name: String, _ section: YAMLSection, at key: String) -> MeterModel? {
        if let known = models[name] { return known }
        guard let profile = library[name] else {
            let known = library.names.joined(separator: ", ")
            section.note("is no known profile; known: \(known)", at: key, value: name, &faults)
            return nil
        }
        let model = MeterModel(profile, calendar: calendar)
        models[name] = model
        return model
    }

    private mutating func listed(
        _ nodes: [Node], path: String, station: String, district: String, _ own: Defaults
    ) -> [UInt8: SimulatedMeter] {
        var meters: [UInt8: SimulatedMeter] = [:]
        func isStation(_ node: Node) -> Bool { node[Self.stationKey] != nil }
        let numbered = Array(nodes.enumerated())
        let ordinary = numbered.filter { !isStation($1) }
        for (number, (position, node)) in (ordinary + numbered.filter { isStation($1) }).enumerated() {
            if number == ordinary.count { customers[station, default: []].append(.listed(meters)) }
            guard let section = YAMLSection(node, path: "\(path)[\(position)]", &faults) else { continue }
            section.allow(Self.meterKeys + ["clock_offset_s"], &faults)
            guard let meter = meter(section, station: station, district: district, own) else { continue }
            if meters.updateValue(meter, forKey: meter.unit) != nil {
                section.note("two meters have this unit", at: "unit", value: String(meter.unit), &faults)
            }
        }
        if ordinary.count == nodes.count { customers[station, default: []].append(.listed(meters)) }
        return meters
    }

    private mutating func meter(
        _ section: YAMLSection, station: String, district: String, _ own: Defaults
    ) -> SimulatedMeter? {
        let unit = section.number("unit", in: 1...Int64(MeterRun.countMax), default: nil, &faults)
        let number = section.number("number", in: 1...100_000_000, default: nil, &faults)
        let model = section.text("profile", default: nil, &faults).flatMap { self.model($0, section, at: "profile") }
        let digits = section.number("digits", in: 0...12, default: own.digits, &faults) ?? own.digits
        let multiplier = section.number("multiplier", in: 1...1_000_000, default: 1, &faults) ?? 1
        let installed = section.day("installed", default: own.installed, &faults) ?? own.installed
        let clockOffset = section.number("clock_offset_s", in: -31_536_000...31_536_000, default: 0, &faults) ?? 0
        let serial = section.has("serial") ? section.text("serial", default: nil, &faults) : nil
        let usagePoint = section.has("usage_point") ? section.text("usage_point", default: nil, &faults) : nil
        if let usagePoint, !usagePoints.insert(usagePoint).inserted {
            section.note("stands for two meters", at: "usage_point", value: usagePoint, &faults)
        }
        if let serial, let model, !model.fits(serial: serial), let encoding = model.profile.identity?.serial?.encoding {
            section.note(
                "does not fit this profile's serial register (\(encoding.type.rawValue), \(encoding.wordCount) words)",
                at: "serial", value: serial, &faults)
        }
        let dial =
            section.has(Self.stationKey)
            ? stationDial(section, station: station, multiplier: multiplier)
            : dial(section, number: number ?? 0, model)
        guard let unit, let number, let model, let dial else { return nil }
        let meter = SimulatedMeter(
            number: number, unit: UInt8(unit),
            names: MeterNames(serial: serial, usagePoint: usagePoint, district: district), model: model, dial: dial,
            digits: Int(digits), multiplier: multiplier, installed: installed, clockOffsetSeconds: clockOffset)
        for entry in FaultReader(calendar: calendar, level: .meter(meter)).read(section, &faults) {
            meterFaults += entry.found
        }
        return meter
    }

    /// What the station's customers take, by all its gateways.
    private mutating func stationDial(_ section: YAMLSection, station: String, multiplier: Int64) -> Dial? {
        let loss = section.number(
            Self.stationKey, in: 0...StationDial.lossThousandthsMax, default: nil, &faults)
        for key in ["household", "series"] where section.has(key) {
            section.note("a station's dial follows its customers", at: key, &faults)
        }
        guard let loss else { return nil }
        return .station(
            StationDial(customers: customers[station] ?? [], lossThousandths: loss, multiplier: multiplier))
    }

    /// The household named, or the recorded one; by itself the household of the meter's own number.
    private mutating func dial(_ section: YAMLSection, number: Int64, _ model: MeterModel?) -> Dial? {
        if section.has("series") {
            guard let name = section.text("series", default: nil, &faults) else { return nil }
            if section.has("household") {
                section.note("a dial follows either a household or a series", at: "household", &faults)
            }
            guard let recorded = series[name] else {
                section.note("is no household of the fleet's series file", at: "series", value: name, &faults)
                return nil
            }
            return .series(SeriesDial(series: recorded, firstDay: origin, seed: seed, number: number))
        }
        let household = section.number("household", in: 1...100_000_000, default: number, &faults) ?? number
        return .household(
            Household(
                seed: seed, number: household, origin: origin,
                ceilingWatts: model?.profile.ceilingWatts ?? MeterProfile.ceilingWattsDefault))
    }
}
