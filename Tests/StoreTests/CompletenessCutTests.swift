import Metering
import Testing

@testable import Store

@Suite("A day's completeness by every cut")
struct CompletenessCutTests {
    /// Usage point, station, district, gateway, unit, profile. G2 is silent since 10 May began.
    private static let field: [(String, String, String, String, UInt8, String)] = [
        ("P1", "T1", "PA0901", "G1", 1, "sdm630"), ("P2", "T1", "PA0901", "G1", 2, "sdm630"),
        ("P3", "T1", "PA0901", "G1", 3, "adl400"), ("P4", "T2", "PA0902", "G1", 4, "adl400"),
        ("P5", "T2", "PA0902", "G1", 5, "sdm630"), ("P6", "T2", "PA0902", "G1", 6, "sdm630"),
        ("P7", "T3", "PA0902", "G1", 7, "sdm630"), ("P8", "T3", "PA0901", "G2", 1, "adl400"),
        ("P9", "T3", "PA0901", "G2", 2, "sdm630"),
    ]

    private static func registry() -> Registry {
        Registry(
            gateways: ["G1", "G2"].map { Gateway(name: $0, host: "10.0.0.\($0.suffix(1))") },
            usagePoints: field.map { UsagePoint(name: $0.0, customer: "C", station: $0.1, district: $0.2) },
            installations: field.map { point, _, _, gateway, unit, profile in
                MeterInstallation(
                    serial: "S" + point.dropFirst(), usagePoint: point, gateway: gateway, unit: unit, profile: profile,
                    digits: 6, installedOn: LogBook.day("05-01"))
            })
    }

