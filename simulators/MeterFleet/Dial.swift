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

    /// The same movement as from `later` on, beginning at `earlier`.
    func moved(back later: DialFace, to earlier: DialFace) -> DialFace {
        DialFace(
            rates: (
                rates.t1 - later.rates.t1 + earlier.rates.t1, rates.t2 - later.rates.t2 + earlier.rates.t2,
                rates.t3 - later.rates.t3 + earlier.rates.t3, rates.t4 - later.rates.t4 + earlier.rates.t4
            ),
            activeExport: activeExport - later.activeExport + earlier.activeExport,
            reactiveImport: reactiveImport - later.reactiveImport + earlier.reactiveImport,
            reactiveExport: reactiveExport - later.reactiveExport + earlier.reactiveExport)
    }

    package func hash(into hasher: inout Hasher) {
        for register in Register.allCases { hasher.combine(self[register]) }
    }
}

/// Where a simulated meter's indices come from. A pure function of the moment, whichever it is.
package enum Dial: Sendable {
    case household(Household)
    case series(SeriesDial)
    case station(StationDial)
    /// Another dial's movement from another beginning.
    indirect case shifted(Dial, by: DialShift)
    /// Another dial's movement but for a time in which it stands still.
    /// - Parameter watts: the load that its meter shows meanwhile: 0 where nobody is at home, else its works are stuck.
    indirect case still(Dial, from: CivilMoment, to: CivilMoment, watts: Int64)

    package func face(at moment: CivilMoment) -> DialFace {
        switch self {
        case .household(let household): household.face(at: moment)
        case .series(let series): series.face(at: moment)
        case .station(let station): station.face(at: moment)
        case .shifted(let dial, let shift): shift.face(dial.face(at: moment))
        case .still(let dial, let from, let to, _):
            if moment < from {
                dial.face(at: moment)
            } else if moment < to {
                dial.face(at: from)
            } else {
                dial.face(at: moment).moved(back: dial.face(at: to), to: dial.face(at: from))
            }
        }
    }

    /// Whether it counts what a station's customers take.
    var isStation: Bool {
        switch self {
        case .household, .series: false
        case .station: true
        case .shifted(let dial, _), .still(let dial, _, _, _): dial.isStation
        }
    }
}
