/// A connection's number on its gateway: 1, 2, 3 … in the order in which clients came. Chance hangs on it.
package struct ConnectionNumber: Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(_ rawValue: UInt64) { self.rawValue = rawValue }

    package static func < (left: ConnectionNumber, right: ConnectionNumber) -> Bool { left.rawValue < right.rawValue }
}

/// Something for each open connection of a gateway, in the order of their numbers. Nearly always there is one, and
/// then nothing is sought.
struct ByConnection<Element: Sendable>: Sendable {
    private var entries: [(number: ConnectionNumber, element: Element)] = []

    var count: Int { entries.count }
    var numbers: [ConnectionNumber] { entries.map(\.number) }

    /// Where a connection stands; `nil` for one that is not, or no longer, open.
    func position(of number: ConnectionNumber) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].number == number ? low : nil
    }

    subscript(position: Int) -> Element {
        _read { yield entries[position].element }
        _modify { yield &entries[position].element }
    }

    mutating func append(_ element: Element, for number: ConnectionNumber) {
        precondition(entries.last.map { $0.number < number } ?? true, "connections have rising numbers")
        entries.append((number, element))
    }

    mutating func remove(_ number: ConnectionNumber) {
        if let position = position(of: number) { entries.remove(at: position) }
    }
}
