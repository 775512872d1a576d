import Dispatch
import GRDB
import Metering
import Synchronization
import VEE

/// What judges the energy of days and of billing periods.
package struct ConsumptionJudge: Hashable, Sendable {
    package let rules: RuleBook
    /// Profile name → what its import register counts in, in Wh. One that is not here counts too coarsely to tell two
    /// days of the same energy from chance.
    package let resolutions: [String: Energy]

    package init(rules: RuleBook, resolutions: [String: Energy] = [:]) {
        (self.rules, self.resolutions) = (rules, resolutions)
    }

    func resolution(of profile: String) -> Energy { resolutions[profile] ?? Energy(wattHours: 1_000_000) }
}

/// What the rules looked at and found.
package struct ConsumptionReport: Hashable, Sendable {
    package let day: ServiceDay
    /// Meters whose energy of the day is known, and usage points whose period ended on it and is known.
    package internal(set) var days = 0
    package internal(set) var months = 0
    /// How many cases each rule has of this day, whatever became of them.
    package internal(set) var found: [CaseCount] = []
}

extension Store {
    /// Judges the energy of a day, and that of the billing periods which end with it, beside each meter's own past, and
    /// makes the cases of the day those that were found.
    ///
    /// Only days count of which both indices are no estimates. May be run again at any time: with the same indices it
    /// changes nothing, with others it opens and passes cases as they say.
    /// - Parameter day: one whose next day has its indices.
    /// - Throws: `StoreError`; then nothing has changed.
    package func checkConsumption(
        of day: ServiceDay, by judge: ConsumptionJudge, at instant: Instant
    ) throws -> ConsumptionReport {
        var report = ConsumptionReport(day: day)
        var found: [DayCases.Found] = []
        var heard: [MeterID] = []
        for part in try judgedInParts(of: day, judge) {
            report.days += part.days
            report.months += part.months
            found += part.found
            heard += part.heard
        }
        try write("opening the cases of \(day)") { db in
            try HotStatement(db, "DELETE FROM unjudgedDay WHERE day = ?").run(day)
            try DayCases(db).settle(
                found, endingOn: day, kinds: Set(judge.rules.rules.map(\.name)), at: instant)
            let ofSilence = judge.rules.ofSilence.map(\.name)
            try DayCases(db).passSilence(of: heard, before: day, kinds: ofSilence, at: instant)
            try DayCases(db).passSilence(ofThoseWhoLeftBy: day, kinds: ofSilence, at: instant)
        }
        report.found = try findings(of: day)
        return report
    }

    /// Judges the days that were closed, or have changed, since they were judged: each whose next day is closed.
    /// Killed at any moment, the next run goes on with the rest.
    ///
    /// A changed index at a period's end is that of two periods: those that are compared with it are judged anew too.
    /// - Returns: what was found in each, by day; they cost nothing to look for.
    package func judgeDays(by judge: ConsumptionJudge, at instant: Instant) throws -> [ConsumptionReport] {
        let (days, last) = try read("looking for days to judge") { db in
            let marked = try HotStatement(db, "SELECT day FROM unjudgedDay ORDER BY day")
            var days: [ServiceDay] = []
            try marked.start()
            while try marked.next() { days.append(marked.day(0)) }
            return (days, try Self.lastClosedDay(db))
        }
        guard let last else { return [] }
        let due = days + days.flatMap { MonthCheck.laterEnds(of: $0, count: judge.rules.monthsNeeded) }
        return try Set(due).sorted().filter { $0 < last }.map { try checkConsumption(of: $0, by: judge, at: instant) }
    }

    private typealias Part = (days: Int, months: Int, found: [DayCases.Found], heard: [MeterID])

    /// The series in as many parts as there are processors to decode their chunks, two at the most.
    private func judgedInParts(of day: ServiceDay, _ judge: ConsumptionJudge) throws -> [Part] {
        let (last, meters, counts) = try read("looking for the meters of \(day)") { db in
            let meters = try DayMeters(on: day, db)
            let counts = judge.rules.ofRegisters.isEmpty ? [] : try RegisterCheck.counts(of: meters, db)
            return (try CountedRows.lastSeries(db), meters, counts)
        }
        let ranges = last < 10_000 ? [0...last] : [0...last / 2, (last / 2 + 1)...last]
        var imports = [RegisterCheck.Import?](repeating: nil, count: meters.inService.count)
        var parts: [Part] = []
        for (part, known) in try inParallel(ranges, { try judged(day, meters, $0, judge) }) {
            parts.append(part)
            for (position, one) in known { imports[position] = one }
        }
        guard !judge.rules.ofRegisters.isEmpty else { return parts }
        let gathered = try inParallel(ranges) { [imports] series in
            try read("judging the registers of \(day)") { db in
                var registers = RegisterCheck(day: day, judge: judge, of: meters, imports: imports, counts: counts)
                try registers.gather(series, db) { try self.note($0, db) }
                return registers
            }
        }
        var registers = gathered[0]
        for other in gathered.dropFirst() { registers.merge(other) }
        parts.append((0, 0, registers.found, []))
        return parts
    }

