import Billing
import Metering
import Testing

@Suite("Refusals and notes")
struct BillingErrorTests {
    static let may = period("2025-05-01..2025-05-31")
    static let june = period("2025-06-01..2025-06-30")
    static let refused: [(BillRequest, BillingError, String)] = [
        (
            BillRequest(category: "wholesale_market", period: may, kwh: 1),
            .noPrice(category: "wholesale_market", day: day("2025-05-01")),
            "the tariff files have no wholesale_market price for 2025-05-01; add the decision in force on that day"
        ),
        (
            BillRequest(category: "residential", period: may, kwh: -1), .kwhOutOfRange(-1),
            "-1 kWh: give whole kWh from 0 to 1000000000"
        ),
        (
            BillRequest(category: "residential", period: may, kwh: 1_000_000_001), .kwhOutOfRange(1_000_000_001),
            "1000000001 kWh: give whole kWh from 0 to 1000000000"
        ),
        (
            BillRequest(category: "residential", period: may, kwh: 1, householdHundredths: 0),
            .householdsOutOfRange(hundredths: 0), "0 hundredths of a household: give 1 to 10000000"
        ),
        (
            BillRequest(category: "residential", period: june, kwh: 10, kwhBeforeChange: 5),
            .changeNotUnique(period: june, changeDays: []),
            "kWh before the price change were given for 2025-06-01 to 2025-06-30, but the period has no price change; "
                + "leave them out"
        ),
        (
            BillRequest(category: "residential", period: may, kwh: 10, kwhBeforeChange: 11),
            .kwhAtChangeOutOfRange(day("2025-05-10"), kwh: 11, allowed: 0...10),
            "11 kWh up to the price change on 2025-05-10: must lie from 0 to 10 kWh"
        ),
        (
            BillRequest(category: "residential", period: may, kwh: 10, kwhBeforeChange: -1),
            .kwhAtChangeOutOfRange(day("2025-05-10"), kwh: -1, allowed: 0...10),
            "-1 kWh up to the price change on 2025-05-10: must lie from 0 to 10 kWh"
        ),
        (
            BillRequest(category: "residential", period: may, kwh: 10, kwhAtChanges: [day("2025-05-11"): 5]),
            .notAChangeDay(day("2025-05-11"), changeDays: [day("2025-05-10")]),
            "no price changes on 2025-05-11; the period's price changes are on 2025-05-10"
        ),
        (
            BillRequest(
                category: "residential", period: may, kwh: 10, kwhBeforeChange: 4,
                kwhAtChanges: [day("2025-05-10"): 5]),
            .changeGivenTwice(day("2025-05-10"), kwhBeforeChange: 4, kwhAtChange: 5),
            "kWh up to the price change on 2025-05-10 were given twice, 4 and 5; give one"
        ),
        (
            BillRequest(category: "residential", period: period("2019-03-19..2019-04-18"), kwh: 10),
            .noPrice(category: "residential", day: day("2019-03-19")),
            "the tariff files have no residential price for 2019-03-19; add the decision in force on that day"
        ),
    ]

    @Test("what cannot be billed is refused, with what would be right", arguments: refused.indices)
    func refusal(position: Int) throws {
        let (request, error, message) = Self.refused[position]
        let book = try TariffBook.load(folder: nil)
        #expect(throws: error) { try book.bill(request) }
        #expect("\(error)" == message)
    }

