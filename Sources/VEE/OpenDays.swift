import Metering

/// A day without an index at one of its ends, and the energy that stands in for what nobody has read yet.
///
/// It is made when it is asked for and kept nowhere: a failure never looks like a value, and nothing has to be taken
/// back when the real index comes.
package struct ProjectedDay: Hashable, Sendable {
    package let day: ServiceDay
    /// Multipliers applied; 0 or more.
    package let energy: Energy
    package let method: EstimationMethod

    package init(day: ServiceDay, energy: Energy, method: EstimationMethod) {
        (self.day, self.energy, self.method) = (day, energy, method)
    }
}

/// Tells days that follow each other and that no index closes: by the usage point's own days where enough of them are
/// known, else by what the days took in its class.
/// - Parameters:
///   - days: none of them known, not an outage, with a meter.
///   - history: what is known of the days before; those at which a dial went back count as unknown.
///   - method: one of `EstimationMethod.open`.
///   - classMean: what a usage point of the class took that day; `nil` where that is not known either.
/// - Returns: in the order of the days; one of which nothing is known to tell it by is left out.
package func projected(
    _ days: Range<ServiceDay>, after history: DayEnergies, by method: EstimationMethod, kinds: DayKinds,
    classMean: (ServiceDay) -> Energy?
) -> [ProjectedDay] {
    let recent = RecentDays(of: history, before: days.lowerBound)
    if recent.days >= ConsumptionRule.daysMin,
        let own = Projection(history: history, before: days.lowerBound, kinds: kinds).energies(of: days, by: method)
    {
        return zip(days, own).map { ProjectedDay(day: $0, energy: $1, method: method) }
    }
    return days.compactMap { day in
        classMean(day).map { ProjectedDay(day: day, energy: $0, method: .classMean) }
    }
}
