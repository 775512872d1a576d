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
        return Gateway(
            name: row.text(column), host: row.text(column + 1), port: UInt16(clamping: row.integer(column + 2)),
            station: row.text(column + 3), district: row.text(column + 4), depth: Int(row.integer(column + 5)),
            timeoutMilliseconds: Int(row.integer(column + 6)), pauseMilliseconds: Int(row.integer(column + 7)),
            transport: transport)
    }

    static let usagePointColumns = """
        usagePoint.name, usagePoint.customer, usagePoint.station, usagePoint.district, usagePoint.category,
        usagePoint.householdHundredths, usagePoint.readingDay, usagePoint.voltage
        """

    static func usagePoint(_ row: HotStatement, from column: Int32) -> UsagePoint {
        UsagePoint(
            name: row.text(column), customer: row.text(column + 1), station: row.text(column + 2),
            district: row.text(column + 3), category: row.text(column + 4),
            householdHundredths: Int(row.integer(column + 5)), readingDay: Int(row.integer(column + 6)),
            voltage: row.text(column + 7))
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

    static func meter(_ row: HotStatement, from column: Int32 = 0) -> RegisteredMeter {
        RegisteredMeter(
            id: MeterID(Int32(clamping: row.integer(column))),
            installation: MeterInstallation(
                serial: row.text(column + 1), usagePoint: row.text(column + 2), gateway: row.text(column + 3),
                unit: UInt8(clamping: row.integer(column + 4)), profile: row.text(column + 5),
                multiplier: row.integer(column + 6), digits: Int(row.integer(column + 7)),
                installedOn: row.day(column + 8), removedOn: row.optionalDay(column + 9),
                startIndex: row.optionalEnergy(column + 10), endIndex: row.optionalEnergy(column + 11)))
    }
}
