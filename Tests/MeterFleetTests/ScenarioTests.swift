import Foundation
import MeterFleet
import Metering
import Modbus
import Testing

@Suite("A scenario")
struct ScenarioTests {
    /// The list of faults a simulator must be able to inject, item by item, and the scenarios that rehearse each.
    private static let required: [(item: String, scenarios: [String])] = [
        ("late reply inside the time-out", ["late-reply-inside"]),
        ("late reply after the time-out", ["late-reply-after"]),
        ("late reply to a different unit's request", ["late-reply-other-unit"]),
        ("constant transaction", ["transaction-constant"]),
        ("zero transaction", ["transaction-zero"]),
        ("swapped transaction", ["transaction-swapped"]),
        ("transaction off by one", ["transaction-off-by-one"]),
        ("wrong unit", ["wrong-unit"]),
        ("wrong function", ["wrong-function"]),
        ("exceptions 1 to 6", ["exceptions"]),
        ("exceptions 0x0A, 0x0B, 0x81", ["exceptions-of-gateways"]),
        ("gateway busy", ["busy"]),
        ("exception with wrong length", ["exception-wrong-length"]),
        ("byte count too large, too small, odd", ["byte-count"]),
        ("missing last byte", ["missing-last-byte"]),
        ("one-byte segments", ["one-byte-segments"]),
        ("bytes so slow that no frame completes", ["dribble"]),
        ("two replies in one segment", ["two-replies-one-segment"]),
        ("garbage on connect", ["garbage-on-connect"]),
        ("connection limit 1, 2, 3, refusing or dropping", ["connection-limit"]),
        ("silent after N requests", ["silent-after"]),
        ("half-open", ["half-open"]),
        ("reset in the middle of a reply", ["reset-mid-reply"]),
        ("pause needed between requests", ["pause-needed"]),
        ("register limit of eleven", ["register-limit"]),
        ("gap answering exception 2, 0, silence", ["register-gap"]),
        ("swapped words", ["swapped-words"]),
        ("sentinels of each type", ["not-available"]),
        ("zero or garbage index after a reboot", ["index-after-reboot"]),
        ("rollover at a stated modulus", ["rollover"]),
        ("meter exchange", ["meter-exchange"]),
        ("RTU frames on the TCP port", ["rtu-frames", "rtu-over-tcp"]),
        ("foreign reply", ["foreign-reply"]),
        ("slow history", ["slow-history"]),
        ("dead unit among live ones", ["dead-unit"]),
        ("gateway dead", ["gateway-dead"]),
    ]

    private static let names = required.flatMap(\.scenarios)

    private static func files() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: Scene.folder))
    }

    @Test("stands for each fault that must be injectable, and there is none for nothing")
    func complete() throws {
        #expect(try Self.files() == Set(Self.names.map { "\($0).yaml" } + ["README.md"]))
        #expect(Set(ScenarioChecks.all.keys) == Set(Self.names))
    }

    @Test("covers every kind of fault that a fleet file knows")
    func everyKind() throws {
        var kinds: Set<FaultName> = []
        for name in Self.names {
            for gateway in try Scene(name).fleet.gateways {
                kinds.formUnion(gateway.faults.map(\.kind.name))
                for succession in gateway.successions.values {
                    let meters = succession.meters.map(\.meter)
                    if meters.count > 1 { kinds.insert(.exchange) }
                    if meters[0].rolloverWattHours != nil { kinds.insert(.rollover) }
                }
            }
        }
        // Nothing goes wrong with a dial that stands still: `lives/` has it.
        #expect(kinds.union([.standstill]) == Set(FaultName.allCases))
    }

    @Test("puts the wrong thing on the wire", arguments: names)
    func injected(name: String) throws {
        let check = try #require(ScenarioChecks.all[name])
        try check(Scene(name))
    }

    @Test("begins with one sentence, which the index repeats beside what a right head-end shows", arguments: names)
    func described(name: String) throws {
        let yaml = String(decoding: try InputFile.bytes("\(Scene.folder)/\(name).yaml"), as: UTF8.self)
        let sentence = yaml.prefix { $0 != "\n" }
        #expect(sentence.hasPrefix("# ") && sentence.hasSuffix("."))
        let index = String(decoding: try InputFile.bytes("\(Scene.folder)/README.md"), as: UTF8.self)
        let row = index.split(separator: "\n").first { $0.hasPrefix("| [\(name).yaml](\(name).yaml) | ") }
        let cells = try #require(row).split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(cells.count == 4 && cells[1] == sentence.dropFirst(2) && cells[2].hasSuffix("."))
        let repository = "\(Scene.folder)/../.."
        for defence in cells[3].split(separator: ",") {
            let path = "\(repository)/scripts/defences/\(defence.trimmingCharacters(in: .whitespaces)).sed"
            #expect(FileManager.default.fileExists(atPath: path), "\(name) falls without \(defence)")
        }
    }

    @Test("is a small fleet that a registry can be written for", arguments: names)
    func registry(name: String) throws {
        let fleet = try Scene(name).fleet
        #expect((1...3).contains(fleet.gateways.count))
        #expect(fleet.gateways.allSatisfy { $0.port != 0 && (2...6).contains($0.meters.count) })
        #expect(Set(fleet.gateways.map(\.port)).count == fleet.gateways.count)
        #expect(Set(fleet.meters.map { $1.serial }).count == fleet.meterCount)
    }
}

@Suite("A registry written for a fleet file")
struct RegistryWritingTests {
    @Test("says what the head-end must know to talk to the gateways")
    func gateways() throws {
        let folder = try TemporaryFolder()
        try FleetFolder(folder.path).writeRegistry(Scene("pause-needed").fleet)
        let rows = try folder.records("gateways.csv")
        #expect(rows[1] == ["GW1", "127.0.0.1", "15501", "TBA1", "PA0901", "", "1000", "120", "tcp"])
        try FleetFolder(folder.path).writeRegistry(Scene("rtu-over-tcp").fleet)
        #expect(try folder.records("gateways.csv").map { $0[8] } == ["transport", "rtu-over-tcp", "tcp"])
        try FleetFolder(folder.path).writeRegistry(Scene("transaction-swapped").fleet)
        #expect(try folder.records("gateways.csv").map { $0[5] } == ["depth", "4"])
    }

    @Test("knows of an exchange from its day on, with both dials as the fitter read them")
    func exchange() throws {
        let folder = try TemporaryFolder()
        let fleet = try Scene("meter-exchange").fleet
        func rows(asOf day: ServiceDay?) throws -> [[String]] {
            try FleetFolder(folder.path).writeRegistry(fleet, asOf: day)
            return try folder.records("meters.csv").filter { $0[3] == "1" }
        }
        let unaware = try rows(asOf: nil)
        #expect(unaware.map { $0[0] } == ["24000001"])
        #expect(unaware[0][7...] == ["2025-04-01", "", "", ""])
        #expect(try rows(asOf: day("2025-05-10")) == unaware)

        let moment = CivilMoment(day: day("2025-05-11"), microseconds: 36_900_000_000)
        let old = try #require(fleet.gateways[0].meters[1])
        let end = old.dial.face(at: moment)[.activeImport].wattHours / 10 * 10
        let aware = try rows(asOf: day("2025-05-11"))
        #expect(aware.map { $0[0] } == ["24000001", "24000901"])
        #expect(aware[0][7...] == ["2025-04-01", "2025-05-11", "", "\(end)"])
        #expect(aware[1][7...] == ["2025-05-11", "", "1200", ""])
    }
}
