import InputFiles
import Metering

/// Reads single lines of a profile's tables, with the defaults from the top of the file.
struct ProfileValueParser {
    let function: ReadFunction?
    let order: WordOrder
    /// Words of `absent` for every number that has none of its own.
    let absent: [String]
    let maxWords: Int
    let evenAddresses: Bool

    static let valueKeys = [
        "function", "address", "sum", "type", "words", "order", "scale", "resolution", "absent", "optional", "side",
    ]
    static let frozenKeys = ["offset", "sum", "type", "words", "order", "scale", "resolution", "absent", "side"]
    static let energyKeys = ["offset", "sum", "type", "words", "order", "scale", "resolution", "absent"]
    static let identityKeys = ["function", "address", "type", "words", "order", "absent", "optional"]

    static let absentRemedy =
        "must be ones, max (0x7FFF…), min (0x8000…), none, or every hexadecimal digit of the value with ? for any"
    private static let scaleRemedy =
        "must be what one raw unit is worth, e.g. \"0.01 kWh\"; units: \(ProfileUnit.names)"

    /// Patterns have a width, so at the top of the file only the words that fit every width make sense.
    func checkDefaults(_ top: InputSection, _ reader: inout SectionReader) {
        for text in absent where !["ones", "max", "min", "none"].contains(text) {
            reader.note(
                "must be ones, max, min or none here; a pattern belongs to one value", in: top, at: "absent",
                value: text)
        }
    }

    /// Where the record stands that a line belongs to.
    enum Table {
        /// No record: the line has an `address`, or a `sum` of addresses.
        case values
        /// No record, and the value proves the meter: a number or a text, no register.
        case identity
        /// The line has an `offset` from the record's start, or a `sum` of offsets.
        case record(DailyEnergies.Place)
    }

    /// One line.
    func value(
        named name: String, _ section: InputSection, in table: Table, isAlwaysOptional: Bool = false,
        _ reader: inout SectionReader
    ) -> ProfileValue? {
        let isIdentity = if case .identity = table { true } else { false }
        let register = isIdentity ? nil : Register(name: name)
        if !Self.isName(name) {
            reader.note(
                "a value's name has small letters, digits and underscores; registers are \(Register.names)",
                line: section.line, field: section.path)
        }
        let place: DailyEnergies.Place?
        let starts: [Int]?
        let isOptional: Bool?
        switch table {
        case .values, .identity:
            place = reader.function(section, fallback: function).map { DailyEnergies.Place(function: $0, base: 0) }
            starts = self.starts(section, key: "address", in: 0...65_535, &reader)
            isOptional = reader.flag("optional", of: section).map { $0 || isAlwaysOptional }
        case .record(let record):
            place = record
            starts = self.starts(section, key: "offset", in: 0...123, &reader)
            isOptional = false
        }
        let side = isIdentity ? Side.dial : reader.word("side", of: section, fallback: Side.dial)
        guard let encoding = encoding(section, register: register, isIdentity: isIdentity, &reader), let place,
            let starts, let isOptional, let side,
            let range = range(place, starts, encoding.encoding, section, &reader)
        else { return nil }
        return ProfileValue(
            name: name, register: register, range: range, encoding: encoding.encoding, parts: starts.count,
            unit: encoding.unit, isOptional: isOptional, side: side)
    }

    /// Where the line's words begin: one address (offset), or those of the parts of its sum.
    private func starts(
        _ section: InputSection, key: String, in bounds: ClosedRange<Int>, _ reader: inout SectionReader
    ) -> [Int]? {
        guard section.entry("sum") != nil else { return reader.number(key, of: section, in: bounds).map { [$0] } }
        let remedy = "must list two or more numbers from \(bounds.lowerBound) to \(bounds.upperBound)"
        if section.entry(key) != nil {
            reader.note("a line has an \(key) or a sum, not both", in: section, at: "sum")
            return nil
        }
        guard let texts = reader.list("sum", of: section, remedy: remedy) else { return nil }
        let starts = texts.compactMap(InputSection.number).filter(bounds.contains)
        guard starts.count == texts.count, starts.count >= 2 else {
            reader.note(remedy, in: section, at: "sum", value: texts.joined(separator: ", "))
            return nil
        }
        return starts
    }

