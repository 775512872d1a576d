import Metering

/// A profile tried out on a real meter in every way it could be meant: each value at its address, one below and one
/// above (manuals count from 0 or from 1), in all four word orders. Whoever stands before the display sees which one
/// is right.
package enum MapRehearsal {
    /// Added to the address as written.
    package static let shifts = [0, -1, 1]

    /// What one order makes of the words.
    package struct Guess: Hashable, Sendable {
        package let order: WordOrder
        /// The number in the value's printed unit, or the text; `nil` where the words say "not available" or nothing.
        package let shown: String?
        /// It could be true: a frequency or a voltage that a grid has, a dial above zero and below its digits, a text
        /// of printable characters. `nil` where nothing speaks for or against it.
        package let isPlausible: Bool?
    }

    /// Identity first, then the table. What a meter gives only as a part of a whole block has no neighbours to try.
    package static func values(of profile: MeterProfile) -> [ProfileValue] {
        let identity = profile.identity
        let alone = [identity?.model?.value, identity?.serial].compactMap { $0 }.filter {
            identity?.wholeBlock?.contains($0.range) != true
        }
        return alone + profile.values
    }

    /// The words to read for a value at an address that is off by `shift`; `nil` where there are none.
    package static func range(of value: ProfileValue, shift: Int) -> WordRange? {
        UInt16(exactly: Int(value.range.address) + shift).flatMap {
            WordRange(function: value.range.function, address: $0, count: value.range.count)
        }
    }

    /// All four orders on a value's words. A single word has two only: `big` and `bigSwapped`.
    /// - Parameter digits: whole kWh digits of the dial.
    package static func guesses(
        at value: ProfileValue, words: [UInt16], of profile: MeterProfile, digits: Int
    ) -> [Guess] {
        precondition(words.count == Int(value.range.count), "a guess is made from as many words as the value has")
        let isSingle = value.encoding.wordCount == 1
        return WordOrder.allCases.filter { !isSingle || !$0.isLowWordFirst }.map { order in
            let other = value.with(order: order)
            if let unit = other.unit {
                guard let thousandths = other.thousandths(in: words[...]) else {
                    return Guess(order: order, shown: nil, isPlausible: isJudged(value) ? false : nil)
                }
                return Guess(
                    order: order,
                    shown: DecodedValue.decimal(thousandths, resolution: value.encoding.resolution),
                    isPlausible: isPlausible(thousandths, unit, value, profile, digits: digits))
            }
            guard case .text(let text) = other.encoding.text(of: words) else {
                return Guess(order: order, shown: nil, isPlausible: value.encoding.type == .ascii ? false : nil)
            }
            return Guess(order: order, shown: text, isPlausible: value.encoding.type == .ascii ? true : nil)
        }
    }

    private static func isJudged(_ value: ProfileValue) -> Bool {
        value.register != nil || value.unit == "Hz" || value.unit == "V"
    }

    private static func isPlausible(
        _ thousandths: Int64, _ unit: String, _ value: ProfileValue, _ profile: MeterProfile, digits: Int
    ) -> Bool? {
        if value.register != nil {
            // Zero is what an unknown register answers too: it speaks for nothing.
            let end = (0..<digits + 3).reduce(Int64(1)) { power, _ in power * 10 }
            return thousandths == 0 ? nil : (1..<end).contains(thousandths)
        }
        switch unit {
        case "Hz": return ProfileCheck.isPlausible(frequency: thousandths)
        case "V" where thousandths == 0: return nil
        case "V": return ProfileCheck.isPlausible(voltage: thousandths, nominal: profile.nominalVolts)
        default: return nil
        }
    }
}

extension ProfileValue {
    /// The same line with its bytes in another order.
    func with(order: WordOrder) -> ProfileValue {
        ProfileValue(
            name: name, register: register, range: range, encoding: encoding.with(order: order), parts: parts,
            unit: unit, isOptional: isOptional, side: side)
    }
}