    /// One after the other where there is one range only.
    func inParallel<Part: Sendable, Value: Sendable>(
        _ ranges: [Part], _ body: @Sendable (Part) throws -> Value
    ) throws -> [Value] {
        let results = Mutex([Result<Value, any Error>?](repeating: nil, count: ranges.count))
        DispatchQueue.concurrentPerform(iterations: ranges.count) { number in
            let result = Result { try body(ranges[number]) }
            results.withLock { $0[number] = result }
        }
        return try results.withLock { $0 }.compactMap { try $0?.get() }
    }

    private func judged(
        _ day: ServiceDay, _ meters: DayMeters, _ series: ClosedRange<Int64>, _ judge: ConsumptionJudge
    ) throws -> (Part, imports: [(Int, RegisterCheck.Import)]) {
        try read("judging \(day)") { db in
            let damaged: (DamagedRow) throws -> Void = { try self.note($0, db) }
            var days = DayCheck(day: day, judge: judge)
            try days.run(meters, series, db, damaged: damaged)
            var months = MonthCheck(endingOn: day, judge: judge)
            try months.run(meters, series, db, damaged: damaged)
            var halfHours = HalfHourCheck(day: day, judge: judge, calendar: calendar)
            try halfHours.run(meters, series, db, damaged: damaged)
            let found = days.found + months.found + halfHours.found
            return ((days.judged, months.judged, found, days.heard), days.imports)
        }
    }
}

extension DayMeter {
    func found(_ finding: ConsumptionFinding) -> DayCases.Found {
        DayCases.Found(
            meter: meter, register: finding.register, kind: MeterCase.Kind(rawValue: finding.rule.name),
            severity: finding.rule.severity == .holds ? .holds : .warns, days: finding.days, energy: finding.energy,
            usual: finding.usual, text: finding.sentence)
    }
}

/// The rules for days, over one day.
struct DayCheck {
    private let day: ServiceDay
    private let judge: ConsumptionJudge
    /// Of the energies that rules look at.
    private let first: ServiceDay
    /// Enough for nearly all meters: what lies before it is decoded for the others only.
    private let near: ServiceDay
    /// The first day that was ever closed: before it nobody can have been silent. `nil` before there is one. The days
    /// that are kept reach further back than rules look (`Store.indexMonths`).
    private var beganOn: ServiceDay?
    /// Of an earlier day it is not seen here who has been read since: silence is told of at the latest, and what was
    /// told of it on this day stays until it passes.
    private var isLatest = true
    private var silentThen: Set<MeterID> = []
    private(set) var judged = 0
    private(set) var found: [DayCases.Found] = []
    /// What the rules for registers are told of the import, by the meters' positions.
    private(set) var imports: [(Int, RegisterCheck.Import)] = []
    /// Meters that somebody was told of because nobody had read them, and that have been read since.
    private(set) var heard: [MeterID] = []

    init(day: ServiceDay, judge: ConsumptionJudge) {
        (self.day, self.judge) = (day, judge)
        first = day - RecentDays.within
        near = day - (RecentDays.count + 7)
    }

    mutating func run(
        _ meters: DayMeters, _ series: ClosedRange<Int64>, _ db: Database,
        damaged: @escaping (DamagedRow) throws -> Void
    ) throws {
        guard judge.rules.rules.contains(where: { $0.subject != .month }) else { return }
        let walk = try IndexWalk(db, from: near, through: day.next, series: series, damaged: damaged)
        let earlier = try IndexWalk(db, from: first, through: near.previous, series: series, damaged: damaged)
        let successors = try MeterSuccessions.successors(db)
        let ofSilence = judge.rules.ofSilence.map(\.name)
        let toldOf = try DayCases(db).silent(kinds: ofSilence)
        let toldOn = try DayCases(db).told(kinds: ofSilence, before: day)
        let closed = try HotStatement(db, "SELECT MIN(day), MAX(day) FROM closedDay")
        if try closed.first() {
            beganOn = closed.optionalDay(0)
            isLatest = closed.optionalDay(1).map { day.next >= $0 } ?? true
        }
        if !isLatest { silentThen = try DayCases(db).silent(kinds: ofSilence, endingOn: day) }
        if series.lowerBound == 0 { try lookForUnheard(meters, toldOn, db) }
        let asksForRegisters = !judge.rules.ofRegisters.isEmpty
        let rows = try DaySeries(of: meters, .activeImport, in: series, db)
        while let (series, position) = try rows.next() {
            let meter = meters.inService[position]
            try walk.go(to: series)
            let isRead = walk.indices.last.map { $0.day == day.next && $0.quality != .estimated } ?? false
            if !isRead {
                try lookForSilence(of: meter, meters, toldOn, walk.indices) {
                    try earlier.go(to: series)
                    return earlier.indices
                }
            } else if toldOf.contains(meter.meter) {
                heard.append(meter.meter)
            }
            // What hung there before it has its own series, and a part of the day on which they were exchanged.
            let isSuccessor = meter.stay.installedOn > first && successors.contains(meter.meter)
            var known = isSuccessor ? try energiesOfAll(at: meter, db) : energies(walk.indices, of: meter)
            if isRead, asksForRegisters {
                // On the day of an exchange it is both meters', and the other registers are the new one's.
                let own = isSuccessor && meter.stay.installedOn == day ? nil : known.last.flatMap(\.self)
                imports.append((position, RegisterCheck.Import(own, walk.indices, meter)))
            }
            guard known.last.flatMap(\.self) != nil else { continue }
            if !isSuccessor, asksForMore(known) {
                try earlier.go(to: series)
                known = energies(earlier.indices + walk.indices, of: meter)
            }
            judged += 1
            let energies = DayEnergies(first: first, energies: known)
            let resolution = judge.resolution(of: meters.profile(of: meter)) * meter.multiplier
            for finding in judge.rules.findings(
                on: day, in: energies, category: meters.category(of: meter), resolution: resolution)
            {
                found.append(meter.found(finding))
            }
        }
    }

