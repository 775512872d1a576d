import Billing
import Metering

/// The rules of a bill once more, slow and simple: day by day and kWh by kWh, no code shared with the product but its
/// dates. Written from the rules, not from `Rating`; where the two disagree one of them is wrong.
struct NaiveBill {
    struct Price: Sendable {
        var number: String
        var from: ServiceDay
        var widths: [Int]
        var prices: [Int]
        var rentersBlock: Int
        var prepaid: Int
        /// Of the factory: normal, off-peak, peak.
        var factory: [Int]
        /// Of the office.
        var office: Int
    }

    static let factory = "production_lt6kv"
    static let office = "admin_other_ge6kv"

    /// One entry a line: decision, first day, block (0 without), kWh.
    struct Line: Hashable {
        var decision: String
        var from: ServiceDay
        var block: Int
        var rate = ""
        var kwh: Int
    }

    var lines: [Line] = []
    var preVAT = 0

    init(_ request: BillRequest, prices: [Price]) {
        let days = Array(stride(from: request.period.from, through: request.period.through, by: 1))
        // Which price holds on each day.
        var priceOfDay = days.map { day in prices.lastIndex { $0.from <= day } ?? 0 }
        let last = days.count - 1
        if last > 0, priceOfDay[last] != priceOfDay[last - 1], request.kwhAtChanges[days[last]] == nil,
            request.ratedAtChanges[days[last]] == nil
        {
            priceOfDay[last] = priceOfDay[last - 1]
        }
        // Positions of days at which a part starts, and kWh consumed before each.
        let starts = days.indices.filter { $0 == 0 || priceOfDay[$0] != priceOfDay[$0 - 1] }
        let hasMeter = days.map { !Self.isIdle($0, request) }
        func before(_ start: Int, of all: Int64, _ atChanges: [ServiceDay: Int64]) -> Int {
            let known =
                [(0, 0)]
                + starts.dropFirst().compactMap { position in
                    atChanges[days[position]].map { (position, Int($0)) }
                } + [(days.count, Int(all))]
            let left = known.last { $0.0 <= start } ?? (0, 0)
            let right = known.first { $0.0 >= start } ?? (0, 0)
            if left.0 == start { return left.1 }
            let all = hasMeter[left.0..<right.0].count { $0 }
            let old = hasMeter[left.0..<start].count { $0 }
            // Count up until half a kWh more would overshoot the line.
            var kwh = 0
            while all > 0, (2 * kwh + 1) * all <= 2 * (right.1 - left.1) * old { kwh += 1 }
            return left.1 + kwh
        }
        /// kWh of each part, of one of the things that are counted.
        func parts(of all: Int64, _ atChanges: [ServiceDay: Int64]) -> [Int] {
            let ends = starts.map { before($0, of: all, atChanges) } + [Int(all)]
            return starts.indices.map { ends[$0 + 1] - ends[$0] }
        }
        let byRate: [[Int]]
        if let rated = request.rated {
            byRate = [
                parts(of: rated.normal, request.ratedAtChanges.mapValues(\.normal)),
                parts(of: rated.offpeak, request.ratedAtChanges.mapValues(\.offpeak)),
                parts(of: rated.peak, request.ratedAtChanges.mapValues(\.peak)),
            ]
        } else {
            byRate = [parts(of: request.kwh, request.kwhAtChanges)]
        }

        let isFirstBlockOnly = starts.allSatisfy { start in
            Int(request.kwh) <= Self.quota(prices[priceOfDay[start]].widths[0], days.count, request)
        }
        for (part, start) in starts.enumerated() {
            let end = part + 1 < starts.count ? starts[part + 1] : days.count
            let kwh = byRate.reduce(0) { $0 + $1[part] }
            let price = prices[priceOfDay[start]]
            if request.category == Self.factory {
                for (rate, parts) in zip(["normal", "offpeak", "peak"], byRate) where parts[part] > 0 {
                    lines.append(
                        Line(decision: price.number, from: days[start], block: 0, rate: rate, kwh: parts[part]))
                }
                for (price, parts) in zip(price.factory, byRate) {
                    for _ in 0..<parts[part] { preVAT += price }
                }
                continue
            }
            var room = price.widths.map { Self.quota($0, end, request) - Self.quota($0, start, request) } + [.max]
            var byBlock = Array(repeating: 0, count: room.count)
            for _ in 0..<kwh {
                switch request.category {
                case "residential_prepaid":
                    byBlock[0] += 1
                    preVAT += price.prepaid
                case Self.office:
                    byBlock[0] += 1
                    preVAT += price.office
                case "residential_renter_undeclared":
                    byBlock[price.rentersBlock - 1] += 1
                    preVAT += price.prices[price.rentersBlock - 1]
                default:
                    var block = 0
                    while !isFirstBlockOnly, room[block] == 0 { block += 1 }
                    room[block] -= 1
                    byBlock[block] += 1
                    preVAT += price.prices[block]
                }
            }
            for (block, kwh) in byBlock.enumerated() where kwh > 0 {
                lines.append(
                    Line(
                        decision: price.number, from: days[start],
                        block: ["residential_prepaid", Self.office].contains(request.category) ? 0 : block + 1, kwh: kwh
                    ))
            }
        }
    }

    private static func isIdle(_ day: ServiceDay, _ request: BillRequest) -> Bool {
        request.daysWithoutMeter.spans.contains { $0.contains(day) }
    }

    /// kWh of a block in the first `count` days of the period.
    private static func quota(_ width: Int, _ count: Int, _ request: BillRequest) -> Int {
        let (year, month, _) = request.period.from.civil
        let length = ServiceDay.daysInMonth(year: year, month: month)
        var quotaDays = Self.quotaDays(count, request)
        for day in 0..<count where isIdle(request.period.from + day, request) {
            if Self.quotaDays(day + 1, request) > Self.quotaDays(day, request) { quotaDays -= 1 }
        }
        let (dividend, divisor) = (width * request.householdHundredths * quotaDays, 100 * length)
        return (2 * dividend + divisor) / (2 * divisor)
    }

    /// Quota days of the first `count` days of the period, were there a meter on all of them.
    private static func quotaDays(_ count: Int, _ request: BillRequest) -> Int {
        let start = request.period.from
        let (year, month, dayOfMonth) = start.civil
        let length = ServiceDay.daysInMonth(year: year, month: month)
        var quotaDays = min(count, length)
        if request.isIrregular || request.category == "residential_irregular" {
            var months = 0
            var reached = 0
            while true {
                let index = month + months  // 0-based month after this whole month
                let (nextYear, nextMonth) = (year + index / 12, index % 12 + 1)
                let over =
                    ServiceDay(year: nextYear, month: nextMonth, day: dayOfMonth)
                    ?? ServiceDay(
                        year: nextYear, month: nextMonth,
                        day: ServiceDay.daysInMonth(year: nextYear, month: nextMonth)
                    ).map(\.next)
                guard let over, over - start <= count else { break }
                months += 1
                reached = over - start
            }
            quotaDays = months * length + min(count - reached, length)
        } else if count == request.period.days {
            quotaDays = length
        }
        return quotaDays
    }
}
