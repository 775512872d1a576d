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

    private let day: ServiceDay
    private let judge: ConsumptionJudge
    private let meters: DayMeters
    /// By the meter's position in `meters`; `nil` where nobody has read the end of the day.
    private let imports: [Import?]
    private var days: [Int: RegisterDay] = [:]

    init(day: ServiceDay, judge: ConsumptionJudge, of meters: DayMeters, imports: [Import?]) {
        (self.day, self.judge, self.meters, self.imports) = (day, judge, meters, imports)
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
            guard let start = walk.indices.first, start.day == day, start.quality != .estimated else { continue }
            let meter = meters.inService[position]
            var own = days[position] ?? RegisterDay(meter, known, judge.resolution(of: meters.profile(of: meter)))
            if walk.indices.count == 1 { own.withoutEnd.insert(register) }
            if let end = walk.indices.last, end.day == day.next, end.quality != .estimated,
                let energy = MeterDays.energy(from: start.index, to: end.index, multiplier: meter.multiplier)
            {
                own.energies[register] = energy
                own.bounds = own.bounds + (start.errorBound + end.errorBound) * meter.multiplier
            }
            if register == .activeExport {
                for (count, before) in quiet {
                    try before.go(to: series)
                    guard let index = before.indices.first, index.quality != .estimated else { continue }
                    own.exportBefore[count] = MeterDays.energy(
                        from: index.index, to: start.index, multiplier: meter.multiplier)
                }
            }
            days[position] = own
        }
    }

    /// The same day, gathered from other series.
    mutating func merge(_ other: RegisterCheck) {
        days.merge(other.days) { one, another in one.merged(with: another) }
    }

    func findings() -> [DayCases.Found] {
        days.flatMap { position, known in
            let meter = meters.inService[position]
            return judge.rules.findings(on: day, in: known, category: meters.category(of: meter)).map(meter.found)
        }
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
            withoutEnd: withoutEnd.union(other.withoutEnd),
            exportBefore: exportBefore.merging(other.exportBefore) { one, _ in one }, resolution: resolution,
            bounds: bounds + other.bounds)
    }
}
