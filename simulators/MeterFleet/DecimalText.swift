/// Numbers in others' files, read exactly: no floating point, no sign, no exponent, no grouping.
enum DecimalText {
    /// `5.692` kWh as 5692 Wh, rounded half up; at most 1,000,000 kWh and 20 decimals. `nil` for anything else.
    static func wattHours(kilowattHours text: some StringProtocol) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = whole(parts[0]), whole <= 1_000_000 else { return nil }
        guard parts.count == 2 else { return Int64(whole) * 1000 }
        let decimals = parts[1].utf8
        guard (1...20).contains(decimals.count),
            decimals.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        // The fourth decimal alone decides which way a half-up rounding to three goes.
        let tenths = decimals.prefix(4).reduce(Int64(0)) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        let padded = (min(decimals.count, 4)..<4).reduce(tenths) { scaled, _ in scaled * 10 }
        return Int64(whole) * 1000 + (padded + 5) / 10
    }

    /// `0.02` as 20,000 millionths: 0 to 1 with at most six decimals. `nil` for anything else.
    static func millionths(_ text: some StringProtocol) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = whole(parts[0]), whole <= 1 else { return nil }
        var fraction = 0
        if parts.count == 2 {
            guard parts[1].utf8.count <= 6, let digits = self.whole(parts[1]) else { return nil }
            fraction = (parts[1].utf8.count..<6).reduce(digits) { scaled, _ in scaled * 10 }
        }
        let millionths = Int64(whole) * 1_000_000 + Int64(fraction)
        return millionths <= 1_000_000 ? millionths : nil
    }

    /// 1 to 9 digits and nothing else.
    static func whole(_ text: some StringProtocol) -> Int? {
        let digits = text.utf8
        guard (1...9).contains(digits.count) else { return nil }
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    /// Seconds since midnight of `10:30` or `10:30:00`; `24:00` is the day's end.
    static func clock(_ text: some StringProtocol) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.allSatisfy({ $0.utf8.count == 2 }),
            let hour = whole(parts[0]), let minute = whole(parts[1]), minute < 60,
            let second = parts.count == 3 ? whole(parts[2]) : 0, second < 60
        else { return nil }
        let seconds = hour * 3600 + minute * 60 + second
        return seconds <= 86_400 ? seconds : nil
    }
}
