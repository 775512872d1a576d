import Foundation
import Metering

/// The query of one request, read whole: every fault is kept and reported together (design §5).
struct Query {
    private let values: [(name: String, value: String)]
    private var known: Set<String> = []
    private(set) var faults: [QueryFault] = []

    /// `text` is what stands behind the `?`, still encoded as forms send it.
    init(_ text: String?) {
        values = (text ?? "").split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
    }

    /// `nil` when absent or empty. Given twice it is a fault: nobody should guess which one was meant.
    mutating func text(_ name: String) -> String? {
        known.insert(name)
        let given = values.filter { $0.name == name }
        if given.count > 1 {
            faults.append(QueryFault(parameter: name, value: given[1].value, remedy: "given twice; give it once"))
        }
        guard let value = given.first?.value, !value.isEmpty else { return nil }
        return value
    }

    /// A day as `YYYY-MM-DD`; `nil` when absent or not a day.
    mutating func day(_ name: String, through last: ServiceDay? = nil) -> ServiceDay? {
        guard let value = text(name) else { return nil }
        guard let day = ServiceDay(iso: value) else {
            refuse(name, value, "must be a day as YYYY-MM-DD, e.g. 2025-05-10")
            return nil
        }
        if let last, day > last {
            refuse(name, value, "must be a day that has begun: \(last) at the latest")
            return nil
        }
        return day
    }

    /// An RFC 3339 instant; `nil` when absent or none.
    mutating func instant(_ name: String) -> Instant? {
        guard let value = text(name) else { return nil }
        guard let instant = Instant(rfc3339: value) else {
            refuse(
                name, value, "must be an instant with its offset, e.g. 2025-05-10T06:00:00Z; a + is written %2B")
            return nil
        }
        return instant
    }

    mutating func register(_ name: String) -> Register? {
        guard let value = text(name) else { return nil }
        guard let register = Register(name: value) else {
            refuse(name, value, "must be one of \(Register.names)")
            return nil
        }
        return register
    }

    /// A whole number within `range`.
    mutating func number(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = text(name) else { return nil }
        guard let number = Int(value), range.contains(number) else {
            refuse(name, value, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// One of some words.
    mutating func word<Word: RawRepresentable & CaseIterable>(_ name: String) -> Word? where Word.RawValue == String {
        guard let value = text(name) else { return nil }
        guard let word = Word(rawValue: value) else {
            refuse(name, value, "must be one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return word
    }

    mutating func refuse(_ name: String, _ value: String, _ remedy: String) {
        faults.append(QueryFault(parameter: name, value: value, remedy: remedy))
    }

    /// Throws when anything was wrong, parameters that nobody asked for included. Call it last.
    mutating func check() throws(BadQuery) {
        for (name, value) in values where !known.contains(name) {
            let names = known.sorted().joined(separator: ", ")
            refuse(name, value, "not known here; \(names.isEmpty ? "this address takes none" : "known: \(names)")")
        }
        if !faults.isEmpty { throw BadQuery(faults: faults) }
    }

    private static func decoded(_ text: Substring) -> String {
        let spaced = text.replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? String(spaced)
    }
}

/// One thing wrong with a query, and what would be right.
package struct QueryFault: Hashable, Sendable {
    package let parameter: String
    package let value: String
    package let remedy: String
}

package struct BadQuery: Error, Hashable, Sendable {
    package let faults: [QueryFault]
}
