/// The registry's three CSV files (design §6.2) and its contracts as values, and back.
///
/// Columns may come in any order. A column without a name here is a fault, so is a required one that is not there;
/// an empty field means the default. All faults of all files are reported together.
package enum RegistryFiles {
    package static let gatewaysFile = "gateways.csv"
    package static let usagePointsFile = "usage_points.csv"
    package static let metersFile = "meters.csv"

    /// More faults than these are only counted: nobody reads a thousand lines.
    package static let faultsMax = 1000

    static let gatewayColumns = [
        "gateway", "host", "port", "station", "district", "depth", "timeout_ms", "pause_ms", "transport",
    ]
    static let usagePointColumns = [
        "usage_point", "customer", "station", "district", "category", "households", "reading_day", "voltage",
    ]
    static let meterColumns = [
        "serial", "usage_point", "gateway", "unit", "profile", "multiplier", "digits", "installed_on", "removed_on",
        "start_index_wh", "end_index_wh",
    ]

    /// - Parameters:
    ///   - contracts: `nil` where there is no such file.
    ///   - profiles: names of the known meter models.
    ///   - categories: names of the known tariff categories.
    /// - Throws: `InputFaults` with every fault found, at most `faultsMax` and one that counts the rest.
    package static func parse(
        gateways: [UInt8], usagePoints: [UInt8], meters: [UInt8], contracts: [UInt8]? = nil, profiles: Set<String>,
        categories: Set<String>
    ) throws -> Registry {
        var reader = RegistryReader(profiles: profiles, categories: categories)
        reader.readGateways(gateways)
        reader.readUsagePoints(usagePoints)
        reader.readMeters(meters)
        if let contracts { reader.readContracts(contracts) }
        reader.findOverlaps()
        if let faults = reader.faults.all { throw InputFaults(faults) }
        return reader.registry
    }

    /// The same files from a registry; `parse` gives it back unchanged. Without `contracts` where all are the default.
    package static func csv(
        _ registry: Registry
    ) -> (gateways: String, usagePoints: String, meters: String, contracts: String?) {
        var gateways = CSV.line(gatewayColumns)
        for gateway in registry.gateways {
            gateways += CSV.line([
                gateway.name, gateway.host, String(gateway.port), gateway.station, gateway.district,
                String(gateway.depth), String(gateway.timeoutMilliseconds), String(gateway.pauseMilliseconds),
                gateway.transport.rawValue,
            ])
        }
        var usagePoints = CSV.line(usagePointColumns)
        for usagePoint in registry.usagePoints {
            usagePoints += CSV.line([
                usagePoint.name, usagePoint.customer, usagePoint.station, usagePoint.district, usagePoint.category,
                households(hundredths: usagePoint.householdHundredths), String(usagePoint.readingDay),
                usagePoint.voltage,
            ])
        }
        var meters = CSV.line(meterColumns)
        for meter in registry.installations {
            meters += CSV.line([
                meter.serial, meter.usagePoint, meter.gateway, String(meter.unit), meter.profile,
                String(meter.multiplier), String(meter.digits), meter.installedOn.description,
                meter.removedOn?.description ?? "", meter.startIndex.map { String($0.wattHours) } ?? "",
                meter.endIndex.map { String($0.wattHours) } ?? "",
            ])
        }
        return (gateways, usagePoints, meters, contracts(registry.usagePoints))
    }

    /// `175` → `1.75`, `150` → `1.5`, `100` → `1`.
    static func households(hundredths: Int) -> String {
        let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
        if rest == 0 { return String(whole) }
        if rest % 10 == 0 { return "\(whole).\(rest / 10)" }
        return "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// A positive decimal with at most two places and a point, up to 100,000; `nil` for anything else.
    package static func hundredths(_ text: String) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = digits(parts[0], max: 6) else { return nil }
        var fraction = 0
        if parts.count == 2 {
            guard let places = digits(parts[1], max: 2) else { return nil }
            fraction = parts[1].utf8.count == 1 ? places * 10 : places
        }
        let value = whole * 100 + fraction
        return (1...10_000_000).contains(value) ? value : nil
    }

    private static func digits(_ text: Substring, max: Int) -> Int? {
        guard (1...max).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(text)
    }
}

