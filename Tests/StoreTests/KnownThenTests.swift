import Billing
import Metering
import Testing

@testable import Store

/// Each entry comes at its own time, day closes at 06:00; asked is what was known at some moment in between.
@Suite("A bill as it was known")
struct KnownThenTests {
    /// Two days without a gateway, drawn at the day close of the 5th; the meter's own record of the 4th comes on the
    /// 8th, and the day close of the 8th draws the 3rd again.
    private static func outage() throws -> LogBook {
        let book = try LogBook()
        try book.write("frozen 05-01 00:10 05-01 1000\nfrozen 05-02 00:10 05-02 2000")
        try book.close("05-02", "05-03", "05-04")
        try book.write("frozen 05-05 00:10 05-05 8000")
        try book.close("05-05")
        try book.write("frozen 05-08 05:00 05-04 3000")
        try book.close("05-08")
        return book
    }

    /// Every index that a bill at this moment could be made from: `05-02 2000 frozen r1`.
    private static func known(
        _ book: LogBook, at instant: String, undated: Int = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [String] {
        let basis = try book.store.read("asking") { db in
            try book.store.billBasis(
                of: LogBook.usagePoint, asOf: book.day("05-20"), at: Hindsight(book.instant(instant), book.calendar),
                tariffs: TariffBook(decisions: [], vatRates: []), db)
        }
        #expect(basis.meters.flatMap(\.undated).count == undated, sourceLocation: sourceLocation)
        return basis.meters.flatMap(\.indices.all).map {
            "\($0.day.description.dropFirst(5)) \($0.index.wattHours) \($0.quality.name) r\($0.revision)"
        }
    }

    @Test(
        "each index has the value of then, and a day that nothing was known of is missing",
        arguments: [
            ("05-01 00:09", []),
            ("05-01 00:10", ["05-01 1000 frozen r1"]),
            ("05-04 12:00", ["05-01 1000 frozen r1", "05-02 2000 frozen r1"]),
            // The record came at 00:10; what lies before it was drawn when the day was closed.
            ("05-05 05:59", ["05-01 1000 frozen r1", "05-02 2000 frozen r1", "05-05 8000 frozen r1"]),
            (
                "05-05 06:00",
                [
                    "05-01 1000 frozen r1", "05-02 2000 frozen r1", "05-03 4000 estimated r1",
                    "05-04 6000 estimated r1", "05-05 8000 frozen r1",
                ]
            ),
            (
                "05-08 05:00",
                [
                    "05-01 1000 frozen r1", "05-02 2000 frozen r1", "05-03 4000 estimated r1",
                    "05-04 3000 frozen r2", "05-05 8000 frozen r1",
                ]
            ),
            (
                "05-09 00:00",
                [
                    "05-01 1000 frozen r1", "05-02 2000 frozen r1", "05-03 2500 estimated r2",
                    "05-04 3000 frozen r2", "05-05 8000 frozen r1",
                ]
            ),
        ])
    func then(instant: String, indices: [String]) throws {
        let book = try Self.outage()
        #expect(try Self.known(book, at: instant) == indices)
        // Wherever the days are kept by then.
        try CompactionTests.compact(book.store, today: book.day("07-31"))
        #expect(try Self.known(book, at: instant) == indices)
    }

    @Test("an index of live readings is known from the second of them on; a better source of the same value changes it")
    func live() throws {
        let book = try LogBook()
        try book.write("live 05-01 23:55 1000\nlive 05-02 00:05 1000\nfrozen 05-03 09:00 05-02 1000")
        #expect(try Self.known(book, at: "05-02 00:04") == [])
        #expect(try Self.known(book, at: "05-02 00:05") == ["05-02 1000 measured r1"])
        #expect(try Self.known(book, at: "05-03 09:00") == ["05-02 1000 frozen r1"])
    }

    @Test("what a person entered is known from then on, and what it replaced before")
    func edited() throws {
        let book = try LogBook()
        try book.write("frozen 05-02 00:10 05-02 2000")
        for (day, index, at) in [("05-02", 1900, "05-04 09:00"), ("05-03", 2500, "05-04 09:05")] {
            try book.edit(day, Int64(index), by: "Lan", at: at)
        }
        #expect(try Self.known(book, at: "05-04 08:59") == ["05-02 2000 frozen r1"])
        #expect(try Self.known(book, at: "05-04 09:00") == ["05-02 1900 edited r2"])
        #expect(try Self.known(book, at: "05-04 09:05") == ["05-02 1900 edited r2", "05-03 2500 edited r1"])
    }

    @Test("registers whose gaps are drawn at different day closes are known from different moments")
    func registers() throws {
        let book = try LogBook()
        try book.ingest([
            book.poll("05-02 00:10", [LogBook.frozen("05-02", 2000), LogBook.frozen("05-02", 5, .activeExport)])
        ])
        try book.ingest([book.poll("05-05 00:10", [LogBook.frozen("05-05", 50, .activeExport)])])
        try book.close("05-05")
        try book.ingest([book.poll("05-05 09:00", [LogBook.frozen("05-05", 5000)])])
        try book.close("05-06")
        #expect(try Self.known(book, at: "05-05 23:00") == ["05-02 2000 frozen r1", "05-05 5000 frozen r1"])
        #expect(try Self.known(book, at: "05-06 06:00").count == 4)
    }

    @Test("what an earlier system handed over counts as known, and the bill says that it is not recorded since when")
    func handedOver() throws {
        let book = try LogBook(LogBook.registry(installedOn: "04-01"))
        let past = (1...3).map {
            DailyIndex(
                day: book.day("05-0\($0)"), index: Energy(wattHours: Int64($0) * 1000), quality: .measured,
                errorBound: .zero)
        }
        try book.store.adoptHistory(
            [RegisterHistory(meter: MeterID(1), register: .activeImport, indices: past)], today: book.day("05-04"))
        #expect(try Self.known(book, at: "05-02 12:00", undated: 2).count == 2)
        let bill = try Self.bill(book, asOf: "05-04", knownAt: "05-05 00:00")
        #expect(bill.notes.contains { $0.contains("3 of the indices from 2025-05-01 to 2025-05-03") })
    }

    @Test("once the evidence is forgotten, what it dated counts as known; what came late or was drawn keeps its moment")
    func forgotten() throws {
        let book = try Self.outage()
        while try book.store.forgetLineage(before: book.day("05-06")) {}
        #expect(
            try Self.known(book, at: "05-05 05:00", undated: 3)
                == ["05-01 1000 frozen r1", "05-02 2000 frozen r1", "05-05 8000 frozen r1"])
    }

