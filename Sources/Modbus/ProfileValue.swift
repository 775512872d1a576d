import Metering

/// Which side of the instrument transformers a value counts.
package enum Side: String, CaseIterable, Hashable, Sendable {
    /// What the meter's own dial shows; the installation's multiplier applies later, to consumption.
    case dial
    /// Already multiplied by the transformer ratios inside the meter; divided again to become a dial.
    case primary
}

/// One line of a meter's table: what lies at an address and how to read it.
package struct ProfileValue: Hashable, Sendable {
    package let name: String
    /// The register whose dial this is; `nil` for a voltage, a frequency, a serial number.
    package let register: Register?
    package let range: WordRange
    package let encoding: WordEncoding
    /// How many numbers of `encoding` lie side by side in `range`; the value is their sum. One request reads them all,
    /// because a sum of two moments is no dial.
    package let parts: Int
    /// The printed unit, e.g. `kWh`, `V`; `nil` for a text.
    package let unit: String?
    /// The model has variants without it: exception 2 means absent, not broken. Always read in a request of its own.
    package let isOptional: Bool
    package let side: Side

    package init(
        name: String, register: Register?, range: WordRange, encoding: WordEncoding, parts: Int = 1, unit: String?,
        isOptional: Bool = false, side: Side = .dial
    ) {
        precondition(Int(range.count) == parts * encoding.wordCount, "a value's range has the width of its parts")
        precondition(parts == 1 || unit != nil, "a sum is a number with a unit")
        precondition(register == nil || (unit != nil && !encoding.type.isText), "a register is a number with a unit")
        self.name = name
        self.register = register
        self.range = range
        self.encoding = encoding
        self.parts = parts
        self.unit = unit
        self.isOptional = isOptional
        self.side = side
    }

    /// 12 digits of kWh, in Wh: no dial shows as much, so such words are damage or a sentinel nobody wrote down.
    static let indexEnd: Int64 = 1_000_000_000_000_000

    /// Decodes exactly this value's words. `multiplier` (1 or more) brings a primary value back to the dial.
    package func decode(_ words: ArraySlice<UInt16>, multiplier: Int64) -> DecodedValue {
        precondition(multiplier >= 1, "a multiplier is 1 or more")
        return DecodedValue(value: self, words: Array(words), outcome: outcome(words, multiplier: multiplier))
    }

    func outcome(_ words: ArraySlice<UInt16>, multiplier: Int64) -> DecodedValue.Outcome {
        guard let unit else {
            switch encoding.text(of: words) {
            case .text(let text): return .text(text)
            case .absent(let reason): return .absent(reason)
            case .number(let number): return .text(String(number))
            }
        }
        switch parts == 1 ? encoding.content(of: words) : sum(of: words) {
        case .text(let text): return .text(text)
        case .absent(let reason): return .absent(reason)
        case .number(let thousandths):
            guard register != nil else {
                return .quantity(DecodedValue.decimal(thousandths, resolution: encoding.resolution), unit: unit)
            }
            guard thousandths >= 0 else { return .absent("a negative index, \(Energy(wattHours: thousandths))") }
            guard thousandths < Self.indexEnd else { return .absent("an index beyond any dial") }
            let dial = side == .primary ? thousandths.flooredQuotient(by: multiplier) : thousandths
            return .energy(Energy(wattHours: dial))
        }
    }

    /// The parts together; absent as soon as one of them is.
    private func sum(of words: ArraySlice<UInt16>) -> WordContent {
        var sum: Int64 = 0
        for part in 0..<parts {
            let start = words.startIndex + part * encoding.wordCount
            switch encoding.content(of: words[start..<start + encoding.wordCount]) {
            case .text(let text): return .text(text)
            case .absent(let reason): return .absent("part \(part + 1): \(reason)")
            case .number(let thousandths):
                // A negative part is damage that another part could hide.
                guard register == nil || thousandths >= 0 else { return .number(thousandths) }
                let (total, overflow) = sum.addingReportingOverflow(thousandths)
                guard !overflow else { return .absent("parts beyond any dial") }
                sum = total
            }
        }
        return .number(sum)
    }

    /// The number in thousandths of the printed unit; `nil` for a text and for what is not available.
    func thousandths(in words: ArraySlice<UInt16>) -> Int64? {
        guard unit != nil, case .number(let thousandths) = parts == 1 ? encoding.content(of: words) : sum(of: words)
        else { return nil }
        return thousandths
    }

    /// Each part's words are known to the last step of the resolution. A float of growing size loses them: 32 bits
    /// hold every whole watt-hour only below 16,777,216 Wh.
    func isExact(in words: ArraySlice<UInt16>) -> Bool {
        (0..<parts).allSatisfy { part in
            let start = words.startIndex + part * encoding.wordCount
            return encoding.isExact(in: words[start..<start + encoding.wordCount])
        }
    }
}

/// A value as it came over the wire, with the words it was read from.
package struct DecodedValue: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// A register's dial, before the multiplier.
        case energy(Energy)
        /// Exact decimal text and its unit, e.g. `230.1`, `V`.
        case quantity(String, unit: String)
        case text(String)
        /// Not available, with the reason.
        case absent(String)
    }

    package let value: ProfileValue
    package let words: [UInt16]
    package let outcome: Outcome

    /// Thousandths as decimal text, with as many places (0...3) as the resolution has.
    static func decimal(_ thousandths: Int64, resolution: Int64) -> String {
        var text = Energy(wattHours: thousandths).kilowattHours
        let places = resolution % 1000 == 0 ? 0 : resolution % 100 == 0 ? 1 : resolution % 10 == 0 ? 2 : 3
        text.removeLast(places == 0 ? 4 : 3 - places)
        return text
    }
}
