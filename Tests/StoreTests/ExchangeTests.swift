import Metering
import Testing

@testable import Store

@Suite("A meter is exchanged inside a day")
struct ExchangeTests {
    @Test("at noon: the day has the old meter's morning and the new one's afternoon, each with its multiplier")
    func atNoon() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-09 00:10 05-09 4000
            S1 frozen 05-10 00:10 05-10 4900
            exchange 05-10 S1 5300 S2 100 x2
            S2 frozen 05-11 00:10 05-11 350
            S2 frozen 05-12 00:10 05-12 650
            """)
        #expect(
            try book.days("05-01", "05-13") == """
                05-09 S1 4000 frozen +900
                05-10 S1 4900 frozen +900
                05-11 S2 350 frozen +600
                05-12 S2 650 frozen
                """)
    }

    @Test(
        "an index that was read wrong at it holds the bill, until the registry is put right",
        arguments: [
            // Less than the old meter showed itself that morning; more than the new one showed the next.
            ("exchange 05-10 S1 4800 S2 100", "S1"), ("exchange 05-10 S1 5300 S2 10000", "S2"),
        ], ["05-11", "08-11"])
    func readWrong(_ what: (wrong: String, serial: String), putRightOn day: String) throws {
        let (wrong, serial) = what
        let book = try LogBook()
        try book.write("S1 frozen 05-09 00:10 05-09 4000\nS1 frozen 05-10 00:10 05-10 4900\n\(wrong)")
        try book.write("S2 frozen 05-11 00:10 05-11 350\nclose 05-10\nclose 05-11")
        let cases = try book.store.cases(limit: 9)
        #expect(cases.map { "\($0.kind.rawValue) \($0.severity.rawValue) \($0.serial)" } == ["fitter holds \(serial)"])
        func bill() throws -> CustomerBill {
            try book.store.provisionalBill(
                usagePoint: LogBook.usagePoint, asOf: book.day("05-11"), tariffs: .load(folder: nil))
        }
        if serial == "S1" {
            #expect(try bill().notes.contains { $0.contains("Case 1 is open (fitter)") })
        } else {
            // A bill of less than nothing is none.
            #expect(throws: StoreError.self) { try bill() }
        }
        var rows = try book.store.installations(of: LogBook.usagePoint)
        rows = rows.map { row in
            MeterInstallation(
                serial: row.serial, usagePoint: row.usagePoint, gateway: row.gateway, unit: row.unit,
                profile: row.profile, multiplier: row.multiplier, digits: row.digits, installedOn: row.installedOn,
                removedOn: row.removedOn, startIndex: row.serial == "S2" ? Energy(wattHours: 100) : row.startIndex,
                endIndex: row.serial == "S1" ? Energy(wattHours: 5300) : row.endIndex)
        }
        try book.write("close \(day)")
        _ = try book.store.importRegistry(Registry(installations: rows), at: book.instant("\(day) 08:00"))
        _ = try book.store.closeReopenedDays(at: book.instant("\(day) 09:00"))
        #expect(try book.store.caseCount() == 0)
        #expect(try bill().notes.allSatisfy { !$0.contains("Case") })
    }

    @Test(
        "an index that was read wrong of a meter that had been silent, or was silent after it, holds the bill as well",
        arguments: [
            // The old one had shown 4000 when it fell silent; the new one showed 350 when it was first heard.
            ("S1 3900 S2 100", "S1"), ("S1 5300 S2 400", "S2"), ("S1 4000 S2 350", nil), ("S1 4800 S2 100", nil),
        ] as [(String, String?)])
    func readWrongInSilence(_ words: String, _ serial: String?) throws {
        let book = try LogBook()
        try book.write(
            "S1 frozen 05-08 00:10 05-08 4000\nclose 05-08\nclose 05-09\nclose 05-10\nexchange 05-11 \(words)")
        try book.write("close 05-11\nclose 05-12\nclose 05-13\nS2 frozen 05-14 00:10 05-14 350\nclose 05-14")
        _ = try book.store.closeReopenedDays(at: book.instant("05-14 09:00"))
        let expected = serial.map { ["fitter holds \($0) 2025-05-11"] } ?? []
        func cases() throws -> [String] {
            try book.store.cases(limit: 9).map {
                "\($0.kind.rawValue) \($0.severity.rawValue) \($0.serial) \($0.days.map { "\($0.lowerBound)" } ?? "")"
            }
        }
        #expect(try cases() == expected)
        guard serial != nil else { return }
        // Put right a season later.
        try book.write("close 08-01")
        let rows = try book.store.installations(of: LogBook.usagePoint).map { row in
            MeterInstallation(
                serial: row.serial, usagePoint: row.usagePoint, gateway: row.gateway, unit: row.unit,
                profile: row.profile, multiplier: row.multiplier, digits: row.digits, installedOn: row.installedOn,
                removedOn: row.removedOn, startIndex: row.serial == "S2" ? Energy(wattHours: 100) : row.startIndex,
                endIndex: row.serial == "S1" ? Energy(wattHours: 5300) : row.endIndex)
        }
        _ = try book.store.importRegistry(Registry(installations: rows), at: book.instant("08-01 08:00"))
        _ = try book.store.closeReopenedDays(at: book.instant("08-01 09:00"))
        #expect(try cases() == [])
    }

    @Test("that was read wrong and released is looked at anew once the day's energy is known")
    func readWrongReleased() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-09 00:10 05-09 4000
            S1 frozen 05-10 00:10 05-10 4900
            exchange 05-10 S1 4800 S2 -
            close 05-10
            close 05-11
            """)
        _ = try book.store.act(
            .released, on: CaseFilter(), by: "Lan", why: "the fitter is asked", at: book.instant("05-11 08:00"))
        #expect(try book.store.caseCount() == 0)
        // The new meter's part of the day: until it is read, nobody knows what the day took.
        var rows = try book.store.installations(of: LogBook.usagePoint)
        let new = rows.removeLast()
        _ = try book.store.importRegistry(
            Registry(installations: [
                MeterInstallation(
                    serial: new.serial, usagePoint: new.usagePoint, gateway: new.gateway, unit: new.unit,
                    profile: new.profile, multiplier: new.multiplier, digits: new.digits, installedOn: new.installedOn,
                    startIndex: Energy(wattHours: 100))
            ]), at: book.instant("05-11 09:00"))
        try book.write("S2 frozen 05-11 10:00 05-11 350")
        _ = try book.store.closeReopenedDays(at: book.instant("05-11 11:00"))
        let one = try #require(try book.store.cases(limit: 1).first)
        #expect(
            try book.store.acts(on: one.id).map(\.why) == [
                "the fitter is asked", "the days took 150 Wh, not what nobody knew",
            ])
    }

    @Test("at midnight: the old meter has no part of the day")
    func atMidnight() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-09 00:10 05-09 4000
            S1 frozen 05-10 00:10 05-10 4900
            exchange 05-10 S1 4900 S2 100 x2
            S2 frozen 05-11 00:10 05-11 350
            """)
        #expect(
            try book.days("05-01", "05-13") == """
                05-09 S1 4000 frozen +900
                05-10 S1 4900 frozen +500
                05-11 S2 350 frozen
                """)
    }

    @Test("a meter that is taken down at noon for good ends its usage point's days with that day's morning")
    func removed() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-09 00:10 05-09 4000
            S1 frozen 05-10 00:10 05-10 4900
            remove 05-10 S1 5300
            """)
        #expect(
            try book.days("05-01", "05-13") == """
                05-09 S1 4000 frozen +900
                05-10 S1 4900 frozen +400
                """)
        func fed(_ day: String) throws -> Int {
            try book.store.everyUsagePoint(on: book.day(day), register: .activeImport).count
        }
        #expect(try ["05-09", "05-10", "05-11"].map(fed) == [1, 1, 0], "it is expected while it was there at 00:00")
    }

    @Test("two days without a meter are nobody's, and missing from nothing")
    func twoDaysWithout() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-10 00:10 05-10 4900
            remove 05-10 S1 5300
            install 05-13 S2 100
            S2 frozen 05-14 00:10 05-14 350
            """)
        #expect(
            try book.days("05-01", "05-15") == """
                05-10 S1 4900 frozen +400
                05-13 S2 100 edited +250
                05-14 S2 350 frozen
                """)
        #expect(try book.store.completeness(of: book.day("05-11")).expected == 0)
    }

    @Test("a multiplier changes on a date: the same meter goes on in a new row, and each hour has its own")
    func multiplier() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-09 00:10 05-09 4000
            S1 frozen 05-10 00:10 05-10 4900
            exchange 05-10 S1 5000 S1 5000 x40
            S1 frozen 05-11 00:10 05-11 5010
            S1 frozen 05-12 00:10 05-12 5030
            """)
        #expect(
            try book.days("05-01", "05-13") == """
                05-09 S1 4000 frozen +900
                05-10 S1 4900 frozen +500
                05-11 S1 5010 frozen +800
                05-12 S1 5030 frozen
                """)
        #expect(try book.store.installations(of: LogBook.usagePoint).map(\.multiplier) == [1, 40])
    }

    @Test("a dial is reset: what its meter says of the midnight before is the old row's, and no index goes back")
    func reset() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-09 00:10 05-09 4000
            S1 frozen 05-10 00:10 05-10 4900
            S1 live 05-10 15:00 50
            exchange 05-10 S1 5300 S1 0
            """)
        let new = try book.standing("S1", on: book.day("05-10"))
        let report = try book.ingest([
            book.poll("05-11 00:10", [LogBook.frozen("05-10", 4900), LogBook.frozen("05-11", 250)], meter: new)
        ])
        #expect((report.outsideService, report.accepted, report.suspects) == (1, 1, 0))
        #expect(
            try book.days("05-01", "05-13") == """
                05-09 S1 4000 frozen +900
                05-10 S1 4900 frozen +650
                05-11 S1 250 frozen
                """)
        let owed = try book.store.owedFrozenDays(
            from: book.day("05-09"), through: book.day("05-12"), profiles: ["sdm630"])
        #expect(owed[new] == [book.day("05-12")], "it is not asked for the old row's midnight either")
    }

    @Test("on two days running: each day has the parts of the two meters that it saw")
    func twoDaysRunning() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-10 00:10 05-10 4900
            exchange 05-10 S1 5300 S2 100
            S2 frozen 05-11 00:10 05-11 350
            exchange 05-11 S2 400 S3 0
            S3 frozen 05-12 00:10 05-12 70
            """)
        #expect(
            try book.days("05-01", "05-13") == """
                05-10 S1 4900 frozen +650
                05-11 S2 350 frozen +120
                05-12 S3 70 frozen
                """)
    }

    @Test(
        "without one of the fitter's two readings the day of the exchange has no consumption, and its neighbours do",
        arguments: [
            ("-", "100", "05-10 S1 4900 frozen"), ("5300", "-", "05-10 S1 4900 frozen"),
            ("-", "-", "05-10 S1 4900 frozen"),
        ])
    func unread(end: String, start: String, day: String) throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-09 00:10 05-09 4000
            S1 frozen 05-10 00:10 05-10 4900
            exchange 05-10 S1 \(end) S2 \(start)
            S2 frozen 05-11 00:10 05-11 350
            S2 frozen 05-12 00:10 05-12 650
            close 05-12
            """)
        #expect(
            try book.days("05-01", "05-13") == """
                05-09 S1 4000 frozen +900
                \(day)
                05-11 S2 350 frozen +300
                05-12 S2 650 frozen
                """)
    }

    @Test("no fitter reads another register than import: its day of the exchange is unknown, all others are not")
    func otherRegister() throws {
        let book = try LogBook()
        for (day, index) in [("05-09", Int64(40)), ("05-10", 49)] {
            try book.ingest([book.poll("\(day) 00:10", [LogBook.frozen(day, index, .activeExport)])])
        }
        try book.write("exchange 05-10 S1 5300 S2 100")
        let new = try book.standing("S2", on: book.day("05-10"))
        for (day, index) in [("05-11", Int64(3)), ("05-12", 5)] {
            try book.ingest([book.poll("\(day) 00:10", [LogBook.frozen(day, index, .activeExport)], meter: new)])
        }
        #expect(
            try book.days("05-01", "05-13", .activeExport) == """
                05-09 S1 40 frozen +9
                05-10 S1 49 frozen
                05-11 S2 3 frozen +2
                05-12 S2 5 frozen
                """)
    }

    @Test("where the old meter has no index the day shows what the new one began with, and has no consumption")
    func onlyTheNew() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-08 00:10 05-08 4000
            exchange 05-10 S1 - S2 100
            S2 frozen 05-11 00:10 05-11 350
            close 05-11
            """)
        #expect(
            try book.days("05-01", "05-13") == """
                05-08 S1 4000 frozen
                05-10 S2 100 edited
                05-11 S2 350 frozen
                """)
    }

    @Test("a person's index of the day is the old meter's")
    func edited() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-09 00:10 05-09 4000
            exchange 05-10 S1 5300 S2 100
            S2 frozen 05-11 00:10 05-11 350
            edit 05-10 4800
            """)
        #expect(
            try book.days("05-01", "05-13") == """
                05-09 S1 4000 frozen +800
                05-10 S1 4800 edited +750
                05-11 S2 350 frozen
                """)
        let lineage = try #require(
            try book.store.lineage(usagePoint: LogBook.usagePoint, register: .activeImport, day: book.day("05-10")))
        #expect(lineage.serial == "S1" && lineage.index.index == Energy(wattHours: 4800))
    }
}
