import Billing
import Metering
import Testing
import VEE

@testable import Store

@Suite("Bills over days that nobody read")
struct ProjectedBillTests {
    /// 3 kWh a day from 1 May; of the days `read` (of May) the meter's own record is there.
    private static func steady(
        _ read: ClosedRange<Int> = 1...20, step: Int64 = 3000, rules: EstimationRules = .standard,
        registry: Registry = LogBook.registry()
    ) throws -> LogBook {
        let book = try LogBook(registry, estimation: rules)
        try book.write(entries(read, step: step))
        return book
    }

    private static func entries(_ read: ClosedRange<Int>, step: Int64 = 3000) -> String {
        read.map { number in
            let day = (number < 10 ? "05-0" : "05-") + String(number)
            return "frozen \(day) 00:10 \(day) \(1_000_000 + Int64(number - 1) * step)"
        }.joined(separator: "\n")
    }

    private static func bill(_ book: LogBook, asOf: String) throws -> CustomerBill {
        try book.store.provisionalBill(
            usagePoint: LogBook.usagePoint, asOf: book.day(asOf), tariffs: try TariffBook.load(folder: nil))
    }

    private static func told(_ bill: CustomerBill) -> [String] {
        bill.projected.map { "\($0.day.description.dropFirst(5)) \($0.energy.wattHours) \($0.method.rawValue)" }
    }

