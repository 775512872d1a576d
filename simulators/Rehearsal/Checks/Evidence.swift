import Billing
import HeadEnd
import MeterFleet
import Metering
import Modbus
import Store

/// Something that is not as it must be.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    /// Name of the check.
    package let check: String
    package let sentence: String

    package var description: String { "\(check): \(sentence)" }
}

/// One promise of the house, held against what came of a world.
package protocol Check: Sendable {
    var name: String { get }
    /// Sentences, empty when the promise was kept.
    func faults(in evidence: Evidence) throws -> [String]
}

extension Check {
    package func findings(in evidence: Evidence) throws -> [Finding] {
        try faults(in: evidence).map { Finding(check: name, sentence: $0) }
    }
}

/// All that a check may look at.
package struct Evidence {
    package let world: World
    package let store: Store
    package let record: Record
    package let truth: FieldTruth
    package let profiles: [String: MeterProfile]
    package let tariffs: TariffBook

    package init(
        world: World, store: Store, record: Record, profiles: [String: MeterProfile], tariffs: TariffBook
    ) throws {
        self.world = world
        self.store = store
        self.record = record
        self.profiles = profiles
        self.tariffs = tariffs
        truth = FieldTruth(world, try store.meters(notRemovedBy: ServiceDay(number: .min)), profiles: profiles)
    }

    /// The last day whose index can be known.
    var lastDay: ServiceDay { world.calendar.day(at: world.through) }
}

/// What the field itself knows of every registered meter.
package struct FieldTruth {
    package struct Meter {
        package let id: MeterID
        package let installation: MeterInstallation
        package let simulated: SimulatedMeter
        let profile: MeterProfile
    }

    package let meters: [Meter]
    private let byID: [MeterID: Int]
    private let calendar: ServiceCalendar

    init(_ world: World, _ registered: [RegisteredMeter], profiles: [String: MeterProfile]) {
        calendar = world.calendar
        var meters: [Meter] = []
        for meter in registered {
            let site = world.sites.first { $0.row.name == meter.installation.gateway }
            guard let simulated = site?.simulated.meter(meter.installation.serial, at: meter.installation.unit),
                let profile = profiles[meter.installation.profile]
            else { continue }
            meters.append(
                Meter(id: meter.id, installation: meter.installation, simulated: simulated, profile: profile))
        }
        self.meters = meters
        byID = Dictionary(uniqueKeysWithValues: zip(meters.map(\.id), 0...))
    }

    package subscript(id: MeterID) -> Meter? { byID[id].map { meters[$0] } }

    /// What a person would have seen at 00:00 of `day`; `nil` for a register that the meter does not carry.
    package func index(of id: MeterID, _ register: Register, on day: ServiceDay) -> Energy? {
        self[id]?.simulated.truth(register, at: day)
    }

    /// What the live register showed at an instant, in its own steps; `nil` where the meter has none.
    package func live(of id: MeterID, _ register: Register, at instant: Instant) -> Energy? {
        guard let meter = self[id], let value = meter.profile.values.first(where: { $0.register == register }) else {
            return nil
        }
        var words: [UInt16] = []
        let moment = CivilMoment(instant, in: calendar)
        guard meter.simulated.append(value.range, at: moment, to: &words) == nil,
            case .energy(let index) = value.decode(words[...], multiplier: meter.installation.multiplier).outcome
        else { return nil }
        return index
    }

    /// Where the dial begins again at 0, in Wh; `nil` for one that never does.
    package func modulus(of id: MeterID) -> Int64? {
        guard let meter = self[id] else { return nil }
        let digits = meter.installation.digits
        return meter.simulated.rolloverWattHours
            ?? (digits > 0 ? (0..<digits + 3).reduce(1) { power, _ in power * 10 } : nil)
    }

    /// What the dial shows when it has counted so much.
    package func shown(_ counted: Energy, of id: MeterID) -> Energy {
        modulus(of: id).map { Energy(wattHours: counted.wattHours % $0) } ?? counted
    }

    /// How far what was counted is from what the dial shows, the shorter way round.
    package func distance(_ counted: Energy, from shown: Energy, of id: MeterID) -> Energy {
        let apart = max(counted - shown, shown - counted).wattHours
        guard let modulus = modulus(of: id) else { return Energy(wattHours: apart) }
        let rest = apart % modulus
        return Energy(wattHours: min(rest, modulus - rest))
    }

    /// `24000007 (GW1 unit 3, sdm630)`
    package func name(of id: MeterID) -> String {
        guard let meter = self[id] else { return "meter \(id.number), which the field does not have" }
        let place = meter.installation
        return "\(place.serial) (\(place.gateway) unit \(place.unit), \(place.profile))"
    }
}

extension SimulatedGateway {
    /// The meter with this serial that stands, stood or will stand at a unit.
    fileprivate func meter(_ serial: String, at unit: UInt8) -> SimulatedMeter? {
        let all = successions[unit]?.meters.map(\.meter) ?? [meters[unit]].compactMap { $0 }
        return all.first { $0.serial == serial }
    }
}