    private func range(
        _ place: DailyEnergies.Place, _ starts: [Int], _ encoding: WordEncoding, _ section: InputSection,
        _ reader: inout SectionReader
    ) -> WordRange? {
        let key = ["sum", "address", "offset"].first { section.entry($0) != nil } ?? "address"
        let width = encoding.wordCount
        guard zip(starts, starts.dropFirst()).allSatisfy({ $0 + width == $1 }) else {
            reader.note(
                "the parts of a sum must lie side by side, \(width) words apart: one request reads them all, and a sum "
                    + "of two moments is no dial", in: section, at: key)
            return nil
        }
        guard let range = place.range(offset: starts[0], count: width * starts.count) else {
            reader.note(
                "must leave room for \(width * starts.count) words "
                    + (place.function == .fileRecord ? "before record 10000" : "before word 65536, 125 at most"),
                in: section, at: key, value: String(Int(place.base) + starts[0]))
            return nil
        }
        if Int(range.count) > maxWords {
            reader.note(
                "has \(range.count) words and cannot be split; max_words is \(maxWords)", line: section.line,
                field: section.path, value: range.description)
        }
        if evenAddresses, key != "offset", range.address % 2 != 0 || range.count % 2 != 0 {
            reader.note(
                "must start at an even address and have an even number of words, because even_addresses is true",
                in: section, at: key, value: range.description)
        }
        return range
    }

    private func encoding(
        _ section: InputSection, register: Register?, isIdentity: Bool, _ reader: inout SectionReader
    ) -> (encoding: WordEncoding, unit: String?)? {
        let type: WordType? = reader.word("type", of: section)
        let order = reader.word("order", of: section, fallback: self.order)
        let amount = amount("scale", of: section, &reader)
        let resolution = amount.isGood ? self.resolution(of: section, unit: amount.printed, &reader) : nil
        guard let type, let order, let wordCount = wordCount(type, section, &reader) else { return nil }

        var isGood = amount.isGood
        if isIdentity, type.isFloat {
            reader.note(
                "an identity is a whole number or a text, not a float", in: section, at: "type",
                value: type.rawValue)
            isGood = false
        }
        if let register {
            let unit = ProfileUnit.printed(for: register)
            if type.isText {
                reader.note("the register \(register.name) is a number", in: section, at: "type", value: type.rawValue)
                isGood = false
            } else if amount.isGood, amount.printed != unit {
                reader.note(
                    "register \(register.name) needs a scale in \(unit)", in: section, at: "scale",
                    value: amount.printed ?? "")
                isGood = false
            }
            if type.isFloat, section.entry("resolution") == nil {
                reader.note(
                    "is missing; a float register says how finely it is rounded, e.g. \"0.01 \(unit)\"", in: section,
                    at: "resolution")
                isGood = false
            }
        } else if type.isFloat, !isIdentity, section.entry("scale") == nil {
            reader.note("is missing; \(Self.scaleRemedy)", in: section, at: "scale")
            isGood = false
        }
        if section.entry("sum") != nil, type.isText || amount.isGood && amount.printed == nil {
            reader.note("a sum is of numbers with a unit; it needs a scale", in: section, at: "sum")
            isGood = false
        }
        guard let sentinels = sentinels(type, wordCount: wordCount, section, &reader), isGood else { return nil }
        let encoding = WordEncoding(
            type: type, order: order, wordCount: wordCount, scale: amount.scale ?? .one, resolution: resolution,
            sentinels: sentinels)
        return encoding.map { ($0, type.isText ? nil : amount.printed) }
    }

