import Billing
import Metering
import Testing

@testable import Store

@Suite("Bills over an exchange inside a day")
struct ExchangeBillTests {
    private static func bill(_ book: LogBook, asOf: String) throws -> CustomerBill {
        try book.store.provisionalBill(
            usagePoint: LogBook.usagePoint, asOf: book.day(asOf), tariffs: try TariffBook.load(folder: nil))
    }

    /// Steady days of 3 kWh on a dial that stands at 1000 kWh on 1 May; exchanged at noon of `day` for one that begins
    /// at 100 Wh and counts threefold, 1 kWh on its dial each day and the rest of the day of exchange, 500 Wh.
    private static func steady(exchangedOn day: String) throws -> LogBook {
        let book = try LogBook()
        let exchange = book.day(day)
        func record(_ serial: String, _ day: ServiceDay, _ index: Int64) throws {
            let text = "\(day)".dropFirst(5)
            try book.write("\(serial) frozen \(text) 00:10 \(text) \(index)")
        }
        for day in book.day("05-01")...exchange {
            try record("S1", day, 1_000_000 + Int64(day - book.day("05-01")) * 3000)
        }
        let end = 1_000_000 + Int64(exchange - book.day("05-01")) * 3000 + 1500
        try book.write("exchange \(day) S1 \(end) S2 100 x3")
        for day in exchange.next...book.day("07-02") {
            try record("S2", day, 100 + 500 + Int64(day - exchange.next) * 1000)
        }
        return book
    }

    @Test(
        "on the first day of a period, on its last, or between, no watt-hour is lost and none counted twice",
        arguments: ["05-30", "05-31", "06-01", "06-02", "06-15", "06-29", "06-30", "07-01"])
    func noWattHour(exchangedOn day: String) throws {
        let book = try Self.steady(exchangedOn: day)
        // 3 kWh each day, whichever meter counts: 1.5 + 1.5 on the day of the exchange.
        for (asOf, days) in [("06-01", 31), ("07-01", 30)] {
            let customer = try Self.bill(book, asOf: asOf)
            #expect(customer.bill.kwh == Int64(days) * 3)
            #expect((customer.coverage.days, customer.coverage.missing) == (days, 0))
        }
        let days = try book.store.dailyIndices(
            usagePoint: LogBook.usagePoint, register: .activeImport, from: book.day("05-01"), through: book.day("07-01")
        )
        #expect(days.allSatisfy { $0.consumption == Energy(wattHours: 3000) })
        #expect(days.count == 62)
    }

    @Test("a bill names what the fitter read, and each index stands with its own meter")
    func indices() throws {
        let customer = try Self.bill(Self.steady(exchangedOn: "06-15"), asOf: "07-01")
        #expect(
            customer.indices.map { "\($0.serial) \("\($0.index.day)".dropFirst(5)) \($0.index.quality.name)" }
                == ["S1 06-01 frozen", "S1 06-16 edited", "S2 06-15 edited", "S2 07-01 frozen"])
        #expect((customer.coverage.measured, customer.coverage.estimated) == (29, 1))
    }

    @Test("a price that changes on the day of the exchange parts the kWh at that day's first instant")
    func priceChange() throws {
        let customer = try Self.bill(Self.steady(exchangedOn: "05-10"), asOf: "06-01")
        let change = LogBook.day("05-10")
        #expect(customer.bill.lines.filter { $0.through < change }.map(\.kwh).reduce(0, +) == 27)
        #expect(customer.bill.lines.filter { $0.from >= change }.map(\.kwh).reduce(0, +) == 66)
        #expect(customer.bill.notes.contains { $0.contains("27 kWh before it.") })
    }

    @Test("days without a meter bring no blocks; they are told, and nothing is missing on them")
    func daysWithout() throws {
        let book = try LogBook()
        for number in 1...10 {
            let day = number < 10 ? "06-0\(number)" : "06-10"
            try book.write("S1 frozen \(day) 00:10 \(day) \(1_000_000 + number * 3000)")
        }
        try book.write("remove 06-10 S1 1031500\ninstall 06-13 S2 0")
        for number in 14...30 { try book.write("S2 frozen 06-\(number) 00:10 06-\(number) \((number - 13) * 3000)") }
        try book.write("S2 frozen 07-01 00:10 07-01 54000")
        let customer = try Self.bill(book, asOf: "07-01")
        // 9 days of 3 kWh and a morning of 1.5, then 18 days of 3 kWh.
        #expect(customer.bill.kwh == 82)
        let coverage = customer.coverage
        #expect((coverage.days, coverage.measured, coverage.estimated, coverage.missing) == (28, 26, 2, 0))
        #expect(coverage.withoutMeter == 2)
        #expect(
            customer.bill.notes == [
                "There was no meter from 2025-06-11 to 2025-06-12. "
                    + "The blocks are those of the other days."
            ])
        // 28 of 30 days: 50 kWh become 47.
        #expect(customer.bill.lines.map(\.kwh) == [47, 35])
        #expect(customer.projection == nil, "the period is over")
        // In the days between the bill is that of the meter that left.
        #expect(try Self.bill(book, asOf: "06-12").bill.kwh == 28)
    }

    @Test("a meter that left for good is billed to what the fitter read, and the day it left is a day of supply")
    func leftForGood() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 06-01 00:10 06-01 1000000
            S1 frozen 06-10 00:10 06-10 1027000
            remove 06-10 S1 1028000
            close 06-11
            """)
        let customer = try Self.bill(book, asOf: "06-20")
        #expect(customer.bill.kwh == 28)
        #expect(customer.period.through == book.day("06-10"))
        #expect((customer.coverage.days, customer.coverage.missing) == (10, 0))
        // 10 of 30 days: 50 kWh become 17.
        #expect(customer.bill.lines.first?.kwh == 17)
    }

    @Test("a dial that was reset is billed on both sides of it, and is no dial that went back")
    func reset() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 06-01 00:10 06-01 1000000
            S1 frozen 06-10 00:10 06-10 1027000
            exchange 06-10 S1 1028000 S1 0
            S1 frozen 07-01 00:10 07-01 62000
            close 07-01
            """)
        let customer = try Self.bill(book, asOf: "07-01")
        #expect(customer.bill.kwh == 90)
        // Read three times in a month: all of its days are estimates, and that is all there is to say.
        #expect(customer.notes.count == 1 && customer.notes[0].hasPrefix("30 of 30 days are estimated or projected"))
        #expect(customer.indices.map(\.index.index.wattHours) == [1_000_000, 1_028_000, 0, 62_000])
    }

    @Test("while the new meter has said nothing the bill reaches to what the old one showed in the end, and says so")
    func silentSuccessor() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 06-01 00:10 06-01 1000000
            S1 frozen 06-10 00:10 06-10 1027000
            exchange 06-10 S1 1028000 S2 0
            """)
        let customer = try Self.bill(book, asOf: "06-15")
        #expect(customer.bill.kwh == 28)
        #expect(
            customer.notes == [
                "Meter S2 has no index of 2025-06-15; the bill counts up to 2025-06-10; "
                    + "too little is known to project the days without it."
            ])
    }
}
