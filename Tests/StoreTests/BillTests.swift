import Billing
import Metering
import Testing

@testable import Store

@Suite("Provisional bills")
struct BillTests {
    private static func bill(_ book: LogBook, asOf: String) throws -> CustomerBill {
        try book.store.provisionalBill(
            usagePoint: LogBook.usagePoint, asOf: book.day(asOf), tariffs: try TariffBook.load(folder: nil))
    }

    /// 200 kWh in May 2025, prices changing on 10 May, with `before` Wh of it before the change.
    private static func may(changeDay entry: String) throws -> LogBook {
        let book = try LogBook()
        try book.write("frozen 05-01 00:10 05-01 1000000\n" + entry + "\nfrozen 06-01 00:10 06-01 1200000\nclose 06-01")
        return book
    }

    @Test("a bill across the price change of 10 May 2025 uses that day's real index")
    func acrossTheChange() throws {
        let book = try Self.may(changeDay: "frozen 05-10 00:10 05-10 1058000")
        let customer = try Self.bill(book, asOf: "06-01")
        // vietnam tariff: 58 kWh at 2699 (15/15/28), 142 kWh at 1279 (35/35/71/1), 8 % VAT.
        #expect(customer.bill.lines.map(\.kwh) == [15, 15, 28, 35, 35, 71, 1])
        #expect(customer.bill.total == Money(dong: 469_250))
        #expect(customer.bill.kwh == 200)
        #expect(customer.period == customer.bill.period)
        #expect(customer.indices.map(\.index.day) == [book.day("05-01"), book.day("05-10"), book.day("06-01")])
        #expect(customer.coverage.days == 31 && customer.coverage.missing == 0)
        // The days beside the three known indices hang on estimates on their other side.
        #expect(customer.coverage.measured == 0 && customer.coverage.estimated == 31)
        #expect(customer.bill.notes.contains { $0.hasSuffix("kWh before it.") })
        #expect(customer.projection == nil, "nothing of the period is left to come")
    }

    @Test("another real index at the change gives another bill")
    func otherIndex() throws {
        let book = try Self.may(changeDay: "frozen 05-10 00:10 05-10 1030000")
        let customer = try Self.bill(book, asOf: "06-01")
        #expect(customer.bill.lines.prefix { $0.through < book.day("05-10") }.map(\.kwh) == [15, 15])
    }

    @Test("an estimated index at the change counts with its neighbours, and a note says that it is estimated")
    func estimatedIndex() throws {
        let book = try Self.may(changeDay: "frozen 05-09 00:10 05-09 1010000\nfrozen 05-11 00:10 05-11 1020000")
        let customer = try Self.bill(book, asOf: "06-01")
        // 10 kWh to the 9th, half of the next two days' 10 on the 9th: the measured days around it are not thrown away.
        #expect(customer.bill.lines.prefix { $0.through < book.day("05-10") }.map(\.kwh).reduce(0, +) == 15)
        #expect(customer.notes.contains { $0.contains("2025-05-10 is estimated") })
        #expect(customer.indices.map(\.index.day) == [book.day("05-01"), book.day("05-10"), book.day("06-01")])
    }

    @Test("a customer's first bill has the blocks of the days since the meter was installed")
    func firstBill() throws {
        let book = try LogBook(LogBook.registry(installedOn: "05-16"))
        try book.write("frozen 05-16 00:10 05-16 1000000\nfrozen 06-01 00:10 06-01 1200000\nclose 06-01")
        let customer = try Self.bill(book, asOf: "06-01")
        let days = try #require(BillingPeriod(from: book.day("05-16"), through: book.day("05-31")))
        let quote = try TariffBook.load(folder: nil).bill(
            BillRequest(category: "residential", period: days, kwh: 200, isIrregular: true))
        #expect(customer.bill.lines == quote.lines)
        #expect(customer.bill.total == quote.total)
        // 16 of 31 days: 50 kWh become 26.
        #expect(customer.bill.lines.first?.kwh == 26)
        #expect(customer.coverage.days == 16, "no day before the customer existed is missing")
    }

