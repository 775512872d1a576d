import GRDB
import Metering

/// Looks for meters that would be in service at one place at the same time: at one usage point, behind one unit of a
/// gateway or of an endpoint, or one meter at two places.
///
/// Each search walks the installations once, place by place and by day of installation, along an index: a join of the
/// table with itself is left to the planner's guess, and took minutes for a province that had just been imported.
struct OverlapSearch {
    private let db: Database
    private(set) var faults: RegistryFaults

    /// What is found is added to `faults`.
    init(_ db: Database, faults: RegistryFaults) {
        self.db = db
        self.faults = faults
    }

    private static let columns = "installation.meter, serial, installedOn, removedOn"

    mutating func run() throws {
        let db = db
        let byUsagePoint = try HotStatement(
            db, "SELECT \(Self.columns), usagePoint FROM installation ORDER BY usagePoint, installedOn, meter")
        try byUsagePoint.start()
        try walk(byUsagePoint, place: { $0.integer(4) }) { row in
            "usage point \(try Self.name(db, in: "usagePoint", row.integer(4)))"
        }
        let byUnit = try HotStatement(
            db, "SELECT \(Self.columns), gateway, unit FROM installation ORDER BY gateway, unit, installedOn, meter")
        try byUnit.start()
        try walk(byUnit, place: { $0.integer(4) << 8 | $0.integer(5) }) { row in
            "gateway \(try Self.name(db, in: "gateway", row.integer(4))) unit \(row.integer(5))"
        }
        let bySerial = try HotStatement(
            db, "SELECT \(Self.columns) FROM installation ORDER BY serial, installedOn, meter")
        try bySerial.start()
        try walk(bySerial, place: { $0.text(1) }) { _ in "two places at once" }
        try walkSharedEndpoints()
    }

    /// Two rows for one endpoint: a unit behind both would be one meter booked to two customers.
    private mutating func walkSharedEndpoints() throws {
        let shared = try HotStatement(
            db,
            """
            SELECT host, port, MIN(id) FROM gateway GROUP BY lower(host), port HAVING COUNT(*) > 1 ORDER BY MIN(id)
            """)
        let behind = try HotStatement(
            db,
            """
            SELECT \(Self.columns), unit, gateway.id FROM installation
            JOIN gateway ON gateway.id = installation.gateway
            WHERE lower(host) = lower(?) AND port = ? ORDER BY unit, installedOn, meter
            """)
        try shared.start()
        while try shared.next() {
            let (host, port) = (shared.text(0), shared.integer(1))
            try behind.start(host, port)
            // Two meters of one gateway were found before.
            try walk(behind, place: { $0.integer(4) }, apart: { $0.integer(5) }) { row in
                "endpoint \(host):\(port) unit \(row.integer(4))"
            }
        }
    }

    private struct Stay<Place: Equatable> {
        let place: Place
        let serial: String
        let until: Int64
        let part: Int64
    }

    /// Rows come by place and day of installation. Of those before it at the same place, a row is held against the one
    /// that stays longest; where `apart` tells the two to be of one part, the fault is not this search's.
    private mutating func walk<Place: Equatable>(
        _ rows: HotStatement, place: (HotStatement) -> Place, apart: ((HotStatement) -> Int64)? = nil,
        named: (HotStatement) throws -> String
    ) throws {
        var longest: Stay<Place>?
        while try rows.next() {
            let stay = Stay(
                place: place(rows), serial: rows.text(1), until: rows.optionalInteger(3) ?? .max,
                part: apart?(rows) ?? 0)
            guard let other = longest, other.place == stay.place else {
                longest = stay
                continue
            }
            if rows.integer(2) < other.until, apart == nil || stay.part != other.part {
                try faults.note(
                    "meters \(other.serial) and \(stay.serial) are both in service at \(named(rows)); "
                        + "give the one that left its removed_on")
            }
            if stay.until > other.until { longest = stay }
        }
    }

    private static func name(_ db: Database, in table: String, _ id: Int64) throws -> String {
        let statement = try HotStatement(db, "SELECT name FROM \(table) WHERE id = ?")
        return try statement.first(id) ? statement.text(0) : "\(id)"
    }
}
