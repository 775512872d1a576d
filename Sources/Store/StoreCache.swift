import GRDB
import Metering
import VEE

/// What ingest needs of every meter, kept in memory so that a reading costs no look-up: two dozen bytes a meter.
/// Owned by the transaction under way (the store's mutex); read again when an import changed the registry, and when a
/// transaction failed that had added to it.
struct StoreCache {
    struct Installation {
        fileprivate let installedOn: Int32
        /// `Int32.max` where the meter is still there.
        fileprivate let removedOn: Int32
        /// The meter's first series, its dial's key; 0 while not looked up or not made.
        fileprivate(set) var dial: Int32 = 0
        /// Row of `gateway` where the registry says it answers; a reading from elsewhere is another meter's.
        let gateway: Int32
        fileprivate let limits: UInt16
        let unit: UInt8
        fileprivate(set) var hasLoadProfile = false
        /// The fitter wrote down what its dial showed when it was put up.
        fileprivate let hasStartIndex: Bool
        /// What it showed first was held beside that since this was read.
        fileprivate(set) var isStartLookedAt = false
        /// Another meter stood at its usage point before.
        fileprivate(set) var isSuccessor = false
        /// The same meter's row before it ends on the day it begins.
        fileprivate(set) var isContinuation = false

        /// `MeterStay.showsIndex`, as far as the meter itself may say: what a continuation shows at the first instant
        /// of its first day is the earlier row's.
        func showsIndex(of day: ServiceDay) -> Bool {
            day.number >= (isContinuation ? installedOn + 1 : installedOn) && day.number <= removedOn
        }

        /// It came in another's place, or is to leave: the day close may have to look between its own indices and the
        /// fitter's. Not so for all meters of a new fleet, which would take its first night minutes.
        var isExchanged: Bool { isSuccessor || removedOn != .max }

        /// Whether days are missing between the fitter's start index and the first index of the meter's own.
        func hasGap(before first: ServiceDay) -> Bool {
            isSuccessor && (2...GapSettlement.fittersReachDays).contains(first - ServiceDay(number: installedOn))
        }

        var firstDay: ServiceDay { ServiceDay(number: installedOn) }

        /// The days among which the first index of a first meter's own is held beside the fitter's start index, though
        /// days are missing between them; `nil` where it has none, or where it came in another's place.
        var startIndexReach: ClosedRange<ServiceDay>? {
            hasStartIndex && !isSuccessor ? firstDay + 2...firstDay + GapSettlement.fittersReachDays : nil
        }

        /// Whether days are missing between the last index of the meter's own and the fitter's end index.
        func hasGap(after last: ServiceDay) -> Bool {
            removedOn != .max
                && (1...GapSettlement.fittersReachDays).contains(ServiceDay(number: removedOn) - last)
        }
    }

    /// A profile that polls through a gateway came by, and its row of `origin`.
    private struct Origin {
        let profile: String
        let row: Int64
    }

    private var version: Int64 = -1
    /// By meter number; `nil` for a number without a meter.
    private var installations: [Installation?] = []
    private var limits: [DialLimits] = []
    /// By row of `gateway`.
    private var gatewayNames: [String] = []
    private var gatewayIDs: [String: Int64] = [:]
    /// By row of `gateway`: a handful of profiles each, found without hashing a name for every poll.
    private var origins: [[Origin]] = []
    /// Series with a suspect reading: only they need a look whether the dial goes on from one.
    private(set) var suspects: Set<Int64> = []
    /// Meters whose clocks are or were wrong: the few whose own records are looked at before they are believed.
    private(set) var clockDoubts: [MeterID: ClockDoubt] = [:]
    /// Holds something that is in the file only if the transaction under way is committed.
    private(set) var isAhead = false

    /// Far above any meter: a profile without a ceiling is not limited by one.
    static let noCeilingWatts: Int64 = 1_000_000_000

    // MARK: - Looking up

    subscript(meter: MeterID) -> Installation? {
        installations.indices.contains(Int(meter.number)) ? installations[Int(meter.number)] : nil
    }

    func limits(of installation: Installation) -> DialLimits { limits[Int(installation.limits)] }

    func name(ofGateway row: Int32) -> String { gatewayNames[Int(row)] }

    func row(ofGateway name: String) -> Int64? { gatewayIDs[name] }

    /// The row of `origin` where it is known.
    func origin(ofGateway gateway: Int32, profile: String) -> Int64? {
        guard origins.indices.contains(Int(gateway)) else { return nil }
        return origins[Int(gateway)].first { $0.profile == profile }?.row
    }

    /// The key of a meter's dial where it is known.
    func dial(of meter: MeterID) -> Int64? {
        guard let dial = self[meter]?.dial, dial > 0 else { return nil }
        return Int64(dial)
    }

    // MARK: - Learning

    /// A key that is in the file, or that the transaction under way has made (`isNew`).
    mutating func learn(dial key: Int64, of meter: MeterID, isNew: Bool) {
        installations[Int(meter.number)]?.dial = Int32(clamping: key)
        isAhead = isAhead || isNew
    }