    // MARK: - The bill

    private static func bill(_ book: LogBook, asOf: String, knownAt: String?) throws -> CustomerBill {
        try book.store.provisionalBill(
            usagePoint: LogBook.usagePoint, asOf: book.day(asOf), knownAt: knownAt.map(book.instant),
            tariffs: .load(folder: nil))
    }

    @Test("the old bill stays readable to the dong after a late record, and the new one names the cause")
    func oldBill() throws {
        let book = try LogBook()
        try book.write("frozen 05-01 00:10 05-01 0\nfrozen 05-20 00:10 05-20 190000")
        try book.close("05-20")
        let before = try Self.bill(book, asOf: "05-15", knownAt: nil)
        #expect(before.bill.kwh == 140, "fourteen days of ten, drawn between two records")
        try book.write("frozen 05-22 05:00 05-15 150000")
        try book.close("05-22")
        let after = try Self.bill(book, asOf: "05-15", knownAt: nil)
        let old = try Self.bill(book, asOf: "05-15", knownAt: "05-22 04:59")
        #expect(old.bill == before.bill)
        #expect(old.indices == before.indices && old.coverage == before.coverage && old.projection == before.projection)
        #expect(old.notes.dropLast() == before.notes[...])
        #expect(old.notes.last == "As known at 2025-05-22T04:59:00+07:00, with the registry and the tariffs of today.")
        #expect(after.bill.kwh == 150)
        #expect(after.bill.total > before.bill.total)
        #expect(after.indices.last?.cause?.source == "frozen" && after.indices.last?.index.revision == 2)
        // Before anything was known there was no bill.
        #expect(throws: StoreError.self) { try Self.bill(book, asOf: "05-15", knownAt: "04-30 12:00") }
    }

    @Test("the cases are those that were open then, between being released and reopened too")
    func cases() throws {
        let book = try LogBook()
        try book.write("frozen 05-01 00:10 05-01 0\nfrozen 05-05 00:10 05-05 40000")
        func find(_ energy: Int64, at: String) throws {
            let found = DayCases.Found(
                meter: MeterID(1), register: .activeImport, kind: MeterCase.Kind(rawValue: "month-on-month"),
                severity: .holds, days: book.day("05-01")...book.day("05-04"), energy: Energy(wattHours: energy),
                usual: nil, text: "took more")
            try book.store.write("finding") { db in
                try DayCases(db).settle(
                    [found], endingOn: book.day("05-04"), kinds: ["month-on-month"], at: book.instant(at))
            }
        }
        try find(1000, at: "05-06 06:00")
        _ = try book.store.act(
            .released, on: CaseFilter(ids: [1]), by: "Lan", why: "real", at: book.instant("05-07 09:00"))
        try find(2000, at: "05-08 06:00")
        for (at, isHeld) in [
            ("05-06 05:59", false), ("05-06 06:00", true), ("05-07 08:59", true), ("05-07 09:00", false),
            ("05-08 05:59", false), ("05-08 06:00", true), (nil, true),
        ] {
            let notes = try Self.bill(book, asOf: "05-05", knownAt: at).notes
            #expect(notes.contains { $0.contains("Case 1 is open") } == isHeld, "\(at ?? "now")")
        }
    }
}

extension LogBook {
    /// Each at 06:00, as the daemon does.
    func close(_ days: String...) throws {
        for day in days {
            _ = try store.closeReopenedDays(at: instant("\(day) 06:00"))
            _ = try store.closeDay(self.day(day), at: instant("\(day) 06:00"))
        }
    }

    func edit(_ day: String, _ index: Int64, by who: String, at: String) throws {
        try store.edit(
            usagePoint: Self.usagePoint, register: .activeImport, day: self.day(day),
            index: Energy(wattHours: index), reason: "read by eye", by: who, at: instant(at))
    }
}
