/// The days of a month at whose end a meter is read for the bill: one, or two or three of a large customer, each of
/// which ends a billing period (kỳ) of its own. 1...27; 0 is the month's last day.
package struct ReadingDays: Hashable, Sendable {
    /// In the order of a month, none twice: 0 is the last.
    package let days: [Int]

    /// A month has no more periods than these (50,000 kWh a month and more are read twice, above 100,000 three times).
    package static let countMax = 3
    package static let range = 0...27

    /// `nil` unless there are one to three days, each in `range` and given once.
    package init?(_ days: [Int]) {
        guard (1...Self.countMax).contains(days.count), days.allSatisfy(Self.range.contains),
            Set(days).count == days.count
        else { return nil }
        self.days = days.sorted { Self.position($0) < Self.position($1) }
    }

    /// - Parameter day: in `range`.
    package init(_ day: Int) {
        precondition(Self.range.contains(day), "a reading day is 1...27, or 0 for the month's last day")
        days = [day]
    }

    /// From `10 20 0`; `nil` for anything that is not so.
    package init?(text: some StringProtocol) {
        let days = text.split(separator: " ").map { word -> Int? in
            word.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(word) : nil
        }
        guard !days.contains(nil) else { return nil }
        self.init(days.compactMap { $0 })
    }

    /// Only the last of a month: what several periods a month make together begins and ends with it.
    package var ofMonths: ReadingDays { ReadingDays(days[days.count - 1]) }

    private static func position(_ day: Int) -> Int { day == 0 ? range.upperBound + 1 : day }
}

extension ReadingDays: CustomStringConvertible {
    /// `10 20 0`
    package var description: String { days.map(String.init).joined(separator: " ") }
}

/// What part of a mixed contract's energy is used for one purpose, as seller and customer agreed (TT 60/2025 Điều
/// 3.3b).
package struct PurposeShare: Hashable, Sendable {
    /// Tariff category, e.g. `business_lt6kv`.
    package let category: String
    /// Whole per cents, 1...99.
    package let percent: Int

    package init(category: String, percent: Int) { (self.category, self.percent) = (category, percent) }

    /// Whether they are two or more, of different categories, and add up to 100 %.
    package static func areWhole(_ shares: [PurposeShare]) -> Bool {
        shares.count >= 2 && shares.allSatisfy { (1...99).contains($0.percent) && !$0.category.isEmpty }
            && Set(shares.map(\.category)).count == shares.count
            && shares.reduce(0) { $0 + $1.percent } == 100
    }

    /// From `business_lt6kv:40 production_lt6kv:60`; `nil` for anything else that is not empty.
    package static func list(_ text: some StringProtocol) -> [PurposeShare]? {
        var shares: [PurposeShare] = []
        for word in text.split(separator: " ") {
            let parts = word.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].hasPrefix("+"), let percent = Int(parts[1]) else { return nil }
            guard (1...99).contains(percent) else { return nil }
            shares.append(PurposeShare(category: String(parts[0]), percent: percent))
        }
        return shares.isEmpty && text.isEmpty || areWhole(shares) ? shares : nil
    }

    package static func text(_ shares: [PurposeShare]) -> String {
        shares.map { "\($0.category):\($0.percent)" }.joined(separator: " ")
    }
}

/// What the contract of a usage point says beyond its row in `usage_points.csv`: a row of `contracts.csv`.
package struct Contract: Hashable, Sendable {
    /// By which prices a customer of a category priced by the hour is billed (TT 60/2025 Điều 5.3-5.8).
    package enum ThreePrice: String, CaseIterable, Hashable, Sendable {
        /// By the hour where the meter counts by tariff registers, else everything at the normal price.
        case asMetered = ""
        case yes
        /// Everything at the normal price.
        case no
        /// Refused the meter after two notices: everything at the peak price (Điều 5.8).
        case peak
    }

    /// `nil`: the usage point's one reading day.
    package var readingDays: ReadingDays?
    package var threePrice: ThreePrice
    /// Whether a low power factor is charged for.
    package var isChargedForReactive: Bool
    /// The first day on which the meter kept the latest hours of the day. `nil`: not said. After new hours come into
    /// force meters are reprogrammed within 90 days and billed by the old hours until then (TT 60/2025 Điều 5.2).
    package var programmedOn: ServiceDay?
    /// The purposes of a mixed contract; empty for one purpose, the usage point's category. `PurposeShare.areWhole`
    /// holds for others.
    package var shares: [PurposeShare]

    package init(
        readingDays: ReadingDays? = nil, threePrice: ThreePrice = .asMetered, isChargedForReactive: Bool = false,
        programmedOn: ServiceDay? = nil, shares: [PurposeShare] = []
    ) {
        self.readingDays = readingDays
        self.threePrice = threePrice
        self.isChargedForReactive = isChargedForReactive
        self.programmedOn = programmedOn
        self.shares = shares
    }

    /// Of a usage point that `contracts.csv` says nothing of.
    package static let standard = Contract()
}

extension UsagePoint {
    /// The contract's, or the one of `usage_points.csv`.
    package var readingDays: ReadingDays { contract.readingDays ?? ReadingDays(readingDay) }
}
