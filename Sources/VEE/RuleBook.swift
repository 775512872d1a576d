import Foundation
import InputFiles
import Metering

/// The rules that judge what is unusual, in the order of their files.
package struct RuleBook: Hashable, Sendable {
    package let rules: [ConsumptionRule]
    /// Those of each subject.
    package let daily: [ConsumptionRule]
    package let monthly: [ConsumptionRule]
    package let ofRegisters: [ConsumptionRule]
    package let ofSilence: [ConsumptionRule]
    package let ofHalfHours: [ConsumptionRule]

    package init(_ rules: [ConsumptionRule]) {
        self.rules = rules
        func about(_ subject: ConsumptionRule.Subject) -> [ConsumptionRule] { rules.filter { $0.subject == subject } }
        (daily, monthly) = (about(.day), about(.month))
        (ofRegisters, ofSilence, ofHalfHours) = (about(.registers), about(.silence), about(.halfHours))
    }

    /// The shipped rules, and those of a file over them: one of the same name takes the place of the shipped one,
    /// others follow.
    /// - Parameter file: a path; `nil` for the shipped ones alone.
    /// - Throws: `InputFaults`, all of them together.
    package static func load(file: String?) throws(InputFaults) -> RuleBook {
        let path = Bundle.module.bundlePath + "/Rules/consumption.yaml"
        let shipped = try parse(try InputText.read(path), file: path)
        guard let file else { return RuleBook(shipped) }
        let own = try parse(try InputText.read(file), file: file)
        let known = shipped.map { entry in own.first { $0.name == entry.name } ?? entry }
        return RuleBook(known + own.filter { entry in !shipped.contains { $0.name == entry.name } })
    }

    /// Rules as text, over none.
    package init(yaml: String, file: String) throws(InputFaults) {
        self.init(try Self.parse(yaml, file: file))
    }

    private init(_ entries: [Entry]) { self.init(entries.compactMap(\.rule)) }

    private struct Entry {
        let name: String
        /// `nil` for one that is off.
        let rule: ConsumptionRule?
    }

    private enum TestName: String, CaseIterable {
        case high, low
        case monthOnMonth = "month-on-month"
        case sameMonths = "same-months"
        case zeroRun = "zero-run"
        case repeated
        case prolongedEstimation = "prolonged-estimation"
        case sum, reverse, sibling
        case powerFactor = "power-factor"
        case spike

        var keys: [String] {
            switch self {
            case .high: ["times_mean", "times_most", "above_kwh"]
            case .low: ["times_mean", "mean_above_kwh"]
            case .monthOnMonth: ["times"]
            case .spike: ["times", "above_kwh"]
            case .sameMonths: ["count", "step_wh"]
            case .zeroRun, .prolongedEstimation: ["days"]
            case .sum: ["tolerance_wh"]
            case .reverse: ["above_kwh", "quiet_days"]
            case .sibling: []
            case .powerFactor: ["below", "above_kvarh"]
            case .repeated: ["days", "finest_wh", "above_kwh"]
            }
        }
    }

    /// Cases that meters open by what they show have these names in lists and metrics.
    package static let reserved = [
        "identity", "profile", "decreased", "above-ceiling", "overflow", "from-future", "clock", "static", "rollover",
        "fitter",
    ]

    private static let commonKeys = ["rule", "test", "severity", "categories", "off", "source"]

    private static func parse(_ yaml: String, file: String) throws(InputFaults) -> [Entry] {
        var reader = SectionReader(file: file)
        guard let root = reader.root(yaml, keys: ["rules"], empty: "the file is empty; rules start with \"rules:\"")
        else {
            throw InputFaults(reader.faults)
        }
        if root.entry("rules") == nil { reader.note("is missing; a list of rules", in: root, at: "rules") }
        let entries = reader.sections("rules", of: root, keys: nil).compactMap { entry($0, &reader) }
        var lines: [String: Int] = [:]
        for (name, line) in entries.map({ ($0.entry.name, $0.line) }) {
            if let other = lines.updateValue(line, forKey: name) {
                reader.note(
                    "stands on line \(other) already; give one another name", line: line, field: "rule", value: name)
            }
        }
        guard reader.faults.isEmpty else {
            throw InputFaults(reader.faults.sorted { ($0.line, $0.field) < ($1.line, $1.field) })
        }
        return entries.map(\.entry)
    }

    private static func entry(_ section: InputSection, _ reader: inout SectionReader) -> (entry: Entry, line: Int)? {
        let name = reader.scalar(
            "rule", of: section,
            remedy: "must be a name: small letters, digits and hyphens; not \(reserved.joined(separator: ", "))",
            parse: { InputSection.isName($0) && !reserved.contains($0) ? $0 : nil })
        let isOff = reader.flag("off", of: section)
        if let name, isOff == true { return (Entry(name: name, rule: nil), section.line) }
        let severity: ConsumptionRule.Severity? = reader.word("severity", of: section)
        let categories = categories(section, &reader)
        let source = reader.text("source", of: section, remedy: "must say where the threshold comes from")
        guard let name,
            let kind: TestName = reader.word("test", of: section, fallback: TestName(rawValue: name))
        else { return nil }
        for entry in section.entries where !(commonKeys + kind.keys).contains(entry.key) {
            reader.note(
                "unknown key; known here: \((commonKeys + kind.keys).joined(separator: ", "))", in: section,
                at: entry.key)
        }
        guard let test = test(kind, section, &reader), let severity, isOff != nil, let source else { return nil }
        let rule = ConsumptionRule(name: name, test: test, severity: severity, categories: categories, source: source)
        return (Entry(name: name, rule: rule), section.line)
    }

    /// `nil` where the key is missing: all of them.
    private static func categories(_ section: InputSection, _ reader: inout SectionReader) -> Set<String>? {
        let remedy = "must list categories of usage points, at least one"
        guard let names = reader.list("categories", of: section, remedy: remedy) else { return nil }
        if names.contains(where: { ["", "~", "null"].contains($0) }) {
            reader.note(remedy, in: section, at: "categories")
        }
        return Set(names)
    }

    private static func test(
        _ name: TestName, _ section: InputSection, _ reader: inout SectionReader
    ) -> ConsumptionRule.Test? {
        func factor(_ key: String) -> Factor? {
            reader.decimal(
                key, of: section, decimals: 3, in: 1...1_000_000,
                remedy: "must be a factor from 0.001 to 1000 with at most three decimals"
            ).map(Factor.init(thousandths:))
        }
        func kilowattHours(_ key: String) -> Energy? {
            reader.decimal(
                key, of: section, decimals: 3, in: 0...1_000_000_000,
                remedy:
                    "must be \(key.hasSuffix("kvarh") ? "kvarh" : "kWh") from 0 to 1000000 with at most three decimals"
            ).map(Energy.init(wattHours:))
        }
        func days() -> [Int]? {
            let remedy = "must list numbers of days, 1 to \(RecentDays.within)"
            guard let texts = reader.list("days", of: section, remedy: remedy) else {
                if section.entry("days") == nil { reader.note("is missing; \(remedy)", in: section, at: "days") }
                return nil
            }
            let days = texts.compactMap { Int($0) }.filter { (1...RecentDays.within).contains($0) }
            guard days.count == texts.count else {
                reader.note(remedy, in: section, at: "days", value: texts.joined(separator: ", "))
                return nil
            }
            return days
        }
        switch name {
        case .high:
            let (mean, most, above) = (factor("times_mean"), factor("times_most"), kilowattHours("above_kwh"))
            guard let mean, let most, let above else { return nil }
            return .high(timesMean: mean, timesMost: most, above: above)
        case .low:
            let (mean, above) = (factor("times_mean"), kilowattHours("mean_above_kwh"))
            guard let mean, let above else { return nil }
            return .low(timesMean: mean, meanAbove: above)
        case .monthOnMonth:
            return factor("times").map { .monthOnMonth(times: $0) }
        case .spike:
            let (times, above) = (factor("times"), kilowattHours("above_kwh"))
            guard let times, let above else { return nil }
            return .spike(times: times, above: above)
        case .sameMonths:
            let (count, step) = (
                reader.number("count", of: section, in: 2...24),
                reader.number("step_wh", of: section, in: 1...1_000_000)
            )
            guard let count, let step else { return nil }
            return .sameMonths(count: count, step: Energy(wattHours: Int64(step)))
        case .zeroRun:
            return days().map { .zeroRun(days: $0) }
        case .prolongedEstimation:
            return days().map { .prolongedEstimation(days: $0) }
        case .sum:
            return reader.number("tolerance_wh", of: section, in: 0...1_000_000)
                .map { .sum(tolerance: Energy(wattHours: Int64($0))) }
        case .reverse:
            let quiet = reader.number("quiet_days", of: section, in: 1...400)
            guard let above = kilowattHours("above_kwh"), let quiet else { return nil }
            return .reverse(above: above, quietDays: quiet)
        case .sibling:
            return .sibling
        case .powerFactor:
            let below = reader.decimal(
                "below", of: section, decimals: 3, in: 1...1000,
                remedy: "must be a power factor from 0.001 to 1 with at most three decimals"
            ).map(Factor.init(thousandths:))
            guard let above = kilowattHours("above_kvarh"), let below else { return nil }
            return .powerFactor(below: below, above: above)
        case .repeated:
            let (days, finest) = (
                reader.number("days", of: section, in: 2...RecentDays.within),
                reader.number("finest_wh", of: section, in: 1...1_000_000)
            )
            guard let above = kilowattHours("above_kwh"), let days, let finest else { return nil }
            return .repeated(days: days, finest: Energy(wattHours: Int64(finest)), above: above)
        }
    }
}
