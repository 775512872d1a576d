import Metering

/// The hours of a day by what energy costs in them (giờ bình thường, thấp điểm, cao điểm).
package enum Rate: String, CaseIterable, Hashable, Sendable {
    case normal
    case offpeak
    case peak
}

/// Whole kWh by rate, each 0 or more.
package struct RatedKWh: Hashable, Sendable {
    package var normal: Int64
    package var offpeak: Int64
    package var peak: Int64

    package init(normal: Int64 = 0, offpeak: Int64 = 0, peak: Int64 = 0) {
        (self.normal, self.offpeak, self.peak) = (normal, offpeak, peak)
    }

    package subscript(rate: Rate) -> Int64 {
        switch rate {
        case .normal: normal
        case .offpeak: offpeak
        case .peak: peak
        }
    }

    package var sum: Int64 { normal + offpeak + peak }
}

/// Energy by rate.
package struct RatedEnergy: Hashable, Sendable {
    package var normal: Energy
    package var offpeak: Energy
    package var peak: Energy

    package init(normal: Energy = .zero, offpeak: Energy = .zero, peak: Energy = .zero) {
        (self.normal, self.offpeak, self.peak) = (normal, offpeak, peak)
    }

    package subscript(rate: Rate) -> Energy {
        get {
            switch rate {
            case .normal: normal
            case .offpeak: offpeak
            case .peak: peak
            }
        }
        set {
            switch rate {
            case .normal: normal = newValue
            case .offpeak: offpeak = newValue
            case .peak: peak = newValue
            }
        }
    }

    package var sum: Energy { normal + offpeak + peak }

    package static func + (left: RatedEnergy, right: RatedEnergy) -> RatedEnergy {
        RatedEnergy(
            normal: left.normal + right.normal, offpeak: left.offpeak + right.offpeak, peak: left.peak + right.peak)
    }

    /// Whole kWh, each rate rounded down: each has a register of its own.
    package var wholeKWh: RatedKWh {
        RatedKWh(
            normal: BillRequest.wholeKWh(normal), offpeak: BillRequest.wholeKWh(offpeak),
            peak: BillRequest.wholeKWh(peak))
    }

    /// The kWh of this part of `whole`, which lies before a price change.
    package func wholeKWh(upToChangeOf whole: RatedEnergy) -> RatedKWh {
        func kwh(_ rate: Rate) -> Int64 { BillRequest.wholeKWh(self[rate], upToChangeOf: whole[rate]) }
        return RatedKWh(normal: kwh(.normal), offpeak: kwh(.offpeak), peak: kwh(.peak))
    }
}
