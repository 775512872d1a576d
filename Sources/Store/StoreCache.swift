import GRDB
import Metering
import VEE

/// What ingest needs of every meter, kept in memory so that a reading costs no look-up.
/// Owned by the transaction under way (the store's mutex); thrown away when one fails, and read again when another
/// process changed what it holds (`generation`).
struct StoreCache {
    struct Installation {
        let installedOn: ServiceDay
        let removedOn: ServiceDay?
        let limits: DialLimits
        /// Where the registry says it answers; a reading from elsewhere is another meter's.
        let gateway: String
        let unit: UInt8

        func isInService(on day: ServiceDay) -> Bool {
            day >= installedOn && removedOn.map { day < $0 } ?? true
        }
    }

    /// A row of `series`: one register of one meter, and the days its indices span.
    struct Series {
        let id: Int64
        var firstDay: ServiceDay?
        var lastDay: ServiceDay?
        var isChanged = false
    }

    struct SeriesKey: Hashable {
        let meter: MeterID
        let register: Register
    }

    struct Origin: Hashable {
        let gateway: String
        let profile: String
    }

    var generation: Int64 = 0
    var installations: [MeterID: Installation] = [:]
    var series: [SeriesKey: Series] = [:]
    var origins: [Origin: Int64] = [:]
    var gateways: [String: Int64] = [:]

    /// Far above any meter: a profile without a ceiling is not limited by one.
    static let noCeilingWatts: Int64 = 1_000_000_000

    static func generation(_ db: Database) throws -> Int64 {
        let statement = try HotStatement(db, "SELECT number FROM generation")
        return try statement.first() ? statement.integer(0) : 0
    }

    /// Tells every process with a cache of this store that it is out of date.
    static func advanceGeneration(_ db: Database, at instant: Instant) throws {
        try HotStatement(db, "UPDATE generation SET number = number + 1, changedAt = ?").run(instant)
    }

    /// Reads everything again unless it is current.
    mutating func refresh(_ db: Database, ceilings: [String: Int64]) throws {
        let current = try Self.generation(db)
        guard current != generation else { return }
        self = StoreCache()
        let meters = try HotStatement(
            db,
            """
            SELECT meter, installedOn, removedOn, profile, digits, gateway.name, unit FROM installation
            JOIN gateway ON gateway.id = installation.gateway
            """)
        try meters.start()
        while try meters.next() {
            let limits = DialLimits(
                ceilingWatts: ceilings[meters.text(3)] ?? Self.noCeilingWatts, digits: Int(meters.integer(4)))
            installations[MeterID(Int32(clamping: meters.integer(0)))] = Installation(
                installedOn: meters.day(1), removedOn: meters.optionalDay(2), limits: limits,
                gateway: meters.text(5), unit: UInt8(clamping: meters.integer(6)))
        }
        let all = try HotStatement(db, "SELECT meter, register, id, firstDay, lastDay FROM series")
        try all.start()
        while try all.next() {
            let key = SeriesKey(meter: MeterID(Int32(clamping: all.integer(0))), register: try all.register(1))
            series[key] = Series(id: all.integer(2), firstDay: all.optionalDay(3), lastDay: all.optionalDay(4))
        }
        let sources = try HotStatement(db, "SELECT gateway, profile, id FROM origin")
        try sources.start()
        while try sources.next() {
            origins[Origin(gateway: sources.text(0), profile: sources.text(1))] = sources.integer(2)
        }
        let names = try HotStatement(db, "SELECT name, id FROM gateway")
        try names.start()
        while try names.next() { gateways[names.text(0)] = names.integer(1) }
        generation = current
    }
}
