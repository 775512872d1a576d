import Billing
import Metering
import Testing

@testable import Store

/// Registers as the simulated fleets count: T1 and T2 peak, T3 normal, T4 off-peak.
@Suite("Bills by the hour")
struct RatedBillTests {
    /// A day's step of each register in Wh; the import register counts them all.
    private static let steps: [(Register, Int64)] = [
        (.activeImportT1, 1000), (.activeImportT2, 500), (.activeImportT3, 6000), (.activeImportT4, 2500),
    ]

    /// Records of the days from `first` to `last`, without the registers of `missing` on the days it names.
    private static func book(
        _ category: String = "business_lt6kv", first: String = "05-02", last: String, multiplier: Int64 = 1,
        installedOn: String = "05-01", missing: [String: Set<Register>] = [:], steps: [(Register, Int64)] = steps
    ) throws -> LogBook {
        let book = try LogBook(LogBook.registry(multiplier: multiplier, installedOn: installedOn, category: category))
        var day = book.day(first)
        while day <= book.day(last) {
            let name = String(day.description.dropFirst(5))
            let count = Int64(day - book.day("05-01"))
            let whole = LogBook.frozen(name, steps.reduce(0) { $0 + $1.1 } * count)
            let rates = steps.map { LogBook.frozen(name, $0.1 * count, $0.0) }
            let lost = missing[name] ?? []
            let readings = ([whole] + rates).filter { !lost.contains($0.register) }
            _ = try book.store.ingest([book.poll("\(name) 00:10", readings)])
            day = day.next
        }
        return book
    }

    private static func bill(_ book: LogBook, asOf: String) throws -> CustomerBill {
        try book.store.provisionalBill(
            usagePoint: LogBook.usagePoint, asOf: book.day(asOf), tariffs: try TariffBook.load(folder: nil))
    }

    private static func drawn(_ bill: CustomerBill) -> [String] {
        bill.bill.lines.map { "\($0.from.description.dropFirst(5)) \($0.rate?.rawValue ?? "-") \($0.kwh)" }
    }

    @Test("each rate's register is billed, split at the price change by its own index of that day")
    func registers() throws {
        let book = try Self.book(last: "05-21")
        let bill = try Self.bill(book, asOf: "05-21")
        // From 2 May: 8 days at the old price, 11 at the new; each register rounded down by itself.
        #expect(
            Self.drawn(bill) == [
                "05-01 normal 48", "05-01 offpeak 20", "05-01 peak 12", "05-10 normal 66", "05-10 offpeak 27",
                "05-10 peak 16",
            ])
        #expect(bill.bill.kwh == 189)
        let used = bill.indices.map { "\($0.register.name) \($0.index.day.description.dropFirst(5))" }
        for register in ["import", "import_t1", "import_t2", "import_t3", "import_t4"] {
            #expect(
                used.filter { $0.hasPrefix("\(register) ") } == ["05-02", "05-10", "05-21"].map { "\(register) \($0)" })
        }
        #expect(bill.notes.contains { $0.contains("billing.rate_registers") })
    }

    @Test("the multiplier counts for each register")
    func multiplier() throws {
        let bill = try Self.bill(try Self.book(first: "05-11", last: "05-21", multiplier: 40), asOf: "05-21")
        #expect(bill.bill.kwh == 4000)
        #expect(bill.bill.lines.filter { $0.rate == .peak }.reduce(0) { $0 + $1.kwh } == 600)
    }

    @Test("a rate's register that is not known to the end is no rate of 0: what is known splits the whole")
    func lostRegister() throws {
        let book = try Self.book(last: "05-09", missing: ["05-08": [.activeImportT1], "05-09": [.activeImportT1]])
        let bill = try Self.bill(book, asOf: "05-09")
        // 70 kWh in 7 days; T1 is known for 5 of them: 8.5 of 68 kWh at peak.
        #expect(bill.bill.kwh == 69)
        #expect(Self.drawn(bill) == ["05-01 normal 43", "05-01 offpeak 18", "05-01 peak 8"])
        #expect(bill.notes.contains { $0.hasPrefix("Not every rate's register is known") })
    }

    @Test("days after the last index are projected, and split as the rates that are known")
    func projected() throws {
        let book = try Self.book(last: "05-21")
        let bill = try Self.bill(book, asOf: "05-23")
        #expect(bill.coverage.projected == 2)
        #expect(bill.bill.kwh == 209)
        #expect(bill.bill.lines.filter { $0.rate == .peak }.reduce(0) { $0 + $1.kwh } == 31)
    }

    @Test("energy in a register that no rate has is not lost: the import register is billed, split as the others are")
    func unlistedRegister() throws {
        // T4, which counts the night, is not the night's; T3 is, and T1 and T2 are the others'.
        let registers = RateRegisters(
            normal: [.activeImportT1], offpeak: [.activeImportT3], peak: [.activeImportT2])
        let book = try LogBook(LogBook.registry(category: "business_lt6kv"), rateRegisters: registers)
        for day in 2...9 {
            let name = "05-0\(day)"
            let rates = Self.steps.map { LogBook.frozen(name, $0.1 * Int64(day - 1), $0.0) }
            _ = try book.store.ingest([
                book.poll("\(name) 00:10", [LogBook.frozen(name, 10_000 * Int64(day - 1))] + rates)
            ])
        }
        let bill = try Self.bill(book, asOf: "05-09")
        // 70 kWh, of which the listed registers count 52.5.
        #expect(bill.bill.kwh >= 68)
        #expect(bill.notes.contains { $0.contains("check billing.rate_registers") })
    }

    @Test("a meter with tariff registers and none for a rate is told of: its bill is not final")
    func incomplete() throws {
        let book = try Self.book(last: "05-09", steps: [(.activeImportT1, 4000), (.activeImportT2, 6000)])
        let bill = try Self.bill(book, asOf: "05-09")
        #expect(bill.notes.contains { $0.hasPrefix("The meter has tariff registers, but none for normal, offpeak") })
        let (run, _) = try book.store.runBills(
            asOf: book.day("05-09"), tariffs: try TariffBook.load(folder: nil), at: book.instant("05-09 07:00"))
        try book.store.forEachBill(of: run) { #expect($0.bill.isHeld) }
    }

    @Test("without a register for each rate everything is at the normal price")
    func notMetered() throws {
        let book = try Self.book(last: "05-09", steps: [(.activeImportT1, 4000), (.activeImportT2, 6000)])
        #expect(Self.drawn(try Self.bill(book, asOf: "05-09")) == ["05-01 normal 70"])
    }

    @Test("a household with tariff registers is billed by blocks, from the import register")
    func household() throws {
        let bill = try Self.bill(try Self.book("residential", last: "05-09"), asOf: "05-09")
        #expect(bill.bill.lines.map(\.block) == [1, 2])
        #expect(bill.indices.allSatisfy { $0.register == .activeImport })
    }

    @Test("what the month may end with has its rates too")
    func projection() throws {
        let book = try Self.book(first: "05-01", last: "05-21", installedOn: "04-01")
        let bill = try Self.bill(book, asOf: "05-21")
        let projection = try #require(bill.projection)
        #expect(projection.low <= projection.expected && projection.expected <= projection.high)
        // 11 days more of 6 normal, 2.5 off-peak and 1.5 peak kWh, before VAT.
        let more = 66 * 3152 + 27 * 1918 + 16 * 5422
        #expect(abs((projection.expected - bill.bill.total).dong - Int64(more) * 108 / 100) < 2 * 5422)
    }
}
