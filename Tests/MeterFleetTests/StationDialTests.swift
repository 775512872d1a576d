import MeterFleet
import Metering
import Testing

@Suite("A station's own meter")
struct StationDialTests {
    private static let yaml = """
        seed: 9
        origin: 2025-04-01
        gateways:
          - name: A
            port: 0
            station: T1
            district: PA0901
            meters:
              - {unit: 1, number: 900, profile: sdm630, usage_point: OWN, multiplier: 40, station_loss: 50}
              - {unit: 2, number: 5, profile: sdm630, multiplier: 2}
          - name: B
            port: 0
            station: T1
            district: PA0901
            meters: {count: 60, first: 10, profiles: [adl400, sdm630]}
          - name: C
            port: 0
            station: T2
            district: PA0901
            meters: {count: 9, first: 200, profiles: [sdm630]}
        """

    private func fleet(_ yaml: String = yaml) throws -> Fleet {
        try FleetFile.parse(yaml, file: "fleet.yaml", folder: "")
    }

    @Test("counts what its customers take behind all its gateways, and the loss", arguments: [0, 50, 900])
    func sums(loss: Int64) throws {
        let fleet = try fleet(Self.yaml.replacing("station_loss: 50", with: "station_loss: \(loss)"))
        func taken(_ meter: SimulatedMeter, _ register: Register) -> Int64 {
            func index(_ day: ServiceDay) -> Int64 {
                meter.dial.face(at: CivilMoment(day: day))[register].wattHours * meter.multiplier
            }
            return index(day("2025-06-11")) - index(day("2025-06-01"))
        }
        let own = try #require(fleet.gateways[0].meters[1])
        let customers = fleet.meters.filter { $0.station == "T1" && $1.number != 900 }.map { $1 }
        #expect(customers.count == 61)
        let supplied = customers.reduce(0) { $0 + taken($1, .activeImport) }
        // Each of four rates is cut down to whole Wh before the multiplier.
        #expect(abs(taken(own, .activeImport) - supplied * 1000 / (1000 - loss)) <= 4 * 40 + 4)
        let generated = customers.filter { $0.truth(.activeExport, at: day("2025-06-01")) != nil }
            .reduce(0) { $0 + taken($1, .activeExport) }
        #expect(abs(taken(own, .activeExport) - generated) <= 40)
    }

    @Test("stands in the registry as nobody's, and in a fleet file as what it is")
    func written() throws {
        let folder = try TemporaryFolder()
        try FleetFolder(folder.path).write(try fleet())
        let points = try folder.records("usage_points.csv")
        #expect(points.filter { $0[4] == UsagePoint.stationCategory }.map { $0[0] } == ["OWN"])
        let again = try FleetFile.load(path: "\(folder.path)/fleet.yaml")
        #expect(again.gateways.map(\.name) == ["A", "B", "C"])
        guard case .station(let dial)? = again.gateways[0].meters[1]?.dial else {
            Issue.record("it is a household by now")
            return
        }
        #expect(dial.lossThousandths == 50)
    }

    @Test("follows neither a household nor a recording, and loses no more than comes in")
    func refused() {
        for (key, told) in [("household: 7, station_loss: 50", "household"), ("station_loss: 901", "station_loss")] {
            #expect("\(key) is refused") {
                _ = try fleet(Self.yaml.replacing("station_loss: 50", with: key))
            } throws: { error in
                (error as? InputFaults)?.faults.contains { $0.field.hasSuffix(told) } ?? false
            }
        }
    }
}
