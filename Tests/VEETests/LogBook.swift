import Metering
import Testing

@testable import VEE

/// A page of a meter's log book, read and judged as the Store would.
///
///     zone Australia/Sydney                     Asia/Ho_Chi_Minh unless told otherwise
///     year 2018                                 2025 unless told otherwise
///     digits 5                                  the dial's whole kWh; unknown unless told
///     ceiling 15180 W                           the highest power that the meter passes
///     window 15m                                how near to midnight a reading counts as measured
///     read 04-29 23:50 for 2s 120.000 kWh -> accepted            asked then, answered 2 s later
///       index 04-30 120.500 kWh ±0.512 measured                  what the reading above made known
///     known 04-30 120.500 kWh ±0.512 measured                    an index the book starts from
///     frozen 05-01 123.000 kWh -> accepted                       the meter's own midnight record
///     fill 05-01 05-04                                           the days between two known ones
///     weigh 05-01 05-04                                          the same, each day as heavy as those like it
///       index 05-02 124.000 kWh ±2.048 estimated
///
///     took 04-01 8.000 kWh                                       what a day took
///     took 04-02 27 x 8.000 kWh                                  and days after one another
///     holiday 04-30
///     project 05-01 05-02 by mean of 28 days                     what days would take by those before
///       energy 05-01 8.000 kWh
///     resolution 0.010 kWh                                       what the register counts in; 0.001 unless told
///     with low                                                   a rule that is shipped off, on from here
///     check 05-03 -> high                                        the shipped rules that find the day unusual
///     month 05 -> month-on-month                                 and the month
///
/// A `#` begins a remark. Every verdict and every index has to be written down: a page is compared with what really
/// happens, line by line. A word that the book does not know is a mistake of the test.
struct LogBook {
    struct Mistake: Error, CustomStringConvertible {
        let line: Int
        let text: String
        let reason: String
        var description: String { "line \(line) of the log book: \(reason): \(text)" }
    }

    /// The page as it was written, and as it came out.
    private(set) var written: [String] = []
    private(set) var happened: [String] = []

    private var calendar = ServiceCalendar.vietnam
    private var year = "2025"
    private var digits = 0
    private var ceilingWatts: Int64 = 15_180
    private var window = Instant.Span.minutes(15)
    private var dial: DialReading?
    private var days: [ServiceDay: DailyIndex] = [:]
    private var energies: [ServiceDay: Energy] = [:]
    private var holidays: Set<ServiceDay> = []
    private var resolution = Energy(wattHours: 1)
    /// Besides the shipped ones.
    private var rules: [ConsumptionRule] = []

    private var limits: DialLimits { DialLimits(ceilingWatts: ceilingWatts, digits: digits) }