    /// `scale`, which may be missing; `isGood` is false after a fault.
    private func amount(
        _ key: String, of section: InputSection, _ reader: inout SectionReader
    ) -> (isGood: Bool, scale: Scale?, printed: String?) {
        guard section.entry(key) != nil else { return (true, nil, nil) }
        let amount = reader.scalar(key, of: section, remedy: Self.scaleRemedy, parse: ProfileUnit.amount)
        return (amount != nil, amount?.scale, amount?.printed)
    }

    private func resolution(
        of section: InputSection, unit: String?, _ reader: inout SectionReader
    ) -> Int64? {
        guard section.entry("resolution") != nil else { return nil }
        return reader.scalar(
            "resolution", of: section,
            remedy: "must be in the unit of scale and a multiple of its thousandth, up to 1000, e.g. \"0.01 kWh\"",
            parse: { text in
                guard let amount = ProfileUnit.amount(text), amount.printed == unit, amount.scale.denominator == 1,
                    amount.scale.numerator <= WordEncoding.resolutionMax
                else { return nil }
                return amount.scale.numerator
            })
    }

    private func wordCount(_ type: WordType, _ section: InputSection, _ reader: inout SectionReader) -> Int? {
        if let own = type.wordCount {
            guard section.entry("words") != nil else { return own }
            return reader.number("words", of: section, in: own...own)
        }
        return reader.number("words", of: section, in: 1...type.wordCountMax)
    }

    private func sentinels(
        _ type: WordType, wordCount: Int, _ section: InputSection, _ reader: inout SectionReader
    ) -> [Sentinel]? {
        let own = reader.list("absent", of: section, remedy: Self.absentRemedy)
        guard type != .ascii else {
            guard own == nil else {
                reader.note("an ascii text is absent when it is empty; remove the key", in: section, at: "absent")
                return nil
            }
            return []
        }
        var sentinels: [Sentinel] = []
        for text in own ?? absent where text != "none" {
            if let sentinel = Sentinel(text: text, wordCount: wordCount) {
                sentinels.append(sentinel)
            } else if own != nil {
                reader.note(
                    "\(Self.absentRemedy); this value has \(4 * wordCount) digits", in: section, at: "absent",
                    value: text)
                return nil
            }
        }
        return sentinels
    }

    private static func isName(_ text: String) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = text.utf8.first, letters.contains(first) else { return false }
        return text.utf8.allSatisfy { letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_") }
    }
}

extension Sentinel {
    /// `ones`, `max`, `min`, or `0x` and all digits of `wordCount` words, `?` for a digit that may be anything.
    init?(text: String, wordCount: Int) {
        let width = UInt64(16 * wordCount)
        let ones: UInt64 = width == 64 ? .max : 1 << width - 1
        switch text {
        case "ones": self.init(bits: ones, mask: ones)
        case "max": self.init(bits: ones >> 1, mask: ones)
        case "min": self.init(bits: ones ^ (ones >> 1), mask: ones)
        default:
            guard text.hasPrefix("0x"), text.utf8.count == 2 + 4 * wordCount else { return nil }
            var (bits, mask): (UInt64, UInt64) = (0, 0)
            for character in text.dropFirst(2) {
                bits <<= 4
                mask <<= 4
                if character == "?" { continue }
                guard let digit = character.hexDigitValue else { return nil }
                bits |= UInt64(digit)
                mask |= 0xF
            }
            self.init(bits: bits, mask: mask)
        }
    }
}

extension WordEncoding {
    /// The words, in wire order, of an identity that must answer `text`; `nil` where it does not fit the value.
    func words(expected text: String) -> [UInt16]? {
        let bigEndian: [UInt16]
        if type == .ascii {
            let bytes = Array(text.utf8)
            guard bytes.count == 2 * wordCount, bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
            bigEndian = stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        } else {
            guard let number = InputSection.number(text).map(UInt64.init),
                wordCount == 4 || number >> UInt64(16 * wordCount) == 0
            else { return nil }
            bigEndian = (0..<wordCount).reversed().map { UInt16(truncatingIfNeeded: number >> UInt64(16 * $0)) }
        }
        return order.rearranged(bigEndian)
    }
}
