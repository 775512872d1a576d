import Metering
import Yams

/// Takes keys out of a YAML document and remembers every fault, so that a person mends a file once.
struct ConfigurationReader {
    private let file: String
    private var values: [String: Node] = [:]
    private var asked: Set<String> = []
    private var faults: [InputFault] = []
    private(set) var warnings: [InputFault] = []

    /// Throws `InputFaults` at once only where the text is no YAML mapping at all.
    init(yaml: String, file: String) throws {
        self.file = file
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            var line = 0
            var problem = "\(error)"
            if case YamlError.parser(_, let text, let mark, _) = error { (line, problem) = (mark.line, text) }
            if case YamlError.scanner(_, let text, let mark, _) = error { (line, problem) = (mark.line, text) }
            throw InputFaults([
                InputFault(file: file, line: line, field: "", value: "", remedy: "is not YAML: \(problem)")
            ])
        }
        guard let root else { return }
        guard case .mapping(let mapping) = root else {
            throw InputFaults([
                InputFault(file: file, line: 1, field: "", value: "", remedy: "must be a mapping of keys to values")
            ])
        }
        flatten(mapping, under: "")
    }

    private mutating func flatten(_ mapping: Node.Mapping, under prefix: String) {
        for (key, value) in mapping {
            let name = prefix + (key.string ?? "?")
            if values[name] != nil { fault(name, "", "stands twice; keep one") }
            if case .mapping(let inner) = value { flatten(inner, under: name + ".") } else { values[name] = value }
        }
    }

    func has(_ key: String) -> Bool { values[key] != nil }

    mutating func fault(_ key: String, _ value: String, _ remedy: String) {
        faults.append(note(key, value, remedy))
    }

    /// What is allowed, but seldom what was meant.
    mutating func warn(_ key: String, _ value: String, _ remedy: String) {
        warnings.append(note(key, value, remedy))
    }

    private func note(_ key: String, _ value: String, _ remedy: String) -> InputFault {
        InputFault(file: file, line: values[key]?.mark?.line ?? 0, field: key, value: value, remedy: remedy)
    }

    mutating func string(_ key: String) -> String? {
        asked.insert(key)
        guard let node = values[key] else { return nil }
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
            fault(key, "", "must be one value")
            return nil
        }
        return scalar.string
    }

    mutating func strings(_ key: String) -> [String]? {
        asked.insert(key)
        guard let node = values[key] else { return nil }
        guard case .sequence(let sequence) = node else {
            fault(key, node.scalar?.string ?? "", "must be a list, e.g. [GW0001, GW0002]")
            return nil
        }
        let texts = sequence.compactMap { $0.scalar?.string }
        if texts.count < sequence.count { fault(key, "", "must be a list of single values") }
        return texts
    }

    mutating func integer(_ key: String, _ range: ClosedRange<Int>) -> Int? {
        guard let text = string(key) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            fault(key, text, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    mutating func flag(_ key: String) -> Bool? {
        guard let text = string(key) else { return nil }
        guard let value = Bool(text) else {
            fault(key, text, "must be true or false")
            return nil
        }
        return value
    }

    /// One of some ways to estimate, by its name.
    mutating func method(_ key: String, _ known: [EstimationMethod]) -> EstimationMethod? {
        guard let text = string(key) else { return nil }
        guard let method = known.first(where: { $0.rawValue == text }) else {
            fault(key, text, "must be one of \(known.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return method
    }

    /// A length of time with its unit: `90s`, `30m`, `2h`. Both bounds are allowed values.
    mutating func span(_ key: String, _ least: Instant.Span, _ most: Instant.Span) -> Instant.Span? {
        guard let text = string(key) else { return nil }
        let seconds: [Character: Int64] = ["s": 1, "m": 60, "h": 3600]
        guard let unit = text.last.flatMap({ seconds[$0] }), let count = Int64(text.dropLast()),
            (0...1_000_000).contains(count), (least...most).contains(.seconds(count * unit))
        else {
            fault(key, text, "must be a time from \(Self.text(least)) to \(Self.text(most)), e.g. 90s, 30m or 2h")
            return nil
        }
        return .seconds(count * unit)
    }

    private static func text(_ span: Instant.Span) -> String {
        switch span.seconds {
        case let seconds where seconds > 0 && seconds % 3600 == 0: "\(seconds / 3600)h"
        case let seconds where seconds > 0 && seconds % 60 == 0: "\(seconds / 60)m"
        default: "\(span.seconds)s"
        }
    }

    /// Every fault found, unknown keys among them, in the order of their lines.
    mutating func finish() -> [InputFault] {
        for key in values.keys.sorted() where !asked.contains(key) {
            let known = asked.sorted().joined(separator: ", ")
            fault(key, "", "is no key of meterd; known are \(known)")
        }
        return faults.sorted { ($0.line, $0.field) < ($1.line, $1.field) }
    }
}
