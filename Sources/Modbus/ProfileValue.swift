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
    /// The printed unit, e.g. `kWh`, `V`; `nil` for a text.
    package let unit: String?
    /// The model has variants without it: exception 2 means absent, not broken. Always read in a request of its own.
    package let isOptional: Bool
    package let side: Side

    package init(
        name: String, register: Register?, range: WordRange, encoding: WordEncoding, unit: String?,
        isOptional: Bool = false, side: Side = .dial
    ) {
        precondition(Int(range.count) == encoding.wordCount, "a value's range has its encoding's width")
        precondition(register == nil || (unit != nil && !encoding.type.isText), "a register is a number with a unit")
        self.name = name
        self.register = register
        self.range = range
        self.encoding = encoding
        self.unit = unit
        self.isOptional = isOptional
        self.side = side
    }

    /// 12 digits of kWh, in Wh: no dial shows as much, so such words are damage or a sentinel nobody wrote down.
    private static let indexEnd: Int64 = 1_000_000_000_000_000

    /// Decodes exactly this value's words. `multiplier` (1 or more) brings a primary value back to the dial.
    package func decode(_ words: ArraySlice<UInt16>, multiplier: Int64) -> DecodedValue {
        precondition(multiplier >= 1, "a multiplier is 1 or more")
        return DecodedValue(value: self, words: Array(words), outcome: outcome(words, multiplier: multiplier))
    }

    private func outcome(_ words: ArraySlice<UInt16>, multiplier: Int64) -> DecodedValue.Outcome {
        guard let unit else {
            switch encoding.text(of: words) {
            case .text(let text): return .text(text)
            case .absent(let reason): return .absent(reason)
            case .number(let number): return .text(String(number))
            }
        }
        switch encoding.content(of: words) {
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
