/// Things by the time they are due: a binary heap, earliest first; what is due at the same time comes in the order it
/// was put in. Monotonic nanoseconds.
struct DueQueue<Element: Sendable>: Sendable {
    private struct Entry: Sendable {
        let due: UInt64
        let arrival: UInt64
        var element: Element
    }

    private var heap: [Entry] = []
    private var arrivals: UInt64 = 0

    var earliest: UInt64? { heap.first?.due }

    mutating func insert(_ element: Element, due: UInt64) {
        arrivals += 1
        heap.append(Entry(due: due, arrival: arrivals, element: element))
        var child = heap.count - 1
        while child > 0, Self.precedes(heap[child], heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The earliest element if it is due at `now`.
    mutating func removeDue(at now: UInt64) -> Element? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first.element }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if Self.precedes(heap[child], heap[least]) { least = child }
            }
            guard least != parent else { return first.element }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    /// Changes the earliest of the elements that `isSought`, but not when it is due. False when there is none.
    mutating func changeEarliest(where isSought: (Element) -> Bool, _ change: (inout Element) -> Void) -> Bool {
        var found: Int?
        for position in heap.indices where isSought(heap[position].element) {
            if found.map({ Self.precedes(heap[position], heap[$0]) }) ?? true { found = position }
        }
        guard let found else { return false }
        change(&heap[found].element)
        return true
    }

    private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
        (left.due, left.arrival) < (right.due, right.arrival)
    }
}
