import GRDB
import Metering
import VEE

/// The rules for half hours, over one day of those whose load profile is kept.
struct HalfHourCheck {
    private let day: ServiceDay
    private let judge: ConsumptionJudge
    private let calendar: ServiceCalendar
    private(set) var found: [DayCases.Found] = []

    init(day: ServiceDay, judge: ConsumptionJudge, calendar: ServiceCalendar) {
        (self.day, self.judge, self.calendar) = (day, judge, calendar)
    }

    mutating func run(
        _ meters: DayMeters, _ series: ClosedRange<Int64>, _ db: Database, damaged: (DamagedRow) throws -> Void
    ) throws {
        guard !judge.rules.ofHalfHours.isEmpty else { return }
        let book = try LoadProfileBook(db, calendar: calendar)
        let kept = try book.kept(on: day, in: series)
        guard !kept.isEmpty else { return }
        let rows = try DaySeries(of: meters, .activeImport, in: series, db)
        while let (series, position) = try rows.next() {
            guard kept.contains(series) else { continue }
            let meter = meters.inService[position]
            do {
                let halfHours = try book.halfHours(of: series, from: day, through: day.next)
                    // Over a longer silence a half hour is the mean of several: nothing stands out of it.
                    .filter { $0.quality != .estimated }
                let energies = zip(halfHours, halfHours.dropFirst()).compactMap { index, next in
                    index.day == day ? book.consumption(of: index, until: next, multiplier: meter.multiplier) : nil
                }
                found += judge.rules.findings(on: day, halfHours: energies, category: meters.category(of: meter))
                    .map(meter.found)
            } catch let row as DamagedRow {
                try damaged(row)
            }
        }
    }
}
