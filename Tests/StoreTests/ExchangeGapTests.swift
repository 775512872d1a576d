import Metering
import Testing

@testable import Store

@Suite("Days missing around an exchange")
struct ExchangeGapTests {
    @Test("between the old meter's last index and what the fitter read they are estimated, and add up exactly")
    func beforeTheEnd() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-07 00:10 05-07 4000
            exchange 05-10 S1 5301 S2 100
            S2 frozen 05-11 00:10 05-11 350
            close 05-11
            """)
        #expect(
            try book.days("05-01", "05-13") == """
                05-07 S1 4000 frozen +325
                05-08 S1 4325 estimated +325
                05-09 S1 4650 estimated +325
                05-10 S1 4975 estimated +576
                05-11 S2 350 frozen
                """)
        let lineage = try #require(
            try book.store.lineage(usagePoint: LogBook.usagePoint, register: .activeImport, day: book.day("05-10")))
        #expect(lineage.serial == "S1")
        #expect(lineage.bracket.map(\.day) == [book.day("05-07"), book.day("05-11")])
        #expect(lineage.bracket.map(\.index.wattHours) == [4000, 5301], "the fitter's word is one of the two")
    }

    @Test("a dial that has begun at 0 again ends where the fitter read it, in its turn")
    func afterRollover() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-07 00:10 05-07 999999000
            S1 frozen 05-08 00:10 05-08 400
            exchange 05-10 S1 4900 S2 100
            S2 frozen 05-11 00:10 05-11 350
            close 05-11
            """)
        #expect(
            try book.days("05-01", "05-13") == """
                05-07 S1 999999000 frozen +1400
                05-08 S1 400 frozen +1500
                05-09 S1 1900 estimated +1500
                05-10 S1 3400 estimated +1750
                05-11 S2 350 frozen
                """)
    }

    @Test("between what the fitter read and the new meter's first index they are estimated, and add up exactly")
    func afterTheStart() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-10 00:10 05-10 4900
            exchange 05-10 S1 5300 S2 100
            S2 frozen 05-13 00:10 05-13 1001
            close 05-13
            """)
        #expect(
            try book.days("05-01", "05-14") == """
                05-10 S1 4900 frozen +700
                05-11 S2 400 estimated +300
                05-12 S2 700 estimated +301
                05-13 S2 1001 frozen
                """)
        let before = try book.dump()
        try book.write("close 05-13")
        #expect(try book.dump() == before, "closing again changes nothing")
    }

    @Test("told three days late: the wrong meter's readings counted for nothing, and the days since are counted again")
    func toldLate() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 live 05-09 23:55 4890
            S1 live 05-10 00:05 4910
            S1 live 05-10 11:00 5200
            S1 live 05-11 00:05 300
            close 05-10
            close 05-11
            S1 live 05-12 00:05 600
            close 05-12
            S1 live 05-13 00:05 900
            close 05-13
            """)
        #expect(try book.days("05-01", "05-14") == "05-10 S1 4900 measured")
        let history = try book.store.completenessHistory(from: book.day("05-10"), through: book.day("05-13"))
        #expect(history.map(\.missing) == [0, 1, 1, 1])
        try book.write(
            """
            exchange 05-10 S1 5300 S2 100
            S2 live 05-13 14:00 1100
            S2 live 05-13 23:55 1290
            S2 live 05-14 00:05 1310
            """)
        #expect(
            try book.store.closeReopenedDays(at: book.instant("05-14 01:00"))
                == ["05-10", "05-11", "05-12", "05-13"].map(book.day))
        #expect(
            try book.days("05-01", "05-15") == """
                05-10 S1 4900 measured +700
                05-11 S2 400 estimated +300
                05-12 S2 700 estimated +300
                05-13 S2 1000 estimated +300
                05-14 S2 1300 measured
                """)
        for day in ["05-10", "05-11", "05-12", "05-13"].map(book.day) {
            let closed = try book.store.completenessHistory(from: day, through: day).first
            #expect(try closed == book.store.completeness(of: day), "\(day) is counted as it stands")
        }
    }

    @Test("a word of the fitter's that is put right has the days before it drawn anew")
    func corrected() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-08 00:10 05-08 4000
            exchange 05-10 S1 6000 S2 100
            S2 frozen 05-12 00:10 05-12 500
            close 05-12
            """)
        #expect(try book.days("05-09", "05-10") == "05-09 S1 4666 estimated +667\n05-10 S1 5333 estimated +867")
        var registry = try book.store.registry()
        registry.installations = registry.installations.map { row in
            MeterInstallation(
                serial: row.serial, usagePoint: row.usagePoint, gateway: row.gateway, unit: row.unit,
                profile: row.profile, digits: row.digits, installedOn: row.installedOn, removedOn: row.removedOn,
                startIndex: row.startIndex.map { _ in Energy(wattHours: 300) },
                endIndex: row.endIndex.map { _ in Energy(wattHours: 4600) })
        }
        _ = try book.store.importRegistry(registry, at: book.instant("05-12 12:00"))
        try book.write("close 05-12")
        #expect(
            try book.days("05-01", "05-13") == """
                05-08 S1 4000 frozen +200
                05-09 S1 4200 estimated +200
                05-10 S1 4400 estimated +300
                05-11 S2 400 estimated +100
                05-12 S2 500 frozen
                """)
    }

    @Test("the old meter's own record, when it comes at last, takes the place of the estimate")
    func lateRecord() throws {
        let book = try LogBook()
        try book.write(
            """
            S1 frozen 05-08 00:10 05-08 4000
            exchange 05-10 S1 5200 S2 100
            S2 frozen 05-11 00:10 05-11 350
            close 05-11
            S1 frozen 05-11 09:00 05-10 4900
            close 05-11
            """)
        #expect(
            try book.days("05-01", "05-13") == """
                05-08 S1 4000 frozen +450
                05-09 S1 4450 estimated +450
                05-10 S1 4900 frozen +550
                05-11 S2 350 frozen
                """)
        #expect(try book.store.verify(VerificationScope(), found: { Issue.record("\($0)") }).days > 0)
    }

    @Test("what an old series holds of days after its meter left is no end of a gap")
    func afterItLeft() throws {
        let book = try LogBook()
        // The new meter stood higher than the old one, so its readings were believed until somebody told.
        try book.write(
            """
            S1 frozen 05-08 00:10 05-08 4000
            S1 frozen 05-12 00:10 05-12 9000
            exchange 05-10 S1 4600 S2 8000
            S2 frozen 05-13 00:10 05-13 9500
            close 05-13
            """)
        #expect(
            try book.days("05-01", "05-14") == """
                05-08 S1 4000 frozen +200
                05-09 S1 4200 estimated +200
                05-10 S1 4400 estimated +700
                05-11 S2 8500 estimated +500
                05-12 S2 9000 estimated +500
                05-13 S2 9500 frozen
                """)
    }

    @Test("a new fleet's first night leaves no work behind, whatever its fitters read")
    func newFleet() throws {
        var registry = LogBook.registry()
        let row = registry.installations[0]
        registry.installations = [
            MeterInstallation(
                serial: row.serial, usagePoint: row.usagePoint, gateway: row.gateway, unit: row.unit,
                profile: row.profile, digits: row.digits, installedOn: row.installedOn, startIndex: .zero)
        ]
        let book = try LogBook(registry)
        try book.write("S1 frozen 05-09 00:10 05-09 4000")
        #expect(try book.dump().filter { $0.hasPrefix("unsettled") } == [])
        try book.write("close 05-09")
        #expect(try book.days("05-01", "05-09") == "05-01 S1 0 edited\n05-09 S1 4000 frozen")
    }

    @Test("an exchange from before the first reading, months ago, is left in peace")
    func longAgo() throws {
        let book = try LogBook()
        try book.write(
            """
            exchange 05-10 S1 5300 S2 100
            S2 frozen 09-10 00:10 09-10 9000
            """)
        #expect(try book.dump().filter { $0.hasPrefix("unsettled") } == [])
        try book.write("edit 09-12 9100\nclose 09-12")
        #expect(
            try book.days("05-10", "09-13") == """
                05-10 S2 100 edited
                09-10 S2 9000 frozen +50
                09-11 S2 9050 estimated +50
                09-12 S2 9100 edited
                """)
    }
}
