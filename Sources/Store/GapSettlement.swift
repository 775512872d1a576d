import GRDB
import Metering
import VEE

/// Redraws the estimates beside indices that arrived or changed, inside one transaction.
final class GapSettlement {
    struct Mark {
        let series: Int64
        let day: ServiceDay
    }

    /// An index of a gap, with what it was made from.
    private struct Point {
        let index: DailyIndex
        let lineage: LineageEntry?
    }

    /// The register that a mark is about.
    private struct Subject {
        /// Its meter's.
        let dial: MeterDial
        var entry: MeterDial.Entry
        let installedOn: ServiceDay
        let removedOn: ServiceDay?
        let limits: DialLimits

        func isInService(_ day: ServiceDay) -> Bool { day >= installedOn && removedOn.map { day < $0 } ?? true }
    }

    private let boundary: DayBoundary
    private let at: Instant
    private let selectMarks: HotStatement
    private let deleteMark: HotStatement
    private let selectSeries: HotStatement
    private let dials: DialTable
    private var indices: IndexWriter
    private var evidence: PollEvidence

    init(_ db: Database, boundary: DayBoundary, at: Instant) throws {
        self.boundary = boundary
        self.at = at
        selectMarks = try HotStatement(
            db, "SELECT series, day FROM unsettled WHERE (series, day) > (?, ?) ORDER BY series, day LIMIT ?")
        deleteMark = try HotStatement(db, "DELETE FROM unsettled WHERE series = ? AND day = ?")
        selectSeries = try HotStatement(
            db,
            """
            SELECT meter, register, installedOn, removedOn, digits FROM series
            JOIN installation USING(meter) WHERE id = ?
            """)
        dials = try DialTable(db)
        evidence = try PollEvidence(db)
        indices = try IndexWriter(db, notesGaps: false)
    }

    /// Settles up to `limit` marks after `last`, in order. Returns the last one looked at; `nil` when none was left.
    /// A mark whose rows cannot be read stays, and `damaged` is told.
    func settle(after last: Mark?, limit: Int, damaged: (DamagedRow) throws -> Void) throws -> Mark? {
        var marks: [Mark] = []
        try selectMarks.start(last?.series ?? -1, last?.day ?? ServiceDay(number: .min), limit)
        while try selectMarks.next() {
            let mark = Mark(series: selectMarks.integer(0), day: selectMarks.day(1))
            // On a damaged page they may come in any order, and the walk would never end.
            guard (marks.last ?? last).map({ ($0.series, $0.day) < (mark.series, mark.day) }) ?? true else {
                throw DamagedRow(table: "unsettled", key: mark.series)
            }
            marks.append(mark)
        }
        for mark in marks {
            do {
                guard var subject = try subject(of: mark.series) else { continue }
                defer {
                    evidence.finish(subject.dial.key)
                    indices.lineages.finish(subject.dial.key)
                }
                if try settle(mark.day, &subject) { try deleteMark.run(mark.series, mark.day) }
            } catch let found as DamagedRow {
                try damaged(found)
            }
        }
        try indices.finish(readings: evidence.flush())
        return marks.last
    }

    private func subject(of series: Int64) throws -> Subject? {
        guard try selectSeries.first(series) else { return nil }
        let meter = MeterID(Int32(clamping: selectSeries.integer(0)))
        guard let known = try dials.dial(of: meter), let entry = known[try selectSeries.register(1)] else {
            return nil
        }
        // No ceiling here: the readings were judged when they came; it would only narrow an error bound.
        return Subject(
            dial: known, entry: entry, installedOn: selectSeries.day(2), removedOn: selectSeries.optionalDay(3),
            limits: DialLimits(ceilingWatts: StoreCache.noCeilingWatts, digits: Int(selectSeries.integer(4))))
    }