    private static func fail(_ serial: String, _ at: String, _ failure: PollFailure, _ book: LogBook) throws {
        let meter = try #require(
            try book.store.meters(inServiceOn: LogBook.day("05-01")).first { $0.installation.serial == serial })
        let at = book.instant(at)
        try book.ingest([
            PollOutcome(
                meter: meter.id, gateway: meter.installation.gateway, unit: meter.installation.unit, transaction: 1,
                profile: "x/1", requested: at, answered: at, result: .failure(failure))
        ])
    }

    /// The 10th of May as it stands at noon.
    private static func book() throws -> LogBook {
        let book = try LogBook(registry())
        try book.write(
            """
            S1 frozen 05-10 00:10 05-10 1000
            S2 frozen 05-09 00:10 05-09 2000
            S3 frozen 05-09 00:10 05-09 3000
            S5 live 05-09 12:00 5000
            S5 live 05-10 12:00 700
            S7 live 05-10 12:00 7000
            S9 frozen 05-09 00:10 05-09 9000
            """)
        try fail("S2", "05-10 11:00", .exception(0x0B), book)
        try fail("S3", "05-10 11:00", .timeout, book)
        try fail("S3", "05-10 11:10", .exception(2), book)
        try fail("S4", "05-10 11:00", .timeout, book)
        try fail("S8", "05-10 11:00", .noConnection("refused"), book)
        return book
    }

    @Test("a meter whose own record of the day cannot be true is refused, not without a bracket")
    func refusedRecord() throws {
        let book = try Self.book()
        try book.write("S1 frozen 05-11 00:10 05-11 5")
        let missing = try book.store.missingMeters(on: book.day("05-11"))
        #expect(missing.first { $0.usagePoint == "P1" }?.reason.name == "refused-decreased")
    }

    @Test("a meter is missing for one reason: that of whoever has to do something first")
    func reasons() throws {
        let book = try Self.book()
        let missing = try book.store.missingMeters(on: book.day("05-10"))
        #expect(
            missing.map { "\($0.usagePoint) \($0.reason.name)" } == [
                "P8 gateway-silent", "P9 gateway-silent", "P2 meter-silent", "P4 never-heard", "P7 no-bracket",
                "P5 refused-decreased", "P6 unasked", "P3 unreadable",
            ])
        let refused = try #require(missing.first { $0.usagePoint == "P5" })
        #expect(refused.lastHeard == LogBook.instant("05-09 12:00"), "what was refused is not heard")
        let unreadable = try #require(missing.first { $0.usagePoint == "P3" })
        #expect(unreadable.lastFailure == PollFailure.exception(2).description, "the latest of two")
    }

    @Test(
        "the worst part is first",
        arguments: [
            (CompletenessCut.district, ["PA0901 1/5", "PA0902 0/4"]),
            (.station, ["T2 0/3", "T3 0/3", "T1 1/3"]),
            (.gateway, ["G1 1/7", "G2 0/2"]),
            (.profile, ["sdm630 1/6", "adl400 0/3"]),
            (
                .reason,
                [
                    "gateway-silent 0/2", "meter-silent 0/1", "never-heard 0/1", "no-bracket 0/1",
                    "refused-decreased 0/1", "unasked 0/1", "unreadable 0/1", "known 1/1",
                ]
            ),
        ])
    func worstFirst(cut: CompletenessCut, parts: [String]) throws {
        let book = try Self.book()
        let counted = try book.store.completeness(of: book.day("05-10"), by: cut)
        #expect(counted.parts.map { "\($0.name) \($0.completeness.known)/\($0.completeness.expected)" } == parts)
    }

    @Test("whatever a day is cut by, its parts add up to it, closed or not, also on the day of an exchange")
    func sums() throws {
        let book = try Self.book()
        try book.write(
            """
            S1 frozen 05-11 00:10 05-11 1250
            S9 frozen 05-12 00:10 05-12 9600
            close 05-10
            close 05-11
            """)
        _ = try book.store.importRegistry(
            Registry(
                gateways: [Gateway(name: "G1", host: "10.0.0.1")],
                usagePoints: [UsagePoint(name: "P1", customer: "C", station: "T1", district: "PA0901")],
                installations: [
                    MeterInstallation(
                        serial: "S1", usagePoint: "P1", gateway: "G1", unit: 1, profile: "sdm630", digits: 6,
                        installedOn: book.day("05-01"), removedOn: book.day("05-11"),
                        endIndex: Energy(wattHours: 1300)),
                    MeterInstallation(
                        serial: "S11", usagePoint: "P1", gateway: "G1", unit: 1, profile: "adl400", digits: 6,
                        installedOn: book.day("05-11"), startIndex: Energy(wattHours: 0)),
                ]), at: book.instant("05-12 08:00"))
        for day in ["05-09", "05-10", "05-11", "05-12"].map(book.day) {
            let whole = try book.store.completeness(of: day)
            for cut in CompletenessCut.allCases {
                let counted = try book.store.completeness(of: day, by: cut)
                #expect(counted.total == whole, "\(day) by \(cut)")
                #expect(counted.parts.reduce(0) { $0 + $1.completeness.missing } == whole.missing)
            }
            #expect(try book.store.missingMeters(on: day).count == whole.missing)
        }
        #expect(try book.store.completeness(of: book.day("05-10"), by: .reason).total.energy.wattHours == 250 + 200)
    }

    @Test("a case that was over before the day says nothing about it, and one that is solved since neither")
    func solved() throws {
        let book = try Self.book()
        // It goes on as it should: what went back is explained.
        try book.write("S5 live 05-10 13:00 5100")
        let missing = try book.store.missingMeters(on: book.day("05-10"))
        #expect(!missing.contains { $0.usagePoint == "P5" }, "now its midnight lies between two readings")

        let other = try LogBook(Self.registry())
        try other.write(
            """
            S5 live 05-08 12:00 5000
            S5 live 05-08 12:30 700
            S1 frozen 05-10 00:10 05-10 1000
            """)
        let meter = try other.meter("S6")
        for (at, standing) in [("05-10 08:00", MeterFacts.Standing.foreign), ("05-10 09:00", .proven)] {
            let mismatch = PollFailure.identity(.serial(found: "99", registered: "S6"))
            try other.ingest([
                PollOutcome(
                    meter: meter, gateway: "G1", unit: 6, transaction: 1, profile: "x/1",
                    requested: other.instant(at), answered: other.instant(at),
                    result: standing == .foreign ? .failure(mismatch) : .success([]),
                    facts: MeterFacts(standing: standing, serial: standing == .foreign ? "99" : "S6"))
            ])
        }
        let reasons = try other.store.missingMeters(on: other.day("05-10")).map { "\($0.usagePoint) \($0.reason.name)" }
        #expect(reasons.contains("P5 unasked"), "what went back was not seen since")
        #expect(reasons.contains("P6 never-heard"), "the meter that hung there was put right: \(reasons)")
    }
}