    private mutating func lookForSilence(
        of meter: DayMeter, _ meters: DayMeters, _ toldOn: [MeterID: ServiceDay], _ latest: [DailyIndex],
        earlier: () throws -> [DailyIndex]
    ) throws {
        guard !judge.rules.ofSilence.isEmpty else { return }
        func last(_ indices: [DailyIndex]) -> ServiceDay? { indices.last { $0.quality != .estimated }?.day }
        note(silent: meter, since: try last(latest) ?? last(earlier()) ?? expected(from: meter), meters, toldOn)
    }

    /// Meters that never showed an index have no series.
    private mutating func lookForUnheard(
        _ meters: DayMeters, _ toldOn: [MeterID: ServiceDay], _ db: Database
    ) throws {
        guard !judge.rules.ofSilence.isEmpty else { return }
        var isHeard = [Bool](repeating: false, count: meters.inService.count)
        let rows = try HotStatement(db, "SELECT meter FROM series WHERE register = ?")
        try rows.start(Int(Register.activeImport.rawValue))
        while try rows.next() {
            if let position = meters.position(of: rows.integer(0)) { isHeard[position] = true }
        }
        for (position, meter) in meters.inService.enumerated() where !isHeard[position] {
            note(silent: meter, since: expected(from: meter), meters, toldOn)
        }
    }

    /// Since when a meter that was never read might have been.
    private func expected(from meter: DayMeter) -> ServiceDay { max(meter.stay.installedOn, beganOn ?? first) }

    /// - Parameter since: before the days that rules look at, it is not known how long: nobody is told.
    private mutating func note(
        silent meter: DayMeter, since: ServiceDay, _ meters: DayMeters, _ toldOn: [MeterID: ServiceDay]
    ) {
        guard since >= first, isLatest || silentThen.contains(meter.meter) else { return }
        found += judge.rules.findings(
            on: day, silentSince: since, toldOn: toldOn[meter.meter], category: meters.category(of: meter)
        ).map(meter.found)
    }

    /// Days are missing among the latest, or they are all alike: then a rule may look further back.
    private func asksForMore(_ known: [Energy?]) -> Bool {
        known.count { $0 != nil } <= RecentDays.count || known.suffix(3).allSatisfy { $0 == known.last }
    }

    /// One a day from `first` through `day`; none where there is no index of the end of `day`.
    private func energies(_ indices: [DailyIndex], of meter: DayMeter) -> [Energy?] {
        guard let last = indices.last, last.day == day.next, last.quality != .estimated else { return [] }
        var energies = [Energy?](repeating: nil, count: day - first + 1)
        var before: DailyIndex?
        for index in indices where index.quality != .estimated {
            if let before, before.day.next == index.day {
                energies[before.day - first] = MeterDays.energy(
                    from: before.index, to: index.index, multiplier: meter.multiplier)
            }
            before = index
        }
        return energies
    }

    /// The same over all meters of the usage point.
    private func energiesOfAll(at meter: DayMeter, _ db: Database) throws -> [Energy?] {
        let known = try UsagePointDays(ofRow: meter.usagePointID, from: first, through: day.next, db)
        return (first...day).map { known.hasEstimate(on: $0) ? nil : known.consumption(on: $0) }
    }
}

extension RegisterCheck.Import {
    /// - Parameter indices: the latest ones.
    fileprivate init(_ energy: Energy?, _ indices: [DailyIndex], _ meter: DayMeter) {
        self.init(
            energy: energy, bounds: indices.suffix(2).reduce(.zero) { $0 + $1.errorBound } * meter.multiplier)
    }
}
