import GRDB
import Metering

/// A meter as its gateway's poll plan needs it.
package struct GatewayMeter: Hashable, Sendable {
    package let id: MeterID
    package let unit: UInt8
    package let serial: String
    package let profile: String
    /// CT × VT, 1 or more.
    package let multiplier: Int64
    /// Inclusive.
    package let installedOn: ServiceDay
    /// Exclusive; `nil` = still there.
    package let removedOn: ServiceDay?
    /// A live reading of it was accepted before, and nobody had its dial begin anew since.
    package let isKnown: Bool
    /// Its clock was right when it was last seen, so that its own records of days are believed.
    package let keepsTime: Bool
}

/// What the field's poll plans depend on, counted.
package struct FieldVersion: Hashable, Sendable {
    /// Grows by one with each import that changed a row of the registry, whichever process made it.
    package let registry: Int64
    /// Grows by one whenever a meter's clock is seen wrong, or right again.
    package let clocks: Int64
}

extension Store {
    /// One row is read: cheap enough to ask every second.
    package func fieldVersion() throws -> FieldVersion {
        try read("looking at the registry's version") { db in try Self.fieldVersion(db) }
    }

    private static func fieldVersion(_ db: Database) throws -> FieldVersion {
        let row = try HotStatement(db, "SELECT registry, clocks FROM generation")
        return try row.first()
            ? FieldVersion(registry: row.integer(0), clocks: row.integer(1)) : FieldVersion(registry: 0, clocks: 0)
    }

    static func registryVersion(_ db: Database) throws -> Int64 {
        let statement = try HotStatement(db, "SELECT registry FROM generation")
        return try statement.first() ? statement.integer(0) : 0
    }

    /// Hands out one gateway after the other, by name, each with its meters in service on `day` or planned for later,
    /// by unit and day of installation. Only one gateway's meters are in memory at a time; a gateway without meters
    /// comes with none.
    ///
    /// All of it is one consistent view of the registry. `body` must not call the store: it is being read.
    /// - Returns: the `fieldVersion` of that view; a later import has a higher one.
    /// - Throws: `StoreError`, or what `body` throws, which ends the walk.
    @discardableResult
    package func forEachGateway(
        notRemovedBy day: ServiceDay, _ body: (Gateway, [GatewayMeter]) throws -> Void
    ) throws -> FieldVersion {
        try read("reading the gateways and their meters") { db in
            let gateways = try HotStatement(
                db, "SELECT id, \(RegistryRows.gatewayColumns) FROM gateway ORDER BY name")
            let behind = try HotStatement(
                db,
                """
                SELECT meter, unit, serial, profile, multiplier, installedOn, removedOn,
                  (SELECT answered FROM dial WHERE series =
                    (SELECT MIN(id) FROM series WHERE series.meter = installation.meter)),
                  EXISTS(SELECT 1 FROM clockDoubt WHERE clockDoubt.meter = installation.meter AND isOver = 0)
                FROM installation
                WHERE gateway = ?1 AND (removedOn IS NULL OR removedOn > ?2) ORDER BY unit, installedOn
                """)
            // A province has a handful of models: each name is held once.
            var profiles: Set<String> = []
            var meters: [GatewayMeter] = []
            try gateways.start()
            while try gateways.next() {
                meters.removeAll(keepingCapacity: true)
                try behind.start(gateways.integer(0), day)
                while try behind.next() {
                    meters.append(
                        GatewayMeter(
                            id: MeterID(Int32(clamping: behind.integer(0))), unit: UInt8(clamping: behind.integer(1)),
                            serial: behind.text(2), profile: profiles.insert(behind.text(3)).memberAfterInsert,
                            multiplier: try behind.integer(4, in: 1...Int64.max, of: "installation.multiplier"),
                            installedOn: behind.day(5),
                            removedOn: behind.optionalDay(6), isKnown: behind.optionalInteger(7) != nil,
                            keepsTime: behind.integer(8) == 0))
                }
                try body(try RegistryRows.gateway(gateways, from: 1), meters)
            }
            return try Self.fieldVersion(db)
        }
    }
}
