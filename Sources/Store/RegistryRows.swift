import Metering

/// The registry's rows as values: column lists and how to read them.
enum RegistryRows {
    static let gatewayColumns = """
        gateway.name, gateway.host, gateway.port, gateway.station, gateway.district, gateway.depth,
        gateway.timeoutMilliseconds, gateway.pauseMilliseconds, gateway.transport
        """

    static func gateway(_ row: HotStatement, from column: Int32) throws -> Gateway {
        guard let transport = Transport(rawValue: row.text(column + 8)) else {
            throw UnknownCode(column: "gateway.transport of \(row.text(column))", code: 0)
        }
        let name = row.text(column)
        func number(_ position: Int32, _ bounds: ClosedRange<Int64>, _ what: String) throws -> Int {
            Int(try row.integer(column + position, in: bounds, of: "gateway.\(what) of \(name)"))
        }
        return Gateway(
            name: name, host: row.text(column + 1), port: UInt16(try number(2, 0...65_535, "port")),
            station: row.text(column + 3), district: row.text(column + 4), depth: try number(5, 1...16, "depth"),
            timeoutMilliseconds: try number(6, 1...Int64(Int32.max), "timeoutMilliseconds"),
            pauseMilliseconds: try number(7, 0...Int64(Int32.max), "pauseMilliseconds"), transport: transport)
    }

    /// Wants `contract` joined, as in `usagePointTables`.
    static let usagePointColumns = """
        usagePoint.name, usagePoint.customer, usagePoint.station, usagePoint.district, usagePoint.category,
        usagePoint.householdHundredths, usagePoint.readingDay, usagePoint.voltage, \(ContractRows.columns)
        """
    static let usagePointTables = "usagePoint \(ContractRows.joined)"

    static func usagePoint(_ row: HotStatement, from column: Int32) throws -> UsagePoint {
        let name = row.text(column)
        func number(_ position: Int32, _ bounds: ClosedRange<Int64>, _ what: String) throws -> Int {
            Int(try row.integer(column + position, in: bounds, of: "usagePoint.\(what) of \(name)"))
        }
        return UsagePoint(
            name: name, customer: row.text(column + 1), station: row.text(column + 2),
            district: row.text(column + 3), category: row.text(column + 4),
            householdHundredths: try number(5, 1...Int64(Int32.max), "householdHundredths"),
            readingDay: try number(6, 0...27, "readingDay"),
            voltage: row.text(column + 7), contract: try ContractRows.contract(row, from: column + 8, of: name))
    }

    /// Wants `usagePoint` and `gateway` joined.
    static let installationColumns = """
        installation.meter, installation.serial, usagePoint.name, gateway.name, installation.unit,
        installation.profile, installation.multiplier, installation.digits, installation.installedOn,
        installation.removedOn, installation.startIndex, installation.endIndex
        """
    static let installationTables = """
        installation JOIN usagePoint ON usagePoint.id = installation.usagePoint
        JOIN gateway ON gateway.id = installation.gateway
        """

    static func meter(_ row: HotStatement, from column: Int32 = 0) throws -> RegisteredMeter {
        let serial = row.text(column + 1)
        func number(_ position: Int32, _ bounds: ClosedRange<Int64>, _ what: String) throws -> Int64 {
            try row.integer(column + position, in: bounds, of: "installation.\(what) of \(serial)")
        }
        func energy(_ position: Int32, _ what: String) throws -> Energy? {
            try row.optionalEnergy(column + position) == nil
                ? nil : Energy(wattHours: number(position, 0...Int64.max, what))
        }
        return RegisteredMeter(
            id: MeterID(Int32(try number(0, 1...Int64(Int32.max), "meter"))),
            installation: MeterInstallation(
                serial: serial, usagePoint: row.text(column + 2), gateway: row.text(column + 3),
                unit: UInt8(try number(4, 0...247, "unit")), profile: row.text(column + 5),
                multiplier: try number(6, 1...Int64.max, "multiplier"), digits: Int(try number(7, 0...12, "digits")),
                installedOn: row.day(column + 8), removedOn: row.optionalDay(column + 9),
                startIndex: try energy(10, "startIndex"), endIndex: try energy(11, "endIndex")))
    }
}