    mutating func learn(origin row: Int64, ofGateway gateway: Int32, profile: String, isNew: Bool) {
        while origins.count <= gateway { origins.append([]) }
        origins[Int(gateway)].append(Origin(profile: profile, row: row))
        isAhead = isAhead || isNew
    }

    mutating func learn(startLookedAt meter: MeterID) {
        installations[Int(meter.number)]?.isStartLookedAt = true
        isAhead = true
    }

    mutating func learn(suspect series: Int64) {
        if suspects.insert(series).inserted { isAhead = true }
    }

    mutating func learn(_ doubt: ClockDoubt, of meter: MeterID) {
        clockDoubts[meter] = doubt
        isAhead = true
    }

    /// All it holds is in the file.
    mutating func settle() { isAhead = false }

    /// Reads everything again unless it is current.
    mutating func refresh(
        _ db: Database, ceilings: [String: Int64], loadProfiles: LoadProfileChoice = .nobodys
    ) throws {
        let current = try Store.registryVersion(db)
        guard current != version else { return }
        self = StoreCache()
        try readGateways(db)
        try readInstallations(db, ceilings: ceilings)
        if !loadProfiles.isNobodys { try readLoadProfiles(loadProfiles, db) }
        for meter in try MeterSuccessions.successors(db) where self[meter] != nil {
            installations[Int(meter.number)]?.isSuccessor = true
        }
        for meter in try MeterSuccessions.continuations(db) where self[meter] != nil {
            installations[Int(meter.number)]?.isContinuation = true
        }
        let keys = try HotStatement(db, "SELECT meter, MIN(id) FROM series GROUP BY meter")
        try keys.start()
        while try keys.next() {
            let meter = MeterID(Int32(clamping: keys.integer(0)))
            guard self[meter] != nil else { throw DamagedRow(table: "series", key: keys.integer(1)) }
            learn(dial: keys.integer(1), of: meter, isNew: false)
        }
        let sources = try HotStatement(db, "SELECT gateway, profile, id FROM origin")
        try sources.start()
        while try sources.next() {
            // A gateway that has another name by now has no polls under the old one.
            guard let gateway = gatewayIDs[sources.text(0)] else { continue }
            learn(
                origin: sources.integer(2), ofGateway: Int32(clamping: gateway), profile: sources.text(1), isNew: false)
        }
        let suspicious = try HotStatement(
            db, "SELECT DISTINCT series FROM reading WHERE \(ReadingVerdict.isAgainstDial)")
        try suspicious.start()
        while try suspicious.next() { suspects.insert(suspicious.integer(0)) }
        clockDoubts = try Store.clockDoubts(db)
        version = current
    }

    private mutating func readLoadProfiles(_ choice: LoadProfileChoice, _ db: Database) throws {
        let meters = try HotStatement(
            db,
            """
            SELECT meter, usagePoint.name, category FROM installation
            JOIN usagePoint ON usagePoint.id = installation.usagePoint
            """)
        try meters.start()
        while try meters.next() {
            guard choice.contains(meters.text(1), category: meters.text(2)) else { continue }
            installations[Int(meters.integer(0))]?.hasLoadProfile = true
        }
    }

    private mutating func readGateways(_ db: Database) throws {
        let last = try CountedRows.last("id", of: "gateway", db)
        let rows = try HotStatement(db, "SELECT id, name FROM gateway ORDER BY id")
        try rows.start()
        while try rows.next() {
            let row = Int(rows.integer(0))
            guard row >= gatewayNames.count, row <= last else { throw DamagedRow(table: "gateway", key: Int64(row)) }
            while gatewayNames.count < row { gatewayNames.append("") }
            gatewayNames.append(rows.text(1))
            gatewayIDs[rows.text(1)] = rows.integer(0)
        }
    }

    private mutating func readInstallations(_ db: Database, ceilings: [String: Int64]) throws {
        installations = Array(repeating: nil, count: try CountedRows.last("meter", of: "installation", db) + 1)
        let meters = try HotStatement(
            db,
            """
            SELECT meter, installedOn, removedOn, profile, digits, gateway, unit, startIndex IS NOT NULL
            FROM installation
            """)
        // Meters of one model have one ceiling; a province knows a handful of models and of dials.
        var known: [DialLimits: UInt16] = [:]
        try meters.start()
        while try meters.next() {
            let (meter, gateway) = (Int(meters.integer(0)), Int(meters.integer(5)))
            guard installations.indices.contains(meter), gatewayNames.indices.contains(gateway) else {
                throw DamagedRow(table: "installation", key: Int64(meter))
            }
            let own = DialLimits(
                ceilingWatts: ceilings[meters.text(3)] ?? Self.noCeilingWatts, digits: Int(meters.integer(4)))
            if known[own] == nil {
                known[own] = UInt16(limits.count)
                limits.append(own)
            }
            installations[meter] = Installation(
                installedOn: meters.day(1).number, removedOn: meters.optionalDay(2)?.number ?? .max,
                gateway: Int32(clamping: gateway), limits: known[own] ?? 0,
                unit: UInt8(clamping: meters.integer(6)), hasStartIndex: meters.integer(7) != 0)
        }
    }
}
