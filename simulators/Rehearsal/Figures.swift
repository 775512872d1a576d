import Metering

/// How much happened, and a number that tells two courses apart.
package struct Figures: Hashable, Sendable {
    package internal(set) var events = 0
    package internal(set) var requests = 0
    package internal(set) var batches = 0
    package internal(set) var outcomes = 0
    package internal(set) var lives = 0
    package internal(set) var tampered = 0
    package internal(set) var lateReplies = 0
    package internal(set) var foreignReplies = 0
    package internal(set) var wrongUnitReplies = 0
    package internal(set) var framingViolations = 0
    package internal(set) var timeouts = 0
    /// The same for the same course of events, whichever machine it ran on.
    package internal(set) var digest: UInt64 = 0

    package init() {}

    /// Replies that were not believed.
    package var dropped: Int { lateReplies + foreignReplies + wrongUnitReplies }

    package static func += (sum: inout Figures, other: Figures) {
        sum.events += other.events
        sum.requests += other.requests
        sum.batches += other.batches
        sum.outcomes += other.outcomes
        sum.lives += other.lives
        sum.tampered += other.tampered
        sum.lateReplies += other.lateReplies
        sum.foreignReplies += other.foreignReplies
        sum.wrongUnitReplies += other.wrongUnitReplies
        sum.framingViolations += other.framingViolations
        sum.timeouts += other.timeouts
        sum.mix(other.digest)
    }

    mutating func mix(_ value: UInt64) { digest = SeededRandom.mixed(digest ^ value) }
}

extension Figures: CustomStringConvertible {
    /// `2 lives of the daemon, 9120 requests, …; course 00c0ffee00c0ffee`
    package var description: String {
        func counted(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }
        let course = String(digest, radix: 16)
        return [
            counted(lives, "life of the daemon", "lives of the daemon"), counted(events, "event", "events"),
            counted(requests, "request", "requests"), counted(timeouts, "time-out", "time-outs"),
            counted(tampered, "frame tampered with", "frames tampered with"),
            counted(dropped, "reply dropped", "replies dropped")
                + " (\(lateReplies) late, \(foreignReplies) foreign, \(wrongUnitReplies) of another unit)",
            counted(framingViolations, "stream out of step", "streams out of step"),
            counted(outcomes, "outcome", "outcomes") + " in " + counted(batches, "batch", "batches"),
        ].joined(separator: ", ") + "; course " + String(repeating: "0", count: 16 - course.count) + course
    }
}
