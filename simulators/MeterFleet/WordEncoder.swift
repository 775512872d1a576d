import Modbus

/// Numbers to words, as a meter's firmware does it. Written from the profile's table alone and apart from the
/// decoder, so that the two can disagree where one of them is wrong. Whole numbers only.
enum WordEncoder {
    /// Appends the words of `thousandths` (0 or more; Wh, mV, mHz), cut to the register's step. A number beyond the
    /// type's width wraps, as a counter does.
    static func append(_ thousandths: Int64, as encoding: WordEncoding, to words: inout [UInt16]) {
        append(bits: bits(of: thousandths, as: encoding), as: encoding, to: &words)
    }

    /// What the words of `thousandths` say: the number cut to the register's step (and, for a float, to its
    /// mantissa).
    static func shown(_ thousandths: Int64, as encoding: WordEncoding) -> Int64 {
        let scale = encoding.scale
        switch encoding.type {
        case .f32: return shown(float: .init(steps(thousandths, encoding), scale, mantissaBits: 23), encoding)
        case .f64: return shown(float: .init(steps(thousandths, encoding), scale, mantissaBits: 52), encoding)
        case .u16, .i16, .u32, .i32, .u64, .i64, .mod10, .bcd, .ascii, .hex:
            let raw = counter(thousandths, as: encoding)
            let value = UInt128(raw) * UInt128(scale.numerator.magnitude) / UInt128(scale.denominator.magnitude)
            return Int64(clamping: value) / encoding.resolution * encoding.resolution
        }
    }

    /// The words of a text, e.g. a serial number; `nil` when it does not fit the type and width.
    static func words(text: String, as encoding: WordEncoding) -> [UInt16]? {
        var words: [UInt16] = []
        switch encoding.type {
        case .ascii:
            var bytes = Array(text.utf8)
            guard bytes.count <= encoding.wordCount * 2, bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                return nil
            }
            while bytes.count < encoding.wordCount * 2 { bytes.append(0) }
            for position in stride(from: 0, to: bytes.count, by: 2) {
                words.append(UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1]))
            }
            words = onWire(words, encoding.order)
        case .hex:
            guard let number = UInt64(text, radix: 16), fits(number, words: encoding.wordCount) else { return nil }
            append(bits: number, as: encoding, to: &words)
        case .bcd:
            guard let number = UInt64(text, radix: 16), fits(number, words: encoding.wordCount),
                text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            else { return nil }
            append(bits: number, as: encoding, to: &words)
        case .u16, .i16, .u32, .i32, .u64, .i64, .mod10:
            guard let number = UInt64(text), number <= capacity(of: encoding) else { return nil }
            let isMod10 = encoding.type == .mod10
            append(bits: isMod10 ? digits(number, base: 10_000, bits: 16) : number, as: encoding, to: &words)
        case .f32, .f64:
            return nil
        }
        return words
    }

    private static func fits(_ number: UInt64, words: Int) -> Bool { words >= 4 || number >> UInt64(16 * words) == 0 }

    /// Largest raw number; counters with a sign use only its positive half.
    private static func capacity(of encoding: WordEncoding) -> UInt64 {
        switch encoding.type {
        case .u16: 0xFFFF
        case .i16: 0x7FFF
        case .u32: 0xFFFF_FFFF
        case .i32: 0x7FFF_FFFF
        case .u64: .max
        case .i64: 0x7FFF_FFFF_FFFF_FFFF
        case .mod10: power(10_000, encoding.wordCount) - 1
        case .bcd: power(10_000, encoding.wordCount) - 1
        case .f32, .f64, .ascii, .hex: 0xFFFF_FFFF
        }
    }

    private static func power(_ base: UInt64, _ exponent: Int) -> UInt64 {
        (0..<exponent).reduce(1) { product, _ in product * base }
    }

    /// Cut to whole steps of the register's resolution.
    private static func steps(_ thousandths: Int64, _ encoding: WordEncoding) -> Int64 {
        precondition(thousandths >= 0, "a simulated dial never goes below zero")
        return thousandths / encoding.resolution * encoding.resolution
    }

    /// The raw number of an integer type, wrapped to what it can hold.
    private static func counter(_ thousandths: Int64, as encoding: WordEncoding) -> UInt64 {
        let scale = encoding.scale
        let raw =
            UInt128(steps(thousandths, encoding).magnitude) * UInt128(scale.denominator.magnitude)
            / UInt128(scale.numerator.magnitude)
        return UInt64(raw % (UInt128(capacity(of: encoding)) + 1))
    }

    private static func bits(of thousandths: Int64, as encoding: WordEncoding) -> UInt64 {
        switch encoding.type {
        case .f32:
            BinaryFraction(steps(thousandths, encoding), encoding.scale, mantissaBits: 23).bits(exponentBias: 127)
        case .f64:
            BinaryFraction(steps(thousandths, encoding), encoding.scale, mantissaBits: 52).bits(exponentBias: 1023)
        case .mod10: digits(counter(thousandths, as: encoding), base: 10_000, bits: 16)
        case .bcd: digits(counter(thousandths, as: encoding), base: 10, bits: 4)
        case .u16, .i16, .u32, .i32, .u64, .i64, .ascii, .hex: counter(thousandths, as: encoding)
        }
    }

    /// Each digit in `base` in a field of `bits` bits.
    private static func digits(_ number: UInt64, base: UInt64, bits: UInt64) -> UInt64 {
        var (rest, packed, shift) = (number, UInt64(0), UInt64(0))
        while rest > 0 {
            packed |= (rest % base) << shift
            rest /= base
            shift += bits
        }
        return packed
    }

    private static func append(bits: UInt64, as encoding: WordEncoding, to words: inout [UInt16]) {
        let (isLowFirst, isSwapped) = arrangement(encoding.order)
        for position in 0..<encoding.wordCount {
            let fromLow = isLowFirst ? position : encoding.wordCount - 1 - position
            let word = fromLow < 4 ? UInt16(truncatingIfNeeded: bits >> UInt64(16 * fromLow)) : 0
            words.append(isSwapped ? word << 8 | word >> 8 : word)
        }
    }

    private static func arrangement(_ order: WordOrder) -> (isLowFirst: Bool, isSwapped: Bool) {
        switch order {
        case .big: (false, false)
        case .little: (true, false)
        case .bigSwapped: (false, true)
        case .littleSwapped: (true, true)
        }
    }

    /// Words with the high one first, as a meter of this order sends them.
    static func onWire(_ words: [UInt16], _ order: WordOrder) -> [UInt16] {
        let (isLowFirst, isSwapped) = arrangement(order)
        let arranged = isLowFirst ? words.reversed() : words
        return isSwapped ? arranged.map { $0 << 8 | $0 >> 8 } : arranged
    }

    /// The float back in thousandths, rounded to the resolution as a reader of decimals does.
    private static func shown(float: BinaryFraction, _ encoding: WordEncoding) -> Int64 {
        guard float.mantissa != 0 else { return 0 }
        var value = UInt128(float.mantissa) * UInt128(encoding.scale.numerator.magnitude)
        var divisor = UInt128(encoding.scale.denominator.magnitude) * UInt128(encoding.resolution.magnitude)
        if float.places >= 0 { divisor <<= UInt128(float.places) } else { value <<= UInt128(-float.places) }
        return Int64(clamping: (value * 2 + divisor) / (divisor * 2)) * encoding.resolution
    }
}