    init(_ page: String) throws {
        for (position, text) in page.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let remark = text.firstIndex(of: "#") ?? text.endIndex
            let words = text[..<remark].split(separator: " ").map(String.init)
            guard !words.isEmpty else { continue }
            do { try take(words) } catch let reason as Reason {
                throw Mistake(line: position + 1, text: String(text), reason: reason.text)
            }
        }
    }

    struct Reason: Error { let text: String }

    // MARK: - Lines

    private mutating func take(_ words: [String]) throws {
        var rest = Words(words)
        let first = try rest.next("a line")
        switch first {
        case "zone":
            let name = try rest.next("a time zone")
            guard let zone = ServiceCalendar(timeZone: name) else { throw Reason(text: "no such time zone") }
            calendar = zone
        case "year":
            year = try rest.next("a year")
        case "digits":
            digits = Int(try rest.integer("digits"))
        case "ceiling":
            ceilingWatts = try rest.integer("watts")
            try rest.expect("W")
        case "window":
            window = try rest.span()
        case "read":
            try read(&rest, line: words)
        case "known":
            let index = try dailyIndex(&rest)
            days[index.day] = index
        case "frozen":
            try frozen(&rest, line: words)
        case "fill":
            let (before, after) = (try known(&rest), try known(&rest))
            record(bracketedEstimates(from: before, to: after))
        case "weigh":
            let (before, after) = (try known(&rest), try known(&rest))
            let weights = projection(before: before.day).weights(of: before.day..<after.day)
            record(bracketedEstimates(from: before, to: after, weights: weights))
        case "index":
            _ = try dailyIndex(&rest)
            written.append(words.joined(separator: " "))
        case "took": try took(&rest)
        case "holiday": holidays.insert(try day(rest.next("a date")))
        case "resolution": resolution = try rest.energy()
        case "with":
            try rest.expect("low")
            rules += try RuleBook(
                yaml: "rules: [{rule: low, severity: warns, times_mean: 0.1, mean_above_kwh: 3, source: as shipped}]",
                file: "the log book"
            ).rules
        case "project": try project(&rest)
        case "energy":
            (_, _) = (try day(rest.next("a date")), try rest.energy())
            written.append(words.joined(separator: " "))
        case "check":
            let day = try day(rest.next("a date"))
            let (history, resolution) = (history, resolution)
            let recent = RecentDays(of: history, before: day)
            try note(rest.names(), of: words) {
                $0.finds(day, in: history, recent: recent, resolution: resolution)
            }
        case "month":
            let months = try months(through: rest.next("a month"))
            try note(rest.names(), of: words) { $0.findsMonth(months) }
        default:
            throw Reason(text: "unknown word \"\(first)\"")
        }
        try rest.end()
    }

    private mutating func read(_ rest: inout Words, line: [String]) throws {
        let start = calendar.start(of: try day(rest.next("a date")))
        let requested = start + (try rest.timeOfDay())
        let answered = requested + (try rest.take("for") ? try rest.span() : .zero)
        let shown = DialReading(requested: requested, answered: answered, index: try rest.energy())
        let judgement = judge(shown, after: dial, limits: limits)
        try note(judgement.verdict, &rest, line: line, isRollover: judgement.isRollover)
        guard judgement.verdict == .accepted else { return }
        let reading = judgement.reading
        if let dial {
            record(DayBoundary(calendar: calendar, window: window).indices(from: dial, to: reading, limits: limits))
        }
        dial = reading
    }

    private mutating func frozen(_ rest: inout Words, line: [String]) throws {
        let day = try day(rest.next("a date"))
        let index = try rest.energy()
        let before = days.keys.filter { $0 < day }.max().flatMap { days[$0] }
        let after = days.keys.filter { $0 > day }.min().flatMap { days[$0] }
        let judged = judgeFrozen(index, on: day, before: before, after: after, live: dial?.index, limits: limits)
        try note(judged.verdict, &rest, line: line)
        if judged.verdict == .accepted {
            days[day] = DailyIndex(day: day, index: judged.index, quality: .frozen, errorBound: .zero)
        }
    }

    /// Writes down the verdict that was expected and the one that was given.
    private mutating func note(
        _ verdict: Verdict, _ rest: inout Words, line: [String], isRollover: Bool = false
    ) throws {
        try rest.expect("->")
        switch try rest.next("a verdict") {
        case "accepted", "duplicate", "late", "overflow", "rollover": break
        case "decreased":
            try rest.expect("by")
            _ = try rest.energy()
        case "above":
            try rest.expect("ceiling,")
            try rest.expect("most")
            _ = try rest.energy()
        case let word: throw Reason(text: "unknown verdict \"\(word)\"")
        }
        let told = line.prefix { $0 != "->" }.joined(separator: " ")
        written.append(line.joined(separator: " "))
        happened.append("\(told) -> \(isRollover ? "rollover" : Self.text(verdict))")
    }

    // MARK: - Energies

    private var history: DayEnergies {
        guard let first = energies.keys.min(), let last = energies.keys.max() else {
            return DayEnergies(first: ServiceDay(number: 0), energies: [])
        }
        return DayEnergies(first: first, energies: (first...last).map { energies[$0] })
    }

    private func projection(before day: ServiceDay) -> Projection {
        Projection(history: history, before: day, kinds: DayKinds(holidays: holidays))
    }

    private mutating func took(_ rest: inout Words) throws {
        let first = try day(rest.next("a date"))
        let count = try rest.repeats()
        let energy = try rest.energy()
        for day in first..<first + count { energies[day] = energy }
    }

    private mutating func project(_ rest: inout Words) throws {
        let (first, last) = (try day(rest.next("a date")), try day(rest.next("a date")))
        try rest.expect("by")
        let name = rest.all()
        guard let method = EstimationMethod(rawValue: name) else { throw Reason(text: "unknown method \"\(name)\"") }
        let days = first..<last.next
        for (day, energy) in zip(days, projection(before: first).energies(of: days, by: method) ?? []) {
            happened.append("energy \(day.description.dropFirst(5)) \(energy)")
        }
    }

    /// The calendar months up to this one of which all days are known, one after the other.
    private func months(through text: String) throws -> [(energy: Energy, days: Int)] {
        var first = try day("\(text)-01")
        var months: [(energy: Energy, days: Int)] = []
        while true {
            let known = (first..<first + first.daysInMonth).compactMap { energies[$0] }
            guard known.count == first.daysInMonth else { return months }
            months.insert((known.reduce(.zero, +), known.count), at: 0)
            first = first - first.previous.civil.day
        }
    }

    /// Writes down which rules were expected to find something and which did.
    private mutating func note(_ names: [String], of line: [String], _ finds: (ConsumptionRule) -> Bool) throws {
        let found = try (RuleBook.load(file: nil).rules + rules).filter(finds).map(\.name)
        let told = line.prefix { $0 != "->" }.joined(separator: " ")
        written.append("\(told) -> \(names.joined(separator: " "))")
        happened.append("\(told) -> \(found.isEmpty ? "usual" : found.joined(separator: " "))")
    }

    private mutating func record(_ indices: [DailyIndex]) {
        for index in indices {
            days[index.day] = index
            let day = index.day.description.dropFirst(5)
            happened.append("index \(day) \(index.index) ±\(index.errorBound.kilowattHours) \(index.quality.name)")
        }
    }

    private static func text(_ verdict: Verdict) -> String {
        switch verdict {
        case .accepted, .duplicate, .late, .overflow: verdict.name
        case .decreased(let energy): "decreased by \(energy)"
        case .unconfirmed: "unconfirmed"
        case .aboveCeiling(let most): "above ceiling, most \(most)"
        }
    }

    // MARK: - Words

    private func day(_ text: String) throws -> ServiceDay {
        guard let day = ServiceDay(iso: "\(year)-\(text)") else { throw Reason(text: "\"\(text)\" is no MM-DD") }
        return day
    }

    private func known(_ rest: inout Words) throws -> DailyIndex {
        let day = try day(rest.next("a date"))
        guard let index = days[day] else { throw Reason(text: "nothing is known of \(day)") }
        return index
    }

    /// `04-30 120.500 kWh ±0.512 measured`
    private func dailyIndex(_ rest: inout Words) throws -> DailyIndex {
        let day = try day(rest.next("a date"))
        let index = try rest.energy()
        let bound = try rest.next("an error bound")
        guard bound.hasPrefix("±") else { throw Reason(text: "\"\(bound)\" is no error bound like ±0.512") }
        let quality = try rest.next("a quality")
        guard let known = IndexQuality(name: quality) else { throw Reason(text: "unknown quality \"\(quality)\"") }
        return DailyIndex(
            day: day, index: index, quality: known, errorBound: try Words.kilowattHours(String(bound.dropFirst())))
    }
}

/// A page tells the truth: every verdict and every index came out as written.
func check(_ page: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let book = try LogBook(page)
    #expect(
        book.happened == book.written, "this happened:\n\(book.happened.joined(separator: "\n"))",
        sourceLocation: sourceLocation)
}
