import Metering
import Testing

@testable import Store

@Suite("Registry import")
struct RegistryImportTests {
    @Test("the registry comes back as it was given")
    func roundTrip() throws {
        var registry = LogBook.registry(multiplier: 80, removedOn: "05-20")
        registry.gateways.append(
            Gateway(
                name: "G2", host: "/dev/ttyS0:9600:8N1", port: 1502, station: "T2", district: "PA0902", depth: 4,
                timeoutMilliseconds: 900, pauseMilliseconds: 20, transport: .rtu))
        registry.usagePoints.append(
            UsagePoint(name: "P2", customer: "Nguyễn \"An\"", householdHundredths: 175, readingDay: 20, voltage: "0.4"))
        registry.installations.append(
            MeterInstallation(
                serial: "S2", usagePoint: LogBook.usagePoint, gateway: "G2", unit: 247, profile: "adl400",
                installedOn: LogBook.day("05-20"), startIndex: Energy(wattHours: 7), endIndex: nil))
        let book = try LogBook(registry)
        #expect(try book.store.registry() == registry)
    }

    @Test("a text comes back whole: empty, with a zero byte inside, with letters of several bytes")
    func texts() throws {
        var registry = LogBook.registry()
        registry.usagePoints += ["", "a\u{0}b", "Mường Thanh"].enumerated().map { number, text in
            UsagePoint(name: "P\(number)\(text)", customer: text, station: text, voltage: text)
        }
        let book = try LogBook(registry)
        #expect(try book.store.registry() == registry)
        #expect(try book.store.importRegistry(registry, at: book.instant("05-02 00:00")).isAny == false)
    }

    @Test("a meter that a first registry gives twice is one meter, as the second row has it")
    func twice() throws {
        var registry = LogBook.registry()
        registry.installations += LogBook.registry(multiplier: 3).installations
        let book = try LogBook(registry)
        #expect(try book.store.registry().installations.map(\.multiplier) == [3])
    }

    @Test("importing again counts what is added, changed, unchanged and absent, and meters keep their identity")
    func counts() throws {
        let book = try LogBook()
        let before = try book.meter()
        var registry = LogBook.registry(multiplier: 2)
        registry.gateways = []
        registry.usagePoints.append(UsagePoint(name: "P2", customer: "C2"))
        let change = try book.store.importRegistry(registry, at: book.instant("05-02 00:00"))
        #expect(change.gateways.absent == 1)
        #expect((change.usagePoints.added, change.usagePoints.unchanged) == (1, 1))
        #expect(change.installations.changed == 1)
        #expect(try book.meter() == before)
        #expect(try book.store.registry().installations.map(\.multiplier) == [2])
    }

    @Test("one contradiction and nothing is imported; all contradictions are named")
    func allOrNothing() throws {
        let book = try LogBook()
        let before = try book.dump()
        var registry = LogBook.registry(multiplier: 7)
        registry.usagePoints.append(UsagePoint(name: "P2", customer: "C2"))
        func meter(_ serial: String, _ usagePoint: String, _ gateway: String, _ unit: UInt8) -> MeterInstallation {
            MeterInstallation(
                serial: serial, usagePoint: usagePoint, gateway: gateway, unit: unit, profile: "sdm630",
                installedOn: LogBook.day("05-10"))
        }
        registry.installations += [
            meter("S2", "P2", "G1", 1), meter("S3", LogBook.usagePoint, "G1", 3), meter("S4", "P9", "G1", 4),
            meter("S5", "P2", "G9", 5),
        ]
        let error = #expect(throws: StoreError.self) {
            try book.store.importRegistry(registry, at: book.instant("05-02 00:00"))
        }
        guard case .registryRefused(let faults) = error else {
            Issue.record("refused otherwise: \(String(describing: error))")
            return
        }
        #expect(faults.count == 4)
        for part in ["gateway G1 unit 1", "usage point \(LogBook.usagePoint)", "P9", "G9"] {
            #expect(faults.contains { $0.contains(part) }, "\(part) is not named")
        }
        #expect(try book.dump() == before)
    }

    @Test("a new meter whose files say nothing of the old one is refused until that one is removed")
    func exchangeNeedsRemoval() throws {
        let book = try LogBook()
        var registry = LogBook.registry()
        registry.installations = [
            MeterInstallation(
                serial: "S2", usagePoint: LogBook.usagePoint, gateway: "G1", unit: 1, profile: "sdm630",
                installedOn: LogBook.day("05-10"))
        ]
        #expect(throws: StoreError.self) {
            try book.store.importRegistry(registry, at: book.instant("05-10 00:00"))
        }
        registry.installations += LogBook.registry(removedOn: "05-10").installations
        _ = try book.store.importRegistry(registry, at: book.instant("05-10 00:00"))
        #expect(try book.store.meters(inServiceOn: LogBook.day("05-09")).map(\.installation.serial) == ["S1"])
        #expect(try book.store.meters(inServiceOn: LogBook.day("05-10")).map(\.installation.serial) == ["S2"])
        #expect(try book.store.installations(of: LogBook.usagePoint).map(\.serial) == ["S1", "S2"])
    }

    @Test("usage points are found by the beginning of name, customer or serial, in either case")
    func search() throws {
        var registry = LogBook.registry()
        registry.usagePoints.append(UsagePoint(name: "PB1", customer: "s1 in lower case"))
        let book = try LogBook(registry)
        func found(_ text: String, limit: Int = 10) throws -> [String] {
            try book.store.searchUsagePoints(text, limit: limit).map(\.name)
        }
        #expect(try found("pa0901") == [LogBook.usagePoint])
        #expect(try found("Trần") == [LogBook.usagePoint])
        #expect(try found("S1") == ["PB1", LogBook.usagePoint])
        #expect(try found("S1", limit: 1) == ["PB1"])
        #expect(try found("") == [LogBook.usagePoint, "PB1"])
        #expect(try found("%") == [])
        #expect(try found("p", limit: 0) == [])
    }
}
