import Metering

/// What went into a transformer station on a day, what came out of it, and what was lost between (vee-and-feeds §5.3).
/// A meter is known where both indices of its day are; all indices are of 00:00, so the sums are of the same day.
package struct StationBalance: Hashable, Sendable {
    /// Imported by the station's own meters: taken from the network above.
    package var input = Energy.zero
    /// Exported by them: given back to the network above.
    package var returned = Energy.zero
    /// Exported by customers who generate.
    package var generated = Energy.zero
    /// Imported by customers.
    package var supplied = Energy.zero
    /// The part of all four that rests on an estimated index.
    package var estimated = Energy.zero
    package var stationMeters = 0
    package var customers = 0
    /// Of these: not known at both ends of the day.
    package var unknownStationMeters = 0
    package var unknownCustomers = 0

    package init() {}

    /// `input + generated`: what a loss is a part of.
    package var inflow: Energy { input + generated }

    /// `input − returned + generated − supplied`; below zero where customers got more than came in, which says that
    /// something is wrong with the assignment, a multiplier or a meter. `nil` unless all meters are known: what is
    /// missing would read as a loss.
    package var loss: Energy? {
        guard stationMeters > 0, unknownStationMeters == 0, unknownCustomers == 0 else { return nil }
        return input - returned + generated - supplied
    }

    /// The estimated part beside `inflow`, in thousandths, rounded up and 1000 at the most. `nil` where nothing came
    /// in.
    package var estimatedThousandths: Int64? {
        guard inflow > .zero else { return nil }
        let share = Self.thousandths(of: estimated, in: inflow, isRoundedUp: true)
        return share.map { min(1000, $0) }
    }

    /// The loss beside `inflow`, in thousandths, rounded to the nearest; below zero for a negative loss. `nil` where no
    /// loss is known, where nothing came in, or where more than `estimatedMost` thousandths are estimated.
    package func lossThousandths(estimatedMost: Int64) -> Int64? {
        guard let loss, let estimatedThousandths, estimatedThousandths <= estimatedMost else { return nil }
        return Self.thousandths(of: loss, in: inflow, isRoundedUp: false)
    }

    /// - Parameter isRoundedUp: else to the nearest.
    private static func thousandths(of part: Energy, in whole: Energy, isRoundedUp: Bool) -> Int64? {
        let (scaled, isBeyond) = part.wattHours.magnitude.multipliedReportingOverflow(by: 1000)
        let unit = whole.wattHours.magnitude
        guard !isBeyond, unit > 0 else { return nil }
        let (quotient, rest) = scaled.quotientAndRemainder(dividingBy: unit)
        let goesUp = isRoundedUp ? rest > 0 : rest >= unit - rest
        let rounded = Int64(clamping: quotient + (goesUp ? 1 : 0))
        return part < .zero ? -rounded : rounded
    }
}
