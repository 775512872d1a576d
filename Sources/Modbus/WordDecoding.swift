/// What the words of one value say.
package enum WordContent: Hashable, Sendable {
    /// Thousandths of the printed unit: Wh, varh, mV, mHz.
    case number(Int64)
    case text(String)
    /// "Not available", with the reason. Never zero, never the value before.
    case absent(String)
}

extension WordEncoding {
    /// The value as a scaled number (`ascii` and `hex`: as text).
    package func content(of words: some BidirectionalCollection<UInt16>) -> WordContent {
        precondition(words.count == wordCount, "a value is decoded from exactly its own words")
        if type == .ascii { return asciiText(words) }
        let bits = bits(of: words)
        if isSentinel(bits) { return .absent("0x\(hexDigits(bits)) means \"not available\"") }
        if type == .hex { return .text(hexDigits(bits)) }
        let raw: RawNumber
        switch rawNumber(bits) {
        case .success(let number): raw = number
        case .failure(let reason): return .absent(reason.text)
        }
        guard let value = raw.scaled(by: scale, resolution: resolution) else {
            return .absent("0x\(hexDigits(bits)) is beyond any dial")
        }
        return .number(value)
    }

    /// The value as identity text: the digits of an unscaled number, or the characters.
    package func text(of words: some BidirectionalCollection<UInt16>) -> WordContent {
        precondition(words.count == wordCount, "a value is decoded from exactly its own words")
        if type == .ascii { return asciiText(words) }
        let bits = bits(of: words)
        if isSentinel(bits) { return .absent("0x\(hexDigits(bits)) means \"not available\"") }
        if type == .hex || type.isFloat { return .text(hexDigits(bits)) }
        switch rawNumber(bits) {
        case .success(let number): return .text((number.isNegative ? "-" : "") + String(number.magnitude))
        case .failure(let reason): return .absent(reason.text)
        }
    }

    /// False for a float whose own step at this size is wider than the resolution: some multiples of it are between
    /// two floats then.
    package func isExact(in words: some BidirectionalCollection<UInt16>) -> Bool {
        let (mantissaBits, exponentBits): (Int, Int)
        switch type {
        case .f32: (mantissaBits, exponentBits) = (23, 8)
        case .f64: (mantissaBits, exponentBits) = (52, 11)
        case .u16, .i16, .u32, .i32, .u64, .i64, .ascii, .mod10, .bcd, .hex: return true
        }
        let exponentMax = 1 << exponentBits - 1
        let stored = Int(bits(of: words) >> UInt64(mantissaBits)) & exponentMax
        guard stored != exponentMax else { return false }
        // The step is 2^exponent raw units; exact is where step × scale ≤ resolution.
        let exponent = max(stored, 1) - exponentMax / 2 - mantissaBits
        let step = UInt128(scale.numerator.magnitude)
        let room = UInt128(resolution.magnitude) * UInt128(scale.denominator.magnitude)
        if exponent <= 0 { return -exponent >= 64 || step <= room << UInt128(-exponent) }
        return exponent < 64 && step << UInt128(exponent) <= room
    }

    private struct Unreadable: Error { let text: String }

    private func rawNumber(_ bits: UInt64) -> Result<RawNumber, Unreadable> {
        switch type {
        case .u16, .u32, .u64, .i16, .i32, .i64, .f32, .f64:
            return RawNumber(bits, as: type).map { .success($0) }
                ?? .failure(Unreadable(text: "not a number (0x\(hexDigits(bits)))"))
        case .mod10:
            return number(bits, base: 10_000, digitBits: 16).map { .success(RawNumber(magnitude: $0)) }
                ?? .failure(Unreadable(text: "a word above 9999 (0x\(hexDigits(bits)))"))
        case .bcd, .hex, .ascii:
            return number(bits, base: 10, digitBits: 4).map { .success(RawNumber(magnitude: $0)) }
                ?? .failure(Unreadable(text: "no decimal digits (0x\(hexDigits(bits)))"))
        }
    }

    /// The number whose digits in `base` take `digitBits` each; `nil` where one of them is not a digit.
    private func number(_ bits: UInt64, base: UInt64, digitBits: Int) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 16 * wordCount - digitBits, through: 0, by: -digitBits) {
            let digit = bits >> UInt64(shift) & (1 << UInt64(digitBits) - 1)
            guard digit < base else { return nil }
            value = value * base + digit
        }
        return value
    }

    /// Printable characters only; zero bytes and blanks around them are padding.
    private func asciiText(_ words: some BidirectionalCollection<UInt16>) -> WordContent {
        var characters: [UInt8] = []
        for word in order.rearranged(Array(words)) {
            characters.append(UInt8(word >> 8))
            characters.append(UInt8(truncatingIfNeeded: word))
        }
        let isPadding = { (byte: UInt8) in byte == 0 || byte == UInt8(ascii: " ") }
        while let last = characters.last, isPadding(last) { characters.removeLast() }
        let text = characters.drop(while: isPadding)
        guard !text.isEmpty else { return .absent("empty text") }
        guard text.allSatisfy({ (0x20...0x7E).contains($0) }) else { return .absent("unprintable characters") }
        return .text(String(decoding: text, as: UTF8.self))
    }

    private func isSentinel(_ bits: UInt64) -> Bool { sentinels.contains { $0.matches(bits) } }

    /// All digits of the value's width, high word first.
    private func hexDigits(_ bits: UInt64) -> String {
        let digits = String(bits, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 * wordCount - digits.count)) + digits
    }
}

