import Billing
import Metering
import Testing
import VEE

@testable import Store

@Suite("Energy balance of stations")
struct StationBalanceTests {
    /// Station T1 with its own meter S0 (transformer 40), customers S1, S2 and S3 (S3 on a multiplier of 2); T2 with a
    /// customer and no meter of its own.
    private static func registry() -> Registry {
        let points = [
            ("P0", "T1", UsagePoint.stationCategory, Int64(40)), ("P1", "T1", "residential", 1),
            ("P2", "T1", "residential", 1), ("P3", "T1", "residential", 2), ("P4", "T2", "residential", 1),
        ]
        return Registry(
            gateways: [Gateway(name: "G1", host: "10.0.0.1", station: "T1", district: "PA0901")],
            usagePoints: points.map {
                UsagePoint(name: $0.0, customer: "C", station: $0.1, district: "PA0901", category: $0.2)
            },
            installations: points.enumerated().map { position, point in
                MeterInstallation(
                    serial: "S" + point.0.dropFirst(), usagePoint: point.0, gateway: "G1", unit: UInt8(position + 1),
                    profile: "sdm630", multiplier: point.3, digits: 6, installedOn: LogBook.day("05-01"))
            })
    }

    /// Four days from 2 May: T1 takes 40 × 300 Wh a day, its customers 5000 + 4000 + 2 × 1250 = 11 500 Wh.
    static func book(without left: Set<String> = []) throws -> LogBook {
        let book = try LogBook(registry())
        for (serial, daily) in [("S0", 300), ("S1", 5000), ("S2", 4000), ("S3", 1250), ("S4", 700)] {
            for number in 0...4 where !left.contains("\(serial) 05-0\(number + 2)") {
                let day = "05-0\(number + 2)"
                try book.write("\(serial) frozen \(day) 00:10 \(day) \(100_000 + number * daily)")
            }
        }
        return book
    }

    /// `05-02 T1 loss 500 of 12000 (42 ‰), estimated 0, 0 + 0 of 1 + 3 unknown`
    private static func lines(_ book: LogBook) throws -> [String] {
        try book.store.stationBalances(from: book.day("05-01"), through: book.day("05-31")).map { one in
            let balance = one.balance
            let thousandths = balance.lossThousandths(estimatedMost: 50).map { " (\($0) ‰)" } ?? ""
            return "\(one.day.description.dropFirst(5)) \(one.station) "
                + "loss \(balance.loss.map { "\($0.wattHours)" } ?? "?") of \(balance.inflow.wattHours)\(thousandths), "
                + "estimated \(balance.estimated.wattHours), "
                + "\(balance.unknownStationMeters) + \(balance.unknownCustomers) of "
                + "\(balance.stationMeters) + \(balance.customers) unknown"
        }
    }

