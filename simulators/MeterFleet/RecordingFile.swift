import Metering

/// Reads what others recorded: household energy as CSV, recognised by its header.
///
/// | header begins | shape |
/// |---|---|
/// | `customer_id,date,general_kwh` | one row a household and civil day |
/// | `customer_id,reading_datetime,general_kwh` | one row a household and half hour, naive local time of its start |
/// | `DateTime,Consumption kWh` | hours of one house, `month/day/year hh:mm:ss` of their end |
/// | `start,value` | hours of one house, `yyyy-mm-dd hh:mm:ss+00:00` of their start |
///
/// Each household's first recorded day is its day 0; days and intervals that are absent count 0, as the blemishes say.
package struct RecordingFile: Sendable {
    private enum Shape { case daily, halfHourly, hourEnding, hourStarting }

    private let file: String
    private let shape: Shape
    /// Name for the one house of a file without a household column.
    private let house: String
    /// Energy of each interval number (day number × intervals a day + interval), by household, households in the
    /// order of the file.
    private var order: [String] = []
    private var energies: [String: [Int: Int64]] = [:]

    /// A gap this long is a wrong date rather than a gap.
    private static let daysMax = 40_000

    /// - Throws: `InputFaults` with every fault of the file, each with its line; reading stops after 1,000.
    package static func parse(_ bytes: [UInt8], file: String, house: String) throws -> [RecordedSeries] {
        var faults: [InputFault] = []
        var recording: RecordingFile?
        do {
            try CSV.forEachRecord(in: bytes) { record in
                guard faults.count < 1000 else { return }
                if recording == nil, faults.isEmpty {
                    guard let shape = shape(of: record.fields) else {
                        faults.append(
                            InputFault(
                                file: file, line: record.line, field: "header",
                                value: record.fields.joined(separator: ","), remedy: headerRemedy))
                        return
                    }
                    recording = RecordingFile(file: file, shape: shape, house: house)
                } else if let fault = recording?.take(record) {
                    faults.append(fault)
                }
            }
        } catch let violation as CSV.Violation {
            faults.append(InputFault(file: file, violation))
        }
        guard faults.isEmpty else { throw InputFaults(faults) }
        guard let recording, !recording.order.isEmpty else {
            throw InputFaults([
                InputFault(file: file, field: "", value: "", remedy: "holds no reading; a header and rows are expected")
            ])
        }
        return try recording.series()
    }

    private init(file: String, shape: Shape, house: String) {
        self.file = file
        self.shape = shape
        self.house = house
    }

    private static let headerRemedy =
        "must begin customer_id,date,general_kwh or customer_id,reading_datetime,general_kwh "
        + "or DateTime,Consumption kWh or start,value"

    private static func shape(of header: [String]) -> Shape? {
        switch header.prefix(3) {
        case ["customer_id", "date", "general_kwh"]: .daily
        case ["customer_id", "reading_datetime", "general_kwh"]: .halfHourly
        default:
            switch header.prefix(2) {
            case ["DateTime", "Consumption kWh"]: .hourEnding
            case ["start", "value"]: .hourStarting
            default: nil
            }
        }
    }

    private var intervalMinutes: Int {
        switch shape {
        case .daily: 1440
        case .halfHourly: 30
        case .hourEnding, .hourStarting: 60
        }
    }

    /// Column names of household (if any), time and energy.
    private var columns: (household: Bool, time: String, energy: String) {
        switch shape {
        case .daily: (true, "date", "general_kwh")
        case .halfHourly: (true, "reading_datetime", "general_kwh")
        case .hourEnding: (false, "DateTime", "Consumption kWh")
        case .hourStarting: (false, "start", "value")
        }
    }

    /// One row; a fault when it cannot be used.
    private mutating func take(_ record: CSV.Record) -> InputFault? {
        func fault(_ field: String, _ value: String, _ remedy: String) -> InputFault {
            InputFault(file: file, line: record.line, field: field, value: value, remedy: remedy)
        }
        let columns = columns
        let needed = columns.household ? 3 : 2
        guard record.fields.count >= needed else {
            return fault("columns", String(record.fields.count), "at least \(needed) belong in a row")
        }
        let household = columns.household ? record.fields[0] : house
        if household.isEmpty { return fault("customer_id", "", "must name the household") }
        let (time, energy) = (record.fields[needed - 2], record.fields[needed - 1])
        guard let position = position(of: time) else { return fault(columns.time, time, timeRemedy) }
        guard let wattHours = DecimalText.wattHours(kilowattHours: energy) else {
            return fault(
                columns.energy, energy, "must be kWh from 0 to 1000000 as a plain decimal with at most 20 decimals")
        }
        if energies[household] == nil { order.append(household) }
        guard energies[household, default: [:]].updateValue(wattHours, forKey: position) == nil else {
            return fault(columns.time, time, "household \(household) has this interval twice")
        }
        return nil
    }

    private var timeRemedy: String {
        switch shape {
        case .daily: "must be a date such as 2012-02-10"
        case .halfHourly: "must be the start of a half hour such as 2012-06-01 10:30"
        case .hourEnding: "must be the end of an hour such as 11/25/2011 01:00:00"
        case .hourStarting: "must be the start of an hour such as 2020-04-01 01:00:00+00:00"
        }
    }

    /// Number of the interval, counted from 1970-01-01 00:00 of the file's own clock.
    private func position(of text: String) -> Int? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        switch shape {
        case .daily:
            return parts.count == 1 ? ServiceDay(iso: text).map { Int($0.number) } : nil
        case .halfHourly:
            guard parts.count == 2, let day = ServiceDay(iso: parts[0]), let time = DecimalText.clock(parts[1]),
                time % 1800 == 0
            else { return nil }
            return Int(day.number) * 48 + time / 1800
        case .hourEnding:
            let date = parts[0].split(separator: "/", omittingEmptySubsequences: false).map { DecimalText.whole($0) }
            guard parts.count == 2, date.count == 3, let month = date[0], let dayOfMonth = date[1], let year = date[2],
                let day = ServiceDay(year: year, month: month, day: dayOfMonth),
                let time = DecimalText.clock(parts[1]), time % 3600 == 0
            else { return nil }
            return Int(day.number) * 24 + time / 3600 - 1
        case .hourStarting:
            guard parts.count == 2, parts[1].hasSuffix("+00:00"), let day = ServiceDay(iso: parts[0]),
                let time = DecimalText.clock(parts[1].dropLast(6)), time % 3600 == 0
            else { return nil }
            return Int(day.number) * 24 + time / 3600
        }
    }

    private func series() throws -> [RecordedSeries] {
        let perDay = 1440 / intervalMinutes
        var faults: [InputFault] = []
        var all: [RecordedSeries] = []
        for household in order {
            let recorded = energies[household] ?? [:]
            guard let first = recorded.keys.min(), let last = recorded.keys.max() else { continue }
            // Day 0 begins at its own midnight, even where the recording begins later in the day.
            let start = Int(Int64(first).flooredQuotient(by: Int64(perDay))) * perDay
            guard last - start < Self.daysMax * perDay else {
                faults.append(
                    InputFault(
                        file: file, field: columns.time, value: household,
                        remedy: "this household's first and last day lie more than \(Self.daysMax) days apart"))
                continue
            }
            let wattHours = (start...last).map { recorded[$0] ?? 0 }
            guard
                let series = RecordedSeries(
                    household: household, intervalMinutes: intervalMinutes, wattHours: wattHours)
            else {
                faults.append(
                    InputFault(
                        file: file, field: columns.energy, value: household,
                        remedy: "this household's energies add up to more than 10^12 kWh"))
                continue
            }
            all.append(series)
        }
        guard faults.isEmpty else { throw InputFaults(faults) }
        return all
    }
}
