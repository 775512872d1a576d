import Metering

/// What a station lost on a day, in thousandths of what came in: above 0 or below.
package struct DayLoss: Hashable, Sendable {
    package let day: ServiceDay
    package let thousandths: Int64

    package init(day: ServiceDay, thousandths: Int64) {
        self.day = day
        self.thousandths = thousandths
    }
}

/// Where a station's losses usually lie: around the median of its days, as far as their own scatter goes. Median and
/// median deviation, because a few days of theft must not widen the band that is to find it; once half of the days are
/// so, they are what is usual.
package struct LossBand: Hashable, Sendable {
    package let median: Int64
    /// To either side, inclusive.
    package let width: Int64

    /// Days that a band is made from, and how many of them must be known.
    package static let days = 28
    package static let knownLeast = 14

    /// - Parameter losses: of up to 28 days, in any order. `nil` where too few are known.
    package init?(_ losses: [Int64], _ thresholds: AlarmThresholds) {
        guard losses.count >= Self.knownLeast else { return nil }
        func middle(_ values: [Int64]) -> Int64 { values.sorted()[values.count / 2] }
        let median = middle(losses)
        self.median = median
        width = max(thresholds.lossSlack, middle(losses.map { abs($0 - median) }) * thresholds.lossDeviations)
    }

    package func contains(_ thousandths: Int64) -> Bool { abs(thousandths - median) <= width }
}

extension AlarmSign {
    /// Days in a row outside the band that raise the alarm.
    package static let lossDays = 3
    /// Days that are looked back for these: on some a loss may not be known.
    private static let lossReach = 7
    /// Days that a look takes in.
    package static let lossDaysNeeded = lossReach + LossBand.days

    /// A station whose latest three known days all lie outside the band of the 28 days before them. One day inside is
    /// good.
    /// - Parameters:
    ///   - losses: of its days, as far as they are known, oldest first.
    ///   - last: the day up to which stations were balanced. What is older than a week before it says nothing of now.
    package static func stationLoss(
        _ station: String, _ losses: [DayLoss], through last: ServiceDay, _ thresholds: AlarmThresholds
    ) -> AlarmSign {
        let alarm = Alarm(.stationLoss, station)
        let recent = losses.filter { $0.day <= last && $0.day > last - lossReach }.suffix(lossDays)
        guard let latest = recent.last, let first = recent.first else {
            return AlarmSign(alarm, .between, "\(station): no loss of the last \(lossReach) days is known")
        }
        let before = losses.filter { $0.day < first.day && $0.day >= first.day - LossBand.days }.map(\.thousandths)
        guard let band = LossBand(before, thresholds) else {
            return AlarmSign(alarm, .between, "\(station): too few days are known to say what is usual")
        }
        let level: Level =
            band.contains(latest.thousandths)
            ? .good : recent.count == lossDays && recent.allSatisfy { !band.contains($0.thousandths) } ? .bad : .between
        return AlarmSign(
            alarm, level,
            "\(station) lost \(percent(latest.thousandths)) on \(latest.day), usually "
                + "\(percent(band.median - band.width)) to \(percent(band.median + band.width)); look for a bypass, a "
                + "wrong multiplier or a customer of another station: meterd balance --station \(station)")
    }
}
