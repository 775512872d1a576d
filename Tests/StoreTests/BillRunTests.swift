import Billing
import Foundation
import Metering
import Testing

@testable import Store

/// A street of customers as they come: each bill of a run is the very bill that its customer gets.
@Suite("Bills of everybody")
struct BillRunTests {
    private static let asOf = "07-21"
    private static let tariffs = TariffResult()

    private struct TariffResult {
        let book: TariffBook?
        init() { book = try? TariffBook.load(folder: nil) }
    }

    private static func tariffBook() throws -> TariffBook { try #require(tariffs.book) }

    private struct Customer {
        let name: String
        var category = "residential"
        var households = 100
        var readingDay = 0
        var installedOn = "03-01"
        var removedOn: String?
        /// Wh a day; 0 for one that was never heard.
        var daily: Int64 = 7_300
        /// Days of July without an index.
        var missing: Set<String> = []
        /// Another meter from this day on.
        var exchangedOn: String?
    }

    private static let street = [
        Customer(name: "P01"), Customer(name: "P02", category: "residential_shared", households: 250),
        Customer(name: "P03", readingDay: 12), Customer(name: "P04", readingDay: 27),
        Customer(name: "P05", missing: ["07-20", "07-21"]), Customer(name: "P06", missing: ["07-01", "07-02"]),
        Customer(name: "P07", installedOn: "07-05"), Customer(name: "P08", exchangedOn: "07-10"),
        Customer(name: "P09", removedOn: "07-15"), Customer(name: "P10", removedOn: "06-15"),
        Customer(name: "P11", daily: 0), Customer(name: "P12", category: "business_lt6kv", daily: 40_000),
        Customer(name: "P13", category: "admin_other_lt6kv"), Customer(name: "P14", category: "wholesale_castle"),
        Customer(name: "P15", category: "residential_prepaid", missing: ["06-10", "05-11", "05-12"]),
        Customer(name: "P16", category: UsagePoint.stationCategory),
    ]

    private static func street(_ customers: [Customer] = street) throws -> LogBook {
        var registry = Registry(gateways: [Gateway(name: "G1", host: "10.0.0.1", district: "PA0901")])
        for (number, customer) in customers.enumerated() {
            registry.usagePoints.append(
                UsagePoint(
                    name: customer.name, customer: "C\(number)", station: "T1", district: "PA090\(number % 2 + 1)",
                    category: customer.category, householdHundredths: customer.households,
                    readingDay: customer.readingDay))
            func meter(_ serial: String, from: String, to: String?, unit: Int) {
                registry.installations.append(
                    MeterInstallation(
                        serial: serial, usagePoint: customer.name, gateway: "G1", unit: UInt8(unit), profile: "sdm630",
                        installedOn: LogBook.day(from), removedOn: to.map { LogBook.day($0) },
                        endIndex: nil))
            }
            meter(
                "S\(number)", from: customer.installedOn, to: customer.removedOn ?? customer.exchangedOn,
                unit: number + 1)
            if let day = customer.exchangedOn { meter("N\(number)", from: day, to: nil, unit: number + 101) }
        }
        let book = try LogBook(registry)
        for customer in customers where customer.daily > 0 { try write(customer, book) }
        return book
    }

    private static func write(_ customer: Customer, _ book: LogBook) throws {
        for meter in try book.store.meters(notRemovedBy: book.day("01-01"))
        where meter.installation.usagePoint == customer.name {
            let (first, last) = (meter.installation.installedOn, meter.installation.removedOn ?? book.day(asOf))
            var outcomes: [PollOutcome] = []
            var day = first.next
            while day <= min(last, book.day(asOf)) {
                let name = String(day.description.dropFirst(5))
                // Days differ, so that it is felt which of them tell a projection.
                let number = Int64(day - first)
                let index = customer.daily * number + 250 * (number * number % 17)
                if !customer.missing.contains(name) {
                    let shares: [(Register, Int64)] =
                        customer.category.hasPrefix("business")
                        ? [(.activeImportT1, 1), (.activeImportT2, 2), (.activeImportT3, 5), (.activeImportT4, 2)] : []
                    outcomes.append(
                        book.poll(
                            "\(name) 00:10",
                            [LogBook.frozen(name, index)]
                                + shares.map { LogBook.frozen(name, index * $0.1 / 10, $0.0) },
                            meter: meter.id))
                }
                day = day.next
            }
            _ = try book.store.ingest(outcomes)
        }
    }

    private static func run(_ book: LogBook, at: String = "07-21 07:00") throws -> BillRun {
        try book.store.runBills(asOf: book.day(asOf), tariffs: tariffBook(), at: book.instant(at)).run
    }

    private static func bills(_ book: LogBook, _ run: BillRun) throws -> [String: RunBill] {
        var bills: [String: RunBill] = [:]
        try book.store.forEachBill(of: run) { bills[$0.usagePoint] = $0.bill }
        return bills
    }

    @Test("each bill of a run is the bill that its customer gets")
    func same() throws {
        let book = try Self.street()
        let run = try Self.run(book)
        let bills = try Self.bills(book, run)
        for customer in Self.street {
            let own = bills[customer.name]
            do {
                let bill = try book.store.provisionalBill(
                    usagePoint: customer.name, asOf: book.day(Self.asOf), tariffs: Self.tariffBook())
                let run = try #require(own, "\(customer.name)")
                #expect(run.refusal == nil, "\(customer.name)")
                let told = [Int64(run.days), run.kwh, run.preVAT.dong, run.vat.dong, run.total.dong]
                let own = bill.bill
                #expect(
                    told == [Int64(own.period.days), own.kwh, own.preVAT.dong, own.vat.dong, own.total.dong],
                    "\(customer.name)")
                let isPeriod = run.period == (bill.period.from...bill.period.through)
                #expect(isPeriod, "\(customer.name)")
                #expect(run.projection?.low == bill.projection?.low, "\(customer.name)")
                #expect(run.projection?.expected == bill.projection?.expected, "\(customer.name)")
                #expect(run.projection?.high == bill.projection?.high, "\(customer.name)")
                let days = [
                    run.coverage.measured, run.coverage.estimated, run.coverage.missing, run.coverage.projected,
                ]
                let known = bill.coverage
                #expect(
                    days.map { Int($0) } == [known.measured, known.estimated, known.missing, known.projected],
                    "\(customer.name)")
            } catch {
                // Left before the period, is a station, was never heard, has no price.
                #expect(own?.refusal != nil || ["P10", "P16"].contains(customer.name), "\(customer.name): \(error)")
            }
        }
        #expect(bills["P11"]?.refusal == .noIndex)
        #expect(bills["P14"]?.refusal == .noPrice)
        #expect(bills["P10"] == nil && bills["P16"] == nil)
        #expect((run.billed, run.refused, run.changed) == (12, 2, 14))
    }

    @Test("the districts' sums are those of their bills")
    func districts() throws {
        let book = try Self.street()
        let (run, districts) = try book.store.runBills(
            asOf: book.day(Self.asOf), tariffs: Self.tariffBook(), at: book.instant("07-21 07:00"))
        let bills = try Self.bills(book, run).values.filter { $0.refusal == nil }
        #expect(districts.map(\.district) == ["PA0901", "PA0902"])
        #expect(districts.reduce(0) { $0 + $1.billed } == bills.count)
        #expect(districts.reduce(0) { $0 + $1.total.dong } == bills.reduce(0) { $0 + $1.total.dong })
    }

    @Test("a second run keeps the bills that are others by then, and those only")
    func again() throws {
        let book = try Self.street()
        let first = try Self.run(book)
        let same = try Self.run(book, at: "07-21 08:00")
        #expect(same.changed == 0 && same.number == first.number + 1)
        _ = try book.store.edit(
            usagePoint: "P01", register: .activeImport, day: book.day(Self.asOf), index: Energy(wattHours: 1_100_000),
            reason: "read on site", by: "an", at: book.instant("07-21 09:00"))
        let third = try Self.run(book, at: "07-21 10:00")
        #expect(third.changed == 1)
        var told: [String] = []
        try book.store.forEachDifference(from: first, to: third) { row in
            told.append("\(row.usagePoint) \(row.before?.kwh ?? -1) \(row.after?.kwh ?? -1)")
        }
        #expect(told == ["P01 144 207"])
        // The first run's bills are what they were.
        #expect(try Self.bills(book, first)["P01"]?.kwh == 144)
        #expect(try Self.bills(book, third)["P01"]?.kwh == 207)
    }

    @Test("a run that was broken off goes on with the same number")
    func brokenOff() throws {
        let book = try Self.street()
        let first = try Self.run(book)
        try book.store.write("breaking off") { db in
            try db.execute(sql: "UPDATE billRun SET finished = NULL; DELETE FROM runBill WHERE usagePoint > 5")
        }
        let second = try Self.run(book, at: "07-21 08:00")
        #expect(second.number == first.number)
        #expect(second.changed == 14)
        #expect(try Self.bills(book, second).count == 14)
    }

    @Test("old runs are forgotten some rows at a time, and only those")
    func forgotten() throws {
        let book = try Self.street()
        _ = try book.store.runBills(
            asOf: book.day("07-19"), tariffs: Self.tariffBook(), at: book.instant("07-21 08:00"))
        // Made later, of a day before that.
        _ = try Self.run(book, at: "07-22 07:00")
        #expect(try !book.store.forgetBillRuns(madeBefore: book.day("07-21")))
        var steps = 0
        while try book.store.forgetBillRuns(madeBefore: book.day("07-22"), rowsMax: 5) { steps += 1 }
        #expect(steps == 3)
        let kept = try book.store.billRuns()
        #expect(kept.map(\.asOf) == [book.day(Self.asOf)])
        #expect(try Self.bills(book, try #require(kept.first)).count == 14)
        // A number that was forgotten is given to no other run.
        while try book.store.forgetBillRuns(madeBefore: book.day("07-23")) {}
        #expect(try book.store.billRuns().isEmpty)
        #expect(try Self.run(book, at: "07-23 07:00").number == 3)
    }

    @Test("a customer without a meter any more is told as such, and runs of different days can be compared")
    func gone() throws {
        let book = try Self.street()
        let first = try Self.run(book)
        let (later, _) = try book.store.runBills(
            asOf: book.day("07-19"), tariffs: Self.tariffBook(), at: book.instant("07-21 08:00"))
        var count = 0
        try book.store.forEachDifference(from: later, to: first) { row in
            count += 1
            if let difference = row.difference { #expect(difference.dong >= 0, "\(row.usagePoint)") }
        }
        #expect(count >= 10)
        #expect(try book.store.billRuns().map(\.asOf) == [book.day(Self.asOf), book.day("07-19")])
    }
}
