import Billing
import Metering
import Testing

@testable import Store

/// From the cause, by way of the days, to the bills. Days are closed at 06:00 of their own.
@Suite("Corrections of closed days")
struct CorrectionTests {
    /// Three customers of one station, read every midnight; 10 kWh a day.
    static let customers = ["PA09010000001", "PA09010000002", "PA09010000003"]

    static func province() throws -> LogBook {
        let one = LogBook.registry()
        return try LogBook(
            Registry(
                gateways: one.gateways,
                usagePoints: customers.map {
                    UsagePoint(name: $0, customer: "C", station: "T1", district: "PA0901", category: "residential")
                },
                installations: customers.enumerated().map { number, customer in
                    MeterInstallation(
                        serial: "S\(number + 1)", usagePoint: customer, gateway: "G1", unit: UInt8(number + 1),
                        profile: "sdm630", digits: 6, installedOn: LogBook.day("05-01"))
                }))
    }

    /// The record of every midnight from 1 May on, but those of the first customer's days left out; each day closed.
    static func nights(
        _ days: [String], without: Set<String> = [], _ book: LogBook, firstDay: Int = 0
    ) throws {
        for (number, day) in days.enumerated() {
            for meter in 1...customers.count where meter > 1 || !without.contains(day) {
                let dial = 1_000_000 + Int64(firstDay + number) * 10_000
                try book.ingest([
                    book.poll("\(day) 00:10", [LogBook.frozen(day, dial)], meter: MeterID(Int32(meter)))
                ])
            }
            try book.close(day)
        }
    }

    static let may = (1...31).map { "05-" + ($0 < 10 ? "0" : "") + String($0) }

    /// Each line: the usage point's last digit, the day it was made; then causes, days and bills.
    private static func told(_ book: LogBook, _ filter: CorrectionFilter = CorrectionFilter()) throws -> [String] {
        var lines: [String] = []
        _ = try book.store.forEachCorrection(filter, limit: nil, tariffs: .load(folder: nil)) { one in
            lines.append("\(one.usagePoint.name.suffix(1)) made on \(one.madeOn.description.dropFirst(5))")
            lines += one.indices.map { index in
                func text(_ index: DailyIndex) -> String {
                    "\(index.index.wattHours) \(index.quality.name) r\(index.revision)"
                }
                let who = index.occasion.who.map { " \($0)" } ?? ""
                let poll = index.poll.map { " \($0.gateway)/\($0.unit)" } ?? ""
                return "\(index.occasion.source)\(who)\(poll): \(index.after.day.description.dropFirst(5)) "
                    + "\(index.before.map(text) ?? "missing") → \(text(index.after))"
            }
            lines += one.days.map {
                "energy \($0.day.description.dropFirst(5)) \($0.before?.wattHours.description ?? "-") → "
                    + "\($0.after?.wattHours.description ?? "-")"
            }
            lines += one.bills.map {
                "bill \($0.period.from.description.dropFirst(5))…\($0.period.through.description.dropFirst(5)) "
                    + "as of \($0.asOf.description.dropFirst(5)) \($0.before?.kwh.description ?? "-") → "
                    + "\($0.after?.kwh.description ?? "-") kWh"
            }
        }
        return lines
    }

    @Test("nights that come in time correct nothing")
    func inTime() throws {
        let book = try Self.province()
        try Self.nights(Self.may, book)
        #expect(try Self.told(book) == [])
    }

    @Test("an index that a person enters where there was none is told once")
    func firstByHand() throws {
        let book = try Self.province()
        try Self.nights(Self.may, without: ["05-30", "05-31"], book)
        try book.store.edit(
            usagePoint: Self.customers[0], register: .activeImport, day: book.day("05-30"),
            index: Energy(wattHours: 1_291_000), reason: "read by eye", by: "Lan", at: book.instant("05-31 09:00"))
        #expect(try Self.told(book).filter { $0.contains("05-30 missing") }.count == 1)
    }