    @Test("a customer's last bill ends with the day the meter left, and nothing is projected after it")
    func lastBill() throws {
        let book = try LogBook(LogBook.registry(removedOn: "05-16"))
        try book.write(
            (1...15).map { number in
                let day = (number < 10 ? "05-0" : "05-") + String(number)
                return "frozen \(day) 00:10 \(day) \(1_000_000 + (number - 1) * 3000)"
            }.joined(separator: "\n"))
        let customer = try Self.bill(book, asOf: "05-31")
        #expect(customer.period.through == book.day("05-16"))
        #expect(customer.coverage.days == 16)
        #expect(customer.coverage.missing == 2, "neither the last midnight nor what the fitter read is known")
        #expect(customer.projection == nil)
        #expect(try Self.bill(book, asOf: "05-15").projection?.to == book.day("05-16"))
    }

    @Test("a registry row whose end index times its multiplier is beyond any energy stops no reader")
    func beyondAnyEnergy() throws {
        let ordinary = LogBook.registry(multiplier: 1_000_000, digits: 0, removedOn: "05-13")
        let meter = try #require(ordinary.installations.first)
        var registry = ordinary
        registry.installations = [
            MeterInstallation(
                serial: meter.serial, usagePoint: meter.usagePoint, gateway: meter.gateway, unit: meter.unit,
                profile: meter.profile, multiplier: meter.multiplier, installedOn: meter.installedOn,
                removedOn: meter.removedOn, startIndex: .zero, endIndex: Energy(wattHours: 999_999_999_999_999))
        ]
        let book = try LogBook(registry)
        try book.write("frozen 05-12 00:10 05-12 1000")
        #expect(throws: StoreError.self) { try Self.bill(book, asOf: "05-31") }
        let days = try book.store.dailyIndices(
            usagePoint: LogBook.usagePoint, register: .activeImport, from: book.day("05-12"), through: book.day("05-12")
        )
        #expect(days.map(\.consumption) == [nil])
        #expect(try book.store.closeDay(book.day("05-12"), at: book.instant("05-12 06:00")).energy == .zero)
    }

    @Test("what was used before the first known index is not projected from what came after it")
    func unknownStart() throws {
        let book = try LogBook(LogBook.registry(installedOn: "04-01"))
        for number in 11...25 {
            try book.write("frozen 05-\(number) 00:10 05-\(number) \(1_000_000 + Int64(number) * 10_000)")
        }
        let customer = try Self.bill(book, asOf: "05-25")
        #expect(customer.projection == nil)
        #expect(customer.coverage.missing == 10)
    }

    /// 3 kWh every day from 1 May through 20 May, all measured.
    private static func steady(from: Int = 1, through: Int = 20, step: Int64 = 3000) throws -> LogBook {
        let book = try LogBook()
        for number in from...through {
            let day = (number < 10 ? "05-0" : "05-") + String(number)
            try book.write("frozen \(day) 00:10 \(day) \(1_000_000 + Int64(number - 1) * step)")
        }
        return book
    }

    @Test("a bill so far counts through the day before, with the blocks of the whole month, and projects the rest")
    func soFar() throws {
        let book = try Self.steady()
        let customer = try Self.bill(book, asOf: "05-20")
        #expect(customer.bill.kwh == 57)
        #expect(customer.bill.period == BillingPeriod(from: book.day("05-01"), through: book.day("05-19")))
        #expect(customer.period.through == book.day("05-31"))
        #expect((customer.coverage.days, customer.coverage.measured) == (19, 19))
        let projection = try #require(customer.projection)
        let tariffs = try TariffBook.load(folder: nil)
        func total(_ kwh: Int64) throws -> Money {
            let request = BillRequest(category: "residential", period: customer.period, kwh: kwh, kwhBeforeChange: 27)
            return try tariffs.bill(request).total
        }
        // 57 kWh, and 36 of the twelve days left; these may be 11.206 off, for six of eight weeks are not known.
        #expect(projection.expected == (try total(93)))
        #expect((projection.low, projection.high) == (try total(81), try total(104)))
        #expect(projection.to == book.day("05-31"))
        // With the price change still to come each side has the energy of its own days: 27 kWh before it, too.
        #expect(try Self.bill(Self.steady(through: 8), asOf: "05-08").projection?.expected == total(93))
    }

    /// So many Wh every day from 1 April through 31 May.
    private static func sinceApril(_ step: Int64) throws -> LogBook {
        let book = try LogBook(LogBook.registry(installedOn: "04-01"))
        try book.write(
            (0...60).map { number in
                let day = (book.day("04-01") + number).description.dropFirst(5)
                return "frozen \(day) 00:10 \(day) \(1_000_000 + Int64(number) * step)"
            }.joined(separator: "\n"))
        return book
    }

