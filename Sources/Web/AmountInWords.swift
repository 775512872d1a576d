import Billing

/// An amount as a Vietnamese reader says it, the way it stands on every bill beside the figures: `Năm trăm năm mươi
/// tám nghìn chín trăm tám mươi sáu đồng`.
///
/// Three digits at a time, then nghìn, triệu and tỷ, and beyond them the tỷ are counted again (một tỷ tỷ). A hundred
/// and a ten that are 0 are said where anything was said before (không trăm linh năm). After a ten, 5 is lăm; after
/// two tens and more, 1 is mốt and 4 is tư.
package enum AmountInWords {
    private static let digits = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]
    private static let billion: UInt64 = 1_000_000_000

    /// With a capital, for any amount.
    package static func text(_ money: Money) -> String {
        let words = (money.dong < 0 ? ["âm"] : []) + number(money.dong.magnitude) + ["đồng"]
        let text = words.joined(separator: " ")
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    private static func number(_ value: UInt64) -> [String] {
        guard value > 0 else { return [digits[0]] }
        var words: [String] = []
        if value >= billion { words = number(value / billion) + ["tỷ"] }
        let rest = Int(value % billion)
        for (group, name) in [(rest / 1_000_000, "triệu"), (rest / 1000 % 1000, "nghìn"), (rest % 1000, "")]
        where group > 0 {
            words += three(group, isFirst: words.isEmpty) + (name.isEmpty ? [] : [name])
        }
        return words
    }

    /// - Parameter value: 1...999
    private static func three(_ value: Int, isFirst: Bool) -> [String] {
        let (hundreds, tens, ones) = (value / 100, value / 10 % 10, value % 10)
        let saysHundreds = hundreds > 0 || !isFirst
        var words = saysHundreds ? [digits[hundreds], "trăm"] : []
        switch tens {
        case 0: words += saysHundreds && ones > 0 ? ["linh"] : []
        case 1: words.append("mười")
        default: words += [digits[tens], "mươi"]
        }
        switch ones {
        case 0: break
        case 1 where tens > 1: words.append("mốt")
        case 4 where tens > 1: words.append("tư")
        case 5 where tens > 0: words.append("lăm")
        default: words.append(digits[ones])
        }
        return words
    }
}
