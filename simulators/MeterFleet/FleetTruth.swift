import Metering

/// What a head-end should have stored: every dial at 00:00 of every day, as the fleet itself knows it.
package struct FleetTruth {
    private let fleet: Fleet
    private let days: [ServiceDay]
    private let dayTexts: [String]
    private let register: Register?

    /// - Parameters:
    ///   - from, through: both ends included.
    ///   - register: only this one; `nil` for all that a model carries, `import` first.
    package init(_ fleet: Fleet, from: ServiceDay, through: ServiceDay, register: Register? = nil) {
        self.fleet = fleet
        days = from <= through ? Array(from...through) : []
        dayTexts = days.map(\.description)
        self.register = register
    }

    /// Calls `line` with each line of the CSV `usage_point,register,day,index_wh`, header first. Days before a meter's
    /// installation are left out.
    package func forEachLine(_ line: (String) throws -> Void) rethrows {
        try line(CSV.line(["usage_point", "register", "day", "index_wh"]))
        for (gateway, meter) in fleet.meters {
            let usagePoint = CSV.line([meter.usagePoint]).dropLast()
            let first = days.firstIndex { $0 >= meter.installed } ?? days.count
            let moments = days[first...].map { CivilMoment(day: $0) }
            // Another meter may stand there by then, or the same one with another dial.
            let standing = moments.map { gateway.successions[meter.unit]?.meter(at: $0) ?? meter }
            let faces = zip(standing, moments).map { $0.dial.face(at: $1) }
            for carried in meter.model.registers where register == nil || carried == register {
                for ((meter, face), day) in zip(zip(standing, faces), dayTexts[first...]) {
                    guard let index = meter.truth(carried, face) else { continue }
                    try line("\(usagePoint),\(carried.name),\(day),\(index.wattHours)\n")
                }
            }
        }
    }
}
