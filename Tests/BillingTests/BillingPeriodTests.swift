import Billing
import Metering
import Testing

@Suite("Billing periods")
struct BillingPeriodTests {
    @Test(
        "a day lies in the period that ends on the next reading day",
        arguments: [
            ("2025-05-15", 0, "2025-05-01..2025-05-31"), ("2025-05-01", 0, "2025-05-01..2025-05-31"),
            ("2025-05-31", 0, "2025-05-01..2025-05-31"), ("2024-02-29", 0, "2024-02-01..2024-02-29"),
            ("2025-08-12", 12, "2025-07-13..2025-08-12"), ("2025-08-13", 12, "2025-08-13..2025-09-12"),
            ("2025-01-05", 12, "2024-12-13..2025-01-12"), ("2025-12-31", 12, "2025-12-13..2026-01-12"),
            ("2025-03-01", 1, "2025-02-02..2025-03-01"), ("2025-03-02", 1, "2025-03-02..2025-04-01"),
            ("2025-02-28", 27, "2025-02-28..2025-03-27"), ("2025-02-27", 27, "2025-01-28..2025-02-27"),
        ])
    func containing(iso: String, readingDay: Int, expected: String) {
        #expect(BillingPeriod.containing(day(iso), readingDay: readingDay) == period(expected))
    }

    @Test("ten years of periods join without gap, each as long as the month it starts in", arguments: 0...27)
    func joined(readingDay: Int) {
        var current = BillingPeriod.containing(day("2019-12-20"), readingDay: readingDay)
        for _ in 0..<120 {
            #expect(current.days == current.from.daysInMonth)
            #expect(BillingPeriod.containing(current.from, readingDay: readingDay) == current)
            let next = BillingPeriod.containing(current.through.next, readingDay: readingDay)
            #expect(next.from == current.through.next)
            current = next
        }
    }

    @Test("a period that ends before it begins does not exist")
    func order() {
        #expect(BillingPeriod(from: day("2025-05-02"), through: day("2025-05-01")) == nil)
        #expect(BillingPeriod(from: day("2025-05-01"), through: day("2025-05-01"))?.days == 1)
    }
}

@Suite("Money")
struct MoneyTests {
    @Test(
        "a percentage is rounded to the dong, half away from zero",
        arguments: [
            (50, 1, 1), (49, 1, 0), (149, 1, 1), (150, 1, 2), (-50, 1, -1), (-49, 1, 0), (0, 8, 0), (6, 8, 0),
            (7, 8, 1),
        ]
            as [(Int64, Int, Int64)])
    func share(dong: Int64, percent: Int, expected: Int64) {
        #expect(Money(dong: dong).share(percent: percent).dong == expected)
    }
}