/// A raw number in exact form: ± magnitude × 2^exponent. Floats are taken apart by their bits (IEEE 754 §3.4), so
/// that no floating-point arithmetic touches an index.
struct RawNumber {
    private(set) var magnitude: UInt64
    private(set) var exponent = 0
    private(set) var isNegative = false

    /// `nil` for NaN and the infinities, and for a type whose words are digits or characters.
    init?(_ bits: UInt64, as type: WordType) {
        switch type {
        case .u16, .u32, .u64: self.init(magnitude: bits)
        case .i16: self.init(signed: Int64(Int16(truncatingIfNeeded: bits)))
        case .i32: self.init(signed: Int64(Int32(truncatingIfNeeded: bits)))
        case .i64: self.init(signed: Int64(bitPattern: bits))
        case .f32: self.init(float: bits, mantissaBits: 23, exponentBits: 8)
        case .f64: self.init(float: bits, mantissaBits: 52, exponentBits: 11)
        case .ascii, .mod10, .bcd, .hex: return nil
        }
    }

    init(magnitude: UInt64) { self.magnitude = magnitude }

    init(signed: Int64) {
        magnitude = signed.magnitude
        isNegative = signed < 0
    }

    /// `nil` for NaN and the infinities.
    init?(float bits: UInt64, mantissaBits: Int, exponentBits: Int) {
        let exponentMax = 1 << exponentBits - 1
        let stored = Int(bits >> UInt64(mantissaBits)) & exponentMax
        guard stored != exponentMax else { return nil }
        let hidden: UInt64 = 1 << UInt64(mantissaBits)
        magnitude = bits & (hidden - 1)
        if stored != 0 { magnitude |= hidden }
        exponent = max(stored, 1) - exponentMax / 2 - mantissaBits
        isNegative = bits >> UInt64(mantissaBits + exponentBits) & 1 == 1
        let spare = magnitude == 0 ? 0 : magnitude.trailingZeroBitCount
        magnitude >>= UInt64(spare)
        exponent += spare
    }

    /// As `scaled` wherever 64 bits hold every step of it exactly, which is nearly always and much faster; `nil` where
    /// they do not.
    private func scaledInOneWord(by scale: Scale, resolution: Int64) -> Int64? {
        guard exponent <= 0 else { return nil }
        let (dividend, isLong) = magnitude.multipliedReportingOverflow(by: scale.numerator.magnitude)
        let (unit, isWide) = scale.denominator.magnitude.multipliedReportingOverflow(by: resolution.magnitude)
        guard !isLong, !isWide, -exponent < unit.leadingZeroBitCount else { return nil }
        let divisor = unit << UInt64(-exponent)
        let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
        let rounded = quotient + (remainder >= divisor - remainder ? 1 : 0)
        let (steps, isBeyond) = rounded.multipliedReportingOverflow(by: resolution.magnitude)
        guard !isBeyond, let value = Int64(exactly: steps) else { return nil }
        return isNegative ? -value : value
    }

    /// The number × scale, rounded to a multiple of `resolution`, half away from zero; `nil` beyond `Int64`.
    func scaled(by scale: Scale, resolution: Int64) -> Int64? {
        guard magnitude != 0 else { return 0 }
        if let value = scaledInOneWord(by: scale, resolution: resolution) { return value }
        var dividend = UInt128(magnitude) * UInt128(scale.numerator.magnitude)
        var divisor = UInt128(scale.denominator.magnitude) * UInt128(resolution.magnitude)
        if exponent > 0 {
            guard exponent < dividend.leadingZeroBitCount else { return nil }
            dividend <<= UInt128(exponent)
        } else {
            // The divisor has at most 60 bits (`Scale`, `resolutionMax`), so at least 67 places are kept; what is cut
            // off beyond them is far below any half.
            let places = min(-exponent, divisor.leadingZeroBitCount - 1)
            divisor <<= UInt128(places)
            dividend >>= UInt128(min(-exponent - places, 127))
        }
        let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
        let rounded = quotient + (remainder >= divisor - remainder ? 1 : 0)
        let (steps, overflow) = rounded.multipliedReportingOverflow(by: UInt128(resolution.magnitude))
        guard !overflow, let value = Int64(exactly: steps) else { return nil }
        return isNegative ? -value : value
    }
}
