import Metering
import Testing

@testable import Store

@Suite("What the head-end's plans are made from")
struct GatewayStreamTests {
    private static func meter(
        _ serial: String, _ gateway: String, _ unit: UInt8, from: String = "05-01", to: String? = nil,
        profile: String = "sdm630", multiplier: Int64 = 1
    ) -> MeterInstallation {
        MeterInstallation(
            serial: serial, usagePoint: "P\(serial)", gateway: gateway, unit: unit, profile: profile,
            multiplier: multiplier, installedOn: LogBook.day(from), removedOn: to.map { LogBook.day($0) })
    }

    private static func registry(_ gateways: [String], _ installations: [MeterInstallation]) -> Registry {
        Registry(
            gateways: gateways.enumerated().map { Gateway(name: $0.element, host: "10.0.0.\($0.offset)") },
            usagePoints: installations.map { UsagePoint(name: $0.usagePoint, customer: "C") },
            installations: installations)
    }

    /// `G1: S2@1 S1@2`, a line a gateway, in the order handed out.
    private func walk(_ book: LogBook, on day: String) throws -> [String] {
        var lines: [String] = []
        try book.store.forEachGateway(notRemovedBy: book.day(day)) { gateway, meters in
            lines.append("\(gateway.name): \(meters.map { "\($0.serial)@\($0.unit)" }.joined(separator: " "))")
        }
        return lines
    }

    @Test("gateways come by name, each with its meters by unit; removed ones are left out, planned ones are not")
    func order() throws {
        let book = try LogBook(
            Self.registry(
                ["G2", "G10", "G1"],
                [
                    Self.meter("S1", "G1", 2), Self.meter("S2", "G2", 7), Self.meter("S3", "G1", 1, to: "05-10"),
                    Self.meter("S4", "G1", 1, from: "05-10"), Self.meter("S5", "G2", 3, from: "06-01"),
                ]))
        #expect(try walk(book, on: "05-09") == ["G1: S3@1 S4@1 S1@2", "G10: ", "G2: S5@3 S2@7"])
        #expect(try walk(book, on: "05-10") == ["G1: S4@1 S1@2", "G10: ", "G2: S5@3 S2@7"])
    }

