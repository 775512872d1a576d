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
///       index 05-02 124.000 kWh ±2.048 estimated
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

    private struct Reason: Error { let text: String }

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
        case "index":
            _ = try dailyIndex(&rest)
            written.append(words.joined(separator: " "))
        default:
            throw Reason(text: "unknown word \"\(first)\"")
        }
        try rest.end()
    }

    private mutating func read(_ rest: inout Words, line: [String]) throws {
        let start = calendar.start(of: try day(rest.next("a date")))
        let requested = start + (try rest.timeOfDay())
        let answered = requested + (try rest.take("for") ? try rest.span() : .zero)
        let reading = DialReading(requested: requested, answered: answered, index: try rest.energy())
        let verdict = judge(reading, after: dial, limits: limits)
        try note(verdict, &rest, line: line)
        guard verdict == .accepted else { return }
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
        let verdict = judgeFrozen(index, on: day, before: before, after: after, limits: limits)
        try note(verdict, &rest, line: line)
        if verdict == .accepted {
            days[day] = DailyIndex(day: day, index: index, quality: .frozen, errorBound: .zero)
        }
    }

    /// Writes down the verdict that was expected and the one that was given.
    private mutating func note(_ verdict: Verdict, _ rest: inout Words, line: [String]) throws {
        try rest.expect("->")
        switch try rest.next("a verdict") {
        case "accepted", "duplicate", "late", "overflow": break
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
        happened.append("\(told) -> \(Self.text(verdict))")
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

    /// What is left of a line.
    private struct Words {
        private var left: ArraySlice<String>

        init(_ words: [String]) { left = words[...] }

        mutating func next(_ what: String) throws -> String {
            guard let word = left.popFirst() else { throw Reason(text: "\(what) is missing") }
            return word
        }

        mutating func take(_ word: String) throws -> Bool {
            guard left.first == word else { return false }
            left.removeFirst()
            return true
        }

        mutating func expect(_ word: String) throws {
            let found = try next("\"\(word)\"")
            guard found == word else { throw Reason(text: "\"\(found)\" where \"\(word)\" belongs") }
        }

        func end() throws {
            if let word = left.first { throw Reason(text: "\"\(word)\" is too much") }
        }

        mutating func integer(_ what: String) throws -> Int64 {
            let word = try next(what)
            guard let number = Int64(word) else { throw Reason(text: "\"\(word)\" is no number of \(what)") }
            return number
        }

        /// `15m`, `2s`, `1h`
        mutating func span() throws -> Instant.Span {
            let word = try next("a span")
            guard let count = Int64(word.dropLast()), let unit = word.last else {
                throw Reason(text: "\"\(word)\" is no span like 15m")
            }
            switch unit {
            case "s": return .seconds(count)
            case "m": return .minutes(count)
            case "h": return .hours(count)
            default: throw Reason(text: "\"\(word)\" is no span like 15m")
            }
        }

        /// `23:50` or `23:50:01`, counted from the day's first instant.
        mutating func timeOfDay() throws -> Instant.Span {
            let word = try next("a time")
            let parts = word.split(separator: ":", omittingEmptySubsequences: false)
            let numbers = parts.compactMap { $0.utf8.count == 2 ? Int64($0) : nil }
            guard (2...3).contains(parts.count), numbers.count == parts.count else {
                throw Reason(text: "\"\(word)\" is no time like 23:50")
            }
            return .seconds(numbers[0] * 3600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0))
        }

        /// `120.500 kWh`
        mutating func energy() throws -> Energy {
            let energy = try Self.kilowattHours(next("kilowatt-hours"))
            try expect("kWh")
            return energy
        }

        /// Always three decimals, as the book writes them.
        static func kilowattHours(_ word: String) throws -> Energy {
            let parts = word.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[1].utf8.count == 3, let wattHours = Int64(parts[0] + parts[1]) else {
                throw Reason(text: "\"\(word)\" is no number of kWh like 120.500")
            }
            return Energy(wattHours: wattHours)
        }
    }
}

/// A page tells the truth: every verdict and every index came out as written.
func check(_ page: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let book = try LogBook(page)
    #expect(
        book.happened == book.written, "this happened:\n\(book.happened.joined(separator: "\n"))",
        sourceLocation: sourceLocation)
}