/// The nearest binary fraction to thousandths ÷ scale: mantissa × 2^-places, ties to even (IEEE 754 §4.3.1).
private struct BinaryFraction {
    let mantissa: UInt64
    let places: Int
    private let mantissaBits: Int

    init(_ thousandths: Int64, _ scale: Scale, mantissaBits: Int) {
        self.mantissaBits = mantissaBits
        let numerator = UInt128(thousandths.magnitude) * UInt128(scale.denominator.magnitude)
        let denominator = UInt128(scale.numerator.magnitude)
        guard numerator > 0 else {
            mantissa = 0
            places = 0
            return
        }
        // As many places as give the quotient exactly mantissaBits + 1 digits.
        let gap = numerator.leadingZeroBitCount - denominator.leadingZeroBitCount
        var places = mantissaBits + gap
        if Self.quotient(numerator, denominator, places: places).quotient >> UInt128(mantissaBits) == 0 { places += 1 }
        let (quotient, remainder, divisor) = Self.quotient(numerator, denominator, places: places)
        let isUp = remainder * 2 > divisor || (remainder * 2 == divisor && quotient & 1 == 1)
        let rounded = UInt64(quotient) + (isUp ? 1 : 0)
        let isCarried = rounded >> UInt64(mantissaBits + 1) != 0
        mantissa = isCarried ? rounded >> 1 : rounded
        self.places = isCarried ? places - 1 : places
    }

    private static func quotient(
        _ numerator: UInt128, _ denominator: UInt128, places: Int
    ) -> (quotient: UInt128, remainder: UInt128, divisor: UInt128) {
        let dividend = places >= 0 ? numerator << UInt128(places) : numerator
        let divisor = places >= 0 ? denominator : denominator << UInt128(-places)
        return (dividend / divisor, dividend % divisor, divisor)
    }

    func bits(exponentBias: Int) -> UInt64 {
        guard mantissa != 0 else { return 0 }
        let exponent = UInt64(mantissaBits - places + exponentBias)
        return exponent << UInt64(mantissaBits) | (mantissa & ((1 << UInt64(mantissaBits)) - 1))
    }
}
