import InputFiles
import Metering

/// One tariff file, read: a price decision, VAT rates, hours or reductions. Collects every fault instead of stopping at
/// the first.
struct TariffFile {
    enum Content {
        case decision(DecisionDraft)
        case vatRates([VATRate])
        case hours([HoursDraft])
        case reductions([Reduction])
    }

    let name: String
    /// `nil` when the file has faults.
    let content: Content?
    let faults: [InputFault]

    /// Bounds that no real tariff comes near; they keep every product of a bill within 64 bits.
    static let prices = 1...1_000_000
    static let widths = 1...100_000
    /// Of the average price.
    static let percents = 1...1000

    init(name: String, text: String) {
        self.name = name
        var reader = SectionReader(file: name)
        let lists = ["vat_rates", "time_of_use", "reductions"]
        var content: Content?
        if let root = reader.root(
            text, keys: nil,
            empty: "must hold the keys of a decision (decision, in_force_from, …), or one of "
                + lists.joined(separator: ", "))
        {
            if let list = lists.first(where: { root.entry($0) != nil }) {
                reader.refuseOthers(than: [list], in: root)
                content =
                    switch list {
                    case "vat_rates": .vatRates(reader.vatRates(root))
                    case "time_of_use": .hours(reader.hours(root))
                    default: .reductions(reader.reductions(root))
                    }
            } else {
                content = reader.decision(root).map(Content.decision)
            }
        }
        faults = reader.faults
        self.content = faults.isEmpty ? content : nil
    }
}

extension SectionReader {
    static let nextChange = "next_price_change"

    mutating func refuseOthers(than known: [String], in section: InputSection) {
        for entry in section.entries where !known.contains(entry.key) {
            note(
                "unknown key; known here: \(known.joined(separator: ", "))", line: entry.line,
                field: section.field(entry.key))
        }
    }

    mutating func day(_ key: String, of section: InputSection) -> ServiceDay? {
        scalar(key, of: section, remedy: "must be a date, YYYY-MM-DD") { ServiceDay(iso: $0) }
    }

    mutating func requiredFlag(_ key: String, of section: InputSection) -> Bool? {
        scalar(key, of: section, remedy: "must be true or false") { Bool($0) }
    }

    // MARK: - VAT

    mutating func vatRates(_ root: InputSection) -> [VATRate] {
        let items = sections("vat_rates", of: root, keys: ["from", "percent", "verified", "instrument"])
        if items.isEmpty { note("must list rates: {from, percent, verified, instrument}", in: root, at: "vat_rates") }
        var rates: [VATRate] = []
        var lines: [ServiceDay: Int] = [:]
        for item in items {
            let from = day("from", of: item)
            let percent = number("percent", of: item, in: 0...100)
            let verified = requiredFlag("verified", of: item)
            let instrument = text("instrument", of: item, remedy: "must name the law or decree")
            guard let from, let percent, let verified, let instrument else { continue }
            if let line = lines.updateValue(item.line, forKey: from) {
                note("is already the first day of the rate on line \(line)", in: item, at: "from", value: "\(from)")
            }
            rates.append(VATRate(from: from, percent: percent, instrument: instrument, isVerified: verified))
        }
        return rates
    }

    // MARK: - Hours

    mutating func hours(_ root: InputSection) -> [HoursDraft] {
        sections(
            "time_of_use", of: root,
            keys: ["name", "in_force_from", "announced", "peak", "offpeak", "source", "verified"]
        ).compactMap { item in
            let name = text("name", of: item, remedy: "must name the circular or decision")
            let start = start(of: item)
            let peak = times("peak", of: item)
            let offpeak = times("offpeak", of: item)
            let verified = requiredFlag("verified", of: item)
            _ = text("source", of: item, remedy: "must say where the hours were read")
            guard let name, let start, let peak, let offpeak, let verified else { return nil }
            guard Set(peak.joined()).isDisjoint(with: offpeak.joined()) else {
                note("has hours that are off-peak too", in: item, at: "peak")
                return nil
            }
            let schedule = RateSchedule(
                name: name, inForceFrom: start.day, peak: peak, offpeak: offpeak, isVerified: verified)
            return HoursDraft(schedule: schedule, announcedOn: start.announcedOn)
        }
    }

