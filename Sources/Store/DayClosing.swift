import GRDB
import Metering
import VEE

extension Store {
    /// Estimates what is missing between known indices, then counts the day and books it as closed.
    ///
    /// May be run again at any time with the same result; after late data it brings the estimates and the count up to
    /// date (`IngestReport.reopenedDays`). The energy of the day before, whose end this day's indices are, is brought
    /// up to date too.
    /// - Throws: `StoreError`; what was settled before stays, and the next run goes on from there.
    package func closeDay(_ day: ServiceDay, at instant: Instant) throws -> Completeness {
        try settleGaps(at: instant)
        return try write("closing \(day)") { db in
            if try !Self.closedDays(db, from: day.previous, through: day.previous).isEmpty {
                _ = try Self.book(day.previous, at: instant, db)
            }
            return try Self.book(day, at: instant, db)
        }
    }

    /// Counts a day and writes it down; the time of closing moves only when a number does.
    private static func book(_ day: ServiceDay, at instant: Instant, _ db: Database) throws -> Completeness {
        var counted = Completeness(day: day)
        for district in try count(db, day: day) { counted.add(district.completeness) }
        let before = try closedDays(db, from: day, through: day).first
        counted.closedAt = before?.closedAt
        if let before, before == counted { return counted }
        counted.closedAt = instant
        try HotStatement(
            db,
            """
            INSERT OR REPLACE INTO closedDay(day, closedAt, expected, frozen, measured, estimated, edited, missing,
              energy) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).run(
            day, instant, counted.expected, counted.frozen, counted.measured, counted.estimated, counted.edited,
            counted.missing, counted.energy)
        return counted
    }

    /// Works off `unsettled` in transactions short enough for ingest to come in between.
    private func settleGaps(at instant: Instant) throws {
        var last: GapSettlement.Mark? = nil
        repeat {
            last = try write("estimating gaps") { db in
                try GapSettlement(db, boundary: boundary, at: instant).settle(after: last, limit: 2000)
            }
        } while last != nil
    }
}

/// Redraws the estimates beside indices that arrived or changed, inside one transaction.
private final class GapSettlement {
    struct Mark {
        let series: Int64
        let day: ServiceDay
    }

    /// An index of a gap, with what it was made from.
    private struct Point {
        let index: DailyIndex
        let lineage: LineageEntry?
    }

    private struct Installation {
        let installedOn: ServiceDay
        let removedOn: ServiceDay?
        let limits: DialLimits
    }

    private let boundary: DayBoundary
    private let at: Instant
    private let selectMarks: HotStatement
    private let deleteMark: HotStatement
    private let selectSeries: HotStatement
    private let selectLineage: HotStatement
    private let selectDial: HotStatement
    private let keepDial: HotStatement
    private var indices: IndexWriter
    private var readingsStored = 0

    init(_ db: Database, boundary: DayBoundary, at: Instant) throws {
        self.boundary = boundary
        self.at = at
        selectMarks = try HotStatement(
            db, "SELECT series, day FROM unsettled WHERE (series, day) > (?, ?) ORDER BY series, day LIMIT ?")
        deleteMark = try HotStatement(db, "DELETE FROM unsettled WHERE series = ? AND day = ?")
        selectSeries = try HotStatement(
            db,
            """
            SELECT firstDay, lastDay, installedOn, removedOn, digits FROM series
            JOIN installation USING(meter) WHERE id = ?
            """)
        selectLineage = try HotStatement(
            db, "SELECT kind, first, second FROM lineage WHERE day = ? AND series = ? AND revision = ?")
        selectDial = try HotStatement(db, "SELECT requested, answered, idx FROM dial WHERE series = ?")
        keepDial = try HotStatement(
            db,
            """
            INSERT INTO reading(answered, series, moment, took, idx, verdict, origin, unit, txn, words)
            SELECT answered, series, 0, answered - requested, idx, 1, origin, unit, txn, words FROM dial
            WHERE series = ? ON CONFLICT DO NOTHING
            """)
        indices = try IndexWriter(db, notesGaps: false)
    }

    /// Settles up to `limit` marks after `last`, in order. Returns the last one looked at; `nil` when none was left.
    func settle(after last: Mark?, limit: Int) throws -> Mark? {
        var marks: [Mark] = []
        try selectMarks.start(last?.series ?? -1, last?.day ?? ServiceDay(number: .min), limit)
        while try selectMarks.next() {
            marks.append(Mark(series: selectMarks.integer(0), day: selectMarks.day(1)))
        }
        for mark in marks {
            if try settle(mark) { try deleteMark.run(mark.series, mark.day) }
        }
        try indices.addTotals(readings: readingsStored)
        return marks.last
    }

    /// `false` where estimates after the mark wait for a better end than there is yet.
    private func settle(_ mark: Mark) throws -> Bool {
        guard try selectSeries.first(mark.series), let firstDay = selectSeries.optionalDay(0),
            let lastDay = selectSeries.optionalDay(1)
        else { return true }
        var series = StoreCache.Series(id: mark.series, firstDay: firstDay, lastDay: lastDay)
        // No ceiling here: the readings were judged when they came; it would only narrow an error bound.
        let installation = Installation(
            installedOn: selectSeries.day(2), removedOn: selectSeries.optionalDay(3),
            limits: DialLimits(ceilingWatts: StoreCache.noCeilingWatts, digits: Int(selectSeries.integer(4))))

        let here = try point(of: mark.series, on: mark.day).flatMap { $0.index.quality == .estimated ? nil : $0 }
        let before = try anchor(of: mark.series, from: mark.day.previous, step: -1, within: firstDay...lastDay)
        let after = try anchor(of: mark.series, from: mark.day.next, step: 1, within: firstDay...lastDay)
        let anchors = [before, here, after].compactMap { $0 }
        for (start, end) in zip(anchors, anchors.dropFirst()) {
            try fill(from: start, to: end, series: &series, installation: installation)
        }
        guard after == nil, let last = anchors.last, last.index.day < lastDay else { return true }
        return try redrawTail(after: last, series: &series, installation: installation)
    }

    /// Fills the days between two indices that stand on the dial or on a person's word.
    private func fill(
        from start: Point, to end: Point, series: inout StoreCache.Series, installation: Installation
    ) throws {
        var solid = [start]
        var day = start.index.day.next
        while day < end.index.day {
            if let point = try point(of: series.id, on: day), isSolid(point, between: [start, end]) {
                solid.append(point)
            }
            day = day.next
        }
        solid.append(end)
        for (left, right) in zip(solid, solid.dropFirst()) {
            let lineage = LineageEntry.indices(left.index.day, right.index.day)
            let occasion = IndexWriter.Occasion(
                at: at, source: "day close", reason: "between the indices of \(left.index.day) and \(right.index.day)")
            for index in bracketedEstimates(from: left.index, to: right.index)
            where isInService(index.day, installation) {
                try indices.write(index, series: &series, lineage: lineage, on: occasion)
            }
        }
    }

    /// Estimates after the last index on the dial that were drawn past it are redrawn from it to the dial's last
    /// reading. Returns whether none of them hangs in the air any more.
    private func redrawTail(
        after anchor: Point, series: inout StoreCache.Series, installation: Installation
    ) throws -> Bool {
        guard let lastDay = series.lastDay else { return true }
        var stale: Set<ServiceDay> = []
        for day in anchor.index.day.next...lastDay {
            let isKept = try point(of: series.id, on: day).map { isSolid($0, between: [anchor]) } ?? false
            if !isKept { stale.insert(day) }
        }
        guard !stale.isEmpty, try selectDial.first(series.id) else { return stale.isEmpty }
        let dial = DialReading(
            requested: selectDial.instant(0), answered: selectDial.instant(1), index: selectDial.energy(2))
        let midnight = boundary.calendar.start(of: anchor.index.day)
        let start = DialReading(requested: midnight, answered: midnight, index: anchor.index.index)
        let drawn = boundary.indices(from: start, to: dial, limits: installation.limits)
            .filter { stale.contains($0.day) && isInService($0.day, installation) }
        if !drawn.isEmpty { readingsStored += try keepDial.run(series.id) }
        for index in drawn {
            try indices.write(
                index, series: &series, lineage: .indexAndReading(anchor.index.day, dial.answered),
                on: IndexWriter.Occasion(
                    at: at, source: "day close",
                    reason: "between the index of \(anchor.index.day) and the last reading"))
        }
        return false
    }

    /// An estimate drawn between two readings stays, unless one of these anchors lies between the readings and was not
    /// drawn from the same two: then more is known than it was drawn from.
    private func isSolid(_ point: Point, between anchors: [Point]) -> Bool {
        guard let lineage = point.lineage, let second = lineage.second.map(Instant.init(microseconds:)) else {
            return false
        }
        let first: Instant
        switch lineage.kind {
        case .readings: first = Instant(microseconds: lineage.first)
        case .indexAndReading:
            first = boundary.calendar.start(of: ServiceDay(number: Int32(clamping: lineage.first)))
        case .record, .indices, .person: return false
        }
        return !anchors.contains { anchor in
            let midnight = boundary.calendar.start(of: anchor.index.day)
            return anchor.lineage != lineage && first < midnight && midnight < second
        }
    }

    private func isInService(_ day: ServiceDay, _ installation: Installation) -> Bool {
        day >= installation.installedOn && installation.removedOn.map { day < $0 } ?? true
    }

    private func point(of series: Int64, on day: ServiceDay) throws -> Point? {
        guard let index = try indices.index(of: series, on: day) else { return nil }
        guard try selectLineage.first(day, series, index.revision),
            let kind = LineageKind(rawValue: Int(selectLineage.integer(0)))
        else { return Point(index: index, lineage: nil) }
        let lineage = LineageEntry(
            kind: kind, first: selectLineage.integer(1), second: selectLineage.optionalInteger(2))
        return Point(index: index, lineage: lineage)
    }

    /// The nearest index, from `day` on in steps of `step`, that is no estimate.
    private func anchor(
        of series: Int64, from day: ServiceDay, step: Int, within days: ClosedRange<ServiceDay>
    ) throws -> Point? {
        var candidate = day
        while days.contains(candidate) {
            if let point = try point(of: series, on: candidate), point.index.quality != .estimated { return point }
            candidate = candidate + step
        }
        return nil
    }
}
