import GRDB
import Metering

extension Store {
    /// The whole registry, in the order it was first imported.
    package func registry() throws -> Registry {
        try read("reading the registry") { db in
            var registry = Registry()
            let gateways = try HotStatement(db, "SELECT \(RegistryRows.gatewayColumns) FROM gateway ORDER BY id")
            try gateways.start()
            while try gateways.next() { registry.gateways.append(try RegistryRows.gateway(gateways, from: 0)) }
            let usagePoints = try HotStatement(
                db,
                "SELECT \(RegistryRows.usagePointColumns) FROM \(RegistryRows.usagePointTables) ORDER BY usagePoint.id")
            try usagePoints.start()
            while try usagePoints.next() {
                registry.usagePoints.append(try RegistryRows.usagePoint(usagePoints, from: 0))
            }
            registry.installations = try Self.meters(db, where: "TRUE").map(\.installation)
            return registry
        }
    }

    /// Meters in service on `day`, in the order of their identities.
    package func meters(inServiceOn day: ServiceDay) throws -> [RegisteredMeter] {
        try read("reading the meters in service on \(day)") { db in
            try Self.meters(db, where: "installedOn <= ?1 AND (removedOn IS NULL OR removedOn > ?1)", day)
        }
    }

    /// Meters in service on `day` or planned for later, in the order of their identities.
    package func meters(notRemovedBy day: ServiceDay) throws -> [RegisteredMeter] {
        try read("reading the meters not removed by \(day)") { db in
            try Self.meters(db, where: "removedOn IS NULL OR removedOn > ?1", day)
        }
    }

    private static func meters<each Value: HotBindable>(
        _ db: Database, where condition: String, _ values: repeat each Value
    ) throws -> [RegisteredMeter] {
        let statement = try HotStatement(
            db,
            """
            SELECT \(RegistryRows.installationColumns) FROM \(RegistryRows.installationTables)
            WHERE \(condition) ORDER BY installation.meter
            """)
        try statement.start(repeat each values)
        var meters: [RegisteredMeter] = []
        while try statement.next() { meters.append(try RegistryRows.meter(statement)) }
        return meters
    }

    // MARK: - Usage points

    package func usagePoint(_ name: String) throws -> UsagePoint? {
        try read("looking up usage point \(name)") { db in try Self.usagePoint(name, db) }
    }

    static func usagePoint(_ name: String, _ db: Database) throws -> UsagePoint? {
        let statement = try HotStatement(
            db, "SELECT \(RegistryRows.usagePointColumns) FROM \(RegistryRows.usagePointTables) WHERE name = ?")
        return try statement.first(name) ? try RegistryRows.usagePoint(statement, from: 0) : nil
    }

    /// Usage points whose name, customer or a meter's serial begins with `text`; letters A to Z in either case.
    /// Matches by name come first. At most `limit`; all, by name, for an empty text.
    package func searchUsagePoints(_ text: String, limit: Int) throws -> [UsagePoint] {
        guard limit > 0 else { return [] }
        return try read("searching usage points") { db in
            let last = text + "\u{10FFFF}"
            let searches = [
                """
                SELECT \(RegistryRows.usagePointColumns) FROM \(RegistryRows.usagePointTables)
                WHERE name >= ?1 COLLATE NOCASE AND name < ?2 COLLATE NOCASE ORDER BY name COLLATE NOCASE LIMIT ?3
                """,
                """
                SELECT \(RegistryRows.usagePointColumns) FROM \(RegistryRows.usagePointTables)
                WHERE customer >= ?1 COLLATE NOCASE AND customer < ?2 COLLATE NOCASE
                ORDER BY customer COLLATE NOCASE LIMIT ?3
                """,
                """
                SELECT \(RegistryRows.usagePointColumns) FROM installation
                JOIN usagePoint ON usagePoint.id = installation.usagePoint \(ContractRows.joined)
                WHERE serial >= ?1 COLLATE NOCASE AND serial < ?2 COLLATE NOCASE
                ORDER BY serial COLLATE NOCASE LIMIT ?3
                """,
            ]
            var found: [UsagePoint] = []
            var names: Set<String> = []
            for sql in searches where found.count < limit {
                let statement = try HotStatement(db, sql)
                try statement.start(text, last, limit)
                while found.count < limit, try statement.next() {
                    let usagePoint = try RegistryRows.usagePoint(statement, from: 0)
                    if names.insert(usagePoint.name).inserted { found.append(usagePoint) }
                }
            }
            return found
        }
    }

    /// All meters that are or were at a usage point, oldest first.
    package func installations(of usagePoint: String) throws -> [MeterInstallation] {
        try read("reading the meters of usage point \(usagePoint)") { db in
            try Self.meters(of: usagePoint, db).map(\.installation)
        }
    }

    /// The meter that stands at the usage point on `day`; `nil` where none does.
    /// - Throws: `StoreError.unknownUsagePoint`.
    package func meter(atUsagePoint usagePoint: String, on day: ServiceDay) throws -> RegisteredMeter? {
        try read("looking for the meter of usage point \(usagePoint)") { db in
            guard try Self.usagePoint(usagePoint, db) != nil else { throw StoreError.unknownUsagePoint(usagePoint) }
            return try Self.meters(of: usagePoint, db).first { $0.installation.isInService(on: day) }
        }
    }

    static func meters(of usagePoint: String, _ db: Database) throws -> [RegisteredMeter] {
        try meters(
            db, where: "installation.usagePoint = (SELECT id FROM usagePoint WHERE name = ?)", usagePoint
        ).sorted { $0.installation.installedOn < $1.installation.installedOn }
    }
}
