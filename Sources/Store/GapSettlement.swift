import GRDB
import Metering
import VEE

/// Redraws the estimates beside indices that arrived or changed, inside one transaction.
///
/// What the fitter read counts as an index: a gap ends at it where a meter was put up or taken down.
final class GapSettlement {
    /// How far the fitter's word may lie from the meter's own nearest index. An exchange is told within weeks; a meter
    /// that was there for years before it was first read has no use for estimates of all those days.
    static let fittersReachDays = 62

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
        var dial: MeterDial
        /// Its entry there.
        let position: Int
        let stay: MeterStay
        let limits: DialLimits
        /// What the dial had counted when it was last known; tells how often it had begun at 0 again.
        let known: Energy?

        var entry: MeterDial.Entry { dial.entries[position] }

        /// `nil` also for a word that does not fit on the dial.
        func fittersIndex(of day: ServiceDay) -> DailyIndex? {
            guard let word = stay.fittersIndex(of: day, entry.register), limits.holds(word.index) else { return nil }
            return known.map { limits.counted(word, nearest: $0) } ?? word
        }

        /// The days from the first index that counts to the last: the meter's own while it showed the usage point's
        /// index, and the fitter's where they are near. `nil` without any of its own.
        var reach: ClosedRange<ServiceDay>? {
            guard let firstDay = entry.firstDay, let lastDay = entry.lastDay else { return nil }
            var first = max(firstDay, stay.installedOn)
            var last = min(lastDay, stay.removedOn ?? lastDay)
            guard first <= last else { return nil }
            if fittersIndex(of: stay.installedOn) != nil, first - stay.installedOn <= fittersReachDays {
                first = stay.installedOn
            }
            if let end = stay.removedOn?.next, fittersIndex(of: end) != nil, end - last <= fittersReachDays {
                last = end
            }
            return first...last
        }
    }

    private let boundary: DayBoundary
    private let rules: EstimationRules
    private let at: Instant
    private let selectMarks: HotStatement
    private let deleteMark: HotStatement
    private let reopen: HotStatement
    private let selectSeries: HotStatement
    private let dials: DialTable
    private var indices: IndexWriter
    private var evidence: PollEvidence

    init(_ db: Database, boundary: DayBoundary, rules: EstimationRules, at: Instant) throws {
        self.boundary = boundary
        self.rules = rules
        self.at = at
        selectMarks = try HotStatement(
            db, "SELECT series, day FROM unsettled WHERE (series, day) > (?, ?) ORDER BY series, day LIMIT ?")
        deleteMark = try HotStatement(db, "DELETE FROM unsettled WHERE series = ? AND day = ?")
        reopen = try HotStatement(
            db, "INSERT INTO reopenedDay SELECT day FROM closedDay WHERE day = ? ON CONFLICT DO NOTHING")
        selectSeries = try HotStatement(
            db,
            """
            SELECT meter, register, digits, installedOn, removedOn, startIndex, endIndex FROM series
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
                let before = subject.entry
                let isSettled = Result { try settle(mark.day, &subject) }
                // Estimates up to the fitter's word stretch the span, also of a settlement that ended half-way.
                if (before.firstDay, before.lastDay) != (subject.entry.firstDay, subject.entry.lastDay) {
                    try dials.save(subject.dial)
                }
                if try isSettled.get() { try deleteMark.run(mark.series, mark.day) }
            } catch let found as DamagedRow {
                try damaged(found)
            }
        }
        try dials.flush()
        try indices.finish(readings: evidence.flush())
        return marks.last
    }

    private func subject(of series: Int64) throws -> Subject? {
        guard try selectSeries.first(series) else { return nil }
        let meter = MeterID(Int32(clamping: selectSeries.integer(0)))
        let register = try selectSeries.register(1)
        guard let dial = try dials.dial(of: meter), let position = dial.position(of: register) else { return nil }
        let entry = dial.entries[position]
        let known = try entry.lastDay.flatMap { try indices.index(of: entry.series, on: $0) }
        // No ceiling here: the readings were judged when they came; it would only narrow an error bound.
        return Subject(
            dial: dial, position: position,
            stay: MeterStay(
                installedOn: selectSeries.day(3), removedOn: selectSeries.optionalDay(4),
                startIndex: selectSeries.optionalEnergy(5), endIndex: selectSeries.optionalEnergy(6)),
            limits: DialLimits(ceilingWatts: StoreCache.noCeilingWatts, digits: Int(selectSeries.integer(2))),
            known: known?.index)
    }

    /// `false` where estimates after the mark wait for a better end than there is yet.
    private func settle(_ marked: ServiceDay, _ subject: inout Subject) throws -> Bool {
        guard let reach = subject.reach else { return true }
        let there = reach.contains(marked) ? try point(of: subject, on: marked) : nil
        let here = there.flatMap { $0.index.quality == .estimated ? nil : $0 }
        let before = try anchor(of: subject, from: min(marked.previous, reach.upperBound), step: -1, within: reach)
        let after = try anchor(of: subject, from: max(marked.next, reach.lowerBound), step: 1, within: reach)
        let anchors = [before, here, after].compactMap { $0 }
        for (start, end) in zip(anchors, anchors.dropFirst()) {
            try fill(from: start, to: end, &subject)
        }
        guard after == nil, let last = anchors.last, last.index.day < reach.upperBound else { return true }
        return try redrawTail(after: last, through: reach.upperBound, &subject)
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
            // The day that the fitter was there is counted again: the count makes a case of it.
            if left.index.index > right.index.index {
                if left.lineage == nil { try reopen.run(left.index.day) }
                if right.lineage == nil { try reopen.run(right.index.day.previous) }
            }
            // Nothing to draw between neighbours, and nothing to look up.
            guard right.index.day - left.index.day > 1 else { continue }
            let lineage = LineageEntry.indices(left.index.day, right.index.day)
            let weights = try weights(of: left.index.day..<right.index.day, subject)
            let method = weights == nil ? EstimationMethod.straightLine : .likeDayWeights
            let occasion = IndexOccasion(lineage, drawnBy: method, at: at)
            for index in bracketedEstimates(from: left.index, to: right.index, weights: weights) {
                let outcome = try indices.write(
                    index, of: &subject.dial.entries[subject.position], lineage: lineage, on: occasion)
                guard method != .straightLine, outcome == .inserted || outcome == .revised else { continue }
                let revision = try indices.index(of: subject.entry.series, on: index.day)?.revision ?? 1
                try indices.lineages.note(
                    method, day: index.day, series: subject.entry.series, revision: revision)
            }
        }
    }

    /// `nil`: all days weigh the same.
    private func weights(of days: Range<ServiceDay>, _ subject: Subject) throws -> [Int64]? {
        guard rules.bracketed == .likeDayWeights else { return nil }
        let first = max(days.lowerBound - RecentDays.within, subject.stay.installedOn)
        guard first < days.lowerBound else { return nil }
        let before = try indices.indices(of: subject.entry.series, from: first, through: days.lowerBound)
        return likeDayWeights(of: days, after: before, kinds: rules.kinds)
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
            .filter { stale.contains($0.day) }
        if !drawn.isEmpty { evidence.keep(last, subject.entry.register, moment: 0, of: subject.dial) }
        let lineage = LineageEntry.indexAndReading(anchor.index.day, last.answered)
        let occasion = IndexOccasion(lineage, at: at)
        for index in drawn {
            try indices.write(
                index, of: &subject.dial.entries[subject.position], lineage: lineage, on: occasion)
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
        guard subject.stay.showsIndex(of: day), let index = try indices.index(of: subject.entry.series, on: day) else {
            return subject.fittersIndex(of: day).map { Point(index: $0, lineage: nil) }
        }
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
