import Billing
import Foundation
import Metering
import Testing

@Suite("Against a second, naive implementation")
struct NaiveBillTests {
    static let six = [50, 50, 100, 100, 100]

    /// The built-in decisions, typed a second time.
    static let real = [
        ("648", "2019-03-20", [1678, 1734, 2014, 2536, 2834, 2927], 2461, [1685, 1100, 3076], 1827),
        ("1062", "2023-05-04", [1728, 1786, 2074, 2612, 2919, 3015], 2535, [1738, 1133, 3171], 1863),
        ("2941", "2023-11-09", [1806, 1866, 2167, 2729, 3050, 3151], 2649, [1809, 1184, 3314], 1946),
        ("2699", "2024-10-11", [1893, 1956, 2271, 2860, 3197, 3302], 2776, [1896, 1241, 3474], 2040),
        ("1279", "2025-05-10", [1984, 2050, 2380, 2998, 3350, 3460], 2909, [1987, 1300, 3640], 2138),
    ].map { number, from, prices, prepaid, factory, office in
        NaiveBill.Price(
            number: "\(number)/QĐ-BCT", from: day(from), widths: six, prices: prices, rentersBlock: 3,
            prepaid: prepaid, factory: factory, office: office)
    }

    private static let categories = [
        "residential", "residential_irregular", "residential_meter_change", "residential_prepaid",
        "residential_renter", "residential_renter_undeclared", "residential_shared", NaiveBill.factory,
        NaiveBill.office,
    ]

    /// A million in `make test`; a tenth of that in passing.
    private static let count =
        ProcessInfo.processInfo.environment["METERD_RANDOM_BILLS"].flatMap { Int($0) } ?? 100_000

    @Test("random bills agree line by line", arguments: 1...8 as ClosedRange<UInt64>)
    func random(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let realBook = try TariffBook.load(folder: nil, unverifiedPrices: true)
        var splitBills = 0
        for number in 1...Self.count / 8 {
            var prices = Self.real
            var book = realBook
            var start: ServiceDay
            if Bool.random(using: &random) {
                // Around a real change, so that most periods hold one.
                let change = prices.randomElement(using: &random)?.from ?? day("2025-05-10")
                start = max(day("2019-03-20"), change - Int.random(in: -5...45, using: &random))
            } else {
                (prices, book) = Self.madeUp(&random)
                start = day("2027-12-01") + Int.random(in: 0...400, using: &random)
            }
            let request = Self.request(start, book: book, &random)
            let bill = try book.bill(request)
            let naive = NaiveBill(request, prices: prices)
            let lines = bill.lines.map {
                NaiveBill.Line(
                    decision: $0.decision, from: $0.from, block: $0.block ?? 0, rate: $0.rate?.rawValue ?? "",
                    kwh: Int($0.kwh))
            }
            guard lines == naive.lines, bill.preVAT.dong == Int64(naive.preVAT) else {
                Issue.record("seed \(seed), bill \(number): \(request)\n\(lines)\n\(naive.lines)")
                return
            }
            guard try book.amounts(request).total == bill.total, try book.amounts(request).preVAT == bill.preVAT else {
                Issue.record("seed \(seed), bill \(number): amounts differ: \(request)")
                return
            }
            #expect(bill.total.dong == bill.preVAT.dong + (bill.preVAT.dong * Int64(bill.vatPercent) + 50) / 100)
            if Set(lines.map(\.decision)).count > 1 { splitBills += 1 }
        }
        // A property that meets no price change proves little.
        #expect(splitBills > Self.count / 32)
    }

    /// Three to thirteen decisions 4 to 60 days apart, of six or five blocks.
    private static func madeUp(_ random: inout SeededRandom) -> ([NaiveBill.Price], TariffBook) {
        var from = day("2027-10-01")
        var prices: [NaiveBill.Price] = []
        for number in 0..<Int.random(in: 3...13, using: &random) {
            let widths = Bool.random(using: &random) ? six : [100, 100, 200, 300]
            prices.append(
                NaiveBill.Price(
                    number: "made-up \(number)", from: from, widths: widths,
                    prices: (0...widths.count).map { _ in Int.random(in: 1000...4000, using: &random) },
                    rentersBlock: Int.random(in: 1...widths.count, using: &random),
                    prepaid: Int.random(in: 1000...4000, using: &random),
                    factory: (0..<3).map { _ in Int.random(in: 1000...4000, using: &random) },
                    office: Int.random(in: 1000...4000, using: &random)))
            from = from + Int.random(in: 4...60, using: &random)
        }
        let decisions = prices.map {
            decision(
                $0.number, from: "\($0.from)", widths: $0.widths.map(Int64.init), prices: $0.prices.map(Int64.init),
                rentersBlock: $0.rentersBlock, prepaid: Int64($0.prepaid),
                groups: [
                    NaiveBill.factory: GroupPrices(
                        rates(Int64($0.factory[0]), Int64($0.factory[1]), Int64($0.factory[2]))),
                    NaiveBill.office: GroupPrices(.single(Money(dong: Int64($0.office)))),
                ])
        }
        return (prices, book(decisions))
    }

    private static func request(_ start: ServiceDay, book: TariffBook, _ random: inout SeededRandom) -> BillRequest {
        var span = BillingPeriod.containing(start, readingDay: Int.random(in: 0...27, using: &random))
        let isIrregular = Int.random(in: 0..<4, using: &random) == 0
        if isIrregular || span.from < day("2019-03-20") || Int.random(in: 0..<8, using: &random) == 0 {
            let days = Int.random(in: 0...(isIrregular ? 100 : 33), using: &random)
            span = BillingPeriod(from: start, through: start + days) ?? span
        }
        let kwh = [0, 1, 49, 50, 51, 100, 400].randomElement(using: &random) ?? 0
        var request = BillRequest(
            category: categories.randomElement(using: &random) ?? "", period: span,
            kwh: Int64(Bool.random(using: &random) ? kwh : Int.random(in: 0...900, using: &random)),
            householdHundredths: [100, 100, 100, 25, 50, 75, 125, 133, 150, 175, 200, 300, 1000]
                .randomElement(using: &random) ?? 100,
            isIrregular: isIrregular)
        if Int.random(in: 0..<4, using: &random) == 0 {
            let first = span.from + Int.random(in: 0...span.days, using: &random)
            let last = min(span.through, first + Int.random(in: 0...9, using: &random))
            if first <= last { request.daysWithoutMeter = DaysWithoutMeter([first...last]) }
        }
        if request.category == NaiveBill.factory, Int.random(in: 0..<4, using: &random) > 0 {
            let peak = Int64.random(in: 0...request.kwh, using: &random)
            let offpeak = Int64.random(in: 0...request.kwh - peak, using: &random)
            request.rated = RatedKWh(normal: request.kwh - peak - offpeak, offpeak: offpeak, peak: peak)
        }
        if let rated = request.rated {
            var known = RatedKWh()
            for change in book.changeDays(in: span, category: request.category) where Bool.random(using: &random) {
                known = RatedKWh(
                    normal: .random(in: known.normal...rated.normal, using: &random),
                    offpeak: .random(in: known.offpeak...rated.offpeak, using: &random),
                    peak: .random(in: known.peak...rated.peak, using: &random))
                request.ratedAtChanges[change] = known
            }
            return request
        }
        var known: Int64 = 0
        for change in book.changeDays(in: span, category: request.category) where Bool.random(using: &random) {
            known = Int64.random(in: known...request.kwh, using: &random)
            request.kwhAtChanges[change] = known
        }
        return request
    }
}
