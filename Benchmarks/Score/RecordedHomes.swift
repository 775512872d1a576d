import Foundation
import Metering
import VEE

/// Homes that others recorded, day by day. They lie beside the project, not in it.
struct RecordedHomes {
    let homes: [DayEnergies]

    /// `nil` when there are none. `METERD_SHARED` names the shared folder, else it stands beside the project.
    init?() throws {
        let shared = ProcessInfo.processInfo.environment["METERD_SHARED"] ?? "../shared"
        let path = shared + "/reference/meterdata/sgsc_daily_51_households.csv"
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        var homes: [String: [ServiceDay: Energy]] = [:]
        for record in try CSV.records(in: Array(bytes)).dropFirst() where record.fields.count == 5 {
            guard let day = ServiceDay(iso: record.fields[1]), let kilowattHours = Double(record.fields[2]) else {
                throw UnreadableRecording(path: path, line: record.line)
            }
            homes[record.fields[0], default: [:]][day] = Energy(wattHours: Int64((kilowattHours * 1000).rounded()))
        }
        self.homes = homes.sorted { $0.key < $1.key }.compactMap { _, days in
            guard let first = days.keys.min(), let last = days.keys.max() else { return nil }
            return DayEnergies(first: first, energies: (first...last).map { days[$0] })
        }
    }
}

struct UnreadableRecording: Error, CustomStringConvertible {
    let path: String
    let line: Int
    var description: String { "\(path):\(line): no household, date, kWh" }
}
