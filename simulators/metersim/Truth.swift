import ArgumentParser
import MeterFleet
import Metering

struct Truth: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print every dial at 00:00 of each day, as the fleet itself knows it.",
        discussion: "Columns: usage_point,register,day,index_wh. Days before a meter's installation are left out.")

    enum Format: String, CaseIterable, ExpressibleByArgument { case csv }

    @Argument(help: "The fleet file.")
    var fleet: String
    @Option(help: "First day, YYYY-MM-DD.", transform: ServiceDay.argument)
    var from: ServiceDay
    @Option(help: "Last day, YYYY-MM-DD, included.", transform: ServiceDay.argument)
    var to: ServiceDay
    @Option(help: "The output's form.")
    var format = Format.csv
    @Option(help: "Only this register, e.g. import.")
    var register: String?

    func validate() throws {
        guard from <= to else { throw ValidationError("--from \(from) lies after --to \(to)") }
        if let register, Register(name: register) == nil {
            throw ValidationError("--register \(register) is none of \(Register.names)")
        }
    }

    func run() throws {
        let output = OutputFile()
        let truth = FleetTruth(
            try FleetFile.load(path: fleet), from: from, through: to, register: register.flatMap(Register.init(name:)))
        try truth.forEachLine { try output.write($0) }
        try output.close()
    }
}
