import Metering
import Yams

/// Faults and facts read from one or several lists.
struct FoundFaults {
    var faults: [Fault] = []
    var facts: [MeterFact] = []

    static func += (all: inout FoundFaults, more: FoundFaults) {
        all.faults += more.faults
        all.facts += more.facts
    }
}

/// Reads the `faults` lists of a fleet file. simulators/FLEET.md lists every kind with its keys.
struct FaultReader {
    /// Where a list stands, and so whom its faults concern.
    enum Level {
        case fleet
        case gateway(GatewayMeters)
        case meter(SimulatedMeter)
    }

    /// One entry of a list.
    struct Entry {
        let section: YAMLSection
        /// Names of the gateways it concerns; `nil` for all.
        let gateways: Set<String>?
        let found: FoundFaults
    }

    let calendar: ServiceCalendar
    let level: Level

    /// Reads the key `faults` of `section`.
    func read(_ section: YAMLSection, _ faults: inout FaultList) -> [Entry] {
        section.list("faults", &faults).enumerated().compactMap { position, node in
            let path = "\(section.field("faults"))[\(position)]"
            guard let entry = YAMLSection(node, path: path, &faults), let found = read(entry: entry, &faults) else {
                return nil
            }
            return Entry(section: entry, gateways: isFleet ? names("gateways", entry, &faults) : nil, found: found)
        }
    }

    private func read(entry section: YAMLSection, _ faults: inout FaultList) -> FoundFaults? {
        guard section.has("kind") else {
            section.note("is missing; one of \(Self.names)", at: "kind", &faults)
            return nil
        }
        // A kind that is none has been noted; whatever else is wrong waits until it is one.
        let before = faults.faults.count
        let name = section.choice("kind", default: FaultName.silence, &faults)
        guard faults.faults.count == before else { return nil }
        section.allow(keys(of: name), &faults)
        let units = units(section, &faults)
        switch name {
        case .rollover, .exchange, .standstill:
            return fact(name, units, section, &faults).map { FoundFaults(facts: [MeterFact($0, units: units)]) }
        default:
            let schedule = schedule(section, &faults)
            guard let kind = FaultKind.read(name, section, &faults) else { return nil }
            if case .halfOpen = kind, !section.has("from") {
                section.note("is missing: only connections older than it are cut", at: "from", &faults)
            }
            return FoundFaults(faults: [Fault(kind, units: units, schedule: schedule)])
        }
    }

    private static var names: String { FaultName.allCases.map(\.rawValue).joined(separator: ", ") }

    private func keys(of name: FaultName) -> [String] {
        var keys = ["kind", "from"]
        if isFleet { keys.append("gateways") }
        if name.concernsUnits, !isMeter { keys.append("units") }
        switch name {
        case .rollover, .exchange, .standstill: break
        default: keys += name.isDrawn ? ["to", "probability", "seed"] : ["to"]
        }
        return keys + FaultKind.keys(of: name)
    }

    private var isFleet: Bool { if case .fleet = level { true } else { false } }
    private var isMeter: Bool { if case .meter = level { true } else { false } }

    // MARK: - Whom

    private func units(_ section: YAMLSection, _ faults: inout FaultList) -> Set<UInt8>? {
        if case .meter(let meter) = level { return [meter.unit] }
        guard section.has("units") else { return nil }
        var units: Set<UInt8> = []
        for node in section.list("units", &faults) {
            guard let unit = node.string.flatMap({ UInt8($0) }) else {
                section.note("must be units from 0 to 255", at: "units", value: node.string ?? "", &faults)
                continue
            }
            if case .gateway(let meters) = level, meters[unit] == nil {
                section.note("has no meter behind this gateway", at: "units", value: String(unit), &faults)
            }
            units.insert(unit)
        }
        return units
    }

    private func names(_ key: String, _ section: YAMLSection, _ faults: inout FaultList) -> Set<String>? {
        guard section.has(key) else { return nil }
        return Set(section.list(key, &faults).compactMap(\.string))
    }

    // MARK: - When

    private enum Mark {
        case instant(Instant)
        /// Microseconds since a day's first instant.
        case timeOfDay(Int64)
    }

