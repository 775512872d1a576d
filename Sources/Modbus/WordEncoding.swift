/// How the words of a value make a number or a text. Bytes inside a word always come high byte first.
package enum WordType: String, CaseIterable, Hashable, Sendable {
    case u16, i16, u32, i32, u64, i64, f32, f64
    /// Printable characters, two in a word, padding trimmed.
    case ascii
    /// Base 10,000: each word 0...9999 (Schneider's legacy counters).
    case mod10
    /// Four decimal digits in a word, one in each half byte.
    case bcd
    /// A serial number printed as the hexadecimal digits of its words.
    case hex

    /// The type's own width in words; `nil` where the profile states it.
    package var wordCount: Int? {
        switch self {
        case .u16, .i16: 1
        case .u32, .i32, .f32: 2
        case .u64, .i64, .f64: 4
        case .ascii, .mod10, .bcd, .hex: nil
        }
    }

    /// Most words a value of this type may have: 4 where it must fit 64 bits.
    package var wordCountMax: Int { self == .ascii ? 32 : 4 }

    package var isFloat: Bool { self == .f32 || self == .f64 }
    package var isText: Bool { self == .ascii || self == .hex }
    package var isSigned: Bool { self == .i16 || self == .i32 || self == .i64 }

    package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// Which word of a value lies at the lower address, and which byte of a word comes first. Modbus sends a word's high
/// byte first; the swapped orders are those of meters that store it the other way round.
package enum WordOrder: String, CaseIterable, Hashable, Sendable {
    /// High word first.
    case big
    /// Low word first.
    case little
    /// High word first, low byte first in each.
    case bigSwapped = "big-swapped"
    /// Low word first, low byte first in each: the number's bytes from its lowest to its highest.
    case littleSwapped = "little-swapped"

    /// As other tools name it, by the bytes of two words.
    package var letters: String {
        switch self {
        case .big: "abcd"
        case .little: "cdab"
        case .bigSwapped: "badc"
        case .littleSwapped: "dcba"
        }
    }

    package var isLowWordFirst: Bool { self == .little || self == .littleSwapped }
    package var isLowByteFirst: Bool { self == .bigSwapped || self == .littleSwapped }

    /// The words as one number, high word first; only the last four words of a longer value.
    package func bits(of words: some BidirectionalCollection<UInt16>) -> UInt64 {
        switch self {
        case .big: words.reduce(0) { $0 << 16 | UInt64($1) }
        case .little: words.reversed().reduce(0) { $0 << 16 | UInt64($1) }
        case .bigSwapped: words.reduce(0) { $0 << 16 | UInt64($1.byteSwapped) }
        case .littleSwapped: words.reversed().reduce(0) { $0 << 16 | UInt64($1.byteSwapped) }
        }
    }

    /// Words in wire order from words with the high one first and the high byte first in each, and back again.
    package func rearranged(_ words: [UInt16]) -> [UInt16] {
        let inOrder = isLowWordFirst ? words.reversed() : words
        return isLowByteFirst ? inOrder.map(\.byteSwapped) : inOrder
    }
}

/// What one raw unit is worth, exactly, in **thousandths of the printed unit**: watt-hours for a dial in kWh,
/// millivolts for a voltage in V. `0.01 kWh` is 10/1; `0.000003125 kWh` is 1/320. Always in lowest terms.
package struct Scale: Hashable, Sendable {
    package static let numeratorMax: Int64 = 1_000_000_000
    package static let denominatorMax: Int64 = 1_000_000_000_000

    package let numerator: Int64
    package let denominator: Int64

    /// One raw unit is one printed unit, e.g. 1 kWh.
    package static let one = Scale(uncheckedNumerator: 1000, denominator: 1)

    /// `nil` unless, in lowest terms, the numerator is 1...10⁹ and the denominator 1...10¹².
    package init?(numerator: Int64, denominator: Int64) {
        guard numerator > 0, denominator > 0 else { return nil }
        var (divisor, rest) = (numerator, denominator)
        while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
        guard numerator / divisor <= Self.numeratorMax, denominator / divisor <= Self.denominatorMax else { return nil }
        self.init(uncheckedNumerator: numerator / divisor, denominator: denominator / divisor)
    }

    private init(uncheckedNumerator numerator: Int64, denominator: Int64) {
        self.numerator = numerator
        self.denominator = denominator
    }
}

/// A bit pattern that means "not available": compared on the raw words at the value's full width, before scaling.
package struct Sentinel: Hashable, Sendable {
    /// The value's bits, high word first, right-aligned.
    package let bits: UInt64
    /// Bits that count; the others may be anything.
    package let mask: UInt64

    package init(bits: UInt64, mask: UInt64) {
        self.bits = bits & mask
        self.mask = mask
    }

    package func matches(_ value: UInt64) -> Bool { value & mask == bits }
}

/// How a value lies on the wire and what it is worth.
package struct WordEncoding: Hashable, Sendable {
    /// Coarsest resolution: 1,000 kWh.
    package static let resolutionMax: Int64 = 1_000_000

    package let type: WordType
    package let order: WordOrder
    package let wordCount: Int
    package let scale: Scale
    /// Values are rounded to a multiple of this, half away from zero; thousandths of the printed unit (Wh for energy).
    package let resolution: Int64
    package let sentinels: [Sentinel]

    /// `wordCount` and `resolution` may stay away where type and scale settle them: an integer's resolution is its
    /// scale, or 1 where the scale is no whole number; a float's is 1.
    /// `nil` for a width the type cannot have or a resolution outside 1...10⁶.
    package init?(
        type: WordType, order: WordOrder = .big, wordCount: Int? = nil, scale: Scale = .one, resolution: Int64? = nil,
        sentinels: [Sentinel] = []
    ) {
        guard let words = wordCount ?? type.wordCount, words >= 1, words <= type.wordCountMax,
            type.wordCount == nil || type.wordCount == words
        else { return nil }
        let natural = type.isFloat || scale.denominator != 1 ? 1 : min(scale.numerator, Self.resolutionMax)
        let resolution = resolution ?? natural
        guard (1...Self.resolutionMax).contains(resolution) else { return nil }
        self.type = type
        self.order = order
        self.wordCount = words
        self.scale = scale
        self.resolution = resolution
        self.sentinels = sentinels
    }

    private init(_ other: WordEncoding, order: WordOrder) {
        type = other.type
        self.order = order
        wordCount = other.wordCount
        scale = other.scale
        resolution = other.resolution
        sentinels = other.sentinels
    }

    /// The same encoding with its bytes in another order.
    func with(order: WordOrder) -> WordEncoding { WordEncoding(self, order: order) }

    /// The words as one number, high word first; only the last four words of a longer value.
    package func bits(of words: some BidirectionalCollection<UInt16>) -> UInt64 { order.bits(of: words) }
}
