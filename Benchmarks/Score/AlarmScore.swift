import Metering
import VEE

/// How often rules find recorded homes unusual, although nobody knows of anything wrong there.
struct AlarmScore {
    private(set) var days = 0
    private(set) var months = 0
    /// Days that any daily rule found.
    private(set) var warned = 0
    private(set) var found: [(rule: ConsumptionRule, count: Int)]

    init(_ homes: [DayEnergies], rules: [ConsumptionRule]) {
        found = rules.map { ($0, 0) }
        for home in homes {
            checkDays(of: home)
            checkMonths(of: home)
        }
    }

    private mutating func checkDays(of home: DayEnergies) {
        for day in home.first..<home.end where home[day] != nil {
            let recent = RecentDays(of: home, before: day)
            // A home that takes next to nothing is left out, as in the reference.
            guard recent.days >= ConsumptionRule.daysMin, recent.sum.wattHours > 500 * Int64(recent.days) else {
                continue
            }
            days += 1
            var isWarned = false
            for place in found.indices where !found[place].rule.isMonthly {
                guard found[place].rule.finds(day, in: home, recent: recent, resolution: Energy(wattHours: 1)) else {
                    continue
                }
                found[place].count += 1
                isWarned = true
            }
            warned += isWarned ? 1 : 0
        }
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
            if known.count > 1 {
                months += 1
                for place in found.indices where found[place].rule.isMonthly {
                    found[place].count += found[place].rule.findsMonth(known) ? 1 : 0
                }
            }
            day = day + day.daysInMonth
        }
    }
}