    private func schedule(_ section: YAMLSection, _ faults: inout FaultList) -> FaultSchedule {
        var millionths = FaultSchedule.everyCase
        if let node = section.node("probability") {
            if let share = node.string.flatMap({ DecimalText.millionths($0) }) {
                millionths = share
            } else {
                section.note(
                    "must be a share from 0 to 1, with at most six decimals", at: "probability",
                    value: node.string ?? "", &faults)
            }
        }
        let seed = section.number("seed", in: 0...Int64.max, default: 0, &faults) ?? 0
        return FaultSchedule(window(section, &faults), millionths: millionths, seed: UInt64(seed))
    }

    private func window(_ section: YAMLSection, _ faults: inout FaultList) -> FaultSchedule.Window {
        let (from, to) = (mark("from", section, &faults), mark("to", section, &faults))
        switch (from, to) {
        case (nil, nil): return .always
        case (.instant(let from), .instant(let to)):
            if from >= to { section.note("must be later than \"from\"", at: "to", &faults) }
            return .between(from, to)
        case (.instant(let from), nil): return .between(from, nil)
        case (nil, .instant(let to)): return .between(nil, to)
        case (.timeOfDay(let from), .timeOfDay(let to)) where from != to: return .daily(from: from, to: to)
        default:
            section.note(
                "\"from\" and \"to\" must both be instants, or two different times of the day", at: "from", &faults)
            return .always
        }
    }

    private func mark(_ key: String, _ section: YAMLSection, _ faults: inout FaultList) -> Mark? {
        guard let node = section.node(key) else { return nil }
        let text = node.string ?? ""
        if let instant = Instant(rfc3339: text) { return .instant(instant) }
        if let day = ServiceDay(iso: text) { return .instant(calendar.start(of: day)) }
        if let seconds = DecimalText.clock(text), seconds < 86_400 { return .timeOfDay(Int64(seconds) * 1_000_000) }
        section.note(
            "must be an instant such as 2025-05-10T00:00:00+07:00, a day, or a time of every day such as 23:50",
            at: key, value: text, &faults)
        return nil
    }

    // MARK: - Facts

    private func fact(
        _ name: FaultName, _ units: Set<UInt8>?, _ section: YAMLSection, _ faults: inout FaultList
    ) -> MeterFact.Kind? {
        var moment: CivilMoment?
        switch mark("from", section, &faults) {
        case .instant(let instant)?: moment = CivilMoment(instant, in: calendar)
        case .timeOfDay?:
            section.note("must be an instant: it happens once", at: "from", &faults)
            return nil
        case nil: break
        }
        switch name {
        case .rollover:
            return section.number("modulus_wh", in: 1...Self.indexMax, default: nil, &faults).map {
                .rollover(modulusWattHours: $0, passing: moment)
            }
        case .exchange:
            let start = section.number("start_index_wh", in: 0...Self.indexMax, default: 0, &faults) ?? 0
            let serial = section.has("serial") ? section.text("serial", default: nil, &faults) : nil
            if let serial { check(serial, units, section, &faults) }
            guard let moment else {
                if !section.has("from") { section.note("is missing; the moment of the exchange", at: "from", &faults) }
                return nil
            }
            return .exchange(at: moment, serial: serial, startIndexWattHours: start)
        case .standstill:
            guard let from = moment, case .instant(let end)? = mark("to", section, &faults),
                from < CivilMoment(end, in: calendar)
            else {
                section.note("must have a from, and a later to: instants both", at: "to", &faults)
                return nil
            }
            let watts = section.number("watts", in: 0...1_000_000, default: 0, &faults) ?? 0
            return .standstill(from: from, to: CivilMoment(end, in: calendar), watts: watts)
        default: return nil
        }
    }

    /// A new meter's serial belongs to one meter, and must fit its model as any meter's must.
    private func check(
        _ serial: String, _ units: Set<UInt8>?, _ section: YAMLSection, _ faults: inout FaultList
    ) {
        let meter: SimulatedMeter?
        switch level {
        case .fleet: meter = nil
        case .gateway(let meters): meter = units?.count == 1 ? units?.first.flatMap { meters[$0] } : nil
        case .meter(let own): meter = own
        }
        guard let meter else {
            return section.note("belongs to one meter: name it at its gateway, by unit", at: "serial", &faults)
        }
        if !meter.model.fits(serial: serial) {
            section.note(
                "does not fit the serial register of \(meter.model.profile.name)", at: "serial", value: serial, &faults)
        }
    }

    /// Twelve digits of kWh.
    private static let indexMax: Int64 = 1_000_000_000_000_000
}
