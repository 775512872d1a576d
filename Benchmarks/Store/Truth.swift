import Foundation
import Metering

/// All that a benchmark's province ever shows, made once and kept in a file: a row of dials for each register, a column
/// for each day. `table.py` and the peers read the same file.
struct Truth {
    /// Thirteen months up to here, which is when a customer's lie in most places: twelve months' chunks, five weeks'
    /// and seven rows.
    static let first = day("2024-11-07")
    static let last = day("2025-12-07")
    /// Days after it, for what is measured beside what is kept.
    static let spare = 24
    /// From here on days come by polls; those before are history when the store begins.
    static let polledFrom = day("2025-10-01")
    static let days = last - first + 1 + spare
    private static let seed: UInt64 = 7

    let meters: Int
    private let dials: Data

    static func day(_ text: String) -> ServiceDay {
        guard let day = ServiceDay(iso: text) else { preconditionFailure("no day: \(text)") }
        return day
    }

    init(folder: URL, meters: Int) throws {
        self.meters = meters
        dials = try Data(contentsOf: Self.file(in: folder), options: .alwaysMapped)
        precondition(dials.count >= Homes.rows(before: meters) * Self.days * 4, "dials of \(meters) meters")
    }

    private static func file(in folder: URL) -> URL { folder.appendingPathComponent("dials.u32") }

    static func make(folder: URL, meters: Int, _ report: Report) throws {
        let homes = Homes(seed: seed, first: first, days: days, polledFrom: polledFrom - first)
        _ = FileManager.default.createFile(atPath: file(in: folder).path, contents: nil)
        let output = try FileHandle(forWritingTo: file(in: folder))
        var effort = Effort()
        var (bits, energy, known, estimated) = (0.0, 0.0, 0, 0)
        try effort.measure {
            var block: [Dial] = []
            for meter in 0..<meters {
                let start = block.count
                bits += homes.append(meter, to: &block)
                energy += Double(block[start + days - 1].wattHours - block[start].wattHours) / Double(days - 1)
                guard block.count > 1 << 20 || meter == meters - 1 else { continue }
                known += block.count { $0.quality != nil }
                estimated += block.count { $0.quality == .estimated }
                try block.withUnsafeBytes { try output.write(contentsOf: Data($0)) }
                block.removeAll(keepingCapacity: true)
            }
        }
        try output.close()
        let all = Double(Homes.rows(before: meters) * days)
        try report.line(
            "dials", of: ["first": "\(first)", "last": "\(last)", "polledFrom": "\(polledFrom)"],
            effort.numbers.merging([
                "meters": Double(meters), "registers": Double(Homes.rows(before: meters)), "days": Double(days),
                "kept": Double(last - first + 1), "bits": bits / all, "missing": 1 - Double(known) / all,
                "estimated": Double(estimated) / all, "dayWattHours": energy / Double(meters),
            ]) { $1 })
    }

    /// Of a register, the `position`-th of its meter's.
    func dial(_ meter: Int, _ position: Int = 0, on day: ServiceDay) -> Dial {
        let place = (Homes.rows(before: meter) + position) * Self.days + (day - Self.first)
        return dials.withUnsafeBytes { $0.load(fromByteOffset: place * 4, as: Dial.self) }
    }

    func index(_ meter: Int, _ position: Int = 0, on day: ServiceDay) -> DailyIndex? {
        let dial = dial(meter, position, on: day)
        guard let quality = dial.quality else { return nil }
        // What an estimate may be off by: a bound of three significant digits (docs/CODEC.md).
        let bound = quality == .estimated ? Int64(1) << (10 + Int64(meter + Int(day.number)) % 4) : 0
        return DailyIndex(
            day: day, index: Energy(wattHours: dial.wattHours), quality: quality,
            errorBound: Energy(wattHours: bound))
    }

    /// The dials of a meter that freeze that day's index; empty where the meter was not read.
    func records(_ meter: Int, on day: ServiceDay) -> [Reading] {
        Homes.registers(of: meter).enumerated().compactMap { position, register in
            let dial = dial(meter, position, on: day)
            return dial.quality == nil ? nil : Province.reading(register, .frozen(day), dial.wattHours)
        }
    }

    /// What a meter's dials show some time into a day, where that and the next are known.
    func readings(_ meter: Int, on day: ServiceDay, after fraction: Double) -> [Reading] {
        Homes.registers(of: meter).enumerated().compactMap { position, register in
            let (start, end) = (dial(meter, position, on: day), dial(meter, position, on: day.next))
            guard start.quality != nil, end.quality != nil else { return nil }
            let moved = Double(end.wattHours - start.wattHours) * fraction
            return Province.reading(register, .live, start.wattHours + Int64(moved))
        }
    }
}
