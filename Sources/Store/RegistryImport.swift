import GRDB
import Metering

/// What an import did to the registry.
package struct RegistryChange: Hashable, Sendable {
    package struct Counts: Hashable, Sendable {
        package internal(set) var added = 0
        package internal(set) var changed = 0
        package internal(set) var unchanged = 0
        /// In the store but not in the files: left as they are. A meter leaves service by `removed_on` only.
        package internal(set) var absent = 0
    }

    package internal(set) var gateways = Counts()
    package internal(set) var usagePoints = Counts()
    package internal(set) var installations = Counts()

    /// Whether a row of the registry is not what it was before.
    package var isAny: Bool {
        [gateways, usagePoints, installations].contains { $0.added + $0.changed > 0 }
    }
}

/// A meter in service, with the identity its outcomes carry.
package struct RegisteredMeter: Hashable, Sendable {
    package let id: MeterID
    package let installation: MeterInstallation
}

extension Store {
    /// Takes over a registry, all or nothing. Rows are known by gateway name, usage point name, and (serial, usage
    /// point, installed on); a meter keeps its `MeterID` for ever. What the files do not mention stays as it is, but
    /// for the contract of a usage point that they do mention: without a row it is the default one again. Where
    /// reading days change, those that held until then are kept, so that no day is billed twice.
    /// Where anything changed, `fieldVersion` grows in the same transaction. Where meters came or left on other days
    /// than was known, or the fitter's word of them or a multiplier is another, the next day close estimates what was
    /// missing beside it and counts the closed days since then again.
    /// - Throws: `StoreError.registryRefused` naming every contradiction inside the registry and with what is stored.
    package func importRegistry(_ registry: Registry, at instant: Instant) throws -> RegistryChange {
        try writeHeldToParents("importing the registry") { db in
            try Self.importRegistry(registry, today: calendar.day(at: instant), at: instant, db)
        }
    }

    @discardableResult
    static func importRegistry(
        _ registry: Registry, today: ServiceDay, at instant: Instant, _ db: Database
    ) throws -> RegistryChange {
        var registryImport = try RegistryImport(db, today: today)
        let change = try registryImport.run(registry)
        try registryImport.refuseContradictions()
        try registryImport.reopenClosedDays()
        guard change.isAny else { return change }
        try CaseActWriter(db).left(by: today, at: instant, db)
        try HotStatement(db, "UPDATE generation SET registry = registry + 1, changedAt = ?").run(instant)
        return change
    }
}

/// One import inside its transaction.
private struct RegistryImport {
    private let db: Database
    private let selectGateway: HotStatement
    private let insertGateway: HotStatement
    private let updateGateway: HotStatement
    private let selectUsagePoint: HotStatement
    private let insertUsagePoint: HotStatement
    private let updateUsagePoint: HotStatement
    private let selectInstallation: HotStatement
    private let insertInstallation: HotStatement
    private let updateInstallation: HotStatement
    private let selectEarlier: HotStatement
    private let unsettle: HotStatement
    private let contracts: ContractWriter
    private let before: Rows
    private var change = RegistryChange()
    /// The first day on which other meters come or leave than was known, on which the fitter's word is another, or from
    /// which another multiplier counts.
    private var firstChanged: ServiceDay?
    private var gatewayIDs: [String: Int64] = [:]
    private var usagePointIDs: [String: Int64] = [:]
    private var faults = RegistryFaults()

