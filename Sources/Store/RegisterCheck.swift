import GRDB
import Metering
import VEE

/// The rules for registers, over one day: what a meter's other registers took, beside its import.
struct RegisterCheck {
    /// What `DayCheck` knows of a meter's import on the day.
    struct Import {
        /// `nil` where the day is not known.
        let energy: Energy?
        let bounds: Energy
    }

    /// What is known of a meter so far, and how many of its series have not been seen yet.
    private struct Gathered {
        var day: RegisterDay
        var left: Int
    }

    private let day: ServiceDay
    private let judge: ConsumptionJudge
    private let meters: DayMeters
    /// By the meter's position in `meters`; `nil` where nobody has read the end of the day.
    private let imports: [Import?]
    /// Series beside the import, by the meter's position.
    private let counts: [UInt8]
    /// Only meters some of whose series are to come: mostly they follow each other, and a province's would be many.
    private var gathered: [Int: Gathered] = [:]
    private(set) var found: [DayCases.Found] = []

    init(day: ServiceDay, judge: ConsumptionJudge, of meters: DayMeters, imports: [Import?], counts: [UInt8]) {
        (self.day, self.judge, self.meters, self.imports, self.counts) = (day, judge, meters, imports, counts)
    }

    static func counts(of meters: DayMeters, _ db: Database) throws -> [UInt8] {
        var counts = [UInt8](repeating: 0, count: meters.inService.count)
        let rows = try HotStatement(db, "SELECT meter FROM series WHERE register <> ?")
        try rows.start(Int(Register.activeImport.rawValue))
        while try rows.next() {
            if let position = meters.position(of: rows.integer(0)) { counts[position] += 1 }
        }
        return counts
    }

    /// Gathers what the registers of these series took; a meter may have some of its series elsewhere.
    mutating func gather(
        _ series: ClosedRange<Int64>, _ db: Database, damaged: @escaping (DamagedRow) throws -> Void
    ) throws {
        let walk = try IndexWalk(db, from: day, through: day.next, series: series, damaged: damaged)
        let quiet = try judge.rules.quietDays.sorted().map { count in
            (count, try IndexWalk(db, from: day - count, through: day - count, series: series, damaged: damaged))
        }
        let rows = try HotStatement(
            db, "SELECT id, meter, register FROM series WHERE id BETWEEN ? AND ? AND register <> ? ORDER BY id")
        try rows.start(series.lowerBound, series.upperBound, Int(Register.activeImport.rawValue))
        while try rows.next() {
            guard let position = meters.position(of: rows.integer(1)), let known = imports[position] else { continue }
            let (series, register) = (rows.integer(0), try rows.register(2))
            try walk.go(to: series)
            let meter = meters.inService[position]
            var own =
                gathered.removeValue(forKey: position)
                ?? Gathered(
                    day: RegisterDay(meter, known, judge.resolution(of: meters.profile(of: meter))),
                    left: Int(counts[position]))
            own.left -= 1
            if let start = take(register, walk.indices, of: meter, into: &own.day), register == .activeExport {
                for (count, before) in quiet {
                    try before.go(to: series)
                    guard let index = before.indices.first, index.quality != .estimated else { continue }
                    own.day.exportBefore[count] = MeterDays.energy(
                        from: index.index, to: start.index, multiplier: meter.multiplier)
                }
            }
            if own.left > 0 { gathered[position] = own } else { judge(own.day, at: position) }
        }
    }

    /// Returns the day's first index, where somebody has read it.
    private func take(
        _ register: Register, _ indices: [DailyIndex], of meter: DayMeter, into own: inout RegisterDay
    ) -> DailyIndex? {
        own.unknown.insert(register)
        guard let start = indices.first, start.day == day, start.quality != .estimated else { return nil }
        if indices.count == 1 { own.withoutEnd.insert(register) }
        if let end = indices.last, end.day == day.next, end.quality != .estimated,
            let energy = MeterDays.energy(from: start.index, to: end.index, multiplier: meter.multiplier)
        {
            own.unknown.remove(register)
            own.energies[register] = energy
            own.bounds = own.bounds + (start.errorBound + end.errorBound) * meter.multiplier
        }
        return start
    }

    private mutating func judge(_ known: RegisterDay, at position: Int) {
        let meter = meters.inService[position]
        found += judge.rules.findings(on: day, in: known, category: meters.category(of: meter)).map(meter.found)
    }

    /// The same day, gathered from all other series: no meter waits for any more.
    mutating func merge(_ other: RegisterCheck) {
        found += other.found
        gathered.merge(other.gathered) { one, another in
            Gathered(day: one.day.merged(with: another.day), left: one.left)
        }
        for (position, known) in gathered { judge(known.day, at: position) }
        gathered = [:]
    }
}

extension RegisterDay {
    fileprivate init(_ meter: DayMeter, _ known: RegisterCheck.Import, _ resolution: Energy) {
        self.init(
            energies: known.energy.map { [.activeImport: $0] } ?? [:], resolution: resolution * meter.multiplier,
            bounds: known.bounds)
    }

    fileprivate func merged(with other: RegisterDay) -> RegisterDay {
        RegisterDay(
            energies: energies.merging(other.energies) { one, _ in one },
            unknown: unknown.union(other.unknown), withoutEnd: withoutEnd.union(other.withoutEnd),
            exportBefore: exportBefore.merging(other.exportBefore) { one, _ in one }, resolution: resolution,
            bounds: bounds + other.bounds)
    }
}
