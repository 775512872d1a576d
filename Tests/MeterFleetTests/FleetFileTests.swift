import Foundation
import MeterFleet
import Metering
import Modbus
import Testing

/// A folder of this test alone, removed when it is let go.
final class TemporaryFolder {
    let path = NSTemporaryDirectory() + "meterfleet-\(UUID().uuidString)"
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func records(_ name: String) throws -> [[String]] {
        try CSV.records(in: InputFile.bytes("\(path)/\(name)")).map(\.fields)
    }
}

@Suite("A fleet file")
struct FleetFileTests {
    private func parse(_ yaml: String) throws -> Fleet { try FleetFile.parse(yaml, file: "fleet.yaml", folder: "") }

    private func faults(_ yaml: String) -> [String] {
        do {
            _ = try parse(yaml)
            return []
        } catch let error as InputFaults {
            return error.faults.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test("lists meters or counts them, with defaults for what is not said")
    func reads() throws {
        let fleet = try parse(
            """
            seed: 9
            origin: 2025-04-01
            defaults: {latency_ms: 20, working: concurrent}
            gateways:
              - {name: A, port: 0, district: PA0901, meters: {count: 3, first: 1, profiles: [adl400, sdm630]}}
              - name: B
                host: 127.0.0.2
                port: 15021
                latency_ms: 0
                working: serial
                unknown_unit: silence
                meters:
                  - {unit: 7, number: 4, profile: em24, usage_point: X1, serial: "77", digits: 5, multiplier: 20}
                  - {unit: 9, number: 5, profile: sdm120, household: 1, installed: 2025-05-01}
            """)
        #expect(fleet.meterCount == 5)
        #expect(
            fleet.meters.map { $1.usagePoint }
                == ["PA09010000001", "PA09010000002", "PA09010000003", "X1", "0000005"])
        #expect(fleet.meters.map { $1.serial } == ["24000001", "24000002", "24000003", "77", "24000005"])
        #expect(fleet.meters.map { $1.model.profile.name } == ["adl400", "sdm630", "adl400", "em24", "sdm120"])
        #expect(fleet.gateways.map(\.latencyMilliseconds) == [20, 0])
        #expect(fleet.gateways.map(\.working) == [.concurrent, .serial])
        #expect(fleet.gateways[1].meters[7]?.multiplier == 20)
        #expect(fleet.gateways[1].meters[9]?.installed == day("2025-05-01"))
    }

    @Test("with faults names each of them with its line")
    func everyFault() {
        let found = faults(
            """
            seed: many
            origin: 2025-02-29
            time_zone: Mars/Olympus
            speed: 4
            defaults: {latency_ms: -1}
            gateways:
              - {name: A, port: 70000, meters: {count: 248, first: 1, profiles: [adl400]}}
              - {name: B, port: 15020, meters: {count: 2, first: 1, profiles: [abacus]}}
              - {name: C, port: 15020, working: slow, meters: []}
              - {name: C, port: 15020, silent_units: [300], meters: []}
              - name: D
                port: 1
                meters:
                  - {unit: 0, number: 1, profile: sdm630, usage_point: X}
                  - {unit: 1, number: 1, profile: sdm630, usage_point: X, serial: "12x"}
                  - {unit: 1, number: 2, profile: sdm630, series: nobody}
                  - {unit: 1, number: 3, profile: sdm630}
              - {name: E, port: 2, meters: {count: 9, first: 1, profiles: [em24]}}
              - {name: F, port: 3, meters: {count: 9, first: 9, profiles: [em24]}}
            """)
        let expected = [
            "fleet.yaml:1: seed \"many\": must be a whole number",
            "fleet.yaml:2: origin \"2025-02-29\": must be a day",
            "fleet.yaml:3: time_zone \"Mars/Olympus\": is no time zone",
            "fleet.yaml:4: speed: unknown key",
            "fleet.yaml:5: defaults.latency_ms \"-1\": must be a whole number from 0 to 60000",
            "fleet.yaml:7: gateways[0].port \"70000\": must be a whole number from 0 to 65535",
            "fleet.yaml:7: gateways[0].meters.count \"248\": must be a whole number from 0 to 247",
            "fleet.yaml:8: gateways[1].meters.profiles \"abacus\": is no known profile",
            "fleet.yaml:9: gateways[2].working \"slow\": must be one of serial, concurrent",
            "fleet.yaml:10: gateways[3].name \"C\": is the name of two gateways",
            "fleet.yaml:10: gateways[3].port: 127.0.0.1:15020 already belongs to C",
            "fleet.yaml:10: gateways[3].silent_units: unknown key",
            "fleet.yaml:14: gateways[4].meters[0].unit \"0\": must be a whole number from 1 to 247",
            "fleet.yaml:15: gateways[4].meters[1].usage_point \"X\": stands for two meters",
            "fleet.yaml:15: gateways[4].meters[1].serial \"12x\": does not fit",
            "fleet.yaml:16: gateways[4].meters[2].series \"nobody\": is no household",
            "fleet.yaml:17: gateways[4].meters[3].unit \"1\": two meters have this unit",
            "fleet.yaml:19: gateways[6].meters.first \"9\": meters 9 to 17 stand for two gateways of this district",
        ]
        #expect(found.count == expected.count)
        for fault in expected { #expect(found.contains { $0.hasPrefix(fault) }, "\(fault)") }
    }

    @Test("that is no fleet is refused", arguments: ["", "[]", "a: {", "seed: 1\nseed: 2\n", "origin: 2025-04-01\n"])
    func noFleet(yaml: String) { #expect(!faults(yaml).isEmpty) }

    @Test("that is not there is refused by name")
    func missing() {
        let error = #expect(throws: InputFaults.self) { try FleetFile.load(path: "/nowhere/fleet.yaml") }
        #expect(error?.faults.map(\.file) == ["/nowhere/fleet.yaml"])
        #expect(error?.faults.map(\.remedy) == ["does not exist; check the path"])
    }
}

@Suite("A fleet's folder")
struct FleetFolderTests {
    private func plan(
        meters: Int = 500, gateways: Int = 3, firstPort: Int = 15_020, profiles: [String] = ["adl400", "sdm630"]
    ) throws -> FleetPlan {
        try FleetPlan(
            meters: meters, gateways: gateways, seed: 3, firstPort: firstPort, profiles: profiles,
            start: day("2025-04-01"), library: library)
    }

    @Test("holds the fleet and the registry that fits it")
    func generated() throws {
        let folder = try TemporaryFolder()
        try FleetFolder(folder.path).write(plan().fleet)
        let fleet = try FleetFile.load(path: "\(folder.path)/fleet.yaml")
        #expect(fleet.gateways.map { $0.meters.count } == [167, 167, 166])

        let gateways = try folder.records("gateways.csv")
        #expect(
            gateways[0].joined(separator: ",")
                == "gateway,host,port,station,district,depth,timeout_ms,pause_ms,transport")
        #expect(gateways[1] == ["GW0001", "127.0.0.1", "15020", "TBA0001", "PA0901", "", "", "", "tcp"])
        #expect(gateways.count == 4)

        let points = try folder.records("usage_points.csv")
        #expect(
            points[0].joined(separator: ",")
                == "usage_point,customer,station,district,category,households,reading_day,voltage")
        #expect(points[1] == ["PA09010000001", "KH0000001", "TBA0001", "PA0901", "residential", "1", "20", "0.4kV"])
        #expect(points.count == 501)
        #expect(points.dropFirst().allSatisfy { $0[0].count == 13 && $0[0].hasPrefix($0[3]) })
        #expect(Set(points.dropFirst().map { $0[4] }) == ["residential", "residential_shared"])
        #expect(points.dropFirst().count { $0[4] == "residential_shared" } < 50)
        #expect(points.dropFirst().allSatisfy { ($0[4] == "residential") == ($0[5] == "1") })
        #expect(points.dropFirst().count { $0[6] == "0" } > 200)

        let meters = try folder.records("meters.csv")
        #expect(
            meters[0].joined(separator: ",")
                == "serial,usage_point,gateway,unit,profile,multiplier,digits,installed_on,removed_on,start_index_wh,"
                + "end_index_wh")
        #expect(
            meters[168]
                == ["24000168", "PA09030000168", "GW0002", "1", "sdm630", "1", "6", "2025-04-01", "", "", ""])
        #expect(meters.dropFirst().map { $0[0] } == fleet.meters.map { $1.serial })
        #expect(meters.dropFirst().map { $0[1] } == fleet.meters.map { $1.usagePoint })
        #expect(meters.dropFirst().map { $0[4] } == fleet.meters.map { $1.model.profile.name })
    }

    @Test("is the same for the same plan, byte for byte")
    func deterministic() throws {
        let (one, other) = (try TemporaryFolder(), try TemporaryFolder())
        for folder in [one, other] { try FleetFolder(folder.path).write(plan().fleet) }
        for name in ["fleet.yaml", "gateways.csv", "usage_points.csv", "meters.csv"] {
            #expect(try InputFile.bytes("\(one.path)/\(name)") == InputFile.bytes("\(other.path)/\(name)"))
        }
    }

    @Test("of a replay brings the recordings along, and its truth follows them")
    func replayed() throws {
        let recordings = try RecordingFile.parse(
            Array("customer_id,date,general_kwh\na,2012-02-10,1.234\n\"b \"\"2\"\"\",2012-02-10,4\n".utf8),
            file: "r.csv", house: "")
        let folder = try TemporaryFolder()
        let plan = try plan(meters: 2, gateways: 1, profiles: ["adl400", "abb-b23"])
        try FleetFolder(folder.path).write(plan.fleet(following: recordings), recordings: recordings)
        let fleet = try FleetFile.load(path: "\(folder.path)/fleet.yaml")
        var lines: [String] = []
        FleetTruth(fleet, from: day("2025-03-31"), through: day("2025-04-02"), register: .activeImport)
            .forEachLine { lines.append($0) }
        let start = fleet.meters.map { $1.dial.face(at: CivilMoment(day: day("2025-04-01")))[.activeImport].wattHours }
        #expect(
            lines == [
                "usage_point,register,day,index_wh\n",
                "PA09010000001,import,2025-04-01,\(start[0] / 10 * 10)\n",
                "PA09010000001,import,2025-04-02,\((start[0] + 1234) / 10 * 10)\n",
                "PA09010000002,import,2025-04-01,\(start[1] / 10 * 10)\n",
                "PA09010000002,import,2025-04-02,\((start[1] + 4000) / 10 * 10)\n",
            ])
    }

    @Test(
        "is not begun for a fleet that cannot be",
        arguments: [
            (0, 1, 1, "at least one meter"), (10, 11, 1, "use 1 to 10"), (248, 1, 1, "use at least 2 gateways"),
            (10, 2, 65_535, "choose a first port from 1 to 65534"), (10_000_000, 50_000, 1, "at most 9999999"),
        ])
    func refused(meters: Int, gateways: Int, firstPort: Int, reason: String) {
        let error = #expect(throws: FleetPlan.Refusal.self) {
            try plan(meters: meters, gateways: gateways, firstPort: firstPort)
        }
        #expect(error?.description.contains(reason) == true)
    }

    @Test("of a province lists every meter in one line a gateway")
    func province() throws {
        let fleet = try plan(meters: 726_995, gateways: 3600).fleet
        #expect(fleet.meterCount == 726_995)
        #expect(fleet.gateways.last?.meters[201]?.number == 726_995)
        #expect(Set(fleet.gateways.map(\.district)) == Set(FleetPlan.districts))
    }
}
