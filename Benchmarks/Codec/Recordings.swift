import Foundation
import MeterFleet
import Metering

/// Homes that others recorded. They lie beside the project, not in it.
struct Recordings {
    private let folder: String

    /// `nil` when there are none. `METERD_SHARED` names the shared folder, else it stands beside the project.
    init?() {
        let shared = ProcessInfo.processInfo.environment["METERD_SHARED"] ?? "../shared"
        folder = shared + "/reference/meterdata/"
        guard FileManager.default.fileExists(atPath: folder + "SOURCES.txt") else { return nil }
    }

    private func read(_ file: String) throws -> [RecordedSeries] {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: folder + file)))
        return try RecordingFile.parse(bytes, file: file, house: file)
    }

    func daily() throws -> [DaySeries] {
        let uk = try read("uk_household_hourly_2020_2022.csv")
        let canada = try read("openmv_house_hourly_2011_2012.csv")
        let netMetered = try meterDataProvider()
        func days(_ homes: [RecordedSeries]) -> [[Int64]] {
            homes.map { sums($0.wattHours, of: 1440 / $0.intervalMinutes) }
        }
        return [
            DaySeries(
                name: "51 homes, Australia", energies: days(try read("sgsc_daily_51_households.csv"))),
            DaySeries(name: "a home, UK, hours summed", energies: days(uk)),
            DaySeries(name: "a home, Canada, hours summed", energies: days(canada)),
            DaySeries(name: "a site, Australia, import", energies: [sums(netMetered.imported, of: 48)]),
            DaySeries(name: "the same, export", energies: [sums(netMetered.exported, of: 48)]),
        ]
    }

    func profiles() throws -> [SlotSeries] {
        let netMetered = try meterDataProvider()
        func hours(_ name: String, _ file: String) throws -> SlotSeries {
            SlotSeries(name: name, slotsOfDay: 24, homes: try read(file).map(\.wattHours))
        }
        return [
            SlotSeries(
                name: "6 homes, Australia", slotsOfDay: 48,
                homes: try read("sgsc_halfhourly_6_households.csv").map(\.wattHours)),
            SlotSeries(name: "a site, Australia, import", slotsOfDay: 48, homes: [netMetered.imported]),
            SlotSeries(name: "the same, export", slotsOfDay: 48, homes: [netMetered.exported]),
            try hours("a home, UK, hours", "uk_household_hourly_2020_2022.csv"),
            try hours("a home, Canada, hours", "openmv_house_hourly_2011_2012.csv"),
        ]
    }

    private func sums(_ energies: [Int64], of count: Int) -> [Int64] {
        stride(from: 0, to: energies.count / count * count, by: count).map { start in
            energies[start..<start + count].reduce(0, +)
        }
    }

    /// A file in the Australian layout NEM12: a 200 record names the register (E1 imports, B1 exports), each 300 record
    /// after it has the 48 half hours of a day in kWh.
    private func meterDataProvider() throws -> (imported: [Int64], exported: [Int64]) {
        let file = "nem12_one_year_halfhourly_import_export.csv"
        var (register, energies) = ("", [String: [Int64]]())
        for record in try CSV.records(in: Array(try Data(contentsOf: URL(fileURLWithPath: folder + file)))) {
            switch record.fields.first {
            case "200": register = record.fields[3]
            case "300":
                energies[register, default: []] += record.fields[2..<50].map { field in
                    Int64(((Double(field) ?? 0) * 1000).rounded())
                }
            default: break
            }
        }
        return (energies["E1"] ?? [], energies["B1"] ?? [])
    }
}
