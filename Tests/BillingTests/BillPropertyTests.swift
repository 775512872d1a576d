import Metering
import Testing

@testable import Billing

@Suite("What holds for every bill")
struct BillPropertyTests {
    private static let categories = [
        "residential", "residential_shared", "residential_renter_undeclared", "residential_prepaid", "production_lt6kv",
        "admin_other_ge6kv",
    ]

    /// A period with or without a price change, or several months long and scaled.
    private static func request(_ random: inout SeededRandom) -> BillRequest {
        let start = day("2023-04-01") + Int.random(in: 0...900, using: &random)
        let isIrregular = Int.random(in: 0..<4, using: &random) == 0
        let ordinary = BillingPeriod.containing(start, readingDay: Int.random(in: 0...27, using: &random))
        let span =
            isIrregular ? BillingPeriod(from: start, through: start + Int.random(in: 0...70, using: &random)) : nil
        let category = categories.randomElement(using: &random) ?? "residential"
        var request = BillRequest(
            category: category, period: span ?? ordinary, kwh: Int64.random(in: 0...700, using: &random),
            householdHundredths: [25, 100, 150, 300].randomElement(using: &random) ?? 100, isIrregular: isIrregular)
        if category == "production_lt6kv" {
            let peak = Int64.random(in: 0...request.kwh, using: &random)
            request.rated = RatedKWh(normal: request.kwh - peak, peak: peak)
        }
        return request
    }

    @Test("a kWh more never costs less, and the lines' kWh and amounts are the bill's", arguments: [11])
    func monotone(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let book = try TariffBook.load(folder: nil, unverifiedPrices: true)
        for number in 1...3000 {
            var request = Self.request(&random)
            let bill = try book.bill(request)
            #expect(bill.lines.reduce(0) { $0 + $1.kwh } == request.kwh, "seed \(seed), \(number)")
            #expect(bill.lines.reduce(.zero) { $0 + $1.amount } == bill.preVAT, "seed \(seed), \(number)")
            request.kwh += 1
            request.rated?.normal += 1
            let more = try book.bill(request)
            guard bill.preVAT < more.preVAT, bill.total <= more.total else {
                Issue.record("seed \(seed), \(number): \(request)")
                return
            }
        }
    }

    @Test("a decision that changes no price changes no bill, beyond the rounding of quotas and of kWh", arguments: [12])
    func splitAtNoChange(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let prices: [Int64] = [100, 200, 300, 400, 500, 600]
        let groups = ["factory": GroupPrices(rates(90, 50, 180)), "office": GroupPrices(.single(Money(dong: 70)))]
        let whole = book([decision("A", from: "2020-01-01", prices: prices, groups: groups)])
        for number in 1...3000 {
            let start = day("2025-01-01") + Int.random(in: 0...300, using: &random)
            let ordinary = BillingPeriod.containing(start, readingDay: Int.random(in: 0...27, using: &random))
            let change = ordinary.from + Int.random(in: 1..<ordinary.days, using: &random)
            let cut = book([
                decision("A", from: "2020-01-01", prices: prices, groups: groups),
                decision("B", from: "\(change)", prices: prices, groups: groups),
            ])
            let kwh = Int64.random(in: 0...900, using: &random)
            for (category, rated) in [
                ("residential", nil), ("office", nil), ("factory", RatedKWh(normal: kwh / 2, peak: kwh - kwh / 2)),
            ] as [(String, RatedKWh?)] {
                let request = BillRequest(category: category, period: ordinary, kwh: kwh, rated: rated)
                let difference = abs((try cut.bill(request).preVAT - whole.bill(request).preVAT).dong)
                // kWh of the old part are rounded by half a kWh at the most, and so is its share of each block's
                // ceiling: of no block more than one kWh goes one block further.
                guard difference <= (category == "residential" ? 5 * 100 : 0) else {
                    Issue.record("seed \(seed), \(number): \(request), change on \(change): \(difference) dong")
                    return
                }
            }
        }
    }

    @Test("quotas before and after a change add up to the whole", arguments: [13])
    func quotas(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for number in 1...5000 {
            let request = Self.request(&random)
            let quota = BlockQuota(request)
            let cuts = (0..<3).map { _ in request.period.from + Int.random(in: 0...request.period.days, using: &random)
            }
            let ends = ([request.period.from] + cuts.sorted() + [request.period.through.next])
            for width: Int64 in [50, 100, 200, 300] {
                let parts = zip(ends, ends.dropFirst()).map {
                    quota.kwh(width: width, before: $1) - quota.kwh(width: width, before: $0)
                }
                guard parts.allSatisfy({ $0 >= 0 }), parts.reduce(0, +) == quota.kwh(width: width) else {
                    Issue.record("seed \(seed), \(number): \(request): \(parts)")
                    return
                }
            }
        }
    }
}