    @Test("count on to the day before, by the mean of the latest days, and say that these days stay missing")
    func openDays() throws {
        let customer = try Self.bill(Self.steady(), asOf: "05-23")
        #expect(
            Self.told(customer)
                == ["05-20 3000 mean of 28 days", "05-21 3000 mean of 28 days", "05-22 3000 mean of 28 days"])
        // 19 measured days and 3 projected ones, in the blocks of the whole month.
        #expect(customer.bill.kwh == 66)
        #expect(customer.bill.period.through == LogBook.day("05-22"))
        let coverage = customer.coverage
        #expect((coverage.days, coverage.measured, coverage.missing, coverage.projected) == (22, 19, 3, 3))
        #expect(
            customer.notes == [
                "Meter S1 has no index of 2025-05-23; 3 days from 2025-05-20 on are projected (mean of 28 days)."
            ])
        let quote = try TariffBook.load(folder: nil).bill(
            BillRequest(
                category: "residential", period: customer.bill.period, consumption: Energy(wattHours: 66_000),
                consumptionAtChanges: [LogBook.day("05-10"): Energy(wattHours: 27_000)],
                periodEnd: customer.period.through))
        #expect(customer.bill.lines == quote.lines && customer.bill.total == quote.total)
        #expect(customer.indices.map(\.index.day) == ["05-01", "05-10", "05-20"].map { LogBook.day($0) })
    }

    @Test("write no index: the days are missing in the feed and in the count, and the real index takes nothing back")
    func nothingStored() throws {
        let book = try Self.steady()
        _ = try Self.bill(book, asOf: "05-23")
        try book.write("close 05-23")
        #expect(try book.indices().hasSuffix("05-20 1057000 frozen ±0 r1"))
        #expect(try book.store.completeness(of: LogBook.day("05-22")).missing == 1)
        try book.write("frozen 05-23 00:10 05-23 1072000\nclose 05-23")
        let customer = try Self.bill(book, asOf: "05-23")
        #expect(customer.projected.isEmpty && customer.bill.kwh == 72)
        #expect(customer.coverage.estimated == 3)
    }

    @Test("leave measured days as they are: the bill up to them is the same with and without projection")
    func measuredDaysStay() throws {
        let off = EstimationRules(openDays: nil)
        let customer = try Self.bill(Self.steady(rules: off), asOf: "05-23")
        #expect(customer.bill.kwh == 57 && customer.projected.isEmpty && customer.coverage.projected == 0)
        #expect(customer.notes == ["Meter S1 has no index of 2025-05-23; the bill counts up to 2025-05-20."])
        #expect(
            try Self.bill(Self.steady(), asOf: "05-20").bill == Self.bill(Self.steady(rules: off), asOf: "05-20").bill)
    }

    @Test("reach over a price change, each side with the energy of its own days")
    func acrossTheChange() throws {
        let book = try LogBook(LogBook.registry(installedOn: "04-01"))
        try book.write(
            (10...30).map { "frozen 04-\($0) 00:10 04-\($0) \(1_000_000 + ($0 - 10) * 3000)" }.joined(separator: "\n"))
        try book.write("frozen 05-01 00:10 05-01 1063000\nfrozen 05-02 00:10 05-02 1066000")
        // Prices change on 10 May: 1 measured and 8 projected days before it, 3 projected ones after it.
        let customer = try Self.bill(book, asOf: "05-13")
        #expect(customer.coverage.projected == 11)
        let before = customer.bill.lines.filter { $0.through < LogBook.day("05-10") }.map(\.kwh).reduce(0, +)
        #expect((before, customer.bill.kwh) == (27, 36))
    }

    @Test("say why nothing is projected where too little is known")
    func tooLittleKnown() throws {
        let customer = try Self.bill(Self.steady(1...14), asOf: "05-17")
        #expect(customer.projected.isEmpty && customer.bill.kwh == 39)
        #expect(
            customer.notes == [
                "Meter S1 has no index of 2025-05-17; the bill counts up to 2025-05-14; "
                    + "too little is known to project the days without it."
            ])
        #expect(try Self.bill(Self.steady(1...15), asOf: "05-17").coverage.projected == 2)
    }

    @Test("are held up where more than so many of a hundred days were not read, and not at just so many")
    func share() throws {
        let held = "days are estimated or projected, more than the 30 %"
        // 14 days measured, then 6 of 20 projected: 30 %. One more is too many.
        let book = try Self.steady(1...15)
        let most = try Self.bill(book, asOf: "05-21")
        #expect((most.coverage.days, most.coverage.projected) == (20, 6))
        #expect(!most.notes.contains { $0.contains(held) })
        let more = try Self.bill(book, asOf: "05-22")
        #expect(more.notes.contains { $0.hasPrefix("7 of 21 \(held)") })
        let strict = EstimationRules(sharePercentMax: 0)
        #expect(
            try Self.bill(Self.steady(rules: strict), asOf: "05-21").notes.contains { $0.hasPrefix("1 of 20 days") })
        #expect(try Self.bill(Self.steady(rules: strict), asOf: "05-20").notes.isEmpty)
    }

    @Test("are not held up by days that a person has read")
    func readByPersons() throws {
        let book = try Self.steady(1...2)
        for day in 3...20 { try book.write("edit 05-\(day < 10 ? "0" : "")\(day) \(1_000_000 + day * 3000)") }
        let customer = try Self.bill(book, asOf: "05-20")
        #expect(customer.coverage.estimated == 18 && customer.coverage.entered == 18)
        #expect(!customer.notes.contains { $0.contains("days are estimated or projected") })
    }

    @Test("project nothing onto days between two meters")
    func withoutMeter() throws {
        let book = try Self.steady(1...20)
        try book.write("remove 05-20 S1 1058500\ninstall 05-22 S2 100")
        // Nobody was supplied on the 21st. The new meter has said nothing yet but what the fitter read.
        let customer = try Self.bill(book, asOf: "05-23")
        #expect(Self.told(customer) == ["05-22 2925 mean of 28 days"])
        #expect((customer.coverage.withoutMeter, customer.coverage.projected) == (1, 1))
        #expect(customer.bill.kwh == 61)
    }

    @Test("add to the part of an exchange's day that is known what is wanting of a whole day")
    func exchangeDay() throws {
        let book = try Self.steady(1...19)
        try book.write("exchange 05-20 S1 - S2 0\nS2 frozen 05-21 00:10 05-21 2000\nS2 frozen 05-22 00:10 05-22 5000")
        let customer = try Self.bill(book, asOf: "05-22")
        #expect(Self.told(customer) == ["05-19 3000 mean of 28 days", "05-20 1000 mean of 28 days"])
        // 54 kWh on the old meter, 5 on the new one, 4 that nobody read.
        #expect(customer.bill.kwh == 63)
    }

    @Test("add to a dial that went back nothing but a warning")
    func wentBack() throws {
        let book = try Self.steady(1...16)
        try book.write("edit 05-16 999000")
        #expect(throws: StoreError.self) { try Self.bill(book, asOf: "05-20") }
        // Four projected days would make its energy positive again, and no price changes that could tell.
        let later = try Self.steady(11...26, registry: LogBook.registry(installedOn: "05-11"))
        try later.write("edit 05-26 1029000")
        #expect(throws: StoreError.self) { try Self.bill(later, asOf: "05-30") }
    }

    // MARK: - Newcomers

    /// `count` homes beside the newcomer, which takes 2 kWh more a day than the one before it, from 1 kWh on.
    private static func street(_ count: Int, district: String = "PA0901") -> Registry {
        var registry = LogBook.registry(installedOn: "05-16")
        for number in 1...count {
            registry.usagePoints.append(
                UsagePoint(
                    name: "N\(number)", customer: "N", station: "T1", district: district, category: "residential"))
            registry.installations.append(
                MeterInstallation(
                    serial: "N\(number)", usagePoint: "N\(number)", gateway: "G1", unit: UInt8(number + 1),
                    profile: "sdm630", multiplier: 1, digits: 6, installedOn: LogBook.day("05-01")))
        }
        return registry
    }

    /// All homes of the street are read through 18 May, the newcomer on 16 and 17 May only; the 19th is closed.
    private static func newcomer(_ registry: Registry) throws -> LogBook {
        let book = try LogBook(registry)
        try book.write(
            "frozen 05-16 00:10 05-16 0\nfrozen 05-17 00:10 05-17 7000", meter: try book.meter("S1", on: "05-16"))
        for (number, meter) in try book.store.meters(inServiceOn: LogBook.day("05-16")).map(\.id).enumerated()
        where meter != (try book.meter("S1", on: "05-16")) {
            for day in 15...18 {
                try book.write(
                    "frozen 05-\(day) 00:10 05-\(day) \((day - 15) * (1000 + number * 2000))", meter: meter)
            }
        }
        for day in 15...19 { try book.write("close 05-\(day)") }
        return book
    }

    @Test("of a newcomer count on by what its class took: that day, or else the latest one known")
    func classMean() throws {
        let book = try Self.newcomer(Self.street(11))
        let customer = try Self.bill(book, asOf: "05-20")
        // 11 homes: 3, 5 … 23 kWh, on the mean 13.
        #expect(Self.told(customer) == ["05-17 13000 class mean", "05-18 13000 class mean", "05-19 13000 class mean"])
        #expect(customer.bill.kwh == 46)
        #expect(customer.notes.contains { $0.contains("3 days from 2025-05-17 on are projected (class mean)") })
    }

    @Test(
        "of a newcomer whose district knows too few take the whole province's homes, and none where those are few too")
    func fewInTheDistrict() throws {
        let elsewhere = try Self.bill(Self.newcomer(Self.street(11, district: "PA0902")), asOf: "05-20")
        #expect(Self.told(elsewhere).first == "05-17 13000 class mean")
        #expect(try Self.bill(Self.newcomer(Self.street(8)), asOf: "05-20").projected.isEmpty)
    }

    @Test("the sums of the classes are those of the day, and stay so when it is closed again")
    func classSums() throws {
        let book = try Self.newcomer(Self.street(11))
        let rows = try book.dump().filter { $0.hasPrefix("classDay") }
        #expect(rows.count == 3)
        for day in 15...19 { try book.write("close 05-\(day)") }
        #expect(try book.dump().filter { $0.hasPrefix("classDay") } == rows)
        #expect(try book.store.completeness(of: LogBook.day("05-16")).energy == Energy(wattHours: 150_000))
        #expect(rows.contains { $0.contains("150000") && $0.contains("12") }, "\(rows)")
    }
}
