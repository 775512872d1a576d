import Foundation
import Metering
import Packing

/// Registers' load profiles: of each the energies of its slots from the first day on.
struct SlotSeries {
    let name: String
    let slotsOfDay: Int
    let homes: [[Int64]]

    /// The energies of each whole period of so many days, with the dial at its beginning.
    private func periods(days: Int) -> [(key: ChunkKey, indices: [SlotIndex])] {
        homes.enumerated().flatMap { number, energies in
            var dial: Int64 = 5_000_000
            let slots = days * slotsOfDay
            return (0..<energies.count / slots).map { period in
                let indices = (0..<slots).map { slot in
                    defer { dial += energies[period * slots + slot] }
                    return SlotIndex(slot: slot, index: Energy(wattHours: dial), quality: .frozen)
                }
                let first = Province.firstDay + period * days
                return (ChunkKey(series: Int64(number + 1), firstDay: first, days: days), indices)
            }
        }
    }

    private func bytes(days: Int) throws -> Double {
        let slots = days * slotsOfDay
        var (bytes, count) = ([UInt8](), 0)
        for (key, indices) in periods(days: days) {
            let start = bytes.count
            try ProfileChunk.append(indices, key: key, slots: slots, to: &bytes)
            let found = try bytes[start...].withUnsafeBytes {
                try ProfileChunk.indices(in: $0, key: key, slots: slots)
            }
            guard found == indices else { throw Mismatch(name: name, key: key) }
            count += slots
        }
        return Double(bytes.count) / Double(count)
    }

    func row() throws -> String {
        let count = homes.reduce(0) { $0 + $1.count }
        return Table.row(
            name,
            [
                Double(count), try bytes(days: 7), try bytes(days: 1),
                try Rivals.zstd(Rivals.varint(homes), a: count), try Rivals.zstd(Rivals.int32(homes), a: count),
                Rivals.entropy(homes, isPooled: false) / 8, Rivals.entropy(homes, isPooled: true) / 8,
            ])
    }

    /// A week of each home, to measure how long it takes.
    func weeks() -> [(key: ChunkKey, indices: [SlotIndex])] { periods(days: 7) }
}
