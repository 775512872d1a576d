import Billing
import Metering
import Testing

@testable import Store

/// What a contract says of prices: a workshop of 24 kWh a day, from 1 June on a meter that has hung there since April.
@Suite("Bills by contract")
struct ContractBillTests {
    private static func book(
        _ contract: Contract, category: String = "business_lt6kv", reactive: Int64? = nil,
        missingReactive: Set<String> = []
    ) throws -> LogBook {
        var registry = LogBook.registry(installedOn: "04-01", category: category)
        registry.usagePoints[0].contract = contract
        let book = try LogBook(registry, loadProfiles: LoadProfileChoice(categories: [category]))
        for day in 1...11 {
            let name = "06-\(day < 10 ? "0" : "")\(day)"
            let index = Int64(day - 1) * 24_000
            var readings = [LogBook.frozen(name, index)]
            if let reactive, !missingReactive.contains(name) {
                readings.append(LogBook.frozen(name, reactive * Int64(day - 1), .reactiveImport))
            }
            _ = try book.store.ingest([book.poll("\(name) 00:10", readings)])
        }
        return book
    }

    private static func bill(_ book: LogBook, asOf: String = "06-11") throws -> CustomerBill {
        try book.store.provisionalBill(
            usagePoint: LogBook.usagePoint, asOf: book.day(asOf), tariffs: try TariffBook.load(folder: nil))
    }

    private static func drawn(_ bill: CustomerBill) -> [String] {
        bill.bill.lines.map { "\($0.kind.rawValue) \($0.rate?.rawValue ?? "-") \($0.kwh) \($0.amount.dong)" }
    }

    static let prices: [(Contract.ThreePrice, String)] = [
        (.asMetered, "energy normal 240 756480"), (.no, "energy normal 240 756480"), (.peak, "energy peak 240 1301280"),
    ]

    @Test("who refused the meter pays the peak price for everything, who has none the normal one", arguments: prices)
    func threePrice(contract: Contract.ThreePrice, line: String) throws {
        let bill = try Self.bill(try Self.book(Contract(threePrice: contract)))
        #expect(Self.drawn(bill) == [line])
        // What the month may end with is at the same price.
        let expected = try #require(bill.projection?.expected)
        #expect(abs(expected.dong - bill.bill.total.dong * 3) <= 2)
    }

    @Test("half hours tell the rates of a meter without tariff registers, and split what the dial says")
    func loadProfile() throws {
        let book = try Self.book(Contract(threePrice: .yes))
        // 2 June is a Monday: 3 kWh from 17:00 to 18:00 (peak), 1 kWh from 12:00 to 12:30.
        for (at, index) in [
            ("12:00", 36_000), ("12:30", 37_000), ("17:00", 37_000), ("17:30", 38_500), ("18:00", 40_000),
            ("18:30", 40_000),
        ] as [(String, Int64)] {
            _ = try book.store.ingest([book.poll("06-02 \(at)", [LogBook.live(index)])])
        }
        let bill = try Self.bill(book)
        #expect(
            Self.drawn(bill).map { $0.split(separator: " ").prefix(3).joined(separator: " ") } == [
                "energy normal 60", "energy peak 180",
            ])
        #expect(bill.notes.contains("The hours are told by the load profile (TT 16/2014/TT-BCT Điều 5.1)."))
        #expect(
            bill.notes.contains {
                $0.hasSuffix("half hours are not known; their energy is split as that of the others.")
            })
    }

    @Test("a low power factor is charged for where the contract says so, by the reactive register of the same days")
    func reactive() throws {
        // 15 kvarh a day beside 24 kWh: cos φ 0.85, k 5.88 %.
        let charged = try Self.bill(try Self.book(Contract(isChargedForReactive: true), reactive: 15_000))
        #expect(Self.drawn(charged) == ["energy normal 240 756480", "reactive - 0 44481"])
        #expect(charged.bill.lines.last?.reactive?.kvarh == 150)
        #expect(try #require(charged.projection).expected.dong > charged.bill.total.dong * 29 / 10)
        #expect(Self.drawn(try Self.bill(try Self.book(.standard, reactive: 15_000))) == ["energy normal 240 756480"])
    }

    @Test("reactive energy that is not known over the bill's days is not charged, and the bill says so")
    func reactiveUnknown() throws {
        let contract = Contract(isChargedForReactive: true)
        let bill = try Self.bill(
            try Self.book(contract, reactive: 15_000, missingReactive: ["06-10", "06-11"]))
        #expect(Self.drawn(bill) == ["energy normal 240 756480"])
        #expect(bill.notes.contains { $0.hasPrefix("Reactive energy is not known over the days of this bill") })
    }

    @Test("a run of everybody's bills goes by the contracts too")
    func run() throws {
        let shares = [
            PurposeShare(category: "business_lt6kv", percent: 40),
            PurposeShare(category: "production_lt6kv", percent: 60),
        ]
        for contract in [
            Contract(threePrice: .peak), Contract(isChargedForReactive: true), Contract(shares: shares),
            Contract(readingDays: ReadingDays([10, 20, 0])),
        ] {
            let book = try Self.book(contract, reactive: 15_000)
            let (run, _) = try book.store.runBills(
                asOf: book.day("06-11"), tariffs: try TariffBook.load(folder: nil), at: book.instant("06-11 07:00"))
            let bill = try Self.bill(book)
            try book.store.forEachBill(of: run) { row in
                #expect(row.bill.total == bill.bill.total, "\(contract)")
                #expect(row.bill.projection?.expected == bill.projection?.expected, "\(contract)")
            }
            #expect(run.billed == 1)
        }
    }
}