    init(_ db: Database, today: ServiceDay) throws {
        self.db = db
        contracts = try ContractWriter(db, today: today)
        selectGateway = try HotStatement(db, "SELECT id, \(RegistryRows.gatewayColumns) FROM gateway WHERE name = ?")
        insertGateway = try HotStatement(
            db,
            """
            INSERT INTO gateway(host, port, station, district, depth, timeoutMilliseconds, pauseMilliseconds,
              transport, name) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        updateGateway = try HotStatement(
            db,
            """
            UPDATE gateway SET host = ?, port = ?, station = ?, district = ?, depth = ?, timeoutMilliseconds = ?,
              pauseMilliseconds = ?, transport = ? WHERE name = ?
            """)
        selectUsagePoint = try HotStatement(
            db,
            "SELECT id, \(RegistryRows.usagePointColumns) FROM \(RegistryRows.usagePointTables) WHERE name = ?")
        insertUsagePoint = try HotStatement(
            db,
            """
            INSERT INTO usagePoint(customer, station, district, category, householdHundredths, readingDay, voltage,
              name) VALUES(?, ?, ?, ?, ?, ?, ?, ?)
            """)
        updateUsagePoint = try HotStatement(
            db,
            """
            UPDATE usagePoint SET customer = ?, station = ?, district = ?, category = ?, householdHundredths = ?,
              readingDay = ?, voltage = ? WHERE name = ?
            """)
        selectInstallation = try HotStatement(
            db,
            """
            SELECT meter, gateway, unit, profile, multiplier, digits, removedOn, startIndex, endIndex
            FROM installation WHERE serial = ? AND usagePoint = ? AND installedOn = ?
            """)
        insertInstallation = try HotStatement(
            db,
            """
            INSERT INTO installation(gateway, unit, profile, multiplier, digits, removedOn, startIndex, endIndex,
              serial, usagePoint, installedOn) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """)
        updateInstallation = try HotStatement(
            db,
            """
            UPDATE installation SET gateway = ?, unit = ?, profile = ?, multiplier = ?, digits = ?, removedOn = ?,
              startIndex = ?, endIndex = ? WHERE serial = ? AND usagePoint = ? AND installedOn = ?
            """)
        selectEarlier = try HotStatement(db, "SELECT 1 FROM installation WHERE usagePoint = ? AND installedOn < ?")
        unsettle = try HotStatement(
            db,
            """
            INSERT INTO unsettled(series, day) SELECT id, ?3 FROM series WHERE meter = ?1 AND register = ?2
            ON CONFLICT DO NOTHING
            """)
        before = try Self.rows(db)
    }

    private struct Rows {
        let gateways: Int
        let usagePoints: Int
        let installations: Int
    }

    private static func rows(_ db: Database) throws -> Rows {
        let count = try HotStatement(
            db,
            """
            SELECT (SELECT COUNT(*) FROM gateway), (SELECT COUNT(*) FROM usagePoint),
              (SELECT COUNT(*) FROM installation)
            """)
        _ = try count.first()
        return Rows(
            gateways: Int(count.integer(0)), usagePoints: Int(count.integer(1)), installations: Int(count.integer(2)))
    }

    mutating func run(_ registry: Registry) throws -> RegistryChange {
        for gateway in registry.gateways { try take(gateway) }
        for usagePoint in registry.usagePoints { try take(usagePoint) }
        for installation in registry.installations { try take(installation) }
        let after = try Self.rows(db)
        change.gateways.absent = after.gateways - registry.gateways.count
        change.usagePoints.absent = after.usagePoints - registry.usagePoints.count
        change.installations.absent = after.installations - registry.installations.count
        return change
    }

    mutating func refuseContradictions() throws {
        var search = OverlapSearch(db, faults: faults)
        try search.run()
        try search.faults.refuse()
    }

    // MARK: - One row

    private mutating func take(_ gateway: Gateway) throws {
        guard gatewayIDs[gateway.name] == nil else {
            return faults.note("gateway \(gateway.name) is given twice; give it once")
        }
        let isNew = try !selectGateway.first(gateway.name)
        if !isNew {
            gatewayIDs[gateway.name] = selectGateway.integer(0)
            if try RegistryRows.gateway(selectGateway, from: 1) == gateway {
                change.gateways.unchanged += 1
                return
            }
        }
        try (isNew ? insertGateway : updateGateway).run(
            gateway.host, Int(gateway.port), gateway.station, gateway.district, gateway.depth,
            gateway.timeoutMilliseconds, gateway.pauseMilliseconds, gateway.transport.rawValue, gateway.name)
        if isNew { gatewayIDs[gateway.name] = insertGateway.insertedID }
        if isNew { change.gateways.added += 1 } else { change.gateways.changed += 1 }
    }

    private mutating func take(_ usagePoint: UsagePoint) throws {
        guard usagePointIDs[usagePoint.name] == nil else {
            return faults.note("usage point \(usagePoint.name) is given twice; give it once")
        }
        let isNew = try before.usagePoints == 0 || !selectUsagePoint.first(usagePoint.name)
        var known: UsagePoint?
        if !isNew {
            usagePointIDs[usagePoint.name] = selectUsagePoint.integer(0)
            known = try RegistryRows.usagePoint(selectUsagePoint, from: 1)
            if known == usagePoint {
                change.usagePoints.unchanged += 1
                return
            }
        }
        try (isNew ? insertUsagePoint : updateUsagePoint).run(
            usagePoint.customer, usagePoint.station, usagePoint.district, usagePoint.category,
            usagePoint.householdHundredths, usagePoint.readingDay, usagePoint.voltage, usagePoint.name)
        if isNew { usagePointIDs[usagePoint.name] = insertUsagePoint.insertedID }
        if let id = usagePointIDs[usagePoint.name] { try contracts.take(usagePoint, id: id, known: known) }
        if isNew { change.usagePoints.added += 1 } else { change.usagePoints.changed += 1 }
    }

    private mutating func take(_ installation: MeterInstallation) throws {
        guard let gateway = try id(of: installation.gateway, in: selectGateway, &gatewayIDs) else {
            return faults.note("meter \(installation.serial): gateway \(installation.gateway) is not known; add it")
        }
        guard let usagePoint = try id(of: installation.usagePoint, in: selectUsagePoint, &usagePointIDs) else {
            let (serial, name) = (installation.serial, installation.usagePoint)
            return faults.note("meter \(serial): usage point \(name) is not known; add it")
        }
        // A first import looks nothing up; that a row is given twice is seen when it is inserted.
        if before.installations == 0, try write(installation, gateway, usagePoint, by: insertInstallation) == 1 {
            change.installations.added += 1
            return
        }
        let isNew = try !selectInstallation.first(installation.serial, usagePoint, installation.installedOn)
        var known: (meter: Int64, stay: MeterStay, multiplier: Int64)?
        if !isNew {
            let row = selectInstallation
            known = (
                row.integer(0),
                MeterStay(
                    installedOn: installation.installedOn, removedOn: row.optionalDay(6),
                    startIndex: row.optionalEnergy(7), endIndex: row.optionalEnergy(8)),
                row.integer(4)
            )
            if row.integer(1) == gateway, row.integer(2) == Int64(installation.unit),
                row.text(3) == installation.profile, known?.multiplier == installation.multiplier,
                row.integer(5) == Int64(installation.digits), known?.stay == installation.stay
            {
                change.installations.unchanged += 1
                return
            }
        }
        _ = try write(installation, gateway, usagePoint, by: isNew ? insertInstallation : updateInstallation)
        if isNew { change.installations.added += 1 } else { change.installations.changed += 1 }
        guard let known else { return noteChange(on: installation.installedOn) }
        if known.multiplier != installation.multiplier { noteChange(on: installation.installedOn) }
        guard known.stay != installation.stay else { return }
        let isSuccessor = try selectEarlier.first(usagePoint, installation.installedOn)
        try noteGaps(of: known.meter, from: known.stay, to: installation.stay, isSuccessor: isSuccessor)
    }

    /// Days beside which the fitter's word is new, or not what it was: at both ends of an exchange, and where a meter
    /// left for good. A row that is new has nothing to estimate from yet.
    private mutating func noteGaps(of meter: Int64, from old: MeterStay, to new: MeterStay, isSuccessor: Bool) throws {
        var days = [old.removedOn, new.removedOn].compactMap { $0 }
        if old.startIndex != new.startIndex {
            noteChange(on: new.installedOn)
            if isSuccessor { days.append(new.installedOn) }
        }
        for day in days {
            noteChange(on: day)
            try unsettle.run(meter, Int64(Register.activeImport.rawValue), day)
        }
    }

    private mutating func noteChange(on day: ServiceDay) { firstChanged = min(firstChanged ?? day, day) }

    /// How long ago a meter may have come or left and the days since then still be counted again: as long as its day is
    /// bridged with the fitter's word. A count of what was registered years late would help nobody; but what is put
    /// right after a fitter's index was found wrong ends that case, however long it took.
    func reopenClosedDays() throws {
        guard let firstChanged else { return }
        try HotStatement(
            db,
            """
            INSERT INTO reopenedDay SELECT day FROM closedDay
            WHERE day >= ?1 AND (day >= (SELECT MAX(day) FROM closedDay) - ?2
              OR day IN (SELECT lastDay FROM meterCase WHERE kind = ?3 AND closed IS NULL))
            ON CONFLICT DO NOTHING
            """
        ).run(firstChanged, GapSettlement.fittersReachDays, MeterCase.Kind.fitter.rawValue)
    }

    private func write(
        _ installation: MeterInstallation, _ gateway: Int64, _ usagePoint: Int64, by statement: HotStatement
    ) throws -> Int {
        try statement.run(
            gateway, Int(installation.unit), installation.profile, installation.multiplier, installation.digits,
            installation.removedOn, installation.startIndex, installation.endIndex, installation.serial, usagePoint,
            installation.installedOn)
    }

    /// The row a meter refers to: in these files, or stored before.
    private func id(of name: String, in select: HotStatement, _ known: inout [String: Int64]) throws -> Int64? {
        if let id = known[name] { return id }
        guard try select.first(name) else { return nil }
        known[name] = select.integer(0)
        return known[name]
    }
}
