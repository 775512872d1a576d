import Metering

/// A dial that has reached its span begins at 0 again. What it has *counted* goes on instead: the span more for each
/// time. Inside the house an index is what the dial has counted since its meter was installed, so that energy is always
/// the difference of two; people are shown what the dial shows.
extension DialLimits {
    /// What the dial shows when it has counted so much; 0 or more.
    package func shown(_ counted: Energy) -> Energy { Energy(wattHours: counted.wattHours % span.wattHours) }

    /// An index as a person sees it on the dial; its bound and all else stay.
    package func shown(_ index: DailyIndex) -> DailyIndex {
        guard index.index >= span else { return index }
        return DailyIndex(
            day: index.day, index: shown(index.index), quality: index.quality, errorBound: index.errorBound,
            revision: index.revision)
    }

    /// Whether the dial can show this at all.
    package func holds(_ shown: Energy) -> Bool { .zero <= shown && shown < span }

    /// An index that a person read off, as the dial had counted it: in the turn that is nearest to what is known.
    package func counted(_ shown: DailyIndex, nearest known: Energy) -> DailyIndex {
        let index = counted(shown.index, nearest: known)
        guard index != shown.index else { return shown }
        return DailyIndex(
            day: shown.day, index: index, quality: shown.quality, errorBound: shown.errorBound,
            revision: shown.revision)
    }

    /// What the dial had counted when it showed `shown`, told by what it had counted at another moment: the nearest to
    /// that. For what a person reads off, who has seen the dial.
    package func counted(_ shown: Energy, nearest known: Energy) -> Energy {
        let here = turn(of: known) + shown
        let nearby = [here - span, here, here + span].filter { $0 >= .zero }
        return nearby.min { distance($0, known) < distance($1, known) } ?? shown
    }

    /// The same where nobody has seen it. A dial has begun at 0 again only if it stood in the last tenth of its span
    /// and passed no more than it can in the time (vee-and-feeds §1.3); else it went back.
    /// - Parameters:
    ///   - isLater: whether it showed `shown` after that moment, or before.
    ///   - most: what can pass between the two moments.
    func counted(_ shown: Energy, beside known: Energy, isLater: Bool, most: Energy) -> Energy {
        let here = turn(of: known) + shown
        guard isLater ? here < known : here > known else { return here }
        let (early, late) = isLater ? (known, here + span) : (here - span, known)
        let isAtEnd = self.shown(early).wattHours > span.wattHours / 10 * 9
        return early >= .zero && isAtEnd && late - early <= most + Self.step ? (isLater ? late : early) : here
    }

    /// What the dial had counted when its present turn began.
    private func turn(of counted: Energy) -> Energy { counted - shown(counted) }

    private func distance(_ one: Energy, _ other: Energy) -> Energy { one < other ? other - one : one - other }
}

/// A reading that was judged.
package struct Judgement: Hashable, Sendable {
    package let verdict: Verdict
    /// What the dial had counted; what it showed where that is more than it can show.
    package let reading: DialReading
    /// Whether it began at 0 again since the reading before.
    package let isRollover: Bool
}

/// Judges what a dial shows beside the last accepted reading (`nil` for a dial's first).
/// - Parameters:
///   - shown: as it came from the meter.
///   - previous: as it has counted.
package func judge(_ shown: DialReading, after previous: DialReading?, limits: DialLimits) -> Judgement {
    guard limits.holds(shown.index) else { return Judgement(verdict: .overflow, reading: shown, isRollover: false) }
    guard let previous else { return Judgement(verdict: .accepted, reading: shown, isRollover: false) }
    let isLater = shown.answered > previous.answered
    let span = isLater ? shown.answered - previous.requested : previous.answered - shown.requested
    let counted = limits.counted(shown.index, beside: previous.index, isLater: isLater, most: limits.most(in: span))
    let reading = DialReading(requested: shown.requested, answered: shown.answered, index: counted)
    let verdict = worth(of: reading, after: previous, limits: limits)
    return Judgement(
        verdict: verdict, reading: reading,
        isRollover: verdict == .accepted && limits.shown(counted) < limits.shown(previous.index)
            && counted > previous.index)
}

/// Judges a meter's own record of a day beside its records of the days around it, and beside the last live reading
/// where there is no record.
/// - Returns: the verdict, and what the dial had counted.
package func judgeFrozen(
    _ shown: Energy, on day: ServiceDay, before: DailyIndex?, after: DailyIndex?, live: Energy? = nil,
    limits: DialLimits
) -> (verdict: Verdict, index: Energy) {
    guard limits.holds(shown) else { return (.overflow, shown) }
    var index = shown
    if let before {
        let most = mostBetween(before.day, day, limits)
        index = limits.counted(shown, beside: before.index, isLater: true, most: most)
    } else if let after {
        let most = mostBetween(day, after.day, limits)
        index = limits.counted(shown, beside: after.index, isLater: false, most: most)
    } else if let live {
        // Records come days late at the most; a dial that is alive turns over in years.
        index = limits.counted(shown, nearest: live)
    }
    return (worth(ofFrozen: index, on: day, before: before, after: after, limits: limits), index)
}
