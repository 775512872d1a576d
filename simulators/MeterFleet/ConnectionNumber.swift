/// A connection's number on its gateway: 1, 2, 3 … in the order in which clients came. Chance hangs on it.
package struct ConnectionNumber: Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(_ rawValue: UInt64) { self.rawValue = rawValue }

    package static func < (left: ConnectionNumber, right: ConnectionNumber) -> Bool { left.rawValue < right.rawValue }
}

/// Something for each open connection of a gateway, in the order of their numbers. Nearly always there is one.
struct ByConnection<Element: Sendable>: Sendable {
    private(set) var numbers: [ConnectionNumber] = []
    private var elements: [Element] = []

    var count: Int { elements.count }

    /// Where a connection stands; `nil` for one that is not, or no longer, open.
    func position(of number: ConnectionNumber) -> Int? {
        var (low, high) = (0, numbers.count)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low < numbers.count && numbers[low] == number ? low : nil
    }

    subscript(position: Int) -> Element {
        _read { yield elements[position] }
        _modify { yield &elements[position] }
    }

    mutating func append(_ element: Element, for number: ConnectionNumber) {
        precondition(numbers.last.map { $0 < number } ?? true, "connections have rising numbers")
        numbers.append(number)
        elements.append(element)
    }

    mutating func remove(_ number: ConnectionNumber) {
        guard let position = position(of: number) else { return }
        numbers.remove(at: position)
        elements.remove(at: position)
    }
}
