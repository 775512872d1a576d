import Foundation
import Metering
import Packing

/// What others would make of the same indices.
enum Rivals {
    /// Bytes a value that `zstd -19` makes of these; `nil` when there is no zstd to run.
    static func zstd(_ bytes: [UInt8], a values: Int) throws -> Double? {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("codec-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (input, output) = (folder.appendingPathComponent("raw"), folder.appendingPathComponent("raw.zst"))
        try Data(bytes).write(to: input)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["zstd", "-19", "-q", "-f", input.path, "-o", output.path]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        let size = try FileManager.default.attributesOfItem(atPath: output.path)[.size] as? Int
        return size.map { Double($0) / Double(values) }
    }

    static func int32(_ differences: [[Int64]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for difference in differences.joined() {
            let low = UInt32(truncatingIfNeeded: difference)
            for shift in stride(from: UInt32(0), through: 24, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: low >> shift))
            }
        }
        return bytes
    }

    /// None of these series goes back.
    static func varint(_ differences: [[Int64]]) -> [UInt8] {
        var writer = PackedWriter()
        for difference in differences.joined() { writer.put(unsigned: UInt64(bitPattern: difference)) }
        return writer.bytes
    }

    /// Bits a value of an order-0 code that knows the frequencies, of all homes together or of each by itself. Values
    /// are taken in steps of an eighth of their mean size, and the bits below a step in full: with every value by
    /// itself, a few hundred different ones would look as if nobody had to be told what they are.
    static func entropy(_ homes: [[Int64]], isPooled: Bool) -> Double {
        guard !isPooled else { return entropy(homes.flatMap { $0 }) }
        let count = homes.reduce(0) { $0 + $1.count }
        return homes.reduce(0) { $0 + entropy($1) * Double($1.count) } / Double(max(1, count))
    }

    private static func entropy(_ values: [Int64]) -> Double {
        guard !values.isEmpty else { return 0 }
        let mean = values.reduce(0.0) { $0 + Double($1.magnitude) } / Double(values.count)
        let low = mean < 16 ? 0 : Int(log2(mean)) - 3
        var counts: [Int64: Int] = [:]
        for value in values { counts[value >> Int64(low), default: 0] += 1 }
        let total = Double(values.count)
        return Double(low) + counts.values.reduce(0) { $0 - Double($1) / total * log2(Double($1) / total) }
    }

    /// The same chunk, were its estimated days without bounds.
    static func withoutBounds(_ indices: ArraySlice<DailyIndex>, key: ChunkKey) throws -> Int {
        var bytes: [UInt8] = []
        let bare = indices.map { DailyIndex(day: $0.day, index: $0.index, quality: $0.quality, errorBound: .zero) }
        try IndexChunk.append(bare, key: key, to: &bytes)
        return bytes.count
    }

    // MARK: - The median

    /// How far each difference of a month lies from the median of its days' differences, and over how many days it is.
    static func medianMisses(_ indices: ArraySlice<DailyIndex>) -> [Int64] {
        let pairs = pairs(indices)
        let median = median(pairs)
        return pairs.map { $0.difference - median * $0.days }
    }

    private static func pairs(_ indices: ArraySlice<DailyIndex>) -> [(days: Int64, difference: Int64)] {
        zip(indices, indices.dropFirst()).map { (Int64($1.day - $0.day), ($1.index - $0.index).wattHours) }
    }

    private static func median(_ pairs: [(days: Int64, difference: Int64)]) -> Int64 {
        let sorted = pairs.map { $0.difference / $0.days }.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    /// What was measured before this codec was made, by its length alone: a byte for parameter and flag, first index
    /// and median as varints, runs of qualities, Rice's code with the best parameter against the median of the
    /// differences. It has neither version nor checksum, no bounds, and no room for a dial that goes back.
    static func medianBytes(_ indices: ArraySlice<DailyIndex>) -> Int {
        guard let first = indices.first else { return 1 }
        let median = median(pairs(indices))
        let misses = medianMisses(indices).map { UInt64(bitPattern: $0 << 1 ^ $0 >> 63) }
        let bits = (0..<32).map { low in misses.reduce(0) { $0 + riceBits($1, low: low) } }.min() ?? 0
        let changes = zip(indices, indices.dropFirst()).count { $0.quality != $1.quality || $1.day != $0.day.next }
        return 1 + varintBytes(UInt64(first.index.wattHours)) + varintBytes(UInt64(max(0, median)))
            + (changes > 0 ? 1 + changes : 0) + (bits + 7) / 8
    }

    private static func riceBits(_ value: UInt64, low: Int) -> Int {
        let ones = value >> UInt64(low)
        return ones < 24 ? Int(ones) + 1 + low : 24 + 6 + 32
    }

    private static func varintBytes(_ value: UInt64) -> Int { max(1, (70 - value.leadingZeroBitCount) / 7) }
}
