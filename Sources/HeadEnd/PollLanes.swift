import Metering

extension PollSchedule {
    /// A job and when it is due.
    struct Entry: Comparable, Sendable {
        let due: Instant
        let job: PollJob
        static func < (left: Entry, right: Entry) -> Bool {
            left.due.microseconds != right.due.microseconds
                ? left.due.microseconds < right.due.microseconds : left.job.position < right.job.position
        }
        static func == (left: Entry, right: Entry) -> Bool { left.due == right.due && left.job == right.job }
    }

    /// What waits in each lane. When the first of a lane is due lies beside the lanes: that is asked after every event,
    /// and the heaps lie in memory that seldom is at hand.
    struct Lanes: Sendable {
        /// Later than any time that comes.
        static let never = Instant(microseconds: .max)

        private var heaps = PollJob.Lane.allCases.map { _ in Heap<Entry>() }
        private var dues = InlineArray<4, Instant>(repeating: never)

        func due(_ lane: PollJob.Lane) -> Instant { dues[Int(lane.rawValue)] }

        /// Of all lanes the earliest.
        var due: Instant { min(min(dues[0], dues[1]), min(dues[2], dues[3])) }

        func entries(_ lane: PollJob.Lane) -> [Entry] { heaps[Int(lane.rawValue)].elements }

        mutating func insert(_ entry: Entry) {
            let lane = Int(entry.job.lane.rawValue)
            heaps[lane].insert(entry)
            dues[lane] = min(dues[lane], entry.due)
        }

        mutating func removeFirst(of lane: PollJob.Lane) -> Entry? {
            let lane = Int(lane.rawValue)
            defer { dues[lane] = heaps[lane].first?.due ?? Self.never }
            return heaps[lane].removeFirst()
        }
    }
}
