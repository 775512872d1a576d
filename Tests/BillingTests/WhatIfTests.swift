import Billing
import Metering
import Testing

@Suite("What a customer may ask of a bill")
struct WhatIfTests {
    static let june = period("2026-06-01..2026-06-30")

    // kWh, block of the next one, room left in it.
    static let standings: [(Int64, Int, Int64?)] = [
        (0, 1, 50), (49, 1, 1), (50, 2, 50), (99, 2, 1), (100, 3, 100), (199, 3, 1), (300, 5, 100), (399, 5, 1),
        (400, 6, nil), (5000, 6, nil),
    ]

    @Test("the block reached and the kWh left in it are those of the next kWh", arguments: standings)
    func standing(kwh: Int64, block: Int, left: Int64?) throws {
        let book = try TariffBook.load(folder: nil)
        let request = BillRequest(category: "residential", period: Self.june, kwh: kwh)
        let standing = try #require(try book.bill(request).standing)
        #expect(standing.block == block)
        #expect(standing.kwhLeft == left)
        #expect((standing.nextPrice == nil) == (left == nil))
        // Held against bills: the room is used up by so many kWh and not by one more.
        guard let left else { return }
        let more = try book.whatIf(request, more: left)
        #expect(more.added.map { [Int64($0.line.block ?? 0), $0.kwh] } == [[Int64(block), left]])
        let beyond = try book.whatIf(request, more: left + 1)
        #expect(beyond.added.last.map { [Int64($0.line.block ?? 0), $0.kwh] } == [Int64(block) + 1, 1])
    }

    @Test("prices without blocks have no standing")
    func noBlocks() throws {
        let book = try TariffBook.load(folder: nil)
        for category in ["business_lt6kv", "residential_prepaid", "residential_renter_undeclared", "wholesale_market"] {
            #expect(try book.bill(BillRequest(category: category, period: Self.june, kwh: 60)).standing == nil)
        }
    }

    @Test("more kWh cost what the blocks they fall into cost, with VAT")
    func more() throws {
        let book = try TariffBook.load(folder: nil)
        let request = BillRequest(category: "residential", period: Self.june, kwh: 180)
        let answer = try book.whatIf(request, more: 150)
        #expect(answer.added.map { "\($0.line.block ?? 0): \($0.kwh)" } == ["3: 20", "4: 100", "5: 30"])
        #expect(answer.then.preVAT.dong - answer.now.preVAT.dong == 20 * 2380 + 100 * 2998 + 30 * 3350)
        #expect(answer.total == answer.then.total - answer.now.total)
        #expect(throws: BillingError.kwhOutOfRange(0)) { try book.whatIf(request, more: 0) }
    }

    @Test("more kWh after a price change leave what was used before it as it was")
    func afterChange() throws {
        let book = try TariffBook.load(folder: nil)
        let request = BillRequest(category: "residential", period: period("2025-05-01..2025-05-31"), kwh: 200)
        let answer = try book.whatIf(request, more: 31)
        #expect(answer.then.lines.filter { $0.decision.hasPrefix("2699") }.map(\.kwh) == [15, 15, 28])
        #expect(answer.added.map { "\($0.line.decision) \($0.line.block ?? 0): \($0.kwh)" } == ["1279/QĐ-BCT 4: 31"])
    }

    @Test("the announced five blocks stand beside today's six for the same kWh, and are not in force")
    func beside() throws {
        let book = try TariffBook.load(folder: nil)
        let announced = try #require(book.announced.first { $0.number == "14/2025/QĐ-TTg" })
        #expect(book.decisions.allSatisfy { $0.number != announced.number })
        let request = BillRequest(category: "residential", period: Self.june, kwh: 750)
        let bill = try book.assuming(announced).bill(request)
        // The shares at 2,204.0655 dong (QĐ 14/2025): 1984, 2380, 2998, 3571, 3967.
        #expect(
            bill.lines.map(\.drawn) == [
                "2026-06-01..2026-06-30 14/2025/QĐ-TTg block 1: 100 x 1984 = 198400",
                "2026-06-01..2026-06-30 14/2025/QĐ-TTg block 2: 100 x 2380 = 238000",
                "2026-06-01..2026-06-30 14/2025/QĐ-TTg block 3: 200 x 2998 = 599600",
                "2026-06-01..2026-06-30 14/2025/QĐ-TTg block 4: 300 x 3571 = 1071300",
                "2026-06-01..2026-06-30 14/2025/QĐ-TTg block 5: 50 x 3967 = 198350",
            ])
        // A voltage class of before is priced as the one that it mostly lies in, and the bill says so.
        let factory = try book.assuming(announced).bill(
            BillRequest(category: "production_lt6kv", period: Self.june, kwh: 10))
        #expect(factory.lines.map(\.unitPrice.dong) == [2050])
        #expect(
            factory.notes.contains(
                "14/2025/QĐ-TTg has no production_lt6kv: the prices are those of production_le1kv; check the voltage "
                    + "at the meter."))
        for category in ["ev_charging_le1kv", "lodging_gt1kv"] {
            let request = BillRequest(category: category, period: Self.june, kwh: 10)
            #expect(throws: BillingError.self) { try book.bill(request) }
            #expect(try book.assuming(announced).bill(request).kwh == 10)
        }
    }
}
