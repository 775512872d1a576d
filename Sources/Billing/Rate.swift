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
