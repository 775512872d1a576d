import Foundation
import Metering

/// Meters behind gateways, as many as asked for, and the order in which a night's polls bring them in.
struct Province {
    let meters: Int
    let gateways: Int
    static let limits: [String: Int64] = ["bench": 75_900]

    /// The first `meters % gateways` gateways have one meter more than the others.
    private func first(of gateway: Int) -> Int {
        let (share, rest) = meters.quotientAndRemainder(dividingBy: gateways)
        return gateway * share + min(gateway, rest)
    }

    /// Where a meter, counted from 0, is.
    func address(of meter: Int) -> (gateway: Int, unit: UInt8) {
        let (share, rest) = meters.quotientAndRemainder(dividingBy: gateways)
        let long = rest * (share + 1)
        let gateway = meter < long ? meter / (share + 1) : rest + (meter - long) / max(1, share)
        return (gateway, UInt8(meter - first(of: gateway) + 1))
    }

    /// All gateways in turn, unit by unit.
    func meter(ofTurn turn: Int) -> Int {
        let (position, gateway) = turn.quotientAndRemainder(dividingBy: gateways)
        return first(of: gateway) + position
    }

    enum Order: String {
        /// Gateway beside gateway, each at its own pace (± 3 %) and from its own start (up to 5 % of its units later):
        /// what a head-end hands over.
        case gateways
        /// No order at all.
        case shuffled
    }

    /// The meters, counted from 0, in the order in which a night's polls bring them in.
    func order(_ order: Order, seed: UInt64) -> [Int] {
        var random = SeededRandom(seed: seed)
        var turns = (0..<meters).map(meter(ofTurn:))
        switch order {
        case .shuffled: turns.shuffle(using: &random)
        case .gateways:
            let units = Double(meters) / Double(gateways)
            let pace = (0..<gateways).map { _ in
                (
                    start: Double.random(in: 0...(0.05 * units), using: &random),
                    unit: Double.random(in: 0.97...1.03, using: &random)
                )
            }
            var keyed = turns.map { meter in
                let (gateway, unit) = address(of: meter)
                return (at: pace[gateway].start + pace[gateway].unit * Double(unit), meter: meter)
            }
            keyed.sort { ($0.at, $0.meter) < ($1.at, $1.meter) }
            turns = keyed.map(\.meter)
        }
        return turns
    }

    static func id(of meter: Int) -> MeterID { MeterID(Int32(meter + 1)) }
    static func usagePoint(of meter: Int) -> String { "PA0901\(1_000_000 + meter)" }

    func poll(
        _ meter: Int, turn: Int, answered: Instant, _ readings: [Reading]
    ) -> PollOutcome {
        let (gateway, unit) = address(of: meter)
        return PollOutcome(
            meter: Self.id(of: meter), gateway: "GW\(gateway + 1000)", unit: unit,
            transaction: UInt16(truncatingIfNeeded: turn), profile: "bench/1",
            requested: answered - Instant.Span(microseconds: 900), answered: answered, result: .success(readings))
    }

    static func reading(_ register: Register, _ moment: Reading.Moment, _ wattHours: Int64) -> Reading {
        Reading(
            register: register, moment: moment, index: Energy(wattHours: wattHours),
            words: [UInt16(truncatingIfNeeded: wattHours >> 16), UInt16(truncatingIfNeeded: wattHours)])
    }

    func registry(from day: ServiceDay) -> Registry {
        var registry = Registry()
        for gateway in 0..<gateways {
            registry.gateways.append(
                Gateway(name: "GW\(gateway + 1000)", host: "127.0.0.1", port: UInt16(20_000 + gateway)))
        }
        for meter in 0..<meters {
            let name = Self.usagePoint(of: meter)
            let (gateway, unit) = address(of: meter)
            // Who has rates is a business (every twentieth); the others are households, some of them together.
            let category =
                Homes.registers(of: meter).count > 1
                ? ["business_lt6kv", "production_lt6kv", "production_6_22kv"][meter / 20 % 3]
                : meter % 50 == 1 ? "residential_shared" : "residential"
            registry.usagePoints.append(
                UsagePoint(
                    name: name, customer: "KH\(name.dropFirst(6))", district: "PA090\(meter % 8 + 1)",
                    category: category, householdHundredths: category == "residential_shared" ? 250 : 100))
            registry.installations.append(
                MeterInstallation(
                    serial: String(24_000_000 + meter), usagePoint: name, gateway: "GW\(gateway + 1000)", unit: unit,
                    profile: "bench", digits: 6, installedOn: day - 1))
        }
        return registry
    }
}
