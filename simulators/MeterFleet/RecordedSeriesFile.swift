import Metering

/// The compact form of recordings beside a fleet file: CSV with the columns `household,interval_minutes,wh`, one line
/// a household, `wh` the energies from 00:00 of day 0 in whole Wh with spaces between; `0*48` stands for 48 zeros.
package enum RecordedSeriesFile {
    package static let header = ["household", "interval_minutes", "wh"]

    package static func text(_ all: [RecordedSeries]) -> String {
        var text = CSV.line(header)
        for series in all {
            text += CSV.line([series.household, String(series.intervalMinutes), packed(series.wattHours)])
        }
        return text
    }

    /// - Throws: `InputFaults` with every fault of the file.
    package static func parse(_ bytes: [UInt8], file: String) throws -> [String: RecordedSeries] {
        var faults: [InputFault] = []
        var all: [String: RecordedSeries] = [:]
        var isHeader = true
        do {
            try CSV.forEachRecord(in: bytes) { record in
                func fault(_ field: String, _ value: String, _ remedy: String) {
                    faults.append(
                        InputFault(file: file, line: record.line, field: field, value: value, remedy: remedy))
                }
                if isHeader {
                    isHeader = false
                    if record.fields != header {
                        let shown = record.fields.joined(separator: ",")
                        fault("header", shown, "must be \(header.joined(separator: ","))")
                    }
                    return
                }
                guard record.fields.count == header.count else {
                    return fault("columns", String(record.fields.count), "\(header.count) belong in a row")
                }
                let household = record.fields[0]
                if all[household] != nil { fault("household", household, "stands in the file twice") }
                guard let minutes = Int(record.fields[1]), RecordedSeries.intervals.contains(minutes) else {
                    return fault("interval_minutes", record.fields[1], "must be one of 15, 30, 60, 1440")
                }
                guard let energies = unpacked(record.fields[2]),
                    let series = RecordedSeries(household: household, intervalMinutes: minutes, wattHours: energies)
                else {
                    let shown = String(record.fields[2].prefix(40))
                    return fault("wh", shown, "must be whole Wh from 0 on, with single spaces between, or ENERGY*COUNT")
                }
                all[household] = series
            }
        } catch let violation as CSV.Violation {
            faults.append(InputFault(file: file, violation))
        }
        guard faults.isEmpty else { throw InputFaults(faults) }
        return all
    }

    private static func packed(_ energies: [Int64]) -> String {
        var parts: [String] = []
        var position = 0
        while position < energies.count {
            let run = energies[position...].prefix { $0 == energies[position] }.count
            // Short runs are as long in either form.
            if run > 2 {
                parts.append("\(energies[position])*\(run)")
                position += run
            } else {
                parts.append(String(energies[position]))
                position += 1
            }
        }
        return parts.joined(separator: " ")
    }

    /// At most ten million intervals: more than two centuries of quarter hours.
    private static func unpacked(_ text: String) -> [Int64]? {
        var energies: [Int64] = []
        for part in text.split(separator: " ", omittingEmptySubsequences: false) {
            let factors = part.split(separator: "*", omittingEmptySubsequences: false)
            guard (1...2).contains(factors.count), let energy = Int64(factors[0]) else { return nil }
            guard factors.count == 2 else {
                energies.append(energy)
                continue
            }
            guard let count = Int(factors[1]), (1...10_000_000).contains(count),
                energies.count + count <= 10_000_000
            else { return nil }
            energies.append(contentsOf: repeatElement(energy, count: count))
        }
        return energies
    }
}
