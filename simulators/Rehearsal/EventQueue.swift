/// What is still to happen, earliest first; what happens at one nanosecond comes in the order in which it was put in.
/// So a seed has one course of events and no other.
struct EventQueue<Event: Sendable>: Sendable {
    private struct Entry: Sendable {
        let at: Int64
        let order: UInt64
        let event: Event

        func precedes(_ other: Entry) -> Bool { at != other.at ? at < other.at : order < other.order }
    }

    /// A binary heap.
    private var entries: [Entry] = []
    private var order: UInt64 = 0

    var count: Int { entries.count }

    /// Nanoseconds at which the next event happens; `nil` when nothing will.
    var nextAt: Int64? { entries.first?.at }

    mutating func add(_ event: Event, at nanoseconds: Int64) {
        entries.append(Entry(at: nanoseconds, order: order, event: event))
        order += 1
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].precedes(entries[parent]) else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() -> (at: Int64, event: Event)? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        guard !entries.isEmpty else { return (first.at, first.event) }
        entries[0] = last
        var parent = 0
        while true {
            var earliest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child].precedes(entries[earliest]) { earliest = child }
            }
            if earliest == parent { return (first.at, first.event) }
            entries.swapAt(parent, earliest)
            parent = earliest
        }
    }
}