    /// `in_force_from`, a date or the next price change after `announced`.
    mutating func start(of section: InputSection) -> (day: ServiceDay, announcedOn: ServiceDay?)? {
        guard section.entry("in_force_from")?.node.scalar?.string == Self.nextChange else {
            if section.entry("announced") != nil {
                note("belongs to in_force_from: \(Self.nextChange) only", in: section, at: "announced")
            }
            let remedy = "must be a date, YYYY-MM-DD, or \(Self.nextChange)"
            return scalar("in_force_from", of: section, remedy: remedy) { ServiceDay(iso: $0) }.map { ($0, nil) }
        }
        return day("announced", of: section).map { ($0, $0) }
    }

    /// `["09:30-11:30", "22:00-04:00"]` in half hours; one across midnight gives two.
    private mutating func times(_ key: String, of section: InputSection) -> [Range<Int>]? {
        let remedy = "must list times of the day in half hours, e.g. [\"09:30-11:30\", \"22:00-04:00\"]"
        guard section.entry(key) != nil else {
            note("is missing; \(remedy)", in: section, at: key)
            return nil
        }
        guard let texts = list(key, of: section, remedy: remedy) else { return nil }
        var ranges: [Range<Int>] = []
        for text in texts {
            let ends = text.split(separator: "-").map(Self.halfHours)
            guard ends.count == 2, let start = ends[0], let end = ends[1], start != end, start < 48 else {
                note(remedy, in: section, at: key, value: text)
                return nil
            }
            ranges += start < end ? [start..<end] : [start..<48, 0..<end]
        }
        return ranges
    }

    /// `17:30` is 35; 0...48.
    private static func halfHours(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":")
        guard parts.count == 2, parts[0].count == 2, let hours = Int(parts[0]), (0...24).contains(hours) else {
            return nil
        }
        switch parts[1] {
        case "00": return hours * 2
        case "30" where hours < 24: return hours * 2 + 1
        default: return nil
        }
    }

    // MARK: - Reductions

    mutating func reductions(_ root: InputSection) -> [Reduction] {
        sections(
            "reductions", of: root,
            keys: ["name", "instrument", "from", "through", "categories", "blocks", "steps", "verified"]
        ).compactMap { item in
            let name = text("name", of: item, remedy: "must name it")
            let instrument = text("instrument", of: item, remedy: "must name the resolution or decree")
            let from = day("from", of: item)
            let through = day("through", of: item)
            if let from, let through, through < from {
                note("lies before from", in: item, at: "through", value: "\(through)")
                return nil
            }
            let categories = list("categories", of: item, remedy: "must list categories")
            if item.entry("categories") == nil { note("is missing; must list categories", in: item, at: "categories") }
            let blocks = list("blocks", of: item, remedy: "must list block numbers")?.map { Int($0) ?? 0 } ?? []
            if blocks.contains(where: { $0 < 1 }) { note("must list block numbers, from 1", in: item, at: "blocks") }
            let steps = steps(of: item)
            let verified = requiredFlag("verified", of: item)
            guard let name, let instrument, let from, let through, let categories, let steps, let verified else {
                return nil
            }
            return Reduction(
                name: name, instrument: instrument, days: from...through, categories: Set(categories),
                blocks: Set(blocks), steps: steps, isVerified: verified)
        }
    }

    /// Rising, the last one, and only it, without a limit.
    private mutating func steps(of section: InputSection) -> [Reduction.Step]? {
        let items = sections("steps", of: section, keys: ["through_kwh", "percent"])
        var steps: [Reduction.Step] = []
        for (position, item) in items.enumerated() {
            let isLast = position == items.count - 1
            if isLast, item.entry("through_kwh") != nil {
                note("must be left out of the last step", in: item, at: "through_kwh")
            }
            let limit = isLast ? nil : number("through_kwh", of: item, in: 0...Int(BillRequest.kwhMax))
            if let limit, let before = steps.last?.throughKWh, Int64(limit) <= before {
                note("must be above the step before", in: item, at: "through_kwh", value: "\(limit)")
            }
            guard let percent = number("percent", of: item, in: 1...100), isLast || limit != nil else { return nil }
            steps.append(Reduction.Step(throughKWh: limit.map(Int64.init), percent: percent))
        }
        if steps.isEmpty {
            note("must list steps: {through_kwh, percent}, the last without a limit", in: section, at: "steps")
        }
        return steps.isEmpty ? nil : steps
    }
}

/// Hours as their file has them; without a day of their own they start with the next price change.
struct HoursDraft {
    let schedule: RateSchedule
    let announcedOn: ServiceDay?
}
