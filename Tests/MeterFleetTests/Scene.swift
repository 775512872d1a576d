import Foundation
import MeterFleet
import Metering
import Modbus

/// A scenario's fleet and the means to look at it on the wire.
struct Scene {
    let fleet: Fleet

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../simulators/scenarios").standardized.path

    init(_ name: String) throws { fleet = try FleetFile.load(path: "\(Self.folder)/\(name).yaml") }

    /// A gateway by its place, and what its wire has been through.
    struct Look {
        let gateway: SimulatedGateway
        var rig: WireRig

        /// The dials of a unit, as its model's own plan reads them.
        func dials(of unit: UInt8) -> WordRange {
            guard let meter = gateway.meters[unit] else { preconditionFailure("no unit \(unit)") }
            return meter.model.profile.energyPlan.blocks[0].range
        }

        /// Asks for the dials of units, all at once, and lets time pass.
        mutating func ask(_ units: [UInt8], on connection: UInt64 = 1, milliseconds: UInt64 = 900) {
            for unit in units { rig.ask(dials(of: unit), of: unit, on: connection) }
            rig.pass(milliseconds: milliseconds)
        }

        /// What came to a connection, segment by segment.
        func segments(_ connection: UInt64 = 1) -> [[UInt8]] { rig.segments(to: connection) }

        /// The reply that an honest meter gives to the dials of a unit now.
        func honest(_ unit: UInt8, transaction: UInt16) -> [UInt8] {
            let moment = CivilMoment(rig.civil, in: .vietnam)
            guard let meter = gateway.meter(unit, at: moment) else { preconditionFailure("no unit \(unit)") }
            let range = dials(of: unit)
            return reply(meter.reply(range, at: moment), of: unit, transaction: transaction, function: range.function)
        }
    }

    /// A gateway seen on 10 May 2025 from a time of the day on, with one client connected. The windows are open from
    /// 18:00 on.
    func look(_ place: Int = 0, at time: String = "20:00:00") -> Look {
        var look = Look(
            gateway: fleet.gateways[place],
            rig: WireRig(fleet.gateways[place], seed: fleet.seed, start: instant(time)))
        look.rig.open()
        return look
    }

    /// The segments that come to one client who asks units for their dials at once.
    func answers(_ units: [UInt8], _ place: Int = 0, at time: String = "20:00:00", within milliseconds: UInt64 = 900)
        -> [[UInt8]]
    {
        var look = look(place, at: time)
        look.ask(units, milliseconds: milliseconds)
        return look.segments()
    }
}
