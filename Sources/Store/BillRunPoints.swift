import Billing
import GRDB
import Metering

/// The usage points that a run bills, read once, in the registry's own order: nearly all have one meter that has hung
/// there for long, whose bill needs nothing but its indices. The others are billed one by one.
struct BillRunPoints: Sendable {
    struct Point: Sendable {
        let usagePointID: Int64
        let meter: MeterID
        let installedOn: ServiceDay
        let multiplier: Int64
        let digits: Int32
        let householdHundredths: Int32
        let readingDay: Int32
        fileprivate(set) var category: Int32
        fileprivate(set) var district: Int32
        /// Has one meter only, since before all days that a bill looks at, and nothing agreed beyond its row.
        fileprivate(set) var isPlain: Bool
    }

    /// By usage point.
    private(set) var points: [Point] = []
    let categories: [String]
    let districts: [String]
    /// By meter number, of plain points; -1 for all other numbers.
    private let positions: [Int32]

    /// Usage points with a meter that served before `asOf` and has not left before the period it lies in.
    init(asOf: ServiceDay, _ db: Database) throws {
        var positions = [Int32](repeating: -1, count: try CountedRows.last("meter", of: "installation", db) + 1)
        var (categories, districts) = (SharedTexts(), SharedTexts())
        var points: [Point] = []
        points.reserveCapacity(positions.count)
        let periods = (0...27).map { BillingPeriod.containing(asOf.previous, readingDay: $0) }
        let rows = try HotStatement(
            db,
            """
            SELECT usagePoint.id, meter, installedOn, removedOn, multiplier, digits, householdHundredths, readingDay,
              category, district, EXISTS(SELECT 1 FROM contract WHERE contract.usagePoint = usagePoint.id)
                OR EXISTS(SELECT 1 FROM formerReadingDays WHERE formerReadingDays.usagePoint = usagePoint.id)
            FROM installation CROSS JOIN usagePoint ON usagePoint.id = installation.usagePoint
            WHERE installedOn < ? ORDER BY meter
            """)
        try rows.start(asOf)
        while try rows.next() {
            let category = rows.text(8)
            guard category != UsagePoint.stationCategory else { continue }
            let readingDay = Int(rows.integer(7))
            guard periods.indices.contains(readingDay) else {
                throw DamagedRow(table: "usagePoint", key: rows.integer(0))
            }
            let period = periods[readingDay]
            let removedOn = rows.optionalDay(3)
            let hasContract = rows.integer(10) != 0
            guard hasContract || removedOn.map({ $0 >= period.from }) ?? true else { continue }
            let installedOn = rows.day(2)
            points.append(
                Point(
                    usagePointID: rows.integer(0), meter: MeterID(Int32(rows.integer(1))), installedOn: installedOn,
                    multiplier: rows.integer(4), digits: Int32(clamping: rows.integer(5)),
                    householdHundredths: Int32(clamping: rows.integer(6)), readingDay: Int32(readingDay),
                    category: categories.number(of: category), district: districts.number(of: rows.text(9)),
                    isPlain: removedOn == nil && !hasContract && installedOn <= period.from - DialledPeriod.historyDays)
            )
        }
        points.sort { ($0.usagePointID, $0.meter.number) < ($1.usagePointID, $1.meter.number) }
        // Of several meters the first stands for the usage point.
        var kept = 0
        for position in points.indices {
            if kept > 0, points[kept - 1].usagePointID == points[position].usagePointID {
                points[kept - 1].isPlain = false
            } else {
                points[kept] = points[position]
                kept += 1
            }
        }
        points.removeLast(points.count - kept)
        for (position, point) in points.enumerated() where point.isPlain {
            guard positions.indices.contains(Int(point.meter.number)) else {
                throw DamagedRow(table: "installation", key: Int64(point.meter.number))
            }
            positions[Int(point.meter.number)] = Int32(position)
        }
        (self.points, self.positions) = (points, positions)
        (self.categories, self.districts) = (categories.texts, districts.texts)
    }

    /// Of `points`; `nil` for a meter that is none's, or not the only one.
    func position(of meter: Int64) -> Int? {
        guard meter >= 0, meter < positions.count, positions[Int(meter)] >= 0 else { return nil }
        return Int(positions[Int(meter)])
    }

    func category(of point: Point) -> String { categories[Int(point.category)] }
    func district(of point: Point) -> String { districts[Int(point.district)] }
}
