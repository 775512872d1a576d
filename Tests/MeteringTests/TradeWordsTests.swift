import Metering
import Testing

@Suite("the words of the trade")
struct TradeWordsTests {
    // MARK: - Registers

    @Test("a register's stored number, name and OBIS code stay what they are")
    func registers() {
        let table = Register.allCases.map { "\($0.rawValue) \($0.name) \($0.obis)" }
        #expect(
            table == [
                "1 import 1-0:1.8.0", "2 export 1-0:2.8.0", "3 import_t1 1-0:1.8.1", "4 import_t2 1-0:1.8.2",
                "5 import_t3 1-0:1.8.3", "6 import_t4 1-0:1.8.4", "7 reactive_import 1-0:3.8.0",
                "8 reactive_export 1-0:4.8.0",
            ])
    }

    @Test("no two registers share a name or an OBIS code")
    func registersAreDistinct() {
        #expect(Set(Register.allCases.map(\.name)).count == Register.allCases.count)
        #expect(Set(Register.allCases.map(\.obis)).count == Register.allCases.count)
    }

    @Test("a register is found by its name", arguments: Register.allCases)
    func registerByName(register: Register) {
        #expect(Register(name: register.name) == register)
        #expect(Register.names.contains(register.name))
    }

    @Test("a register is not found by another word", arguments: ["", "Import", "import_t5", "activeImport", "import "])
    func unknownRegister(name: String) { #expect(Register(name: name) == nil) }

    // MARK: - Index quality

    @Test("an index quality's stored number, name and ESPI code stay what they are")
    func qualities() {
        let table = IndexQuality.allCases.map { "\($0.rawValue) \($0.name) \($0.espiCode)" }
        #expect(table == ["1 frozen 19", "2 measured 17", "3 estimated 9", "4 edited 7"])
        #expect(IndexQuality.allCases.filter(\.isMeasured) == [.frozen, .measured])
    }

    @Test("an index quality is found by its name alone", arguments: IndexQuality.allCases)
    func qualityByName(quality: IndexQuality) {
        #expect(IndexQuality(name: quality.name) == quality)
        #expect(IndexQuality(name: quality.name.uppercased()) == nil)
    }

    /// Rows: the newcomer. Columns: what stands there, in the order frozen, measured, estimated, edited.
    @Test(
        "a better or equal source replaces an index; what a person entered stays",
        arguments: [
            (.frozen, [true, true, true, false]),
            (.measured, [false, true, true, false]),
            (.estimated, [false, false, true, false]),
            (.edited, [false, false, false, false]),
        ] as [(IndexQuality, [Bool])])
    func mayReplace(newcomer: IndexQuality, expected: [Bool]) {
        #expect([.frozen, .measured, .estimated, .edited].map { newcomer.mayReplace($0) } == expected)
    }

    @Test("a daily index is its day's first revision unless told otherwise")
    func firstRevision() {
        let index = DailyIndex(day: ServiceDay(number: 0), index: .zero, quality: .frozen, errorBound: .zero)
        #expect(index.revision == 1)
    }

    // MARK: - Failures

    @Test(
        "a failed poll has a stable kind and says what happened",
        arguments: [
            (.noConnection("refused"), "no-connection", "no connection: refused"),
            (.timeout, "timeout", "no answer within the time-out"),
            (.badReply("unit 7, asked 8"), "bad-reply", "reply refused: unit 7, asked 8"),
            (.absent("sentinel 0xFFFFFFFF"), "absent", "not available: sentinel 0xFFFFFFFF"),
            (.exception(0x01), "exception", "Modbus exception 0x1 (function not supported)"),
            (.exception(0x02), "exception", "Modbus exception 0x2 (no such register)"),
            (.exception(0x03), "exception", "Modbus exception 0x3 (count refused)"),
            (.exception(0x04), "exception", "Modbus exception 0x4 (meter failure)"),
            (.exception(0x05), "exception", "Modbus exception 0x5 (acknowledged, still working)"),
            (.exception(0x06), "exception", "Modbus exception 0x6 (busy)"),
            (.exception(0x0A), "exception", "Modbus exception 0xA (gateway has no path)"),
            (.exception(0x0B), "exception", "Modbus exception 0xB (meter behind the gateway is silent)"),
            (.exception(0xFF), "exception", "Modbus exception 0xFF (vendor code)"),
        ] as [(PollFailure, String, String)])
    func failure(failure: PollFailure, kind: String, text: String) {
        #expect(failure.kind == kind)
        #expect(failure.description == text)
    }

    // MARK: - Installations

    @Test(
        "a meter is in service from its installation up to, not including, its removal",
        arguments: [
            ("2025-04-01", nil, "2025-03-31", false),
            ("2025-04-01", nil, "2025-04-01", true),
            ("2025-04-01", nil, "2099-12-31", true),
            ("2025-04-01", "2025-04-10", "2025-04-09", true),
            ("2025-04-01", "2025-04-10", "2025-04-10", false),
            ("2025-04-01", "2025-04-10", "2025-04-11", false),
            // Installed and taken down on one day: no midnight saw it.
            ("2025-04-01", "2025-04-01", "2025-04-01", false),
        ] as [(String, String?, String, Bool)])
    func inService(installed: String, removed: String?, asked: String, expected: Bool) throws {
        let installation = MeterInstallation(
            serial: "S1", usagePoint: "U1", gateway: "G1", unit: 1, profile: "sdm120",
            installedOn: try #require(ServiceDay(iso: installed)), removedOn: removed.flatMap { ServiceDay(iso: $0) })
        #expect(installation.isInService(on: try #require(ServiceDay(iso: asked))) == expected)
    }

    @Test("an exchanged meter's successor takes over with no day between and none twice")
    func exchange() throws {
        let day = try #require(ServiceDay(iso: "2025-04-10"))
        let old = MeterInstallation(
            serial: "S1", usagePoint: "U1", gateway: "G1", unit: 1, profile: "sdm120", installedOn: day - 30,
            removedOn: day)
        let new = MeterInstallation(
            serial: "S2", usagePoint: "U1", gateway: "G1", unit: 1, profile: "sdm120", installedOn: day)
        for asked in (day - 30)...(day + 30) {
            #expect(old.isInService(on: asked) != new.isInService(on: asked), "\(asked)")
        }
    }

    @Test(
        "the index of a day is its meter's to show from the day it comes to the day it leaves, both included",
        arguments: [
            ("2025-04-01", nil, "2025-03-31", false),
            ("2025-04-01", nil, "2025-04-01", true),
            ("2025-04-01", "2025-04-10", "2025-04-09", true),
            ("2025-04-01", "2025-04-10", "2025-04-10", true),
            ("2025-04-01", "2025-04-10", "2025-04-11", false),
        ] as [(String, String?, String, Bool)])
    func showsIndex(installed: String, removed: String?, asked: String, expected: Bool) throws {
        let stay = MeterStay(
            installedOn: try #require(ServiceDay(iso: installed)), removedOn: removed.flatMap { ServiceDay(iso: $0) })
        #expect(stay.showsIndex(of: try #require(ServiceDay(iso: asked))) == expected)
    }

    @Test("what the fitter read stood on the import dial when the first day began, and does when the last one is over")
    func fittersIndex() throws {
        let day = try #require(ServiceDay(iso: "2025-04-10"))
        let stay = MeterStay(
            installedOn: day, removedOn: day + 5, startIndex: Energy(wattHours: 100), endIndex: Energy(wattHours: 900))
        for asked in (day - 3)...(day + 9) {
            let index = stay.fittersIndex(of: asked, .activeImport)
            let expected: Int64? = asked == day ? 100 : asked == day + 6 ? 900 : nil
            #expect(index?.index.wattHours == expected, "\(asked)")
            #expect(index.map { $0.day == asked && $0.quality == .edited && $0.errorBound == .zero } ?? true)
            #expect(stay.fittersIndex(of: asked, .activeExport) == nil)
        }
        let open = MeterStay(installedOn: day, removedOn: nil, endIndex: Energy(wattHours: 900))
        #expect(open.fittersIndex(of: day, .activeImport) == nil)
    }

    @Test("a row that says no more than its name is an ordinary one")
    func defaults() {
        let gateway = Gateway(name: "G1", host: "10.0.0.1")
        #expect(gateway.port == 502)
        #expect(gateway.depth == 1)
        #expect(gateway.timeoutMilliseconds == 2000)
        #expect(gateway.transport == .tcp)
        let point = UsagePoint(name: "U1", customer: "C1")
        #expect(point.category == "residential")
        #expect(point.householdHundredths == 100)
    }

    @Test("transports are written as in the registry's files")
    func transports() {
        #expect(Transport.allCases.map(\.rawValue) == ["tcp", "rtu-over-tcp", "rtu"])
    }

    // MARK: - Faults of input

    @Test(
        "a fault of input says file, line, field and value as far as they are known, then the remedy",
        arguments: [
            ("meters.csv", 17, "multiplier", "0", "meters.csv:17: multiplier \"0\": must be 1 or more"),
            ("meters.csv", 17, "multiplier", "", "meters.csv:17: multiplier: must be 1 or more"),
            ("meters.csv", 17, "", "0", "meters.csv:17: \"0\": must be 1 or more"),
            ("meters.csv", 17, "", "", "meters.csv:17: must be 1 or more"),
            ("meterd.yaml", 0, "head_end.cadence", "0", "meterd.yaml: head_end.cadence \"0\": must be 1 or more"),
            ("meterd.yaml", 0, "", "", "meterd.yaml: must be 1 or more"),
        ] as [(String, Int, String, String, String)])
    func inputFault(file: String, line: Int, field: String, value: String, text: String) {
        let fault = InputFault(file: file, line: line, field: field, value: value, remedy: "must be 1 or more")
        #expect(fault.description == text)
    }

    @Test("all faults of an input are shown, one a line, in their order")
    func inputFaults() {
        let faults = InputFaults([
            InputFault(file: "b.csv", line: 2, field: "unit", value: "0", remedy: "must be 1 to 247"),
            InputFault(file: "a.csv", field: "", value: "", remedy: "the file is empty"),
        ])
        #expect(faults.description == "b.csv:2: unit \"0\": must be 1 to 247\na.csv: the file is empty")
    }
}
