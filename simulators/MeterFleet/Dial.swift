import Metering

/// What all registers of one meter show at one moment, in whole watt-hours (var-hours), before any step of the model
/// and before the dial wraps. `activeImport` is always the sum of the four rates.
package struct DialFace: Hashable, Sendable {
    package var rates: (t1: Int64, t2: Int64, t3: Int64, t4: Int64)
    package var activeExport: Int64
    package var reactiveImport: Int64
    package var reactiveExport: Int64

    package subscript(register: Register) -> Energy {
        switch register {
        case .activeImport: Energy(wattHours: rates.t1 + rates.t2 + rates.t3 + rates.t4)
        case .activeExport: Energy(wattHours: activeExport)
        case .activeImportT1: Energy(wattHours: rates.t1)
        case .activeImportT2: Energy(wattHours: rates.t2)
        case .activeImportT3: Energy(wattHours: rates.t3)
        case .activeImportT4: Energy(wattHours: rates.t4)
        case .reactiveImport: Energy(wattHours: reactiveImport)
        case .reactiveExport: Energy(wattHours: reactiveExport)
        }
    }

    package static func == (left: DialFace, right: DialFace) -> Bool {
        left.rates == right.rates && left.activeExport == right.activeExport
            && left.reactiveImport == right.reactiveImport && left.reactiveExport == right.reactiveExport
    }

    package func hash(into hasher: inout Hasher) {
        for register in Register.allCases { hasher.combine(self[register]) }
    }
}

/// Where a simulated meter's indices come from. A pure function of the moment, whichever it is.
package enum Dial: Sendable {
    case household(Household)
    case series(SeriesDial)
    /// Another dial's movement from another beginning.
    indirect case shifted(Dial, by: DialShift)

    package func face(at moment: CivilMoment) -> DialFace {
        switch self {
        case .household(let household): household.face(at: moment)
        case .series(let series): series.face(at: moment)
        case .shifted(let dial, let shift): shift.face(dial.face(at: moment))
        }
    }
}
