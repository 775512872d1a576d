import Metering
import Testing

@testable import Store

@Suite("Indices, lineage and health as people see them")
struct PeopleTests {
    @Test("consumption is that of the day that starts at the index, with the multiplier")
    func multiplier() throws {
        let book = try LogBook(LogBook.registry(multiplier: 40))
        try book.write(
            """
            frozen 05-02 00:10 05-02 1000
            frozen 05-03 00:10 05-03 1025
            frozen 05-05 00:10 05-05 1100
            """)
        #expect(
            try book.indices() == """
                05-02 1000 frozen ±0 r1 +1000
                05-03 1025 frozen ±0 r1
                05-05 1100 frozen ±0 r1
                """)
    }

    /// S1 leaves in the course of 05-10 with 5000 Wh on the dial; S2 comes in its place at 100 Wh, with twice the
    /// multiplier.
    static func exchange(endIndex: Int64? = 5000, startIndex: Int64? = 100) throws -> LogBook {
        var registry = LogBook.registry()
        let old = registry.installations[0]
        func meter(_ serial: String, _ unit: UInt8, _ multiplier: Int64, _ from: ServiceDay, _ until: ServiceDay?)
            -> MeterInstallation
        {
            MeterInstallation(
                serial: serial, usagePoint: old.usagePoint, gateway: "G1", unit: unit, profile: "sdm630",
                multiplier: multiplier, installedOn: from, removedOn: until,
                startIndex: serial == "S2" ? startIndex.map(Energy.init(wattHours:)) : nil,
                endIndex: serial == "S1" ? endIndex.map(Energy.init(wattHours:)) : nil)
        }
        registry.installations = [
            meter("S1", 1, 1, old.installedOn, LogBook.day("05-10")), meter("S2", 1, 2, LogBook.day("05-10"), nil),
        ]
        return try LogBook(registry)
    }

    @Test("a meter exchange starts a new series and the fitter's indices close the gap")
    func exchanged() throws {
        let book = try Self.exchange()
        try book.write(
            "frozen 05-08 00:10 05-08 4000\nfrozen 05-09 00:10 05-09 4600\nfrozen 05-10 00:10 05-10 4900",
            meter: try book.meter("S1"))
        try book.write(
            "frozen 05-12 00:10 05-12 900\nfrozen 05-12 00:11 05-11 400", meter: try book.meter("S2", on: "05-10"))
        #expect(
            try book.indices() == """
                05-08 4000 frozen ±0 r1 +600
                05-09 4600 frozen ±0 r1 +300
                05-10 4900 frozen ±0 r1 +700
                05-11 400 frozen ±0 r1 +1000
                05-12 900 frozen ±0 r1
                """)
        let counted = try book.store.completeness(of: book.day("05-10"))
        #expect((counted.expected, counted.frozen, counted.missing) == (1, 1, 0))
        #expect(counted.energy == Energy(wattHours: 700))
        #expect(try book.store.completeness(of: book.day("05-09")).energy == Energy(wattHours: 300))
    }

    @Test("without the fitter's indices the days of an exchange have no consumption")
    func exchangedWithoutFacts() throws {
        let book = try Self.exchange(endIndex: nil, startIndex: nil)
        try book.write("frozen 05-09 00:10 05-09 4600", meter: try book.meter("S1"))
        try book.write("frozen 05-12 00:11 05-11 400", meter: try book.meter("S2", on: "05-10"))
        #expect(try book.indices() == "05-09 4600 frozen ±0 r1\n05-11 400 frozen ±0 r1")
    }

    @Test("an index leads back to the words on the wire")
    func lineage() throws {
        let book = try LogBook()
        try book.write("live 05-01 23:50 1000\nlive 05-02 00:10 70000\nfrozen 05-04 00:10 05-04 90000\nclose 05-04")
        func trace(_ day: String) throws -> IndexLineage? {
            try book.store.lineage(usagePoint: LogBook.usagePoint, register: .activeImport, day: book.day(day))
        }
        let measured = try #require(try trace("05-02"))
        #expect(measured.readings.map(\.words) == [[0, 1000], [1, 4464]])
        #expect(measured.readings.map(\.transaction) == [1, 2])
        #expect(measured.readings.map(\.answered) == [book.instant("05-01 23:50"), book.instant("05-02 00:10")])
        #expect(measured.readings.map(\.requested) == measured.readings.map { $0.answered - .seconds(2) })
        #expect(measured.readings.allSatisfy { $0.gateway == "G1" && $0.unit == 1 && $0.profile == "sdm630/1" })
        #expect(measured.serial == "S1" && measured.bracket.isEmpty)
        let estimated = try #require(try trace("05-03"))
        #expect(estimated.bracket.map(\.day) == [book.day("05-02"), book.day("05-04")])
        #expect(estimated.readings.map(\.moment) == [.live, .live, .frozen(book.day("05-04"))])
        #expect(try trace("05-05") == nil)
        #expect(throws: StoreError.unknownUsagePoint("P9")) {
            try book.store.lineage(usagePoint: "P9", register: .activeImport, day: book.day("05-02"))
        }
    }

    @Test("a daytime reading leaves no row behind, the pair around midnight does")
    func evidence() throws {
        let book = try LogBook()
        try book.write("live 05-01 10:00 100\nlive 05-01 11:00 110\nlive 05-01 12:00 120")
        #expect(try book.store.counts().readings == 0)
        try book.write("live 05-02 01:00 130\nlive 05-02 02:00 140")
        #expect(try book.store.counts().readings == 2)
    }

    @Test("failures are kept once a meter and kind, newest first, with how often they came")
    func failures() throws {
        let book = try LogBook()
        try book.ingest([
            book.failure("05-02 01:00", .timeout), book.failure("05-02 02:00", .exception(0x0B)),
            book.failure("05-02 03:00", .timeout), book.failure("05-02 03:00", .timeout, meter: MeterID(7)),
        ])
        let latest = try book.store.latestFailures(limit: 10)
        #expect(latest.map(\.kind) == ["timeout", "exception"])
        #expect(latest.map(\.count) == [2, 1])
        #expect(latest[0].firstSeen == book.instant("05-02 01:00") && latest[0].lastSeen == book.instant("05-02 03:00"))
        #expect(latest[0].usagePoint == LogBook.usagePoint && latest[0].isOngoing)
        try book.write("live 05-02 04:00 100")
        #expect(try book.store.latestFailures(limit: 1).map(\.isOngoing) == [false])
    }

    @Test("a gateway is online, degraded or offline by what it answered lately")
    func gatewayStates() throws {
        let book = try LogBook()
        func health(_ now: String) throws -> GatewayHealth {
            try #require(try book.store.gateways(now: book.instant(now)).first)
        }
        #expect(try health("05-02 00:00").state == .offline)
        try book.write("live 05-02 01:00 100")
        #expect(try health("05-02 01:30").state == .online)
        try book.ingest([book.failure("05-02 01:10", .noConnection("refused"))])
        let degraded = try health("05-02 01:30")
        #expect(degraded.state == .degraded)
        #expect(degraded.ok == 1 && degraded.failed == ["no-connection": 1])
        #expect(degraded.meters == 1)
        #expect(degraded.lastFailure?.text == "no connection: refused")
        #expect(try health("05-02 04:00").state == .offline)
        let counts = try book.store.counts()
        #expect(counts.ok == 1 && counts.failed == ["no-connection": 1])
        #expect(counts.fileBytes > 4096 && counts.walBytes > 0 && counts.meters == 1 && counts.gateways == 1)
    }
}
