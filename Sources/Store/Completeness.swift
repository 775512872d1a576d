import Metering

/// How many of the meters that should have shown an index at the first instant of `day` have one, and which.
/// Counted over the import register of every usage point with a meter in service on that day, or with one that leaves
/// that day: on the day of an exchange the two are one.
package struct Completeness: Hashable, Sendable {
    package let day: ServiceDay
    /// When the day was closed with these numbers; `nil` while they are only looked at.
    package internal(set) var closedAt: Instant?
    package internal(set) var expected = 0
    package internal(set) var frozen = 0
    package internal(set) var measured = 0
    package internal(set) var estimated = 0
    /// Entered by a person, or the fitter's start index on the day of installation.
    package internal(set) var edited = 0
    package internal(set) var missing = 0
    /// Import during this day as far as all its indices are known, multipliers applied; 0 also where none is. Stations'
    /// own meters are no part of it, for what they count is their customers'. What may be told of it is
    /// `consumption(until:)`.
    package internal(set) var energy = Energy.zero

    init(day: ServiceDay) { self.day = day }

    /// Meters with an index of any quality.
    package var known: Int { expected - missing }
    /// Those that bills may stand on without an estimate: on the dial, or entered by a person with a reason.
    package var valid: Int { frozen + measured + edited }

    /// What the meters known at both ends of this day took in; `next` is the count of the day after it. `nil` where
    /// nothing of the day is known, so that an outage never reads as a day on which nobody used anything.
    package func consumption(until next: Completeness) -> Energy? {
        precondition(next.day == day.next, "a day ends where the next one begins")
        guard known > 0 else { return nil }
        // Each end's meters are counted, not those of both: a sum of 0 is a value where some must be the same.
        guard energy != .zero || known + next.known > max(expected, next.expected) else { return nil }
        return energy
    }

    mutating func add(_ other: Completeness) {
        expected += other.expected
        frozen += other.frozen
        measured += other.measured
        estimated += other.estimated
        edited += other.edited
        missing += other.missing
        energy = energy + other.energy
    }
}

/// One district's part of a day.
package struct DistrictCompleteness: Hashable, Sendable {
    package let district: String
    package let completeness: Completeness
}
