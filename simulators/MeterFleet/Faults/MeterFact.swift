import Metering
import Modbus

/// Something that happens to a meter itself. Unlike a fault it is true: `metersim truth` follows it, because a person
/// in front of the dial would see it.
package struct MeterFact: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Every dial of the meter begins again at 0 when it comes to this index, in Wh. With `passing`, the import
        /// dial stands so that it does at that moment.
        case rollover(modulusWattHours: Int64, passing: CivilMoment? = nil)
        /// From this moment on another meter of the same model counts here, with this serial (by default the number's
        /// own plus 50,000,000) and its import dial beginning at this index; the other dials begin at 0.
        case exchange(at: CivilMoment, serial: String? = nil, startIndexWattHours: Int64 = 0)
        /// From the first moment on and before the second its dials stand still: nobody is at home, or its works are
        /// stuck, and it shows a load of so many watts. It goes on from there afterwards.
        case standstill(from: CivilMoment, to: CivilMoment, watts: Int64 = 0)
    }

    package let kind: Kind
    /// `nil` for all units.
    package let units: Set<UInt8>?

    package init(_ kind: Kind, units: Set<UInt8>? = nil) {
        if case .rollover(let modulus, _) = kind { precondition(modulus > 0, "a dial has at least one step") }
        self.kind = kind
        self.units = units
    }
}

/// The meters that stand one after the other in one place.
package struct MeterSuccession: Sendable {
    private let first: SimulatedMeter
    /// In the order of their moments.
    private var later: [(since: CivilMoment, meter: SimulatedMeter)] = []

    /// - Parameter facts: those that concern this meter's unit.
    init(_ meter: SimulatedMeter, _ facts: [MeterFact]) {
        var first = meter
        for fact in facts {
            guard case .rollover(let modulus, let passing) = fact.kind else { continue }
            var dial = first.dial
            if let passing {
                let index = dial.face(at: passing)[.activeImport].wattHours
                dial = .shifted(dial, by: DialShift(t1: (modulus - index % modulus) % modulus))
            }
            first = first.replaced(dial: dial, rolloverWattHours: modulus)
        }
        for fact in facts {
            guard case .standstill(let from, let to, let watts) = fact.kind else { continue }
            first = first.replaced(
                dial: .still(first.dial, from: from, to: to, watts: watts), rolloverWattHours: first.rolloverWattHours)
        }
        self.first = first
        let exchanges = facts.compactMap { fact in
            if case .exchange(let moment, let serial, let start) = fact.kind { (moment, serial, start) } else { nil }
        }
        var meter = first
        for (number, (moment, serial, start)) in exchanges.sorted(by: { $0.0 < $1.0 }).enumerated() {
            let made = MeterNames.serial(of: meter.number + 50_000_000 * Int64(number + 1))
            meter = meter.replaced(
                dial: .shifted(first.dial, by: DialShift(from: first.dial.face(at: moment), toImport: start)),
                rolloverWattHours: first.rolloverWattHours, serial: serial ?? made,
                // Its first own midnight: the one it was put up in the night of, at the latest the next one.
                installed: moment.microseconds == 0 ? moment.day : moment.day.next)
            later.append((moment, meter))
        }
    }

    /// The meter that counts at a moment.
    package func meter(at moment: CivilMoment) -> SimulatedMeter {
        later.last { $0.since <= moment }?.meter ?? first
    }

    /// Each meter with the moment it was put up; the first one has none.
    package var meters: [(since: CivilMoment?, meter: SimulatedMeter)] {
        [(nil, first)] + later.map { ($0.since, $0.meter) }
    }
}

/// How far a dial's rates and other registers stand from those it follows, in Wh.
package struct DialShift: Hashable, Sendable {
    private let rates: [Int64]
    private let others: [Int64]

    /// Only the import index, by way of its first rate.
    init(t1: Int64) {
        rates = [t1, 0, 0, 0]
        others = [0, 0, 0]
    }

    /// So that the face `face` becomes all zeros but for an import index of `start`, in the first rate.
    init(from face: DialFace, toImport start: Int64) {
        rates = [start - face.rates.t1, -face.rates.t2, -face.rates.t3, -face.rates.t4]
        others = [-face.activeExport, -face.reactiveImport, -face.reactiveExport]
    }

    /// Never below zero: before its beginning a new meter stands.
    func face(_ face: DialFace) -> DialFace {
        DialFace(
            rates: (
                max(0, face.rates.t1 + rates[0]), max(0, face.rates.t2 + rates[1]), max(0, face.rates.t3 + rates[2]),
                max(0, face.rates.t4 + rates[3])
            ),
            activeExport: max(0, face.activeExport + others[0]),
            reactiveImport: max(0, face.reactiveImport + others[1]),
            reactiveExport: max(0, face.reactiveExport + others[2]))
    }
}

extension SimulatedMeter {
    /// The same meter with another dial, and perhaps another name.
    fileprivate func replaced(
        dial: Dial, rolloverWattHours: Int64?, serial: String? = nil, installed: ServiceDay? = nil
    ) -> SimulatedMeter {
        var meter = self
        meter.names = MeterNames(
            serial: serial ?? names.serial, usagePoint: names.usagePoint, district: names.district)
        meter.dial = dial
        meter.installed = installed ?? self.installed
        meter.rolloverWattHours = rolloverWattHours
        return meter
    }
}

extension MeterModel {
    /// Whether the model can show this serial; a model without a serial register can have any.
    func fits(serial: String) -> Bool {
        profile.identity?.serial.map { WordEncoder.words(text: serial, as: $0.encoding) != nil } ?? true
    }
}
