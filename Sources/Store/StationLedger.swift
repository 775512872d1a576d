import GRDB
import Metering

/// Adds up what a day's walk passes by to the balances of the stations that have a meter of their own, and writes them
/// down in the transaction that counts the day: run again it writes the same.
///
/// A usage point belongs to the station that the registry says now: who moved takes closed days with them when those
/// are counted again.
final class StationLedger {
    private let day: ServiceDay
    private var balances: [String: StationBalance] = [:]
    /// Rows of the usage points that are not known at both ends, so that none is counted twice.
    private var unknown: Set<Int64> = []

    /// `nil` where no station has a meter of its own.
    init?(of day: ServiceDay, _ db: Database) throws {
        self.day = day
        let stations = try HotStatement(
            db, "SELECT DISTINCT station FROM usagePoint WHERE category = '\(UsagePoint.stationCategory)'")
        try stations.start()
        while try stations.next() { balances[stations.text(0)] = StationBalance() }
        if balances.isEmpty { return nil }
    }

    /// - Parameter meter: its import on the day; `place` is its station.
    func count(_ meter: DialledDay) {
        guard var balance = balances[meter.place] else { return }
        if meter.isStation { balance.stationMeters += 1 } else { balance.customers += 1 }
        if let energy = meter.consumption {
            if meter.isStation {
                balance.input = balance.input + energy
            } else {
                balance.supplied = balance.supplied + energy
            }
            if meter.hasEstimate { balance.addEstimated(energy) }
        } else {
            noteUnknown(meter.usagePointID, isStation: meter.isStation, &balance)
        }
        balances[meter.place] = balance
    }

    /// Adds the exports, after all imports were counted, and writes the day's rows.
    func close(_ db: Database, damaged: @escaping (DamagedRow) throws -> Void) throws {
        try addExports(db, damaged: damaged)
        try HotStatement(db, "DELETE FROM stationBalance WHERE day = ?").run(day)
        let insert = try HotStatement(db, "INSERT INTO stationBalance VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        for (station, balance) in balances where balance.stationMeters > 0 {
            try insert.run(
                day, station, balance.input, balance.returned, balance.generated, balance.supplied, balance.estimated,
                balance.stationMeters, balance.customers, balance.unknownStationMeters, balance.unknownCustomers)
        }
    }

    /// Of the meters that have shown an export register. No fitter's word stands in for such an index, so on the day a
    /// meter comes or leaves its usage point is not known.
    private func addExports(_ db: Database, damaged: @escaping (DamagedRow) throws -> Void) throws {
        let walk = try IndexWalk(db, from: day, through: day.next, damaged: damaged)
        let rows = try HotStatement(
            db,
            """
            SELECT series.id, usagePoint.id, station, category = '\(UsagePoint.stationCategory)', multiplier,
              removedOn IS ?1
            FROM series JOIN installation ON installation.meter = series.meter
            JOIN usagePoint ON usagePoint.id = installation.usagePoint
            WHERE series.register = ?2 AND installedOn <= ?1 AND (removedOn IS NULL OR removedOn >= ?1)
              AND station IN (SELECT station FROM usagePoint WHERE category = '\(UsagePoint.stationCategory)')
            ORDER BY series.id
            """)
        try rows.start(day, Int(Register.activeExport.rawValue))
        while try rows.next() {
            try walk.go(to: rows.integer(0))
            let (station, isStation, leaves) = (rows.text(2), rows.integer(3) != 0, rows.integer(5) != 0)
            guard var balance = balances[station] else { continue }
            let start = walk.indices.first { $0.day == day }
            let end = leaves ? nil : walk.indices.first { $0.day == day.next }
            if let start, let end,
                let energy = MeterDays.energy(from: start.index, to: end.index, multiplier: rows.integer(4))
            {
                if isStation {
                    balance.returned = balance.returned + energy
                } else {
                    balance.generated = balance.generated + energy
                }
                if start.quality == .estimated || end.quality == .estimated { balance.addEstimated(energy) }
            } else {
                noteUnknown(rows.integer(1), isStation: isStation, &balance)
            }
            balances[station] = balance
        }
    }

    private func noteUnknown(_ usagePointID: Int64, isStation: Bool, _ balance: inout StationBalance) {
        guard unknown.insert(usagePointID).inserted else { return }
        if isStation { balance.unknownStationMeters += 1 } else { balance.unknownCustomers += 1 }
    }
}

extension StationBalance {
    fileprivate mutating func addEstimated(_ energy: Energy) {
        estimated = estimated + Energy(wattHours: abs(energy.wattHours))
    }
}
