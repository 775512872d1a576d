import GRDB
import Metering

/// A station's balance on a day that is closed at both ends.
package struct StationDay: Hashable, Sendable {
    package let day: ServiceDay
    package let station: String
    package let balance: StationBalance
}

extension Store {
    /// The last day whose stations were balanced; `nil` where none was: no station has a meter of its own, or no two
    /// days are closed.
    package func lastBalancedDay() throws -> ServiceDay? {
        try read("looking for the last balanced day") { db in
            let row = try HotStatement(db, "SELECT MAX(day) FROM stationBalance")
            return try row.first() ? row.optionalDay(0) : nil
        }
    }

    /// By day, then by station.
    /// - Parameters:
    ///   - from, through: both inclusive.
    ///   - station: only this one; `nil` for all.
    package func stationBalances(
        from: ServiceDay, through: ServiceDay, station: String? = nil
    ) throws -> [StationDay] {
        try read("reading the balances of stations") { db in
            // From day to day, so that one station's history finds each row by the key.
            let rows = try HotStatement(
                db,
                """
                SELECT stationBalance.day, station, input, returned, generated, supplied, stationBalance.estimated,
                  stationMeters, customers, unknownStationMeters, unknownCustomers
                FROM closedDay CROSS JOIN stationBalance ON stationBalance.day = closedDay.day
                  \(station == nil ? "AND ?3 IS NULL" : "AND station = ?3")
                WHERE closedDay.day BETWEEN ?1 AND ?2 ORDER BY stationBalance.day, station
                """)
            try rows.start(from, through, station)
            var all: [StationDay] = []
            while try rows.next() {
                var balance = StationBalance()
                balance.input = rows.energy(2)
                balance.returned = rows.energy(3)
                balance.generated = rows.energy(4)
                balance.supplied = rows.energy(5)
                balance.estimated = rows.energy(6)
                balance.stationMeters = Int(rows.integer(7))
                balance.customers = Int(rows.integer(8))
                balance.unknownStationMeters = Int(rows.integer(9))
                balance.unknownCustomers = Int(rows.integer(10))
                all.append(StationDay(day: rows.day(0), station: rows.text(1), balance: balance))
            }
            return all
        }
    }
}

extension [StationDay] {
    /// Worst first: the loss furthest from nothing, above it or below, beside what came in; then those whose part of it
    /// is not told, the largest loss first; then those without a loss, with the fewest unknown meters first.
    package func ranked(estimatedMost: Int64) -> [StationDay] {
        func key(_ one: StationDay) -> (Int64, Int64, Int, String) {
            let thousandths = one.balance.lossThousandths(estimatedMost: estimatedMost)
            return (
                thousandths.map { -abs($0) } ?? 1, one.balance.loss.map { -abs($0.wattHours) } ?? 1,
                one.balance.unknownStationMeters + one.balance.unknownCustomers, one.station
            )
        }
        return map { (key($0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