/// Reads the files one after the other and holds what the later ones refer to.
struct RegistryReader {
    private let profiles: Set<String>
    let tariffCategories: Set<String>
    private let categories: Set<String>
    var faults = FaultList()
    var registry = Registry()
    private var gatewayPositions: [String: Int] = [:]
    /// Host and port, or serial line, to the gateway that has it.
    private var endpoints: [String: String] = [:]
    private(set) var usagePointPositions: [String: Int] = [:]
    /// A meter's line and whom it refers to, for the search for overlaps; −1 where that is unknown.
    private var places: [(line: Int, gateway: Int, usagePoint: Int)] = []

    init(profiles: Set<String>, categories: Set<String>) {
        self.profiles = profiles
        tariffCategories = categories
        self.categories = categories.union([UsagePoint.stationCategory])
    }

    mutating func readGateways(_ bytes: [UInt8]) {
        let required = ["gateway", "host"]
        forEachRow(RegistryFiles.gatewaysFile, bytes, RegistryFiles.gatewayColumns, required: required) { reader, row in
            let name = row.required(0, &reader.faults)
            let transport = reader.transport(row)
            let host = row.required(1, &reader.faults)
            if transport == .rtu, !host.isEmpty, !Self.isSerialLine(host) {
                reader.faults.note(row.fault(1, "must be a serial line as /dev/ttyUSB0:9600:8N1"))
            } else if host.utf8.contains(UInt8(ascii: " ")) {
                reader.faults.note(row.fault(1, "must be a host name or address without spaces"))
            }
            let gateway = Gateway(
                name: name, host: host,
                port: UInt16(clamping: row.integer(2, default: 502, in: 1...65_535, &reader.faults)),
                station: row.text(3), district: row.text(4),
                depth: Int(row.integer(5, default: 1, in: 1...16, &reader.faults)),
                timeoutMilliseconds: Int(row.integer(6, default: 2000, in: 1...600_000, &reader.faults)),
                pauseMilliseconds: Int(row.integer(7, default: 0, in: 0...60_000, &reader.faults)),
                transport: transport)
            guard !name.isEmpty else { return }
            guard reader.gatewayPositions.updateValue(reader.registry.gateways.count, forKey: name) == nil else {
                return reader.faults.note(row.fault(0, "is given before; give each gateway once"))
            }
            // Two rows for one endpoint would book one meter to two customers, and open two connections to it.
            let endpoint = transport == .rtu ? host : "\(host.lowercased()):\(gateway.port)"
            if let other = reader.endpoints.updateValue(name, forKey: endpoint) {
                reader.faults.note(row.fault(1, "is the endpoint of gateway \(other) already; give it once"))
            }
            reader.registry.gateways.append(gateway)
        }
    }

    private mutating func transport(_ row: RegistryRow) -> Transport {
        let text = row.text(8)
        if text.isEmpty { return .tcp }
        guard let transport = Transport(rawValue: text) else {
            let known = Transport.allCases.map(\.rawValue).joined(separator: ", ")
            faults.note(row.fault(8, "must be one of \(known)"))
            return .tcp
        }
        return transport
    }

