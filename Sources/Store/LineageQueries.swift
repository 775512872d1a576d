import GRDB
import Metering
import VEE

/// A stored reading, as it came over the wire.
package struct StoredReading: Hashable, Sendable {
    package let moment: Reading.Moment
    /// What the dial had counted; of `lineage`, what it showed.
    package let index: Energy
    package let verdict: ReadingVerdict
    package let gateway: String
    package let unit: UInt8
    package let transaction: UInt16
    package let profile: String
    package let requested: Instant
    package let answered: Instant
    package let words: [UInt16]
}

extension StoredReading {
    fileprivate func shown(on dial: DialLimits) -> StoredReading {
        StoredReading(
            moment: moment, index: verdict == .accepted ? dial.shown(index) : index, verdict: verdict,
            gateway: gateway, unit: unit, transaction: transaction, profile: profile, requested: requested,
            answered: answered, words: words)
    }
}

/// A value that an index had before.
package struct ReplacedIndex: Hashable, Sendable {
    package let index: DailyIndex
    /// What replaced it.
    package let occasion: IndexOccasion
}

/// From an index back to the words on the wire.
package struct IndexLineage: Hashable, Sendable {
    package let usagePoint: String
    package let register: Register
    package let serial: String
    package let index: DailyIndex
    /// The indices an estimate was drawn between, the fitter's among them; empty for an index that stands on readings.
    package let bracket: [DailyIndex]
    /// How an estimate was drawn between the two; `nil` for an index that is none, or whose origin is not kept any
    /// more.
    package let method: EstimationMethod?
    /// The record or the readings it stands on; for an estimate those of its bracket. Oldest first.
    package let readings: [StoredReading]
    /// Where it is a person's entry or was replaced: the earlier values, oldest first.
    package let replaced: [ReplacedIndex]
}

extension Store {
    /// Where the index of a day comes from; `nil` where there is none.
    /// - Throws: `StoreError.unknownUsagePoint`.
    package func lineage(
        usagePoint: String, register: Register, day: ServiceDay
    ) throws -> IndexLineage? {
        try read("tracing the index of \(day) at usage point \(usagePoint)") { db in
            guard try Self.usagePoint(usagePoint, db) != nil else { throw StoreError.unknownUsagePoint(usagePoint) }
            // On the day of an exchange there are two.
            let known = UsagePointDays(
                try Self.meters(of: usagePoint, db).filter { $0.installation.stay.showsIndex(of: day) }
                    .map { try Self.days(of: $0, register, from: day, through: day, db) })
            guard let meter = known.position(showing: day).map({ known.meters[$0] }), let index = meter.index(on: day)
            else { return nil }
            let serial = meter.meter.installation.serial
            let dial = meter.meter.installation.dial
            guard let series = meter.series else {
                return IndexLineage(
                    usagePoint: usagePoint, register: register, serial: serial, index: dial.shown(index), bracket: [],
                    method: nil, readings: [], replaced: [])
            }
            let trace = try LineageTrace(db, place: series, stay: meter.stay)
            let found = try trace.sources(of: day)
            return IndexLineage(
                usagePoint: usagePoint, register: register, serial: serial, index: dial.shown(index),
                bracket: found.bracket.map(dial.shown), method: try trace.method(of: index),
                readings: found.readings.map { $0.shown(on: dial) },
                replaced: try trace.replaced(on: day).map {
                    ReplacedIndex(index: dial.shown($0.index), occasion: $0.occasion)
                })
        }
    }
}

/// Follows one series' lineage rows.
private struct LineageTrace {
    private let place: SeriesPlace
    private let stay: MeterStay
    private let lineages: LineageBook
    private let book: IndexBook
    private let selectPoll: HotStatement
    private let selectReading: HotStatement
    private let selectAudit: HotStatement

    private var series: Int64 { place.series }

    init(_ db: Database, place: SeriesPlace, stay: MeterStay) throws {
        self.place = place
        self.stay = stay
        lineages = try LineageBook(db)
        book = try IndexBook(db)
        selectPoll = try HotStatement(
            db,
            """
            SELECT gateway, unit, txn, profile, answered - took, answered, readings
            FROM poll JOIN origin ON origin.id = poll.origin WHERE answered = ? AND series = ?
            """)
        selectReading = try HotStatement(
            db,
            """
            SELECT moment, idx, verdict, gateway, unit, txn, profile, answered - took, answered, words
            FROM reading JOIN origin ON origin.id = reading.origin
            WHERE answered = ? AND series = ? AND moment = ?
            """)
        selectAudit = try HotStatement(
            db,
            """
            SELECT day, oldIdx, oldQ, oldBound, oldRevision, \(IndexOccasion.columns) FROM audit
            WHERE series = ? AND day = ? AND oldIdx IS NOT NULL ORDER BY id
            """)
    }

    func method(of index: DailyIndex) throws -> EstimationMethod? {
        let entry = try lineages.entry(
            of: series, place.register, dial: place.dial, day: index.day, revision: index.revision)
        guard index.quality == .estimated, entry != nil else { return nil }
        return try lineages.method(of: series, day: index.day, revision: index.revision)
    }

    /// `depth` bounds the way back: an estimate's bracket is followed one step.
    func sources(of day: ServiceDay, depth: Int = 0) throws -> (bracket: [DailyIndex], readings: [StoredReading]) {
        guard depth < 2, let index = try book.index(of: series, on: day) else { return ([], []) }
        guard
            let lineage = try lineages.entry(
                of: series, place.register, dial: place.dial, day: day, revision: index.revision)
        else { return ([], []) }
        let first = lineage.first
        let second = lineage.second ?? first
        var bracket: [DailyIndex] = []
        var readings: [StoredReading] = []
        func follow(_ number: Int64) throws {
            let day = ServiceDay(stored: number)
            // What the series holds of a day that another meter showed is no bracket.
            let own = stay.showsIndex(of: day) ? try book.index(of: series, on: day) : nil
            if let index = own ?? stay.fittersIndex(of: day, place.register) { bracket.append(index) }
            readings += try sources(of: day, depth: depth + 1).readings
        }
        switch lineage.kind {
        case .record: readings += try reading(first, moment: Int(day.number))
        case .readings:
            readings += try reading(first, moment: 0)
            readings += try reading(second, moment: 0)
        case .indices:
            try follow(first)
            try follow(second)
        case .indexAndReading:
            try follow(first)
            readings += try reading(second, moment: 0)
        case .person: break
        }
        var seen: Set<StoredReading> = []
        return (bracket, readings.filter { seen.insert($0).inserted }.sorted { $0.answered < $1.answered })
    }

    /// A reading that an index stands on is kept with its poll; files from before that have it in `reading`.
    private func reading(_ answered: Int64, moment: Int) throws -> [StoredReading] {
        try selectPoll.start(answered, place.dial)
        while try selectPoll.next() {
            let row = selectPoll
            let kept = try row.withBytes(6) { try KeptReadings.read($0, key: answered, dial: place.dial) }
            guard let own = kept.first(where: { $0.register == place.register && Int($0.moment) == moment }) else {
                continue
            }
            return [StoredReading(own, pollIn: row, from: 0)]
        }
        return try selectReading.first(answered, series, moment) ? [try StoredReading(selectReading, from: 0)] : []
    }

    func replaced(on day: ServiceDay) throws -> [ReplacedIndex] {
        try selectAudit.start(series, day)
        var all: [ReplacedIndex] = []
        while try selectAudit.next() {
            all.append(
                ReplacedIndex(index: try selectAudit.dailyIndex(), occasion: IndexOccasion(selectAudit, from: 5)))
        }
        return all
    }
}