    @Test("a gateway and a meter come as they were imported")
    func content() throws {
        let gateway = Gateway(
            name: "G2", host: "gw2.example", port: 4196, station: "T2", district: "PA0902", depth: 4,
            timeoutMilliseconds: 900, pauseMilliseconds: 20, transport: .rtuOverTCP)
        let book = try LogBook()
        var registry = LogBook.registry()
        registry.gateways = [gateway]
        registry.usagePoints = [UsagePoint(name: "PS2", customer: "C")]
        registry.installations = [
            Self.meter("S2", "G2", 247, from: "05-02", to: "05-30", profile: "adl400", multiplier: 80)
        ]
        _ = try book.store.importRegistry(registry, at: book.instant("05-01 00:00"))
        var found: [(Gateway, [GatewayMeter])] = []
        try book.store.forEachGateway(notRemovedBy: book.day("05-01")) { found.append(($0, $1)) }
        #expect(found.map(\.0.name) == ["G1", "G2"])
        #expect(found[1].0 == gateway)
        #expect(
            found[1].1 == [
                GatewayMeter(
                    id: MeterID(2), unit: 247, serial: "S2", profile: "adl400", multiplier: 80,
                    installedOn: book.day("05-02"), removedOn: book.day("05-30"), isKnown: false, keepsTime: true)
            ])
    }

    @Test("what the caller throws ends the walk and comes out")
    func thrown() throws {
        struct Enough: Error {}
        let book = try LogBook(Self.registry(["G1", "G2"], [Self.meter("S1", "G1", 1)]))
        var seen = 0
        #expect(throws: Enough.self) {
            try book.store.forEachGateway(notRemovedBy: book.day("05-01")) { _, _ in
                seen += 1
                throw Enough()
            }
        }
        #expect(seen == 1)
    }

    @Test("the registry's version grows with an import that changes a row, in whichever process, and with no other")
    func version() throws {
        let book = try LogBook()
        let first = try book.store.fieldVersion().registry
        #expect(try book.store.forEachGateway(notRemovedBy: book.day("05-01")) { _, _ in }.registry == first)
        _ = try book.store.importRegistry(LogBook.registry(), at: book.instant("05-02 00:00"))
        #expect(try book.store.fieldVersion().registry == first)
        try book.write("frozen 05-02 00:10 05-02 1000\nedit 05-02 1001")
        #expect(try book.store.fieldVersion().registry == first)
        let contradicting = Self.registry(["G1"], [Self.meter("S2", "G1", 1)])
        #expect(throws: StoreError.self) {
            try book.store.importRegistry(contradicting, at: book.instant("05-02 00:00"))
        }
        #expect(try book.store.fieldVersion().registry == first)
        let tool = try Store(path: book.path, role: .tool, calendar: book.calendar)
        _ = try tool.importRegistry(LogBook.registry(removedOn: "05-20"), at: book.instant("05-02 00:00"))
        try tool.close()
        #expect(try book.store.fieldVersion().registry == first + 1)
        #expect(try book.store.forEachGateway(notRemovedBy: book.day("05-01")) { _, _ in }.registry == first + 1)
    }

    @Test("a meter owes the days in service without a frozen index, whatever order the others came in")
    func owedFrozenDays() throws {
        let book = try LogBook(LogBook.registry(installedOn: "05-02", removedOn: "05-07"))
        func owed(_ profiles: Set<String> = ["sdm630"]) throws -> [MeterID: [ServiceDay]] {
            let owed = try book.store.owedFrozenDays(
                from: book.day("05-01"), through: book.day("05-09"), profiles: profiles)
            let days = owed[MeterID(1)]
            #expect(owed.meterCount == (days.isEmpty ? 0 : 1))
            return days.isEmpty ? [:] : [MeterID(1): days]
        }
        #expect(try owed() == [MeterID(1): ["05-02", "05-03", "05-04", "05-05", "05-06"].map { book.day($0) }])
        #expect(try owed(["adl400"]) == [:])
        try book.write("live 05-02 23:59 900\nlive 05-03 00:01 901")
        try book.write("frozen 05-06 00:10 05-06 1000\nfrozen 05-06 00:11 05-04 950")
        #expect(try owed() == [MeterID(1): ["05-02", "05-03", "05-05"].map { book.day($0) }])
        try book.write("frozen 05-06 00:12 05-02 800\nfrozen 05-06 00:13 05-03 900\nfrozen 05-06 00:14 05-05 960")
        #expect(try owed() == [:])
    }

    @Test("a year of days is owed as exactly as a week, and neighbours do not pay for each other")
    func manyDays() throws {
        let book = try LogBook(
            Self.registry(["G1"], [Self.meter("S1", "G1", 1, from: "01-01"), Self.meter("S2", "G1", 2, from: "03-31")]))
        let (first, last) = (book.day("01-01"), book.day("12-31"))
        let paid = ["01-01", "03-05", "03-06", "12-31"]
        for day in paid {
            try book.write("frozen 12-31 00:10 \(day) 1000")
        }
        let owed = try book.store.owedFrozenDays(from: first, through: last, profiles: ["sdm630"])
        #expect(owed[MeterID(1)] == (first...last).filter { day in !paid.contains { book.day($0) == day } })
        #expect(owed[MeterID(2)] == Array(book.day("03-31")...last))
        #expect(owed[MeterID(0)] == [] && owed[MeterID(3)] == [])
        #expect(owed.meterCount == 2)
        #expect(try book.store.owedFrozenDays(from: last, through: first, profiles: ["sdm630"])[MeterID(1)] == [])
    }
}
