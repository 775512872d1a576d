import Metering
import VEE

/// How often rules find recorded homes unusual, although nobody knows of anything wrong there.
struct AlarmScore {
    /// A rule, what it was asked about, and how often it found that unusual.
    struct Line {
        let rule: ConsumptionRule
        var asked = 0
        var found = 0
    }

    private(set) var lines: [Line]
    /// Known days, and those that any daily rule found.
    private(set) var days = 0
    private(set) var warned = 0

    init(_ homes: [DayEnergies], rules: [ConsumptionRule]) {
        // The homes show their import alone, and each day of it.
        lines = rules.filter { [.day, .month].contains($0.subject) }.map { Line(rule: $0) }
        for home in homes {
            checkDays(of: home)
            checkMonths(of: home)
        }
    }

    private mutating func checkDays(of home: DayEnergies) {
        let shown = lines.map { Self.shown(home, $0.rule) }
        for day in home.first..<home.end where home[day] != nil {
            days += 1
            var isWarned = false
            for place in lines.indices where lines[place].rule.subject == .day {
                let (energies, resolution) = shown[place]
                lines[place].asked += 1
                guard
                    lines[place].rule.finds(
                        day, in: energies, recent: RecentDays(of: energies, before: day), resolution: resolution)
                else { continue }
                lines[place].found += 1
                isWarned = true
            }
            warned += isWarned ? 1 : 0
        }
    }

    /// A home as the coarsest dial shows it that the rule judges; it was recorded to the watt-hour.
    private static func shown(_ home: DayEnergies, _ rule: ConsumptionRule) -> (DayEnergies, Energy) {
        guard case .repeated(_, let finest, _) = rule.test else { return (home, Energy(wattHours: 1)) }
        var dial: Int64 = 0
        let energies = (home.first..<home.end).map { day -> Energy? in
            guard let energy = home[day] else { return nil }
            let before = dial / finest.wattHours
            dial += energy.wattHours
            return Energy(wattHours: (dial / finest.wattHours - before) * finest.wattHours)
        }
        return (DayEnergies(first: home.first, energies: energies), finest)
    }

    private mutating func checkMonths(of home: DayEnergies) {
        var known: [(energy: Energy, days: Int)] = []
        var day = home.first + (home.first.civil.day == 1 ? 0 : home.first.daysInMonth - home.first.civil.day + 1)
        while day + day.daysInMonth <= home.end {
            let month = (day..<day + day.daysInMonth).compactMap { home[$0] }
            if month.count == day.daysInMonth {
                known.append((month.reduce(.zero, +), month.count))
            } else {
                known.removeAll()
            }
            for place in lines.indices where lines[place].rule.subject == .month && known.count > 1 {
                lines[place].asked += 1
                lines[place].found += lines[place].rule.findsMonth(known) ? 1 : 0
            }
            day = day + day.daysInMonth
        }
    }
}
