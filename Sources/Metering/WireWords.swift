/// The words of one dial as they came over the wire, in the order received. Up to four lie in place, which is nearly
/// every dial: an array would cost each of them an allocation, and the store's thread a release.
package struct WireWords: Hashable, Sendable {
    // Four words or fewer are always in place, so that equal words are equal values.
    private enum Form: Hashable, Sendable {
        /// The first word highest.
        case inPlace(UInt64, count: UInt8)
        /// A sum of parts, or an index drawn from several records.
        case apart([UInt16])
    }

    private let form: Form
    package static let inPlaceMax = 4

    package init(_ words: ArraySlice<UInt16>) { self = words.withUnsafeBufferPointer { WireWords($0) } }

    package init(_ words: UnsafeBufferPointer<UInt16>) {
        guard words.count <= Self.inPlaceMax else {
            form = .apart(Array(words))
            return
        }
        var bits: UInt64 = 0
        for word in words { bits = bits << 16 | UInt64(word) }
        form = .inPlace(bits, count: UInt8(words.count))
    }

    package var words: [UInt16] {
        switch form {
        case .inPlace(let bits, let count):
            (0..<UInt64(count)).map { UInt16(truncatingIfNeeded: bits >> (16 * (UInt64(count) - 1 - $0))) }
        case .apart(let words): words
        }
    }
}
