import Metering
import Testing

@testable import Billing

@Suite("Block quotas")
struct BlockQuotaTests {
    @Test(
        "an ordinary period has a month's quota, whatever its days",
        arguments: [
            "2026-02-01..2026-02-28", "2026-03-01..2026-03-31", "2026-01-29..2026-03-01", "2026-03-01..2026-03-10",
        ])
    func ordinary(days: String) {
        let quota = BlockQuota(period: period(days), householdHundredths: 100, isIrregular: false)
        #expect(quota.kwh(width: 50) == 50)
    }

    @Test(
        "an irregular period has whole months first, then days of the month it starts in",
        arguments: [
            ("2025-08-21..2025-08-31", 35),  // 100 × 11/31 = 35.48
            ("2024-11-13..2024-12-31", 163),  // 100 + 100 × 19/30
            ("2026-02-01..2026-02-28", 100),
            ("2026-02-10..2026-03-09", 100),
            ("2026-02-10..2026-04-08", 200),  // a month and 30 days, no more than T = 28 of them count
            ("2026-02-10..2026-04-09", 200),
            ("2026-01-01..2026-12-31", 1200),
            ("2026-01-31..2026-02-28", 100),  // there is no 31 February: the month is over with it
            ("2026-01-31..2026-03-01", 103),  // 100 + 100 × 1/31
            ("2026-01-31..2026-03-30", 200),
            ("2024-01-30..2024-02-29", 100),
            ("2024-01-30..2024-03-01", 103),
            ("2026-01-15..2026-01-15", 3),  // 100 × 1/31 = 3.2
        ] as [(String, Int64)])
    func irregular(days: String, expected: Int64) {
        let quota = BlockQuota(period: period(days), householdHundredths: 100, isIrregular: true)
        #expect(quota.kwh(width: 100) == expected)
    }

    @Test(
        "fractional households are multiplied first and rounded once",
        arguments: [(175, 50, 88), (25, 50, 13), (75, 50, 38), (150, 50, 75), (133, 50, 67), (1, 49, 0), (1, 50, 1)]
            as [(Int, Int64, Int64)])
    func households(hundredths: Int, width: Int64, expected: Int64) {
        let quota = BlockQuota(
            period: period("2026-03-01..2026-03-31"), householdHundredths: hundredths, isIrregular: false)
        #expect(quota.kwh(width: width) == expected)
    }

    @Test(
        "days without a meter are taken out of the days that count",
        arguments: [
            // period, days without a meter, irregular, kWh of a block of 50
            ("2026-06-01..2026-06-30", "2026-06-11..2026-06-12", false, 47),  // 50 × 28/30
            ("2026-06-01..2026-06-30", "2026-06-01..2026-06-29", false, 2),
            ("2026-02-21..2026-03-20", "2026-02-27..2026-03-02", false, 43),  // 50 × 24/28
            ("2026-06-01..2026-06-30", "2026-06-30..2026-07-04", false, 48),
            ("2026-06-16..2026-06-30", "2026-06-20..2026-06-21", true, 22),  // 50 × 13/30
            ("2026-05-01..2026-06-30", "2026-06-11..2026-06-12", true, 97),  // 50 + 50 × 29/31
            // Of February's 28 days and 30 of March no more than T count: the last two bring nothing, and take nothing.
            ("2026-02-10..2026-04-08", "2026-04-07..2026-04-08", true, 100),
        ] as [(String, String, Bool, Int64)])
    func withoutMeter(days: String, idle: String, isIrregular: Bool, expected: Int64) {
        let span = period(idle)
        let quota = BlockQuota(
            period: period(days), householdHundredths: 100, isIrregular: isIrregular,
            daysWithoutMeter: DaysWithoutMeter([span.from...span.through]))
        #expect(quota.kwh(width: 50) == expected)
    }

    @Test("no day of a long irregular period takes quota away", arguments: ["2024-01-31", "2023-02-10", "2025-08-29"])
    func monotone(from: String) throws {
        let start = day(from)
        let whole = try #require(BillingPeriod(from: start, through: start + 800))
        let idle = DaysWithoutMeter([start + 20...start + 45, start + 300...start + 330])
        for (isIrregular, idle) in [(true, DaysWithoutMeter.none), (false, .none), (true, idle), (false, idle)] {
            let quota = BlockQuota(
                period: whole, householdHundredths: 133, isIrregular: isIrregular, daysWithoutMeter: idle)
            let upTo = (1...801).map { quota.kwh(width: 50, before: start + $0) }
            #expect(zip(upTo, upTo.dropFirst()).allSatisfy { $0 <= $1 })
        }
    }
}
