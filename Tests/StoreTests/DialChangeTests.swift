import Billing
import Metering
import Testing

@testable import Store

@Suite("What happened to a meter, told by a person")
struct DialChangeTests {
    private static let all = CaseFilter(states: Set(MeterCase.State.allCases))

    private static func explain(_ book: LogBook, _ change: DialChange, case id: Int64 = 1) throws {
        try book.store.explain(
            case: id, by: change, who: "Minh", why: "work order 311", at: book.instant("05-14 10:00"))
    }

    private static func bill(_ book: LogBook, asOf day: String) throws -> CustomerBill {
        try book.store.provisionalBill(
            usagePoint: LogBook.usagePoint, asOf: book.day(day), tariffs: .load(folder: nil))
    }

    /// Read around each midnight, so much a day, from the first day's index on.
    private static func read(
        _ book: LogBook, _ days: ClosedRange<Int>, from index: Int64, daily: Int64, meter: MeterID = MeterID(1),
        untilNoon: Bool = false
    ) throws {
        for (number, day) in days.enumerated() {
            let text = day < 10 ? "05-0\(day)" : "05-\(day)"
            try book.write("live \(text) 00:00 \(index + Int64(number) * daily)", meter: meter)
        }
        // A midnight is drawn when the reading after it comes.
        guard untilNoon else { return }
        let noon = index + Int64(days.count - 1) * daily + daily / 2
        try book.write("live 05-\(days.upperBound) 12:00 \(noon)", meter: meter)
    }

    @Test("a reset is two dials in one meter: what both counted is the day's, and the case is explained")
    func reset() throws {
        let book = try LogBook()
        try Self.read(book, 1...10, from: 90_000, daily: 9000)
        // At noon of the 10th it begins at 0 again; nobody is told.
        try book.write("live 05-10 11:50 175500")
        for day in 11...13 { try book.write("live 05-\(day) 00:00 \(4500 + (day - 11) * 9000)") }
        #expect(try book.store.cases(limit: 9).map(\.kind.rawValue) == ["decreased"])
        try Self.explain(
            book, DialChange(day: book.day("05-10"), endIndex: Energy(wattHours: 175_500), startIndex: .zero))
        #expect(try book.store.cases(limit: 9).isEmpty)
        let ended = try #require(try book.store.cases(Self.all, limit: 9).first)
        #expect(ended.state == .explained)
        #expect(try book.store.acts(on: ended.id).map { "\($0.who): \($0.why)" } == ["Minh: work order 311"])
        let new = try book.meter("S1", on: "05-14")
        #expect(new != MeterID(1), "the series changes where the dial changes")
        try Self.read(book, 14...16, from: 31_500, daily: 9000, meter: new, untilNoon: true)
        _ = try book.store.closeDay(book.day("05-16"), at: book.instant("05-16 06:00"))
        let bill = try Self.bill(book, asOf: "05-16")
        #expect(bill.bill.kwh == 15 * 9, "\(bill.notes)")
    }

    @Test("what a meter's own records said of the days since then is explained with it, and of no day before")
    func records() throws {
        let book = try LogBook()
        try book.write("frozen 05-07 00:10 05-07 8000\nfrozen 05-08 00:10 05-08 8")
        try book.write("frozen 05-10 00:10 05-10 10000\nfrozen 05-12 00:10 05-12 300\nfrozen 05-13 00:10 05-13 700")
        func live() throws -> [String] {
            try book.store.cases(order: .age, limit: 9).map {
                "\($0.kind.rawValue) \($0.days?.lowerBound.description.dropFirst(5) ?? "")"
            }
        }
        #expect(try live() == ["decreased 05-08", "decreased 05-12", "decreased 05-13"])
        try Self.explain(
            book, DialChange(day: book.day("05-11"), endIndex: Energy(wattHours: 10_500), startIndex: .zero), case: 2)
        #expect(try live() == ["decreased 05-08"])
    }

    @Test("other transformers from a day on: the dial goes on, and each day has its own multiplier")
    func multiplier() throws {
        let book = try LogBook(LogBook.registry(multiplier: 40))
        try Self.read(book, 1...14, from: 90_000, daily: 200)
        try book.write("live 05-14 09:00 92700")
        try book.write("live 05-14 09:30 5")
        try Self.explain(
            book,
            DialChange(
                day: book.day("05-10"), multiplier: 80, endIndex: Energy(wattHours: 91_900),
                startIndex: Energy(wattHours: 91_900)))
        let new = try book.meter("S1", on: "05-14")
        try Self.read(book, 15...16, from: 92_800, daily: 200, meter: new, untilNoon: true)
        _ = try book.store.closeDay(book.day("05-16"), at: book.instant("05-16 06:00"))
        // Nine days and half a tenth of 8 kWh, then as many of 16.
        let bill = try Self.bill(book, asOf: "05-16")
        #expect(bill.bill.kwh == 9 * 8 + 4 + 8 + 5 * 16, "\(bill.notes)")
        let days = try book.store.dailyIndices(
            usagePoint: LogBook.usagePoint, register: .activeImport, from: book.day("05-09"), through: book.day("05-12")
        )
        #expect(days.map { $0.consumption?.wattHours } == [8000, 12_000, 16_000, 16_000])
        #expect(try book.store.verify(VerificationScope()) { Issue.record("\($0)") }.findings == 0)
    }