    @Test("what is projected comes from up to eight weeks before, and there is none once the period is over")
    func projectedFromHistory() throws {
        let book = try Self.sinceApril(3000)
        let projection = try #require(try Self.bill(book, asOf: "05-28").projection)
        func total(_ kwh: Int64) throws -> Money {
            let may = BillingPeriod.containing(book.day("05-28"), readingDay: 0)
            let request = BillRequest(category: "residential", period: may, kwh: kwh, kwhBeforeChange: 27)
            return try TariffBook.load(folder: nil).bill(request).total
        }
        // Eight weeks alike: four days of 3 kWh are left, and may be a tenth of five days off.
        #expect(projection.expected == (try total(93)))
        #expect((projection.low, projection.high) == (try total(91), try total(94)))
        #expect(try Self.bill(book, asOf: "05-31").projection != nil, "the 31st is left")
        #expect(try Self.bill(book, asOf: "06-01").projection == nil)
        let unknownEnd = try Self.bill(Self.steady(through: 10), asOf: "06-01")
        #expect(unknownEnd.coverage.missing == 22 && unknownEnd.projection == nil)
    }

    @Test("low is never above what is expected, where a kWh more is one before a price change")
    func lowAtAChange() throws {
        // Of 1.596 kWh 0.492 lie before the change, of the 1.736 that are expected 0.504: one kWh at the old price.
        let projection = try #require(try Self.bill(Self.sinceApril(56), asOf: "05-08").projection)
        #expect(projection.expected == Money(dong: 2044), "1,893 and VAT")
        #expect(projection.low == projection.expected)
    }

    @Test("a price change among projected days is told as one whose index is not known")
    func projectedChange() throws {
        let book = try LogBook(LogBook.registry(installedOn: "04-01"))
        for number in 0..<38 {
            let day = (book.day("04-01") + number).description.dropFirst(5)
            try book.write("frozen \(day) 00:10 \(day) \(1_000_000 + number * 3000)")
        }
        func isTold() throws -> Bool {
            try Self.bill(book, asOf: "05-12").notes.contains(
                "No index of the price change on 2025-05-10 is known yet: what lies before it is projected.")
        }
        #expect(try isTold(), "the last known is of 8 May")
        try book.write("frozen 05-10 00:10 05-10 1117000")
        #expect(try !isTold())
    }

    @Test("what a case holds back holds the bill of all days since the last that is known, whenever it was opened")
    func heldBack() throws {
        let book = try Self.steady(from: 1, through: 26)
        // The gateway was out over the month's end; what it brings then cannot be true.
        try book.write("live 05-26 10:00 1075500\nlive 06-03 10:00 12")
        func isHeld(_ asOf: String) throws -> Bool {
            try Self.bill(book, asOf: asOf).notes.contains { $0.contains("Case 1 is open (decreased)") }
        }
        #expect(try isHeld("06-01"), "the last days of May are among what is held back")
        #expect(try !isHeld("05-26"), "the days before are known")
    }

    @Test("what a case holds back is of no day before one that the meter showed since, estimated or missing as it is")
    func heldBackLater() throws {
        let book = try Self.steady(from: 1, through: 10)
        for day in 14...16 { try book.write("frozen 05-\(day) 00:10 05-\(day) \(1_000_000 + Int64(day - 1) * 3000)") }
        func isHeld(_ asOf: String) throws -> Bool {
            try Self.bill(book, asOf: asOf).notes.contains { $0.contains("Case 1 is open (decreased)") }
        }
        try book.write("live 05-16 10:00 1045500\nlive 05-20 10:00 12")
        #expect(try !isHeld("05-12"), "missing between days that are known")
        try book.write("close 05-16")
        #expect(try !isHeld("05-12"), "estimated")
        #expect(try isHeld("05-18"), "nothing was shown between it and the case")
        try book.write("frozen 05-22 00:10 05-22 1063000")
        #expect(try isHeld("05-18"), "what was shown later than the case says nothing of what it holds back")
    }

    @Test("with fewer than seven known days nothing is projected")
    func tooFewDays() throws {
        let book = try Self.steady(through: 7)
        #expect(try Self.bill(book, asOf: "05-07").projection == nil)
        #expect(try Self.bill(Self.steady(through: 8), asOf: "05-08").projection != nil)
    }

    @Test("the bill ends at the latest known index and says what is missing")
    func missingEnd() throws {
        let book = try Self.steady(through: 10)
        let customer = try Self.bill(book, asOf: "05-13")
        #expect(customer.bill.kwh == 27)
        #expect((customer.coverage.days, customer.coverage.measured, customer.coverage.missing) == (12, 9, 3))
        #expect(customer.notes.count == 1 && customer.notes[0].contains("up to 2025-05-10"))
    }