    @Test("a category without prices is refused with those that have some")
    func unknownCategory() throws {
        let book = try TariffBook.load(folder: nil)
        let request = BillRequest(category: "castle", period: Self.may, kwh: 1)
        #expect(throws: BillingError.unknownCategory("castle", known: book.categories)) { try book.bill(request) }
        #expect(book.categories.count == 33)
        #expect(
            "\(BillingError.unknownCategory("castle", known: ["a", "b"]))"
                == "category \"castle\" has no prices in the tariff files; known are a, b")
    }

    @Test("two changes leave no room for one kWhBeforeChange")
    func twoChanges() {
        let request = BillRequest(
            category: "residential", period: period("2026-06-01..2026-06-30"), kwh: 100, kwhBeforeChange: 10)
        #expect(
            throws: BillingError.changeNotUnique(
                period: request.period, changeDays: [day("2026-06-11"), day("2026-06-21")])
        ) { try PriceSplitTests.twoChanges.bill(request) }
    }

    @Test("kWh that fall from one change to the next are refused")
    func fallingKWh() {
        let request = BillRequest(
            category: "residential", period: period("2026-06-01..2026-06-30"), kwh: 100,
            kwhAtChanges: [day("2026-06-11"): 60, day("2026-06-21"): 59])
        #expect(throws: BillingError.kwhAtChangeOutOfRange(day("2026-06-21"), kwh: 59, allowed: 60...100)) {
            try PriceSplitTests.twoChanges.bill(request)
        }
    }

    @Test("a decision without a prepaid price bills no prepaid, and says from which day")
    func noPrepaidPrice() {
        let book = book([decision("A", from: "2025-01-01"), decision("B", from: "2026-06-11", prepaid: nil)])
        #expect(throws: BillingError.noPrice(category: "residential_prepaid", day: day("2026-06-11"))) {
            try book.bill(
                BillRequest(category: "residential_prepaid", period: period("2026-06-01..2026-06-30"), kwh: 9))
        }
    }

    @Test("no VAT rate, no bill; no decision, no category")
    func emptyBook() {
        let request = BillRequest(category: "residential", period: Self.may, kwh: 1)
        let noVAT = TariffBook(decisions: [decision("A", from: "2025-01-01")], vatRates: [])
        #expect(throws: BillingError.noVATRate(day: day("2025-05-31"))) { try noVAT.bill(request) }
        let empty = TariffBook(decisions: [], vatRates: [])
        #expect(throws: BillingError.unknownCategory("residential", known: [])) { try empty.bill(request) }
    }

    static let noted: [(BillRequest, [String])] = [
        (BillRequest(category: "residential", period: june, kwh: 100), []),
        (
            BillRequest(category: "residential", period: may, kwh: 200),
            ["Prices changed on 2025-05-10 and no index of that day is known: 58 kWh before it, by days."]
        ),
        (
            BillRequest(category: "residential", period: may, kwh: 200, kwhBeforeChange: 60),
            ["Prices changed on 2025-05-10: 60 kWh before it."]
        ),
        (
            BillRequest(category: "residential", period: period("2025-04-11..2025-05-10"), kwh: 200),
            [
                "Prices changed on 2025-05-10, the period's last day, and no index of that day is known: "
                    + "everything is at the price before it."
            ]
        ),
        (
            BillRequest(category: "residential", period: period("2027-01-01..2027-01-31"), kwh: 1),
            [
                "1279/QĐ-BCT was last checked to be in force on 2026-09-18, before the period's end.",
                "VAT of 10 % from 2027-01-01 is not verified (standard rate unless the reduction is extended).",
            ]
        ),
        (
            BillRequest(category: "residential", period: period("2023-06-15..2023-07-14"), kwh: 1),
            ["VAT changed to 8 % on 2023-07-01, inside the period; the rate of the last day is used."]
        ),
        // 8 % before and after: another decree, no change.
        (BillRequest(category: "residential", period: period("2023-12-13..2024-01-12"), kwh: 1), []),
        (
            BillRequest(category: "residential_prepaid", period: period("2025-03-01..2025-03-31"), kwh: 1),
            ["The price of 2699/QĐ-BCT is not verified against the decision's text."]
        ),
        (
            BillRequest(category: "residential", period: period("2025-06-01..2025-07-15"), kwh: 1),
            ["The period has 45 days and the blocks of one month (30 days): only an irregular period scales them."]
        ),
        (BillRequest(category: "residential_irregular", period: period("2025-06-01..2025-07-15"), kwh: 1), []),
    ]

    @Test("a bill says what it leans on, and an everyday bill says nothing", arguments: noted.indices)
    func notes(position: Int) throws {
        let (request, notes) = Self.noted[position]
        #expect(try TariffBook.load(folder: nil).bill(request).notes == notes)
    }
}