    @Test("a day is balanced once the day after it is closed, and only where a station has a meter of its own")
    func balanced() throws {
        let book = try Self.book()
        try book.write("close 05-02")
        #expect(try Self.lines(book) == [])
        #expect(try book.store.lastBalancedDay() == nil)
        try book.write("close 05-03\nclose 05-04")
        #expect(
            try Self.lines(book) == [
                "05-02 T1 loss 500 of 12000 (42 ‰), estimated 0, 0 + 0 of 1 + 3 unknown",
                "05-03 T1 loss 500 of 12000 (42 ‰), estimated 0, 0 + 0 of 1 + 3 unknown",
            ])
        #expect(try book.store.lastBalancedDay() == book.day("05-03"))
        #expect(
            try book.store.stationBalances(from: book.day("05-03"), through: book.day("05-03"), station: "T1").count
                == 1)
        let day = try #require(
            try book.store.completenessHistory(from: book.day("05-02"), through: book.day("05-02")).first)
        #expect(day.expected == 5 && day.energy.wattHours == 12_200, "the station's meter is read, and uses nothing")
    }

    @Test("closing again writes the same, also after a kill")
    func again() throws {
        let book = try Self.book()
        try book.write("close 05-02\nclose 05-03")
        let before = try book.dump()
        try book.reopen()
        try book.write("close 05-02\nclose 05-03")
        #expect(try book.dump() == before)
    }

    @Test("without an index of a customer there is no loss, and it is said how many")
    func missing() throws {
        let book = try Self.book(without: ["S2 05-03", "S2 05-04", "S2 05-05", "S2 05-06"])
        try book.write("close 05-02\nclose 05-03")
        #expect(
            try Self.lines(book) == ["05-02 T1 loss ? of 12000, estimated 0, 0 + 1 of 1 + 3 unknown"])
        let own = try Self.book(without: ["S0 05-02"])
        try own.write("close 05-02\nclose 05-03")
        #expect(try Self.lines(own) == ["05-02 T1 loss ? of 0, estimated 0, 1 + 0 of 1 + 3 unknown"])
    }

    @Test("a late index changes the day it ends, and the estimates before it no longer hide the percentage")
    func late() throws {
        let book = try Self.book(without: ["S1 05-03"])
        try book.write("close 05-02\nclose 05-03\nclose 05-04")
        #expect(
            try Self.lines(book) == [
                "05-02 T1 loss 500 of 12000, estimated 5000, 0 + 0 of 1 + 3 unknown",
                "05-03 T1 loss 500 of 12000, estimated 5000, 0 + 0 of 1 + 3 unknown",
            ])
        try book.write("S1 frozen 05-05 09:00 05-03 105100")
        _ = try book.store.closeReopenedDays(at: book.instant("05-05 10:00"))
        #expect(
            try Self.lines(book) == [
                "05-02 T1 loss 400 of 12000 (33 ‰), estimated 0, 0 + 0 of 1 + 3 unknown",
                "05-03 T1 loss 600 of 12000 (50 ‰), estimated 0, 0 + 0 of 1 + 3 unknown",
            ])
    }

    @Test("who generates adds to what came in, and what a station gives back is not lost")
    func exports() throws {
        let book = try Self.book()
        try Self.export(4, "05-02", 0, book)
        try Self.export(4, "05-03", 2000, book)
        try Self.export(1, "05-02", 10, book)
        try Self.export(1, "05-03", 20, book)
        try book.write("close 05-02\nclose 05-03\nclose 05-04")
        #expect(
            try Self.lines(book) == [
                // 12 000 − 40 × 10 + 2 × 2000 − 11 500
                "05-02 T1 loss 4100 of 16000 (256 ‰), estimated 0, 0 + 0 of 1 + 3 unknown",
                "05-03 T1 loss ? of 12000, estimated 0, 1 + 1 of 1 + 3 unknown",
            ])
    }

    private static func export(_ meter: Int32, _ day: String, _ index: Int64, _ book: LogBook) throws {
        try book.ingest([
            book.poll("\(day) 00:12", [LogBook.frozen(day, index, .activeExport)], meter: MeterID(meter))
        ])
    }

    @Test("who is known in neither register is one customer")
    func unknownInBoth() throws {
        let book = try Self.book(without: ["S3 05-03", "S3 05-04", "S3 05-05", "S3 05-06"])
        try Self.export(4, "05-02", 0, book)
        try book.write("close 05-02\nclose 05-03")
        #expect(try Self.lines(book) == ["05-02 T1 loss ? of 12000, estimated 0, 0 + 1 of 1 + 3 unknown"])
    }

    @Test("a negative loss is kept, and stands as high in the list as a positive one")
    func ranked() {
        func day(
            _ station: String, input: Int64, supplied: Int64, estimated: Int64 = 0, unknown: Int = 0
        ) -> StationDay {
            var balance = StationBalance()
            balance.input = Energy(wattHours: input)
            balance.supplied = Energy(wattHours: supplied)
            balance.estimated = Energy(wattHours: estimated)
            (balance.stationMeters, balance.customers, balance.unknownCustomers) = (1, 9, unknown)
            return StationDay(day: LogBook.day("05-02"), station: station, balance: balance)
        }
        let ranked = [
            day("usual", input: 1000, supplied: 970), day("unknown", input: 1000, supplied: 100, unknown: 2),
            day("theft", input: 1000, supplied: 860), day("estimated", input: 1000, supplied: 500, estimated: 51),
            day("swapped", input: 1000, supplied: 1150), day("one unknown", input: 1000, supplied: 900, unknown: 1),
        ].ranked(estimatedMost: 50)
        #expect(ranked.map(\.station) == ["swapped", "theft", "usual", "estimated", "one unknown", "unknown"])
        #expect(ranked[0].balance.loss == Energy(wattHours: -150))
        #expect(ranked[0].balance.lossThousandths(estimatedMost: 50) == -150)
        #expect(ranked[3].balance.loss == Energy(wattHours: 500) && ranked[3].balance.estimatedThousandths == 51)
    }

    @Test(
        "parts are thousandths: the estimated one rounded up, the loss to the nearest",
        arguments: [
            // input, supplied, estimated, estimated ‰, loss ‰
            (Int64(2000), Int64(1999), Int64(1), Int64?(1), Int64?(1)), (2000, 2001, 0, 0, -1),
            (3000, 2999, 0, 0, 0), (3000, 3001, 0, 0, 0), (1000, 0, 900_000, 1000, nil), (0, 5, 0, nil, nil),
            (Int64.max / 2, 0, 0, 0, nil),
        ])
    func parts(input: Int64, supplied: Int64, estimated: Int64, share: Int64?, loss: Int64?) {
        var balance = StationBalance()
        balance.input = Energy(wattHours: input)
        balance.supplied = Energy(wattHours: supplied)
        balance.estimated = Energy(wattHours: estimated)
        balance.stationMeters = 1
        #expect(balance.estimatedThousandths == share)
        #expect(balance.lossThousandths(estimatedMost: 50) == loss)
    }

    @Test(
        "on the day a customer's meter is exchanged both have their part; of what they export nobody knows",
        arguments: [
            (false, "loss 500 of 12000 (42 ‰), estimated 0, 0 + 0 of 1 + 3 unknown"),
            (true, "loss ? of 12000, estimated 0, 0 + 1 of 1 + 3 unknown"),
        ])
    func exchange(exports: Bool, line: String) throws {
        let book = try Self.book(without: ["S1 05-04", "S1 05-05", "S1 05-06"])
        // What the old meter showed until somebody told that it was gone.
        for day in exports ? ["05-02", "05-03", "05-04"] : [] { try Self.export(2, day, 70, book) }
        var registry = Self.registry()
        let old = registry.installations[1]
        func meter(
            _ serial: String, _ from: String, _ until: String?, start: Int64?, end: Int64?
        ) -> MeterInstallation {
            MeterInstallation(
                serial: serial, usagePoint: "P1", gateway: "G1", unit: old.unit, profile: "sdm630", digits: 6,
                installedOn: book.day(from), removedOn: until.map { book.day($0) },
                startIndex: start.map(Energy.init(wattHours:)), endIndex: end.map(Energy.init(wattHours:)))
        }
        registry.installations[1] = meter("S1", "05-01", "05-03", start: nil, end: 107_000)
        registry.installations.append(meter("S9", "05-03", nil, start: 50, end: nil))
        _ = try book.store.importRegistry(registry, at: book.instant("05-03 15:00"))
        try book.write(
            """
            S9 frozen 05-04 00:10 05-04 3050
            close 05-02
            close 05-03
            close 05-04
            """)
        #expect(
            try Self.lines(book) == [
                "05-02 T1 loss 500 of 12000 (42 ‰), estimated 0, 0 + 0 of 1 + 3 unknown",
                "05-03 T1 \(line)",
            ])
    }

    @Test("a station's own meter has no bill, and only a rule that names it judges it")
    func notBilled() throws {
        let book = try Self.book()
        func rule(_ categories: Set<String>?) -> ConsumptionRule {
            ConsumptionRule(
                name: "low", test: .zeroRun(days: [3]), severity: .warns, categories: categories, source: "test")
        }
        #expect(!rule(nil).judges(UsagePoint.stationCategory))
        #expect(rule([UsagePoint.stationCategory]).judges(UsagePoint.stationCategory))
        #expect(throws: StoreError.notBilled(usagePoint: "P0")) {
            try book.store.provisionalBill(
                usagePoint: "P0", asOf: book.day("05-05"), tariffs: try TariffBook.load(folder: nil))
        }
    }
}
