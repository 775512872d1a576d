import Metering

/// Which days are like each other. A public holiday is like a Sunday, Tết above all (a proposal: vee-and-feeds §1.5).
package struct DayKinds: Hashable, Sendable {
    private let holidays: Set<ServiceDay>

    package init(holidays: Set<ServiceDay> = []) { self.holidays = holidays }

    /// Monday is 1, Sunday and holidays 7.
    private func kind(of day: ServiceDay) -> Int { holidays.contains(day) ? 7 : day.weekday }

    /// Days of the weeks before `end` that are like `day`, newest first. Tuesdays, Wednesdays and Thursdays stand in
    /// for one another, all others only for their own kind (Western Australia's table: vee-and-feeds §1.5, S17).
    /// - Returns: those of the very weekday, and those that may stand in.
    func like(_ day: ServiceDay, weeks: Int, before end: ServiceDay) -> (own: [ServiceDay], others: [ServiceDay]) {
        let middle = 2...4
        let kind = kind(of: day)
        let days = (end - 7 * weeks..<end).reversed()
        let own = days.filter { self.kind(of: $0) == kind }
        guard middle.contains(kind) else { return (own, []) }
        return (own, days.filter { middle.contains(self.kind(of: $0)) && self.kind(of: $0) != kind })
    }
}
