import GRDB
import Metering
import VEE

/// Why an index was written in the place of another, or by a person: a row of `audit`.
package struct IndexOccasion: Hashable, Sendable {
    package let at: Instant
    /// `live`, `frozen`, `day close` or `edit`.
    package let source: String
    package let reason: String
    /// The person who answers for it; `nil` where no person had a hand in it.
    package let who: String?

    init(at: Instant, source: String, reason: String, who: String? = nil) {
        self.at = at
        self.source = source
        self.reason = reason
        self.who = who
    }

    /// Of a value that follows from what it was made from; `nil` where that is forgotten.
    /// - Parameter method: of one that was drawn between two indices.
    init(_ lineage: LineageEntry?, drawnBy method: EstimationMethod = .straightLine, at: Instant) {
        guard let lineage else {
            self.init(at: at, source: "forgotten", reason: "what it was made from is not kept any more")
            return
        }
        let first = ServiceDay(stored: lineage.first)
        let (source, reason) =
            switch lineage.kind {
            case .record: ("frozen", "the meter's own record")
            case .readings: ("live", "readings around midnight")
            case .indices:
                (
                    "day close",
                    "between the indices of \(first) and \(ServiceDay(stored: lineage.second ?? 0))"
                        + (method == .straightLine ? "" : ", \(method.rawValue)")
                )
            case .indexAndReading: ("day close", "between the index of \(first) and the last reading")
            case .person: ("edit", "a person's entry")
            }
        self.init(at: at, source: source, reason: reason)
    }

    static let columns = "at, source, reason, who"

    /// Four columns from `column` on.
    init(_ row: HotStatement, from column: Int32) {
        self.init(
            at: row.instant(column), source: row.text(column + 1), reason: row.text(column + 2),
            who: row.optionalText(column + 3))
    }
}

/// One value that an index has or had.
package struct IndexRevision: Hashable, Sendable {
    package let register: Register
    /// Serial of the meter that showed it.
    package let serial: String
    /// The same revision number twice where a better source came to the same value.
    package let index: DailyIndex
    /// What brought it; `nil` for the value that was there first, unless a person entered that.
    package let occasion: IndexOccasion?
}

extension Store {
    /// Every value that each index of a usage point has had, by register, day and age; both ends inclusive. Days that
    /// nothing was ever known of are left out, and a fitter's start index, which is the registry's.
    /// - Throws: `StoreError.unknownUsagePoint`.
    package func indexRevisions(
        usagePoint: String, register: Register?, from: ServiceDay, through: ServiceDay
    ) throws -> [IndexRevision] {
        try read("reading the revisions of usage point \(usagePoint)") { db in
            guard try Self.usagePoint(usagePoint, db) != nil else { throw StoreError.unknownUsagePoint(usagePoint) }
            guard from <= through else { return [] }
            let meters = try Self.meters(of: usagePoint, db)
            var all: [IndexRevision] = []
            for register in register.map({ [$0] }) ?? Register.allCases {
                let known = UsagePointDays(
                    try meters.map { try Self.days(of: $0, register, from: from, through: through, db) })
                for (position, meter) in known.meters.enumerated() {
                    guard let place = meter.series else { continue }
                    let serial = meter.meter.installation.serial
                    let changes = try IndexChanges(db, series: place.series, from: from, through: through)
                    for index in meter.indices.all where known.position(showing: index.day) == position {
                        let values = changes.values(on: index.day) ?? [(index, nil)]
                        // A person's entry is noted with who; one that is not is the fitter's.
                        guard values.count > 1 || values[0].occasion != nil || index.quality != .edited else {
                            continue
                        }
                        all += values.map {
                            IndexRevision(
                                register: register, serial: serial, index: meter.meter.installation.dial.shown($0),
                                occasion: $1)
                        }
                    }
                }
            }
            return all
        }
    }
}

/// What `audit` says of some days of one series.
struct IndexChanges {
    private var days: [ServiceDay: [(index: DailyIndex, occasion: IndexOccasion?)]] = [:]

    init() {}

    init(_ db: Database, series: Int64, from: ServiceDay, through: ServiceDay) throws {
        let rows = try HotStatement(
            db,
            """
            SELECT day, newIdx, newQ, newBound, newRevision, day, oldIdx, oldQ, oldBound, oldRevision,
              \(IndexOccasion.columns)
            FROM audit WHERE series = ? AND day BETWEEN ? AND ? ORDER BY day, id
            """)
        try rows.start(series, from, through)
        while try rows.next() {
            let day = rows.day(0)
            if days[day] == nil, rows.optionalInteger(6) != nil { days[day] = [(try rows.dailyIndex(5), nil)] }
            days[day, default: []].append((try rows.dailyIndex(0), IndexOccasion(rows, from: 10)))
        }
    }

    /// What made each series' index of a day the revision it is, in one pass over what was ever replaced of that day.
    static func causes(of day: ServiceDay, _ db: Database) throws -> [Int64: IndexOccasion] {
        let rows = try HotStatement(
            db,
            """
            SELECT series, \(IndexOccasion.columns) FROM audit WHERE day = ? AND newRevision > oldRevision ORDER BY id
            """)
        var causes: [Int64: IndexOccasion] = [:]
        try rows.start(day)
        while try rows.next() { causes[rows.integer(0)] = IndexOccasion(rows, from: 1) }
        return causes
    }

    /// All values a day's index has had, oldest first; `nil` where it has its first one.
    func values(on day: ServiceDay) -> [(index: DailyIndex, occasion: IndexOccasion?)]? { days[day] }

    /// What made a day's index the revision it is; `nil` for the first.
    func cause(of index: DailyIndex) -> IndexOccasion? {
        days[index.day]?.first { $0.occasion != nil && $0.index.revision == index.revision }?.occasion
    }
}