    /// `false` where estimates after the mark wait for a better end than there is yet.
    private func settle(_ marked: ServiceDay, _ subject: inout Subject) throws -> Bool {
        guard let firstDay = subject.entry.firstDay, let lastDay = subject.entry.lastDay else { return true }
        let here = try point(of: subject, on: marked).flatMap { $0.index.quality == .estimated ? nil : $0 }
        let before = try anchor(of: subject, from: marked.previous, step: -1, within: firstDay...lastDay)
        let after = try anchor(of: subject, from: marked.next, step: 1, within: firstDay...lastDay)
        let anchors = [before, here, after].compactMap { $0 }
        for (start, end) in zip(anchors, anchors.dropFirst()) {
            try fill(from: start, to: end, &subject)
        }
        guard after == nil, let last = anchors.last, last.index.day < lastDay else { return true }
        return try redrawTail(after: last, through: lastDay, &subject)
    }

    /// Fills the days between two indices that stand on the dial or on a person's word.
    private func fill(from start: Point, to end: Point, _ subject: inout Subject) throws {
        var solid = [start]
        var day = start.index.day.next
        while day < end.index.day {
            if let point = try point(of: subject, on: day), isSolid(point, between: [start, end]) {
                solid.append(point)
            }
            day = day.next
        }
        solid.append(end)
        for (left, right) in zip(solid, solid.dropFirst()) {
            let lineage = LineageEntry.indices(left.index.day, right.index.day)
            let occasion = IndexOccasion(
                at: at, source: "day close", reason: "between the indices of \(left.index.day) and \(right.index.day)")
            for index in bracketedEstimates(from: left.index, to: right.index)
            where subject.isInService(index.day) {
                try indices.write(index, of: &subject.entry, lineage: lineage, on: occasion)
            }
        }
    }

    /// Estimates after the last index on the dial that were drawn past it are redrawn from it to the dial's last
    /// reading. Returns whether none of them hangs in the air any more.
    private func redrawTail(
        after anchor: Point, through lastDay: ServiceDay, _ subject: inout Subject
    ) throws -> Bool {
        var stale: Set<ServiceDay> = []
        for day in anchor.index.day.next...lastDay {
            let isKept = try point(of: subject, on: day).map { isSolid($0, between: [anchor]) } ?? false
            if !isKept { stale.insert(day) }
        }
        guard !stale.isEmpty, let last = subject.entry.last else { return stale.isEmpty }
        let midnight = boundary.calendar.start(of: anchor.index.day)
        let start = DialReading(requested: midnight, answered: midnight, index: anchor.index.index)
        let drawn = boundary.indices(from: start, to: last.reading, limits: subject.limits)
            .filter { stale.contains($0.day) && subject.isInService($0.day) }
        if !drawn.isEmpty { evidence.keep(last, subject.entry.register, moment: 0, of: subject.dial) }
        for index in drawn {
            try indices.write(
                index, of: &subject.entry, lineage: .indexAndReading(anchor.index.day, last.answered),
                on: IndexOccasion(
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
            first = boundary.calendar.start(of: ServiceDay(stored: lineage.first))
        case .record, .indices, .person: return false
        }
        return !anchors.contains { anchor in
            let midnight = boundary.calendar.start(of: anchor.index.day)
            return anchor.lineage != lineage && first < midnight && midnight < second
        }
    }

    private func point(of subject: Subject, on day: ServiceDay) throws -> Point? {
        guard let index = try indices.index(of: subject.entry.series, on: day) else { return nil }
        let lineage = try indices.lineages.entry(
            of: subject.entry.series, subject.entry.register, dial: subject.dial.key, day: day, revision: index.revision
        )
        return Point(index: index, lineage: lineage)
    }

    /// The nearest index, from `day` on in steps of `step`, that is no estimate.
    private func anchor(
        of subject: Subject, from day: ServiceDay, step: Int, within days: ClosedRange<ServiceDay>
    ) throws -> Point? {
        var candidate = day
        while days.contains(candidate) {
            if let point = try point(of: subject, on: candidate), point.index.quality != .estimated { return point }
            candidate = candidate + step
        }
        return nil
    }
}