    /// `/dev/ttyUSB0:9600:8N1`
    private static func isSerialLine(_ host: String) -> Bool {
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].hasPrefix("/"), let speed = Int(parts[1]), (300...4_000_000).contains(speed)
        else { return false }
        let format = Array(parts[2].utf8)
        return format.count == 3 && (format[0] == UInt8(ascii: "7") || format[0] == UInt8(ascii: "8"))
            && Array("NEO".utf8).contains(format[1])
            && (format[2] == UInt8(ascii: "1") || format[2] == UInt8(ascii: "2"))
    }

    mutating func readUsagePoints(_ bytes: [UInt8]) {
        let required = ["usage_point", "customer", "category"]
        forEachRow(
            RegistryFiles.usagePointsFile, bytes, RegistryFiles.usagePointColumns, required: required
        ) { reader, row in
            let name = row.required(0, &reader.faults)
            var category = row.text(4)
            if category.isEmpty { category = "residential" }
            if !reader.categories.contains(category) {
                let known = reader.categories.sorted().joined(separator: ", ")
                reader.faults.note(row.fault(4, "is no tariff category; known are \(known)"))
            }
            if category == UsagePoint.stationCategory, row.text(2).isEmpty {
                reader.faults.note(row.fault(2, "is missing: a station's own meter needs its station"))
            }
            var households = 100
            if !row.text(5).isEmpty {
                if let hundredths = RegistryFiles.hundredths(row.text(5)) {
                    households = hundredths
                } else {
                    reader.faults.note(
                        row.fault(5, "must be a decimal above 0, at most 100000, with at most two places, e.g. 1.5"))
                }
            }
            let usagePoint = UsagePoint(
                name: name, customer: row.text(1), station: row.text(2), district: row.text(3), category: category,
                householdHundredths: households,
                readingDay: Int(row.integer(6, default: 0, in: 0...27, &reader.faults)), voltage: row.text(7))
            guard !name.isEmpty else { return }
            guard reader.usagePointPositions.updateValue(reader.registry.usagePoints.count, forKey: name) == nil else {
                return reader.faults.note(row.fault(0, "is given before; give each usage point once"))
            }
            reader.registry.usagePoints.append(usagePoint)
        }
    }

    mutating func readMeters(_ bytes: [UInt8]) {
        let required = ["serial", "usage_point", "gateway", "unit", "profile", "installed_on"]
        forEachRow(RegistryFiles.metersFile, bytes, RegistryFiles.meterColumns, required: required) { reader, row in
            let serial = row.required(0, &reader.faults)
            let usagePoint = row.required(1, &reader.faults)
            let gateway = row.required(2, &reader.faults)
            let usagePointPosition = reader.usagePointPositions[usagePoint] ?? -1
            if usagePointPosition < 0, !usagePoint.isEmpty {
                reader.faults.note(row.fault(1, "is not in \(RegistryFiles.usagePointsFile); add it there"))
            }
            let gatewayPosition = reader.gatewayPositions[gateway] ?? -1
            if gatewayPosition < 0, !gateway.isEmpty {
                reader.faults.note(row.fault(2, "is not in \(RegistryFiles.gatewaysFile); add it there"))
            }
            let profile = row.required(4, &reader.faults)
            if !profile.isEmpty, !reader.profiles.contains(profile) {
                let known = reader.profiles.sorted().joined(separator: ", ")
                reader.faults.note(row.fault(4, "is no known meter model; known are \(known)"))
            }
            let faultsBefore = reader.faults.count
            let unit = UInt8(clamping: row.integer(3, default: nil, in: 0...247, &reader.faults))
            // Meters whose unit is unknown are not at the same one.
            let hasUnit = reader.faults.count == faultsBefore
            let multiplier = row.integer(5, default: 1, in: MeterInstallation.multipliers, &reader.faults)
            let digits = Int(row.integer(6, default: 0, in: 0...12, &reader.faults))
            let installedOn = row.day(7, isRequired: true, &reader.faults)
            let removedOn = row.day(8, isRequired: false, &reader.faults)
            let startIndex = row.energy(9, &reader.faults)
            let endIndex = row.energy(10, &reader.faults)
            if endIndex != nil, row.text(8).isEmpty {
                reader.faults.note(row.fault(10, "is given without removed_on; give both or neither"))
            }
            let span = MeterInstallation.span(ofDigits: digits)
            for (column, index) in [(9, startIndex), (10, endIndex)] {
                guard let index, index >= span else { continue }
                reader.faults.note(
                    row.fault(column, "does not fit on a dial of \(digits == 0 ? 12 : digits) digits; give it in Wh"))
            }
            guard let installedOn else { return }
            if let removedOn, removedOn <= installedOn {
                reader.faults.note(row.fault(8, "must be later than installed_on \(installedOn)"))
                return
            }
            reader.places.append((row.line, hasUnit ? gatewayPosition : -1, usagePointPosition))
            reader.registry.installations.append(
                MeterInstallation(
                    serial: serial, usagePoint: usagePoint, gateway: gateway, unit: unit, profile: profile,
                    multiplier: multiplier, digits: digits, installedOn: installedOn, removedOn: removedOn,
                    startIndex: startIndex, endIndex: endIndex))
        }
    }

    // MARK: - Two meters in one place

    /// A meter's time at a place, small enough to sort 726,995 of them quickly.
    private struct Stay {
        let place: Int
        let from: Int32
        let until: Int32
        let meter: Int
    }

    mutating func findOverlaps() {
        noteOverlaps(
            stays { $0.gateway < 0 ? nil : $0.gateway * 256 + Int($1.unit) }, field: "unit",
            value: { "\($0.gateway) unit \($0.unit)" })
        noteOverlaps(
            stays { place, _ in place.usagePoint < 0 ? nil : place.usagePoint }, field: "usage_point",
            value: \.usagePoint)
        var serials: [String: Int] = [:]
        for meter in registry.installations {
            serials[meter.serial] = serials[meter.serial] ?? serials.count
        }
        noteOverlaps(stays { _, meter in serials[meter.serial] }, field: "serial", value: \.serial)
    }

    private func stays(
        at place: ((line: Int, gateway: Int, usagePoint: Int), MeterInstallation) -> Int?
    ) -> [Stay] {
        registry.installations.indices.compactMap { position in
            let meter = registry.installations[position]
            return place(places[position], meter).map {
                Stay(
                    place: $0, from: meter.installedOn.number, until: meter.removedOn?.number ?? .max, meter: position)
            }
        }.sorted { ($0.place, $0.from, $0.meter) < ($1.place, $1.from, $1.meter) }
    }

    private mutating func noteOverlaps(_ stays: [Stay], field: String, value: (MeterInstallation) -> String) {
        guard var longest = stays.first else { return }
        for stay in stays.dropFirst() {
            if stay.place == longest.place, stay.from < longest.until {
                let meter = registry.installations[stay.meter]
                let other = registry.installations[longest.meter]
                faults.note(
                    InputFault(
                        file: RegistryFiles.metersFile, line: places[stay.meter].line, field: field,
                        value: value(meter),
                        remedy: "meter \(other.serial) (line \(places[longest.meter].line)) is in service there at "
                            + "the same time; correct one, or give the one that left its removed_on"))
            }
            if stay.place != longest.place || stay.until > longest.until { longest = stay }
        }
    }

    // MARK: - Rows

    /// Calls `body` with each record whose shape fits the header. Columns are numbered as in `columns`.
    mutating func forEachRow(
        _ file: String, _ bytes: [UInt8], _ columns: [String], required: [String],
        _ body: (inout RegistryReader, RegistryRow) -> Void
    ) {
        if let line = Self.firstInvalidLine(bytes) {
            return faults.note(
                InputFault(file: file, line: line, field: "", value: "", remedy: "is not UTF-8 text; save it as UTF-8"))
        }
        var positions: [Int]?
        var width = 0
        do {
            try CSV.forEachRecord(in: bytes) { record in
                guard let known = positions else {
                    width = record.fields.count
                    positions = header(record, file: file, columns: columns, required: required)
                    // Without a readable header no row means anything.
                    if positions == nil { throw HeaderUnusable() }
                    return
                }
                guard record.fields.count == width else {
                    return faults.note(
                        InputFault(
                            file: file, line: record.line, field: "", value: "",
                            remedy: "has \(record.fields.count) fields, the header has \(width)"))
                }
                body(
                    &self,
                    RegistryRow(
                        file: file, line: record.line, fields: record.fields, isASCII: record.isASCII, positions: known,
                        names: columns))
            }
            if positions == nil {
                faults.note(
                    InputFault(
                        file: file, line: 1, field: "", value: "",
                        remedy: "is empty; its first row must be \(columns.joined(separator: ","))"))
            }
        } catch let violation as CSV.Violation {
            faults.note(InputFault(file: file, violation))
        } catch {
            // Only `HeaderUnusable` is left; its faults are noted.
        }
    }

    private struct HeaderUnusable: Error {}

    private mutating func header(
        _ record: CSV.Record, file: String, columns: [String], required: [String]
    ) -> [Int]? {
        func fault(_ field: String, _ remedy: String) -> InputFault {
            InputFault(file: file, line: record.line, field: field, value: "", remedy: remedy)
        }
        var positions = [Int](repeating: -1, count: columns.count)
        var isUsable = true
        for (position, name) in record.fields.enumerated() {
            guard let column = columns.firstIndex(of: name) else {
                faults.note(fault(name, "is no column of this file; known are \(columns.joined(separator: ", "))"))
                continue
            }
            if positions[column] >= 0 {
                faults.note(fault(name, "is there twice; keep one"))
            }
            positions[column] = position
        }
        for name in required where !record.fields.contains(name) {
            faults.note(fault(name, "is missing; the first row must be \(columns.joined(separator: ","))"))
            isUsable = false
        }
        return isUsable ? positions : nil
    }

    /// The line of the first byte that is no UTF-8; `nil` where all is.
    private static func firstInvalidLine(_ bytes: [UInt8]) -> Int? {
        guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
        var line = 1
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { return line }
            line += 1
        }
        return 1
    }
}