    @Test("other transformers after the dial began at 0 again: what it shows counts, not its turns")
    func multiplierAfterRollover() throws {
        let book = try LogBook(LogBook.registry(multiplier: 40, digits: 3))
        try Self.read(book, 1...2, from: 999_600, daily: 200)
        try Self.read(book, 3...14, from: 0, daily: 200)
        try book.write("live 05-14 09:00 2300\nlive 05-14 09:30 5")
        let one = try #require(try book.store.cases(limit: 9).first { $0.kind.rawValue == "decreased" })
        // At the first instant of the 10th it has counted 1,001,400 Wh and shows 1,400.
        try Self.explain(
            book,
            DialChange(
                day: book.day("05-10"), multiplier: 80, endIndex: Energy(wattHours: 1_500),
                startIndex: Energy(wattHours: 1_500)), case: one.id)
        let new = try book.meter("S1", on: "05-14")
        try Self.read(book, 15...16, from: 2_400, daily: 200, meter: new, untilNoon: true)
        _ = try book.store.closeDay(book.day("05-16"), at: book.instant("05-16 06:00"))
        let days = try book.store.dailyIndices(
            usagePoint: LogBook.usagePoint, register: .activeImport, from: book.day("05-09"), through: book.day("05-12")
        )
        #expect(days.map { $0.consumption?.wattHours } == [8000, 12_000, 16_000, 16_000])
        #expect(try Self.bill(book, asOf: "05-16").bill.kwh == 9 * 8 + 4 + 8 + 5 * 16)
        let feed = try book.store.everyUsagePoint(on: book.day("05-10"), register: .activeImport)
        #expect(feed.map { $0.consumption?.wattHours } == [12_000])
    }

    @Test("a meter that was taken down ends its usage point's supply")
    func removal() throws {
        let book = try LogBook()
        try Self.read(book, 1...12, from: 0, daily: 9000)
        try book.write("live 05-12 01:00 5")
        try Self.explain(
            book, DialChange(day: book.day("05-12"), isRemoval: true, endIndex: Energy(wattHours: 103_000)))
        #expect(try book.store.meters(inServiceOn: book.day("05-13")).isEmpty)
        #expect(try Self.bill(book, asOf: "05-14").bill.kwh == 103)
    }

    @Test(
        "is refused where it cannot be, and nothing is changed",
        arguments: [
            (DialChange(day: LogBook.day("05-01"), startIndex: .zero), "was installed on 2025-05-01"),
            (DialChange(day: LogBook.day("05-20"), startIndex: .zero), "2025-05-20 has not begun"),
            (DialChange(day: LogBook.day("05-10")), "nothing has changed"),
            (DialChange(day: LogBook.day("05-10"), serial: "S1"), "hangs there already"),
            (DialChange(day: LogBook.day("05-10"), multiplier: 0), "1 to 1000000"),
            (DialChange(day: LogBook.day("05-10"), multiplier: 1_000_001), "1 to 1000000"),
            (
                DialChange(day: LogBook.day("05-10"), serial: "S2", endIndex: Energy(wattHours: 1_000_000_000)),
                "a dial of 6 digits cannot show 1000000.000 kWh"
            ),
            (
                DialChange(day: LogBook.day("05-10"), digits: 5, startIndex: Energy(wattHours: 100_000_000)),
                "a dial of 5 digits cannot show 100000.000 kWh"
            ),
            (
                DialChange(day: LogBook.day("05-10"), isRemoval: true, endIndex: Energy(wattHours: .max)),
                "a dial of 6 digits cannot show"
            ),
            (DialChange(day: LogBook.day("05-10"), digits: 13), "1 to 12 digits"),
            (DialChange(day: LogBook.day("05-10"), serial: "S2", isRemoval: true), "has no new serial"),
            (DialChange(day: LogBook.day("05-10"), startIndex: Energy(wattHours: -1)), "0 Wh or more"),
        ])
    func refused(change: DialChange, why: String) throws {
        let book = try LogBook()
        try book.write(
            """
            live 05-10 10:00 5000
            live 05-10 10:30 12
            """)
        let before = try book.dump()
        let refusal = #expect(throws: StoreError.self) { try Self.explain(book, change) }
        #expect(refusal?.description.contains(why) == true, "\(String(describing: refusal))")
        #expect(throws: StoreError.self) { try Self.explain(book, change, case: 99) }
        #expect(try book.dump() == before)
    }
}
