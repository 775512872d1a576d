import MeterFleet
import Metering
import Modbus

func day(_ text: String) -> ServiceDay {
    guard let day = ServiceDay(iso: text) else { preconditionFailure("\(text) is no day") }
    return day
}

func words(_ function: ReadFunction, _ address: UInt16, _ count: UInt16) -> WordRange {
    guard let range = WordRange(function: function, address: address, count: count) else {
        preconditionFailure("no range of \(count) words begins at \(address)")
    }
    return range
}

func file(_ number: UInt16, _ record: UInt16, _ count: UInt16) -> WordRange {
    guard let range = WordRange(file: number, record: record, count: count) else {
        preconditionFailure("no range of \(count) words begins at record \(record)")
    }
    return range
}

let library: ProfileLibrary = {
    do {
        return try ProfileLibrary.load(folder: nil)
    } catch {
        preconditionFailure("the built-in profiles do not load: \(error)")
    }
}()

func model(_ name: String) -> MeterModel {
    guard let profile = library[name] else { preconditionFailure("no profile \(name)") }
    return MeterModel(profile)
}

/// A dial that shows `index` Wh for ever; reactive import stands at 3/10 of it.
func standing(at index: Int64, from firstDay: ServiceDay = day("2025-04-01")) -> Dial {
    guard let series = RecordedSeries(household: "h", intervalMinutes: 1440, wattHours: []) else {
        preconditionFailure("an empty recording is one")
    }
    return .series(SeriesDial(series: series, firstDay: firstDay, startIndex: index))
}

func meter(
    _ profile: String, dial: Dial, number: Int64 = 1, digits: Int = 6, multiplier: Int64 = 1,
    installed: ServiceDay = day("2025-04-01"), clockOffsetSeconds: Int64 = 0
) -> SimulatedMeter {
    SimulatedMeter(
        number: number, unit: 1, names: MeterNames(district: "PA0901"), model: model(profile), dial: dial,
        digits: digits, multiplier: multiplier, installed: installed, clockOffsetSeconds: clockOffsetSeconds)
}

extension SimulatedMeter {
    /// The words of a reply; empty for an exception.
    func reply(_ range: WordRange, at moment: CivilMoment) -> [UInt16] {
        var words: [UInt16] = []
        return append(range, at: moment, to: &words) == nil ? words : []
    }

    func exception(_ range: WordRange, at moment: CivilMoment) -> UInt8? {
        var words: [UInt16] = []
        return append(range, at: moment, to: &words)
    }
}
