import ArgumentParser
import Foundation
import MeterFleet
import Metering
import Modbus

struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn recorded household kWh into a fleet whose dials follow the recording.",
        discussion: """
            The recording is CSV, recognised by its header: customer_id,date,general_kwh (days); \
            customer_id,reading_datetime,general_kwh (half hours); DateTime,Consumption kWh (hours ending); \
            start,value (hours starting). Each household's first recorded day becomes --start; days that are absent \
            count 0 kWh.
            """)

    @Argument(help: "The recording.")
    var series: String
    @Option(help: "The folder to write to; made if it is not there.")
    var out: String
    @Option(
        help: "The day that each household's first recorded day becomes (default: 2025-04-20).",
        transform: ServiceDay.argument)
    var start = ServiceDay(iso: "2025-04-20") ?? ServiceDay(number: 0)
    @Option(help: "Meter models, in turn.")
    var profiles = ProfileNames(["adl400", "adl400", "adl400", "sdm630", "abb-b23"])
    @Option(name: .customLong("meters-per-gateway"), help: "Meters behind one gateway, 1 to 247.")
    var metersPerGateway = 25
    @Option(name: .customLong("first-port"), help: "Port of the first gateway on 127.0.0.1; the others follow.")
    var firstPort = 15_020
    @Option(help: "What start indices hang on.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (1...MeterRun.countMax).contains(metersPerGateway) else {
            throw ValidationError("--meters-per-gateway must be from 1 to \(MeterRun.countMax), the units of a gateway")
        }
        guard seed <= UInt64(Int64.max) else { throw ValidationError("--seed must be at most \(Int64.max)") }
    }

    func run() throws {
        let library = try ProfileLibrary.load(folder: nil)
        let house = ((series as NSString).lastPathComponent as NSString).deletingPathExtension
        let recordings = try RecordingFile.parse(InputFile.bytes(series), file: series, house: house)
        let plan: FleetPlan
        do {
            plan = try FleetPlan(
                meters: recordings.count, gateways: (recordings.count + metersPerGateway - 1) / metersPerGateway,
                seed: seed, firstPort: firstPort, profiles: profiles.names, start: start, library: library)
        } catch {
            throw ValidationError(error.description)
        }
        try FleetFolder(out).write(plan.fleet(following: recordings), recordings: recordings)
    }
}