    @Test("a late record names its poll, the days it changes, and both bills that its index ends and begins")
    func lateRecord() throws {
        let book = try Self.province()
        try Self.nights(Self.may, without: ["05-30", "05-31"], book)
        try Self.nights(["06-01"], without: ["06-01"], book, firstDay: 31)
        try Self.nights(["06-02"], book, firstDay: 32)
        // The close of 2 June drew three days that had been closed without.
        let drawn = [
            "1 made on 06-02",
            "day close: 05-30 missing → 1290000 estimated r1", "day close: 05-31 missing → 1300000 estimated r1",
            "day close: 06-01 missing → 1310000 estimated r1",
            "energy 05-29 - → 10000", "energy 05-30 - → 10000", "energy 05-31 - → 10000", "energy 06-01 - → 10000",
            // The bills of then had projected the same.
            "bill 05-01…05-31 as of 06-01 310 → 310 kWh", "bill 06-01…06-30 as of 06-02 10 → 10 kWh",
        ]
        let told = try Self.told(book)
        #expect(told == drawn)
        try book.write("frozen 06-05 05:00 06-01 1304000")
        try book.close("06-05")
        let late = [
            "1 made on 06-05",
            "frozen G1/1: 06-01 1310000 estimated r1 → 1304000 frozen r2",
            "day close: 05-30 1290000 estimated r1 → 1288000 estimated r2",
            "day close: 05-31 1300000 estimated r1 → 1296000 estimated r2",
            "energy 05-29 10000 → 8000", "energy 05-30 10000 → 8000", "energy 05-31 10000 → 8000",
            "energy 06-01 10000 → 16000",
            "bill 05-01…05-31 as of 06-01 310 → 304 kWh", "bill 06-01…06-30 as of 06-05 40 → 46 kWh",
        ]
        let both = try Self.told(book)
        #expect(both == drawn + late)
        #expect(try Self.told(book, CorrectionFilter(since: book.instant("06-05 00:00"))) == late)
        #expect(try Self.told(book, CorrectionFilter(usagePoint: Self.customers[1])) == [])
        #expect(try Self.told(book, CorrectionFilter(register: .activeExport)) == [])
        // Wherever the days are kept by then, and handed over again.
        try CompactionTests.compact(book.store, today: book.day("08-31"))
        try book.ingest(book.outcomes)
        #expect(try Self.told(book) == drawn + late)
    }

    @Test("an edit names the person; one that is taken back the same day rates no bill")
    func edits() throws {
        let book = try Self.province()
        try Self.nights(Self.may, book)
        try book.edit("05-20", 1_185_000, by: "Lan", at: "05-31 09:00")
        #expect(
            try Self.told(book) == [
                "1 made on 05-31", "edit Lan: 05-20 1190000 frozen r1 → 1185000 edited r2",
                "energy 05-19 10000 → 5000", "energy 05-20 10000 → 15000",
                "bill 05-01…05-31 as of 05-31 300 → 300 kWh",
            ])
        try book.edit("05-20", 1_190_000, by: "Minh", at: "05-31 09:30")
        #expect(
            try Self.told(book) == [
                "1 made on 05-31", "edit Lan: 05-20 1190000 frozen r1 → 1185000 edited r2",
                "edit Minh: 05-20 1185000 edited r2 → 1190000 edited r3",
            ])
    }

    @Test("the index of a period's first day ends one bill and begins the next, where no other changes with it")
    func firstOfPeriod() throws {
        let book = try Self.province()
        try Self.nights(Self.may, book)
        try Self.nights(["06-01", "06-02"], book, firstDay: 31)
        try book.edit("06-01", 1_306_000, by: "Lan", at: "06-02 09:00")
        #expect(
            try Self.told(book) == [
                "1 made on 06-02", "edit Lan: 06-01 1310000 frozen r1 → 1306000 edited r2",
                "energy 05-31 10000 → 6000", "energy 06-01 10000 → 14000",
                "bill 05-01…05-31 as of 06-01 310 → 306 kWh", "bill 06-01…06-30 as of 06-02 10 → 14 kWh",
            ])
    }

    @Test("a list that is cut says how much more there is")
    func cut() throws {
        let book = try Self.province()
        try Self.nights(Array(Self.may.prefix(5)), book)
        for meter in 1...3 {
            try book.store.edit(
                usagePoint: Self.customers[meter - 1], register: .activeImport, day: book.day("05-03"),
                index: Energy(wattHours: 1_021_000), reason: "read by eye", by: "Lan", at: book.instant("05-06 09:00"))
        }
        var told: [String] = []
        let more = try book.store.forEachCorrection(
            CorrectionFilter(), limit: 2, tariffs: .load(folder: nil)
        ) { told.append($0.usagePoint.name) }
        #expect(told == Array(Self.customers.prefix(2)) && more == 1)
    }
}
