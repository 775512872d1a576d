import Foundation
import Metering
import Packing

/// Registers' daily indices, cut into calendar months.
struct DaySeries {
    let name: String
    let homes: [[DailyIndex]]

    /// Each home's months with their keys.
    func months() -> [[(key: ChunkKey, indices: ArraySlice<DailyIndex>)]] {
        homes.enumerated().map { number, indices in
            guard let first = indices.first, let last = indices.last else { return [] }
            var rest = indices[...]
            var (year, month, _) = first.day.civil
            var months: [(key: ChunkKey, indices: ArraySlice<DailyIndex>)] = []
            while let day = ServiceDay(year: year, month: month, day: 1), day <= last.day {
                let key = ChunkKey(series: Int64(number + 1), firstDay: day, days: day.daysInMonth)
                let own = rest.prefix { $0.day < day + key.days }
                rest = rest.dropFirst(own.count)
                months.append((key, own))
                (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1)
            }
            return months
        }
    }

    /// Adjacent differences of each home.
    var differences: [[Int64]] {
        homes.map { zip($0, $0.dropFirst()).map { ($1.index - $0.index).wattHours } }
    }

    /// Of energies from day 0 on, as a dial counts them: all frozen.
    init(name: String, energies: [[Int64]]) {
        self.name = name
        homes = energies.map { days in
            var dial: Int64 = 5_000_000
            return days.enumerated().map { day, energy in
                defer { dial += energy }
                return DailyIndex(
                    day: Province.firstDay + day, index: Energy(wattHours: dial), quality: .frozen, errorBound: .zero)
            }
        }
    }

    init(name: String, homes: [[DailyIndex]]) {
        self.name = name
        self.homes = homes
    }

    /// As dials show it that count in `unit`; what is estimated lies between what they show.
    func shown(in unit: Int64, name: String) -> DaySeries {
        let shown = homes.map { indices in
            indices.map { index in
                guard index.quality == .frozen else { return index }
                let dial = index.index.wattHours / unit * unit
                return DailyIndex(
                    day: index.day, index: Energy(wattHours: dial), quality: index.quality,
                    errorBound: index.errorBound)
            }
        }
        return DaySeries(name: name, homes: shown)
    }

    /// A row of the table, and the bytes an index that each has.
    func row() throws -> String {
        let months = months()
        let count = homes.reduce(0) { $0 + $1.count }
        var ours: [UInt8] = []
        var (bare, median) = (0, 0)
        for (key, indices) in months.joined() {
            let start = ours.count
            try IndexChunk.append(Array(indices), key: key, to: &ours)
            let found = try ours[start...].withUnsafeBytes { try IndexChunk.indices(in: $0, key: key) }
            guard found == Array(indices) else { throw Mismatch(name: name, key: key) }
            bare += try Rivals.withoutBounds(indices, key: key)
            median += Rivals.medianBytes(indices)
        }
        let misses = months.map { home in home.flatMap { Rivals.medianMisses($0.indices) } }
        return Table.row(
            name,
            [
                Double(count), Double(ours.count) / Double(count), Double(bare) / Double(count),
                Double(median) / Double(count), try Rivals.zstd(Rivals.varint(differences), a: count),
                try Rivals.zstd(Rivals.int32(differences), a: count), Rivals.entropy(misses, isPooled: false) / 8,
                Rivals.entropy(misses, isPooled: true) / 8,
            ])
    }
}

/// A chunk that did not come back as it was.
struct Mismatch: Error {
    let name: String
    let key: ChunkKey
}

enum Table {
    /// The first number whole, the others with three decimals; a missing one is a dash.
    static func row(_ name: String, _ numbers: [Double?]) -> String {
        let cells = numbers.enumerated().map { place, number in
            number.map { place == 0 ? grouped($0) : String(format: "%.3f", $0) } ?? "–"
        }
        return "| \(name) | \(cells.joined(separator: " | ")) |"
    }

    private static func grouped(_ number: Double) -> String {
        var text = String(Int(number))
        var place = text.count - 3
        while place > 0 {
            text.insert(",", at: text.index(text.startIndex, offsetBy: place))
            place -= 3
        }
        return text
    }
}
