import ArgumentParser
import Glibc
import Metering
import Packing

/// How many bytes an index takes in a chunk, beside what others make of the same indices, and how long packing and
/// unpacking take. Prints Markdown. Every chunk is unpacked again and compared.
@main
struct Codec: ParsableCommand {
    @Option(help: "Homes of the made-up province.") var homes = 20_000
    @Option(help: "Homes of the made-up profiles, 31 days each.") var profiles = 500
    @Option(help: "What all chance comes from.") var seed: UInt64 = 1
    @Option(help: "Rounds of the timing; the fastest counts.") var rounds = 5

    /// 726,995 meters, every twentieth of them with four registers more.
    private static let registers = 872_394.0

    func run() throws {
        let province = Province(homes: homes, days: 396, seed: seed)
        let indices = province.indices(seed: seed &+ 1)
        let made = DaySeries(name: "made-up province", homes: indices)
        let variants = [
            made.shown(in: 10, name: "the same, dials of 0.01 kWh"),
            made.shown(in: 100, name: "the same, dials of 0.1 kWh"),
            DaySeries(name: "the same, all measured", homes: province.measured(indices, seed: seed &+ 2)),
        ]
        let recordings = Recordings()
        print("\n| daily, a chunk a month | indices | **chunk** | without bounds | median and Rice |", terminator: "")
        print(" zstd of varints | zstd of int32 | entropy by home | entropy of all |")
        print("|---|---|---|---|---|---|---|---|---|")
        for series in [made] + variants + (try recordings?.daily() ?? []) { print(try series.row()) }
        print("\nThe made-up province's own innovations have", Self.text(province.innovationBits / 8), "bytes a day.")

        let halfHours = SlotSeries(
            name: "made-up homes", slotsOfDay: 48,
            homes: Province.halfHours(homes: profiles, days: 31, seed: seed))
        print("\n| profile | indices | **chunk of a week** | of a day | zstd of varints |", terminator: "")
        print(" zstd of int32 | entropy by home | entropy of all |")
        print("|---|---|---|---|---|---|---|---|")
        for series in [halfHours] + (try recordings?.profiles() ?? []) { print(try series.row()) }
        if recordings == nil {
            print("\nSKIPPED: no recorded homes at ../shared/reference/meterdata; METERD_SHARED names their folder.")
        }
        print("\n| one core, CPU time | indices/s packed | unpacked | a month of 872,394 registers |")
        print("|---|---|---|---|")
        try timeMonths(made)
        try timeWeeks(halfHours)
    }

    private func timeMonths(_ series: DaySeries) throws {
        let months = series.months().joined().map { (key: $0.key, indices: Array($0.indices)) }
        let count = months.reduce(0) { $0 + $1.indices.count }
        let body = UnsafeMutableRawBufferPointer.allocate(byteCount: IndexChunk.bytesMax, alignment: 8)
        let room = UnsafeMutableBufferPointer<DailyIndex>.allocate(capacity: ChunkKey.daysMax)
        defer {
            body.deallocate()
            room.deallocate()
        }
        let times = try times(of: months.map(\.key)) { place, bytes in
            let length = try months[place].indices.withUnsafeBufferPointer { indices in
                try IndexChunk.write(indices, key: months[place].key, to: body)
            }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: body[..<length]))
        } unpack: { key, chunk in
            _ = try IndexChunk.read(chunk, key: key, into: room)
        }
        let month = Self.registers / Double(months.count)
        print(
            "| daily |", Self.text(Double(count) / times.pack / 1e6), "M |",
            Self.text(Double(count) / times.unpack / 1e6),
            "M | packed in", Self.text(times.pack * month), "s, unpacked in", Self.text(times.unpack * month), "s |")
    }

    private func timeWeeks(_ series: SlotSeries) throws {
        let weeks = series.weeks()
        let slots = 7 * series.slotsOfDay
        let body = UnsafeMutableRawBufferPointer.allocate(byteCount: ProfileChunk.bytesMax, alignment: 8)
        let room = UnsafeMutableBufferPointer<SlotIndex>.allocate(capacity: slots)
        defer {
            body.deallocate()
            room.deallocate()
        }
        let times = try times(of: weeks.map(\.key)) { place, bytes in
            let length = try weeks[place].indices.withUnsafeBufferPointer { indices in
                try ProfileChunk.write(indices, key: weeks[place].key, slots: slots, to: body)
            }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: body[..<length]))
        } unpack: { key, chunk in
            _ = try ProfileChunk.read(chunk, key: key, slots: slots, into: room)
        }
        let count = Double(weeks.count * slots)
        print(
            "| half-hourly |", Self.text(count / times.pack / 1e6), "M |", Self.text(count / times.unpack / 1e6),
            "M | |")
    }

    /// Seconds of the processor for all chunks, the least of all rounds.
    private func times(
        of keys: [ChunkKey], pack: (Int, inout [UInt8]) throws -> Void,
        unpack: (ChunkKey, UnsafeRawBufferPointer) throws -> Void
    ) throws -> (pack: Double, unpack: Double) {
        var best = (pack: Double.infinity, unpack: Double.infinity)
        for _ in 0..<rounds {
            var (bytes, ends) = ([UInt8](), [Int]())
            ends.reserveCapacity(keys.count)
            bytes.reserveCapacity(keys.count * 512)
            let start = Self.cpuSeconds()
            for place in keys.indices {
                try pack(place, &bytes)
                ends.append(bytes.count)
            }
            let middle = Self.cpuSeconds()
            try bytes.withUnsafeBytes { bytes in
                var position = 0
                for place in keys.indices {
                    try unpack(keys[place], UnsafeRawBufferPointer(rebasing: bytes[position..<ends[place]]))
                    position = ends[place]
                }
            }
            best = (min(best.pack, middle - start), min(best.unpack, Self.cpuSeconds() - middle))
        }
        return best
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func text(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
