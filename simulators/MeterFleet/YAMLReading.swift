import Metering
import Yams

/// A mapping of a YAML file with the line each key stands on, and what is wrong with it. A reader that meets a fault
/// notes it and answers with the default: the whole file is looked at before anything is refused.
struct YAMLSection {
    /// Path of the mapping: `gateways[3].meters`; empty at the top.
    let path: String
    let line: Int
    private let entries: [String: Node]

    static func root(_ yaml: String, _ faults: inout FaultList) -> YAMLSection? {
        do {
            guard let node = try Yams.compose(yaml: yaml) else {
                faults.note("the file is empty; a fleet has at least the key \"gateways\"")
                return nil
            }
            return YAMLSection(node, path: "", &faults)
        } catch YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _)
        {
            faults.note("this is no YAML: \(problem)", line: mark.line)
        } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
            faults.note(
                "stands twice in one mapping; each key may stand once", line: context.mark.line,
                value: keys.joined(separator: ", "))
        } catch {
            faults.note("this is no YAML: \(error)")
        }
        return nil
    }

    /// `nil`, with a fault noted, for a node that is no mapping.
    init?(_ node: Node, path: String, _ faults: inout FaultList) {
        let line = node.mark?.line ?? 0
        guard let mapping = node.mapping else {
            faults.note("must be a mapping of keys to values", line: line, field: path, value: node.string ?? "")
            return nil
        }
        var entries: [String: Node] = [:]
        for (key, value) in mapping {
            guard let name = key.string else {
                faults.note("a key must be plain text", line: key.mark?.line ?? line, field: path)
                continue
            }
            entries[name] = value
        }
        self.path = path
        self.line = line
        self.entries = entries
    }

    func field(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
    func node(_ key: String) -> Node? { entries[key] }
    func has(_ key: String) -> Bool { entries[key] != nil }

    func note(_ remedy: String, at key: String, value: String = "", _ faults: inout FaultList) {
        faults.note(remedy, line: entries[key]?.mark?.line ?? line, field: field(key), value: value)
    }

    /// Every key that is not among `known` is a fault.
    func allow(_ known: [String], _ faults: inout FaultList) {
        for key in entries.keys.sorted() where !known.contains(key) {
            note("unknown key; known here: \(known.joined(separator: ", "))", at: key, &faults)
        }
    }

    func text(_ key: String, default standard: String?, _ faults: inout FaultList) -> String? {
        guard let node = entries[key] else {
            if standard == nil { note("is missing", at: key, &faults) }
            return standard
        }
        guard let text = node.string, !text.isEmpty else {
            note("must be a text", at: key, &faults)
            return standard
        }
        return text
    }

    func number(
        _ key: String, in range: ClosedRange<Int64>, default standard: Int64?, _ faults: inout FaultList
    ) -> Int64? {
        guard let node = entries[key] else {
            if standard == nil {
                note("is missing; a whole number from \(range.lowerBound) to \(range.upperBound)", at: key, &faults)
            }
            return standard
        }
        guard let number = node.string.flatMap(Self.whole), range.contains(number) else {
            note(
                "must be a whole number from \(range.lowerBound) to \(range.upperBound)", at: key,
                value: node.string ?? "", &faults)
            return standard
        }
        return number
    }

    /// Decimal digits, or hexadecimal ones as manuals print addresses and codes: `0x0048`.
    private static func whole(_ text: String) -> Int64? {
        text.hasPrefix("0x") ? Int64(text.dropFirst(2), radix: 16) : Int64(text)
    }

    func day(_ key: String, default standard: ServiceDay?, _ faults: inout FaultList) -> ServiceDay? {
        guard let node = entries[key] else {
            if standard == nil { note("is missing; a day such as 2025-04-01", at: key, &faults) }
            return standard
        }
        guard let day = node.string.flatMap({ ServiceDay(iso: $0) }) else {
            note("must be a day such as 2025-04-01", at: key, value: node.string ?? "", &faults)
            return standard
        }
        return day
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, default standard: Choice, _ faults: inout FaultList
    ) -> Choice {
        guard let node = entries[key] else { return standard }
        guard let choice = node.string.flatMap(Choice.init(rawValue:)) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            note("must be one of \(names)", at: key, value: node.string ?? "", &faults)
            return standard
        }
        return choice
    }

    func flag(_ key: String, default standard: Bool, _ faults: inout FaultList) -> Bool {
        guard let node = entries[key] else { return standard }
        guard let flag = node.string.flatMap(Bool.init) else {
            note("must be true or false", at: key, value: node.string ?? "", &faults)
            return standard
        }
        return flag
    }

    /// The nodes of a list; empty where the key is missing.
    func list(_ key: String, _ faults: inout FaultList) -> [Node] {
        guard let node = entries[key] else { return [] }
        guard let sequence = node.sequence else {
            note("must be a list", at: key, value: node.string ?? "", &faults)
            return []
        }
        return Array(sequence)
    }
}

/// Everything wrong with one file.
struct FaultList {
    let file: String
    private(set) var faults: [InputFault] = []

    init(file: String) { self.file = file }

    mutating func note(_ remedy: String, line: Int = 0, field: String = "", value: String = "") {
        faults.append(InputFault(file: file, line: line, field: field, value: value, remedy: remedy))
    }
}