    @Test("without the period's first index the bill counts from the first one known, and says so")
    func missingStart() throws {
        let book = try Self.steady(from: 4, through: 10)
        let customer = try Self.bill(book, asOf: "05-10")
        #expect(customer.bill.kwh == 18)
        #expect(customer.coverage.missing == 3)
        #expect(customer.notes[0].contains("from 2025-05-04 on"))
    }

    @Test("consumption over a meter exchange is the sum of both, each with its multiplier")
    func exchange() throws {
        let book = try PeopleTests.exchange(endIndex: 5000, startIndex: 100)
        try book.write("frozen 05-01 00:10 05-01 0\nfrozen 05-10 00:10 05-10 4800", meter: try book.meter("S1"))
        try book.write("frozen 05-20 00:10 05-20 10100", meter: try book.meter("S2", on: "05-10"))
        let customer = try Self.bill(book, asOf: "05-20")
        // 5 kWh on the old meter, 10 kWh × 2 on the new one; the change of 10 May falls on the day of the exchange, and
        // 4.8 of the old meter's kWh lie before it.
        #expect(customer.bill.kwh == 25)
        #expect(customer.bill.lines.filter { $0.through < book.day("05-10") }.map(\.kwh).reduce(0, +) == 5)
        #expect(customer.indices.map(\.serial) == ["S1", "S1", "S1", "S2", "S2"])
    }

    @Test("a reading day sets the period")
    func readingDay() throws {
        let book = try LogBook(LogBook.registry(installedOn: "04-01", readingDay: 20))
        try book.write("frozen 05-01 00:10 05-01 0\nfrozen 05-21 00:10 05-21 60000\nclose 05-21")
        let customer = try Self.bill(book, asOf: "05-21")
        #expect(customer.period == BillingPeriod(from: LogBook.day("04-21"), through: LogBook.day("05-20")))
        // The meter was there since April, but nothing was read before 1 May.
        #expect(customer.coverage.missing == 10)
        #expect(customer.bill.kwh == 60)
    }

    @Test(
        "what cannot be billed names the meter, the two days and their indices",
        arguments: [
            // A person's index far too low at the end, far too high and far too low at the price change of 10 May.
            ("edit 05-20 180000", "05-10", 1_030_000, "05-20", 180_000),
            ("edit 05-10 900000000", "05-10", 900_000_000, "05-20", 1_060_000),
            ("edit 05-10 9000", "05-01", 1_000_000, "05-10", 9000),
        ] as [(String, String, Int64, String, Int64)])
    func unbillable(edit: String, day: String, index: Int64, laterDay: String, laterIndex: Int64) throws {
        let book = try LogBook()
        try book.write(
            "frozen 05-01 00:10 05-01 1000000\nfrozen 05-10 00:10 05-10 1030000\nfrozen 05-20 00:10 05-20 1060000")
        try book.write(edit)
        let error = try #require(throws: StoreError.self) { try Self.bill(book, asOf: "05-20") }
        guard case .noConsumption(LogBook.usagePoint, "S1", let from, let to) = error else {
            Issue.record("\(error)")
            return
        }
        #expect((from.day, from.index) == (book.day(day), Energy(wattHours: index)))
        #expect((to.day, to.index) == (book.day(laterDay), Energy(wattHours: laterIndex)))
        for word in ["\(from.day)", "\(to.day)", from.index.description, to.index.description, "S1", "edited"] {
            #expect(error.description.contains(word), "\(error)")
        }
    }

    @Test("no index, no such customer and no price are three different errors")
    func errors() throws {
        let book = try LogBook(LogBook.registry(category: "castle"))
        #expect(
            throws: StoreError.noIndex(
                usagePoint: LogBook.usagePoint, from: book.day("05-01"), through: book.day("05-20"))
        ) { try Self.bill(book, asOf: "05-20") }
        let tariffs = try TariffBook.load(folder: nil)
        #expect(throws: StoreError.unknownUsagePoint("P9")) {
            try book.store.provisionalBill(usagePoint: "P9", asOf: book.day("05-20"), tariffs: tariffs)
        }
        try book.write("frozen 05-02 00:10 05-02 0\nfrozen 05-03 00:10 05-03 0")
        #expect(throws: BillingError.self) { try Self.bill(book, asOf: "05-03") }
    }
}
